import { describe, expect, test } from 'vitest';
import { GitHubError } from '../../../src/forge/github/errors.ts';
import { createGate, writePace } from '../../../src/forge/github/limits.ts';

describe('the pace of writing', () => {
  test.each([
    ['https://api.github.com', 20],
    ['https://api.acme.ghe.com', 20],
    ['https://git.acme.example/api/v3', null],
    ['http://127.0.0.1:4000/api/v3', null],
  ])('at %s lets %s requests through at once', async (apiUrl, atOnce) => {
    expect(await writePace(apiUrl).key('7').currentReservoir()).toBe(atOnce);
  });

  test('is kept for each installation alone', async () => {
    const pace = writePace('https://api.github.com');
    await pace.key('7').schedule(() => Promise.resolve());
    expect(await pace.key('7').currentReservoir()).toBe(19);
    expect(await pace.key('8').currentReservoir()).toBe(20);
  });
});

describe('the gate', () => {
  const retryAt = new Date('2026-01-01T00:01:00Z');

  test('is shut by a rate limit alone, for that account alone, until its time', () => {
    let now = new Date('2026-01-01T00:00:00Z');
    const gate = createGate(() => now);
    gate.shut('7', new GitHubError('forge-unavailable', 'down', { retryAt }));
    expect(() => gate.check('7')).not.toThrow();
    gate.shut('7', new GitHubError('forge-rate-limited', 'wait', { retryAt }));
    expect(() => gate.check('7')).toThrow(expect.objectContaining({ code: 'forge-rate-limited', retryAt }));
    expect(() => gate.check('8')).not.toThrow();
    now = retryAt;
    expect(() => gate.check('7')).not.toThrow();
  });
});
