const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const DURATION = /^(\d{1,6})([smhdw])$/;

export const durationPattern = DURATION.source;
export const durationAllowed = 'a duration: a whole number and one of `s`, `m`, `h`, `d`, `w`, such as `30m` or `7d`';

/** `30m`, `7d` → milliseconds. @returns undefined for any other text. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = DURATION.exec(text) ?? [];
  if (amount === undefined || !isUnit(unit)) return undefined;
  return Number(amount) * UNITS[unit];
}

/** The shortest text that {@link parseDuration} reads as this many milliseconds. */
export function formatDuration(milliseconds: number): string {
  const units = Object.entries(UNITS).toReversed();
  const [unit, size] = units.find(([, size]) => milliseconds % size === 0 && milliseconds > 0) ?? ['s', 1000];
  return `${Math.round(milliseconds / size)}${unit}`;
}

function isUnit(text: string | undefined): text is keyof typeof UNITS {
  return text !== undefined && text in UNITS;
}
