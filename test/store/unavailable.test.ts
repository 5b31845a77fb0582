import { describe, expect, test } from 'vitest';
import { TagalongError } from '../../src/domain/errors.ts';
import { isUnavailable, sayWhenUnavailable } from '../../src/store/unavailable.ts';

const withCode = (code: string, message = 'as the driver says') => Object.assign(new Error(message), { code });

describe('telling a database that is away from a mistake of ours', () => {
  test.each([
    ['the server shuts down', withCode('57P01'), true],
    ['the server starts', withCode('57P03'), true],
    ['a statement took too long', withCode('57014'), true],
    ['too many connections', withCode('53300'), true],
    ['the disk is full', withCode('53100'), true],
    ['a deadlock', withCode('40P01'), true],
    ['a standby that takes no writes', withCode('25006'), true],
    ['connection refused', withCode('ECONNREFUSED'), true],
    ['no such socket', withCode('ENOENT'), true],
    ['each of several addresses refused', new AggregateError([withCode('ECONNREFUSED')]), true],
    ['the connection broke', new Error('Connection terminated unexpectedly'), true],
    ['no connection in time', new Error('timeout exceeded when trying to connect'), true],
    ['a unique constraint', withCode('23505'), false],
    ['a syntax error', withCode('42601'), false],
    ['text that cannot be stored', withCode('22021'), false],
    ['a defect', new TypeError('x is not a function'), false],
    ['no error at all', 'gone', false],
  ])('%s', (_, error, unavailable) => {
    expect(isUnavailable(error)).toBe(unavailable);
  });

  test('the first is told as store-unavailable with its cause, the second as it is', async () => {
    const away = withCode('57P01');
    await expect(sayWhenUnavailable(() => Promise.reject(away))).rejects.toMatchObject({
      code: 'store-unavailable',
      cause: away,
    });
    const mistake = withCode('42601');
    await expect(sayWhenUnavailable(() => Promise.reject(mistake))).rejects.toBe(mistake);
    const ours = new TagalongError('store-not-durable', 'No fsync.');
    await expect(sayWhenUnavailable(() => Promise.reject(ours))).rejects.toBe(ours);
  });
});
