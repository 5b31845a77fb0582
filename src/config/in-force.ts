import type { DocumentPath } from './problem.ts';

interface NotInForce {
  /** `*` stands for any name or index. */
  readonly path: readonly string[];
  /** Only this value has no effect; without it, the word as such. */
  readonly value?: string;
  /** What happens instead. */
  readonly instead: string;
}

/**
 * The words that are read and checked, and have no effect in this version. Whoever makes one take effect removes its row:
 * warnings and documentation follow.
 */
export const notInForce: readonly NotInForce[] = [
  { path: ['environments', '*', 'after'], instead: 'a version is proposed in every environment at once' },
  { path: ['environments', '*', 'soak'], instead: 'a version is proposed at once' },
  { path: ['images', '*', 'on'], value: 'push', instead: 'a version is proposed when its image is published' },
];

export interface IneffectiveWord {
  readonly path: DocumentPath;
  readonly message: string;
}

/** Every word of a valid file that has no effect. */
export function ineffectiveWords(value: unknown): IneffectiveWord[] {
  return notInForce.flatMap((row) =>
    occurrences(value, row.path, [])
      .filter((found) => row.value === undefined || found.value === row.value)
      .map(({ path }) => ({
        path,
        message: `${describe(row)} is read, and not in force in this version: ${row.instead}.`,
      })),
  );
}

/** `soak`, or `merge: auto` where only that value is meant. */
export function describe({ path, value }: NotInForce): string {
  const word = path.at(-1) ?? '';
  return value === undefined ? `\`${word}\`` : `\`${word}: ${value}\``;
}

interface Occurrence {
  readonly path: DocumentPath;
  readonly value: unknown;
}

function occurrences(value: unknown, pattern: readonly string[], path: DocumentPath): Occurrence[] {
  const [step, ...rest] = pattern;
  if (step === undefined) return [{ path, value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value)
    .filter(([key]) => step === '*' || step === key)
    .flatMap(([key, child]) => occurrences(child, rest, [...path, Array.isArray(value) ? Number(key) : key]));
}
