import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { familiarName, formatImageReference, parseImageName, parseImageReference } from '../../src/domain/image.ts';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('an image reference', () => {
  it.each([
    ['nginx', 'docker.io/library/nginx', undefined, undefined],
    ['nginx:1.27', 'docker.io/library/nginx', '1.27', undefined],
    ['acme/shop:1.4.2', 'docker.io/acme/shop', '1.4.2', undefined],
    ['index.docker.io/acme/shop', 'docker.io/acme/shop', undefined, undefined],
    ['docker.io/nginx:1', 'docker.io/library/nginx', '1', undefined],
    ['ghcr.io/acme/shop/api:main-3f2a91c', 'ghcr.io/acme/shop/api', 'main-3f2a91c', undefined],
    ['GHCR.io/acme/shop', 'ghcr.io/acme/shop', undefined, undefined],
    ['localhost/shop:1', 'localhost/shop', '1', undefined],
    ['localhost:5000/shop', 'localhost:5000/shop', undefined, undefined],
    ['127.0.0.1:5000/a/b:v1', '127.0.0.1:5000/a/b', 'v1', undefined],
    ['[::1]:5000/a:v1', '[::1]:5000/a', 'v1', undefined],
    [`ghcr.io/acme/shop@${DIGEST}`, 'ghcr.io/acme/shop', undefined, DIGEST],
    [`ghcr.io/acme/shop:1.2@${DIGEST}`, 'ghcr.io/acme/shop', '1.2', DIGEST],
    ['a__b/c--d/e.f_g', 'docker.io/a__b/c--d/e.f_g', undefined, undefined],
  ])('%s is %s', (text, name, tag, digest) => {
    const reference = parseImageReference(text);
    expect({ name: reference?.name, tag: reference?.tag, digest: reference?.digest }).toEqual({ name, tag, digest });
  });

  it.each([
    '',
    ' ',
    'Nginx',
    'acme/Shop:1',
    'acme//shop',
    '/shop',
    'shop/',
    'shop:',
    'shop:-1',
    'shop:a b',
    'shop@sha256:12',
    'shop@',
    '{{ .Values.image }}',
    '$(IMAGE)',
    'https://ghcr.io/acme/shop',
    `shop:${'a'.repeat(129)}`,
    'a..b',
  ])('%j is none', (text) => {
    expect(parseImageReference(text)).toBeUndefined();
  });

  it('is read back as it was formatted', () => {
    const component = fc.stringMatching(/^[a-z0-9]{1,5}([._-][a-z0-9]{1,4})?$/);
    const tag = fc.option(fc.stringMatching(/^\w[\w.-]{0,20}$/), { nil: undefined });
    fc.assert(
      fc.property(
        fc.constantFrom('ghcr.io', 'localhost:5000'),
        fc.array(component, { minLength: 1, maxLength: 4 }),
        tag,
        (host, path, tag) => {
          const text = `${host}/${path.join('/')}${tag === undefined ? '' : `:${tag}`}`;
          const reference = parseImageReference(text);
          expect(reference && formatImageReference(reference)).toBe(text);
        },
      ),
    );
  });

  it('has a name alone only without tag and digest', () => {
    expect(parseImageName('ghcr.io/acme/shop')).toBe('ghcr.io/acme/shop');
    expect(parseImageName('ghcr.io/acme/shop:1')).toBeUndefined();
  });

  it.each([
    ['nginx', 'nginx'],
    ['acme/shop', 'acme/shop'],
    ['ghcr.io/acme/shop', 'ghcr.io/acme/shop'],
  ])('%s is told to people as %s', (text, familiar) => {
    const name = parseImageName(text);
    expect(name && familiarName(name)).toBe(familiar);
  });
});
