import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextChangeOf, presentWindow } from '../../src/review/weekly.ts';
import { parseWeekMoment } from '../../src/config/week.ts';

function freeze(from: string, to: string, zone: string) {
  return { from: parseWeekMoment(from) ?? -1, to: parseWeekMoment(to) ?? -1, zone };
}

const weekend = freeze('Fri 17:00', 'Mon 08:00', 'Europe/Berlin');

describe('a weekly freeze', () => {
  test.each([
    ['just before', '2024-11-08T15:59:59Z', undefined],
    ['at its beginning', '2024-11-08T16:00:00Z', 'Mon 2024-11-11 08:00 Europe/Berlin'],
    ['over the end of the week', '2024-11-10T23:59:59Z', 'Mon 2024-11-11 08:00 Europe/Berlin'],
    ['on Monday', '2024-11-11T06:59:59Z', 'Mon 2024-11-11 08:00 Europe/Berlin'],
    ['at its end', '2024-11-11T07:00:00Z', undefined],
    ['in summer it begins an hour earlier in UTC', '2024-07-05T15:00:00Z', 'Mon 2024-07-08 08:00 Europe/Berlin'],
    ['and not two', '2024-07-05T14:59:59Z', undefined],
    ['over the night in which the clock goes back', '2024-10-25T15:00:00Z', 'Mon 2024-10-28 08:00 Europe/Berlin'],
    ['whose end is an hour later then', '2024-10-28T06:59:59Z', 'Mon 2024-10-28 08:00 Europe/Berlin'],
    ['over the night in which the clock goes forward', '2024-03-31T12:00:00Z', 'Mon 2024-04-01 08:00 Europe/Berlin'],
    ['whose end is an hour earlier then', '2024-04-01T06:00:00Z', undefined],
    ['over the end of the year', '2024-12-29T12:00:00Z', 'Mon 2024-12-30 08:00 Europe/Berlin'],
  ])('%s', (_, at, end) => {
    expect(presentWindow(weekend, at)?.localEnd).toBe(end);
  });

  test.each([
    ['within one week', freeze('Tue 09:00', 'Tue 10:00', 'UTC'), '2024-11-05T09:30:00Z', true],
    ['not in the rest of it', freeze('Tue 09:00', 'Tue 10:00', 'UTC'), '2024-11-05T10:00:00Z', false],
    ['the day of the zone counts', freeze('Mon 00:00', 'Mon 01:00', 'Asia/Tokyo'), '2024-11-03T15:30:00Z', true],
    ['nearly the whole week', freeze('Mon 01:00', 'Mon 00:59', 'UTC'), '2024-11-04T00:59:30Z', false],
    // 02:30 comes twice on 27 October: both are frozen.
    [
      'a moment that comes twice, once',
      freeze('Sun 02:30', 'Sun 02:45', 'Europe/Berlin'),
      '2024-10-27T00:31:00Z',
      true,
    ],
    [
      'a moment that comes twice, twice',
      freeze('Sun 02:30', 'Sun 02:45', 'Europe/Berlin'),
      '2024-10-27T01:44:00Z',
      true,
    ],
    // 02:30 does not come on 31 March.
    ['a moment that does not come', freeze('Sun 02:30', 'Sun 03:30', 'Europe/Berlin'), '2024-03-31T01:10:00Z', true],
  ])('%s', (_, weekly, at, isFrozen) => {
    expect(presentWindow(weekly, at) !== undefined).toBe(isFrozen);
  });

  test.each([
    ['Nowhere', '2024-11-05T09:30:00Z'],
    ['UTC', 'yesterday'],
  ])('no zone %s, or no moment %s', (zone, at) => {
    expect(() => presentWindow(freeze('Fri 17:00', 'Mon 08:00', zone), at)).toThrow(RangeError);
  });
});

test('between two changes the answer stays, and at a change it is another', () => {
  const minute = fc.integer({ min: 0, max: 7 * 24 * 60 - 1 });
  const zone = fc.constantFrom('UTC', 'Asia/Tokyo', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe');
  const hour = fc.integer({ min: 0, max: 366 * 24 });
  const share = fc.double({ min: 0, max: 0.999_999, noNaN: true });
  fc.assert(
    fc.property(minute, minute, zone, hour, share, (from, to, zone, hours, share) => {
      fc.pre(from !== to);
      const weekly = { from, to, zone };
      const at = Date.UTC(2024, 0, 1, hours);
      const isFrozenAt = (moment: number) => presentWindow(weekly, new Date(moment).toISOString()) !== undefined;
      const next = nextChangeOf(weekly, new Date(at).toISOString()).getTime();
      expect(next).toBeGreaterThan(at);
      expect(isFrozenAt(Math.floor(at + (next - at) * share))).toBe(isFrozenAt(at));
    }),
  );
});
