import { expect, test } from 'vitest';
import { createReceivers, decoders, isSenderName } from '../../src/intake/registry.ts';

test('the generic endpoint exists only where there is a secret', () => {
  expect(createReceivers({ generic: [] })).toEqual([]);
  expect(createReceivers({ generic: ['a', 'b'] }).map(({ path }) => path)).toEqual(['/webhooks/images/generic']);
});

test('every receiver has a decoder of its name, a path of its own, and is found by its name', () => {
  const receivers = createReceivers({ generic: ['a'] });
  expect(new Set(receivers.map(({ path }) => path)).size).toBe(receivers.length);
  for (const { name, path } of receivers) {
    expect(isSenderName(name)).toBe(true);
    expect(path).toMatch(/^\/webhooks\/[a-z/-]+$/);
  }
});

test('a name of the language is no sender', () => {
  expect(Object.keys(decoders)).toContain('github');
  expect(isSenderName('toString')).toBe(false);
});
