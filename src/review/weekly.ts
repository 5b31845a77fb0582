import { Temporal } from 'temporal-polyfill';
import type { WeeklyFreeze } from '../domain/policy.ts';

/** A freeze that is on. */
export interface Window {
  readonly end: Date;
  /** `Mon 2024-11-04 08:00 Asia/Tokyo` */
  readonly localEnd: string;
}

/**
 * The occurrence of a weekly freeze that `at` lies in, its beginning included and its end not. It is counted in the clock of its
 * zone, so it begins at the same time of the day in summer and in winter. Where the clock is set and the moment of begin or end
 * comes twice or not at all, the longer reading holds.
 * @param at ISO 8601
 * @throws RangeError for a zone or moment that there is not
 */
export function presentWindow(freeze: WeeklyFreeze, at: string): Window | undefined {
  const now = Temporal.Instant.from(at);
  const end = occurrences(freeze, now).find(({ start, end }) => isIn(now, start, end))?.end;
  if (end === undefined) return undefined;
  return { end: new Date(end.epochMilliseconds), localEnd: localText(end) };
}

/** The next moment at which it begins or ends. */
export function nextChangeOf(freeze: WeeklyFreeze, at: string): Date {
  const now = Temporal.Instant.from(at).epochMilliseconds;
  const moments = occurrences(freeze, Temporal.Instant.from(at)).flatMap(({ start, end }) => [start, end]);
  const next = moments.map(({ epochMilliseconds }) => epochMilliseconds).filter((moment) => moment > now);
  return new Date(Math.min(...next));
}

interface Occurrence {
  readonly start: Temporal.ZonedDateTime;
  readonly end: Temporal.ZonedDateTime;
}

/** Those of the last, this and the next week. */
function occurrences({ from, to, zone }: WeeklyFreeze, now: Temporal.Instant): readonly Occurrence[] {
  const today = now.toZonedDateTimeISO(zone).toPlainDate();
  const monday = today.subtract({ days: today.dayOfWeek - 1 });
  return [-1, 0, 1].map((weeks) => {
    const start = monday.add({ weeks });
    const last = to > from ? start : start.add({ weeks: 1 });
    return { start: moment(start, from, zone, 'earlier'), end: moment(last, to, zone, 'later') };
  });
}

const DAY = 24 * 60;

function moment(
  monday: Temporal.PlainDate,
  minutes: number,
  timeZone: string,
  disambiguation: 'earlier' | 'later',
): Temporal.ZonedDateTime {
  const minute = minutes % DAY;
  return monday
    .add({ days: Math.floor(minutes / DAY) })
    .toPlainDateTime({ hour: Math.floor(minute / 60), minute: minute % 60 })
    .toZonedDateTime(timeZone, { disambiguation });
}

function isIn(now: Temporal.Instant, start: Temporal.ZonedDateTime, end: Temporal.ZonedDateTime): boolean {
  return start.epochMilliseconds <= now.epochMilliseconds && now.epochMilliseconds < end.epochMilliseconds;
}

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

function localText(end: Temporal.ZonedDateTime): string {
  const date = end.toPlainDate().toString();
  const time = end.toPlainTime().toString({ smallestUnit: 'minute' });
  return `${DAYS[end.dayOfWeek - 1] ?? ''} ${date} ${time} ${end.timeZoneId}`;
}
