/** Something in a configuration file that is not of the language, told where it was made. */
export interface ConfigProblem {
  readonly file: string;
  /** One-based. */
  readonly line: number;
  /** One-based, in UTF-16 units. */
  readonly column: number;
  /** Where in the document: `environments.staging.merge`, `images[0].tags`; empty for the file as a whole. */
  readonly path: string;
  /** What stands there, cut to a readable length. */
  readonly found: string;
  /** What may stand there. */
  readonly allowed: string;
  /** The valid word that is most like what stands there. */
  readonly nearest?: string;
  /** All of it in one sentence, in Markdown. */
  readonly message: string;
}

/** Something that is valid and still not what its author may expect. */
export interface ConfigWarning {
  readonly kind: 'not-in-force' | 'unreachable';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly path: string;
  readonly message: string;
}

/** Where a problem is, and what it is, before it is put into words. */
export interface Finding {
  readonly path: DocumentPath;
  /** The key at the end of `path` is wrong, not its value. */
  readonly atKey?: boolean;
  readonly found: string;
  readonly allowed: string;
  readonly nearest?: string | undefined;
  /** Replaces the sentence that is made of the other fields. */
  readonly message?: string;
}

export type DocumentPath = readonly (string | number)[];

/** `['images', 0, 'tags']` → `images[0].tags` */
export function formatPath(path: DocumentPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}

/** A value in the words of a person: scalars as written in YAML, collections by their kind. */
export function describeValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `the text \`${clip(value)}\``;
    case 'number':
    case 'bigint':
      return `the number \`${value}\``;
    case 'boolean':
      return `\`${value}\``;
    case 'object':
      if (value === null) return 'nothing';
      return Array.isArray(value) ? 'a list' : 'a mapping';
    default:
      return 'nothing';
  }
}

/** `a`, `b` or `c`, as Markdown code. */
export function alternatives(words: readonly string[]): string {
  const quoted = words.map((word) => `\`${word}\``);
  const last = quoted.pop() ?? '';
  return quoted.length === 0 ? last : `${quoted.join(', ')} or ${last}`;
}

export function sentence({ path, found, allowed, nearest, message }: Finding): string {
  const text =
    message ?? `${path.length === 0 ? 'The file' : `\`${formatPath(path)}\``} is ${found}; allowed: ${allowed}.`;
  return nearest === undefined ? text : `${text} Did you mean \`${nearest}\`?`;
}

function clip(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').replaceAll('`', "'");
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
