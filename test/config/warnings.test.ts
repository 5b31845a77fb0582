import { describe, expect, test } from 'vitest';
import { notInForce } from '../../src/config/in-force.ts';
import { places, valid } from './read.ts';

test('words without effect are warned of where they stand, with what happens instead', () => {
  const { warnings } = valid(`version: 1
environments:
  a: { paths: [a/**], merge: manual }
  b: { paths: [b/**], merge: auto, after: a, soak: 1h }
  c:
    paths: [c/**]
    review: { approvals: 1 }
    freeze: []
images:
  - { match: a, on: publish }
  - match: b
    on: push
    tag: x
`);
  expect(warnings.every(({ kind, file }) => kind === 'not-in-force' && file === '.tagalong.yml')).toBe(true);
  expect(places(warnings)).toEqual(['4:36 environments.b.after', '4:46 environments.b.soak', '12:5 images[1].on']);
  for (const { instead } of notInForce) expect(warnings.some(({ message }) => message.includes(instead))).toBe(true);
});

describe('globs that nothing is left for', () => {
  test.each([
    ['apps/**', 'apps/a/**', true],
    ['apps/**', 'apps/*/staging/**', true],
    ['**', 'x.yaml', true],
    ['apps/*/x', 'apps/a/x', true],
    ['apps/**/x', 'apps/*/x', true],
    ['{a,b}/**', 'a/*', true],
    ['a', 'a', true],
    ['apps/*', 'apps/**', false],
    ['apps/a/**', 'apps/**', false],
    ['apps/**', 'Apps/**', false],
    ['apps/?', 'apps/*', false],
    ['apps/*.yaml', 'apps/*', false],
    ['apps/**', 'charts/**', false],
    ['a/**', '{a,b}/**', false],
    ['{a,b,c}/**', '{a,b}/*/x', true],
    ['apps/??', 'apps/*', false],
  ])('%s in front of %s: %s', (first, second, isReached) => {
    const text = `version: 1\nenvironments:\n  a: {paths: ["${first}"]}\n  b: {paths: [zz, "${second}"]}\n`;
    const expected = isReached ? ['4:19 environments.b.paths[1]'] : [];
    const { warnings } = valid(text);
    expect(places(warnings)).toEqual(first === '**' ? ['4:15 environments.b.paths[0]', ...expected] : expected);
  });

  test('of images too, whose case does not count', () => {
    const { warnings } = valid(
      'version: 1\nimages:\n  - match: ghcr.io/Acme/*\n  - match: ghcr.io/acme/shop\n  - match: nginx\n',
    );
    expect(places(warnings)).toEqual(['4:12 images[1].match']);
    expect(warnings[0]).toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('`ghcr.io/Acme/*`') as string,
    });
  });
});
