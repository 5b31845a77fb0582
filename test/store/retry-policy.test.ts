import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TagalongError } from '../../src/domain/errors.ts';
import { afterFailure, defaultRetrySettings, describeError } from '../../src/store/retry-policy.ts';

const now = new Date('2025-03-01T12:00:00Z');
const passing = new TagalongError('forge-unavailable', 'The forge does not answer.');
const lasting = new TagalongError('forge-refused', 'The forge refused.');
const settings = { baseMs: 1_000, capMs: 300_000, limit: 3 };

describe('what becomes of a subject after a failure', () => {
  test.each([
    ['the first time, up to the base', 0, 0.5, 500],
    ['the third time, up to four times the base', 2, 0.5, 2_000],
    ['after very many times, up to the cap', 500, 0.5, 150_000],
    ['at once, if chance says so', 4, 0, 0],
  ])('waits %s', (_, attempts, random, waitMs) => {
    expect(afterFailure({ attempts, failures: 0 }, passing, settings, now, random)).toEqual({
      state: 'retrying',
      attempts: attempts + 1,
      failures: 0,
      nextAttemptAt: new Date(now.getTime() + waitMs),
      newsWaits: true,
    });
  });

  test('dies when it failed as often as allowed', () => {
    const before = { attempts: 5, failures: 2 };
    expect(afterFailure(before, lasting, settings, now, 0)).toEqual({ state: 'dead', attempts: 6, failures: 3 });
    expect(afterFailure(before, new Error('a defect'), settings, now, 0)).toMatchObject({ state: 'dead' });
  });

  test('looks at news at once when the cause is not on the other side', () => {
    expect(afterFailure({ attempts: 0, failures: 0 }, lasting, settings, now, 0)).toMatchObject({
      state: 'retrying',
      failures: 1,
      newsWaits: false,
    });
  });

  test('a passing cause never makes it die', () => {
    const before = fc.record({ attempts: fc.nat(10_000), failures: fc.nat(2) });
    fc.assert(
      fc.property(before, fc.double({ min: 0, max: 0.999, noNaN: true }), (counts, random) => {
        const after = afterFailure(counts, passing, settings, now, random);
        expect(after).toMatchObject({ state: 'retrying', failures: counts.failures });
      }),
    );
  });

  test('the wait is never longer than the cap, and never before the moment that the other side named', () => {
    const retryAt = fc.option(fc.date({ min: new Date(0), max: new Date('2030-01-01'), noInvalidDate: true }), {
      nil: undefined,
    });
    fc.assert(
      fc.property(fc.nat(10_000), retryAt, fc.double({ min: 0, max: 0.999, noNaN: true }), (attempts, at, random) => {
        const error = new TagalongError('forge-rate-limited', 'Wait.', at === undefined ? {} : { retryAt: at });
        const after = afterFailure({ attempts, failures: 0 }, error, defaultRetrySettings, now, random);
        if (after.state !== 'retrying') throw new Error('It died.');
        const earliest = Math.max(now.getTime(), at?.getTime() ?? 0);
        expect(after.nextAttemptAt.getTime()).toBeGreaterThanOrEqual(earliest);
        expect(after.nextAttemptAt.getTime()).toBeLessThanOrEqual(earliest + defaultRetrySettings.capMs);
      }),
    );
  });
});

describe('what is told of an error', () => {
  test('ours are told with code and message', () => {
    expect(describeError(lasting)).toBe('forge-refused: The forge refused.');
  });

  test('of others the kind, the code and the place, and never the message, which could quote a secret', () => {
    const error = Object.assign(new TypeError('token ghp_secret is no URL'), { code: 'ERR_INVALID_URL' });
    expect(describeError(error)).toMatch(/^TypeError \(ERR_INVALID_URL\) at retry-policy\.test\.ts:\d+:\d+$/);
  });

  test('what is no error at all is told without its value', () => {
    expect(describeError('ghp_secret')).not.toContain('ghp');
  });
});
