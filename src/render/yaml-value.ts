/**
 * Longer texts, in characters, are not parsed: it would take seconds, and a thousand times their size. No object of a cluster is larger
 * than about 1.5 MiB, which is what etcd takes.
 */
export const LARGEST_YAML = 2 * 1024 * 1024;

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The mappings of a list; none when it is no list. */
export function records(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** The texts of a list; none when it is no list. */
export function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** The same data with every key in lower case; lists under keys that differ in case alone are joined. */
export function foldCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(foldCase);
  if (!isRecord(value)) return value;
  const folded = new Map<string, unknown>();
  for (const [key, item] of Object.entries(value)) {
    const name = key.toLowerCase();
    const before = folded.get(name);
    const now = foldCase(item);
    folded.set(name, Array.isArray(before) && Array.isArray(now) ? before.concat(now) : now);
  }
  return Object.fromEntries(folded);
}
