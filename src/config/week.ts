const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
const MOMENT = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([01]\d|2[0-3]):([0-5]\d)$/;

export const weekMomentPattern = MOMENT.source;
export const weekMomentAllowed = 'a day and a time of the week, such as `Fri 17:00` (`Mon` to `Sun`, 24 hours)';

/** `Fri 17:00` → minutes since Monday, 00:00. @returns undefined for any other text. */
export function parseWeekMoment(text: string): number | undefined {
  const [, day, hours, minutes] = MOMENT.exec(text) ?? [];
  const index = DAYS.findIndex((name) => name === day);
  return index === -1 ? undefined : (index * 24 + Number(hours)) * 60 + Number(minutes);
}

/** Minutes since Monday, 00:00 → `Fri 17:00` */
export function formatWeekMoment(minutes: number): string {
  const day = DAYS[Math.floor(minutes / 1440)] ?? '';
  const digits = (value: number) => String(value).padStart(2, '0');
  return `${day} ${digits(Math.floor(minutes / 60) % 24)}:${digits(minutes % 60)}`;
}

/** Whether this is a time zone of the IANA database, as far as this process knows it. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
