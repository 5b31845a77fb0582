import { beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { readConfig } from '../../src/config/read-config.ts';
import type { ProposedBump } from '../../src/domain/bump.ts';
import { parseImageName } from '../../src/domain/image.ts';
import type { Provenance } from '../../src/domain/version.ts';
import { applicationAuthors } from '../../src/workflows/application-authors.ts';
import { createFakeForge, type FakeForge } from '../support/fake-forge.ts';

const image = parseImageName('ghcr.io/acme/shop') ?? expect.unreachable();
const at = new Date('2026-11-18T12:00:00Z');

let forge: FakeForge;
let standing: string;
let eves: string;

beforeEach(() => {
  forge = createFakeForge(() => at);
  const shop = forge.addRepository('acme/shop', { 'main.go': '0' });
  standing = forge.push(shop, 'main', { 'main.go': '1' }, { author: 'mona' });
  eves = forge.push(shop, 'main', { 'main.go': '2' }, { author: 'eve' });
  forge.push(forge.addRepository('acme/docs', { 'index.md': '' }), 'main', { 'index.md': '1' }, { author: 'alice' });
  forge.addRepository('other/shop', { 'main.go': '0' });
});

const head = (path: string) => forge.repositoryAt({ forge: 'github', path }).branches.get('main') ?? '';

/** An address on the forge of the manifests. */
const page = (path: string) => new URL(path, forge.commitUrl({ forge: 'github', path: 'acme/deploy' }, 'HEAD')).href;

function configured(text: string): Config {
  const read = readConfig(new Map([['.tagalong.yml', `version: 1\n${text}`]]));
  return read.kind === 'valid' ? read.config : expect.unreachable(JSON.stringify(read));
}

const NAMED = 'images: [{ match: ghcr.io/acme/*, source: "acme/{name}" }]\n';

/** The logins; `incomplete`, or undefined where nobody is known. */
async function authors(provenance: Provenance, config = ''): Promise<readonly string[] | 'incomplete' | undefined> {
  const bump: ProposedBump = {
    repository: { forge: 'github', path: 'acme/deploy' },
    environment: 'production',
    image,
    from: [{ tag: '1' }],
    to: { tag: '2', publishedAt: at, provenance },
    change: 1,
    branch: 'tagalong/production/shop',
    headCommit: 'a',
    baseCommit: 'b',
    state: 'open',
    history: [],
    proposedAt: at,
  };
  const published = new Map([[image, [{ tag: '1', publishedAt: at, provenance: { commit: standing } }]]]);
  const deps = { forge, store: { published: () => Promise.resolve(published) } };
  const found = await applicationAuthors(deps, configured(config), bump);
  if (found === undefined) return undefined;
  return found.isComplete ? found.people.map(({ login }) => login) : 'incomplete';
}

describe('the authors of what a bump brings', () => {
  const addresses = ['/acme/shop', '/acme/shop.git', '/acme/shop/tree/main/cmd', '/acme/shop/-/blob/main/Dockerfile'];
  it.each(['acme/shop', ...addresses])('are those since what stands there, in %s', async (path) => {
    const repository = path.startsWith('/') ? page(path) : path;
    expect(await authors({ commit: eves, repository })).toEqual(['eve']);
  });

  it.each(['git@HOST:acme/shop.git', 'HOST:/acme/shop', 'ssh://git@HOST:2222/acme/shop.git'])(
    'in %s',
    async (address) => {
      const { hostname } = new URL(page('/'));
      expect(await authors({ commit: eves, repository: address.replace('HOST', hostname) })).toEqual(['eve']);
    },
  );

  it('are those of the commit itself where it is the one that stands there, or an older one', async () => {
    expect(await authors({ commit: standing, repository: 'acme/shop' })).toEqual(['mona']);
  });

  it('are looked for where the configuration says, whatever a label of the image says', async () => {
    expect(await authors({ commit: eves, repository: 'acme/docs' }, NAMED)).toEqual(['eve']);
    expect(await authors({ commit: head('acme/docs'), repository: 'acme/docs' }, NAMED)).toBe('incomplete');
  });

  it('are not looked for with another owner, unless the configuration says so', async () => {
    const commit = head('other/shop');
    expect(await authors({ commit, repository: 'other/shop' })).toBe('incomplete');
    expect(await authors({ commit, repository: page('/other/shop') })).toBe('incomplete');
    standing = commit;
    expect(await authors({ commit }, NAMED.replace('acme/{', 'other/{'))).toHaveLength(1);
  });

  it('are nobody’s guess where nobody says what it was built from', async () => {
    expect(await authors({ commit: eves })).toBeUndefined();
    expect(await authors({ commit: eves, repository: 'https://gitlab.com/acme/shop' })).toBeUndefined();
  });
});
