import { expect, test } from 'vitest';
import { createReceivers, decoders, isSenderName } from '../../src/intake/registry.ts';

test('the doors for images and for deploy tools exist only where there is a secret', () => {
  const paths = (settings: Parameters<typeof createReceivers>[0]) => createReceivers(settings).map(({ path }) => path);
  expect(paths({ generic: [] })).toEqual([]);
  expect(paths({ generic: ['a', 'b'] })).toEqual(['/webhooks/images/generic']);
  expect(paths({ generic: [], deploys: ['a'] })).toEqual([
    '/webhooks/deploys/flux',
    '/webhooks/deploys/argo-cd',
    '/webhooks/deploys/argo-rollouts',
    '/webhooks/deploys/spinnaker',
    '/webhooks/deploys/generic',
  ]);
});

test('every receiver has a decoder of its name, a path of its own, and is found by its name', () => {
  const receivers = createReceivers({ generic: ['a'], deploys: ['a'] });
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
