import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { bumpBranch } from '../../src/domain/bump.ts';
import { parseImageName } from '../../src/domain/image.ts';

function branch(environment: string, text: string): string {
  const image = parseImageName(text);
  if (image === undefined) throw new Error(text);
  return bumpBranch({ environment, image });
}

describe('the branch of a bump', () => {
  it('reads as environment and image', () => {
    expect(branch('staging', 'ghcr.io/acme/shop')).toMatch(/^tagalong\/staging\/acme-shop\.[0-9a-f]{6}$/);
    expect(branch('main', 'nginx')).toMatch(/^tagalong\/main\/nginx\.[0-9a-f]{6}$/);
  });

  it('differs wherever image or environment differ', () => {
    const branches = [
      branch('staging', 'ghcr.io/acme/shop-api'),
      branch('staging', 'ghcr.io/acme/shop/api'),
      branch('staging', 'quay.io/acme/shop/api'),
      branch('staging', 'acme/shop-api'),
      branch('production', 'acme/shop-api'),
    ];
    expect(new Set(branches).size).toBe(branches.length);
  });

  it.each(['staging', 'release/1.0', 'über prod', '..', 'a..b', '.hidden', 'x.lock', 'a//b', '-', 'a:b~c^d?e*f[g'])(
    'is a ref that git accepts in the environment %j',
    (environment) => {
      const name = branch(environment, 'localhost:5000/acme/shop');
      expect(execFileSync('git', ['check-ref-format', '--branch', name], { encoding: 'utf8' }).trim()).toBe(name);
    },
  );
});
