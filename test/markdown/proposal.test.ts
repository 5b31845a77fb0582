import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseImageName } from '../../src/domain/image.ts';
import {
  parseProposalMark,
  proposalBody,
  proposalMessage,
  proposalTitle,
  type ProposalText,
} from '../../src/markdown/proposal.ts';

const image = parseImageName('ghcr.io/acme/shop');
if (image === undefined) throw new Error('unreachable');

const text: ProposalText = {
  environment: 'staging',
  image,
  from: [{ tag: '1.4.1' }],
  to: { tag: '1.4.2' },
  history: [],
  places: [{ path: 'apps/shop/overlays/staging/kustomization.yaml', line: 7, what: '' }],
};

const rollback: Partial<ProposalText> = {
  environment: 'production',
  from: [{ tag: '1.5.0' }],
  asked: { kind: 'rollback', by: 'ann', reason: 'payments fail' },
};

describe('the text of a proposal', () => {
  it.each<[string, Partial<ProposalText>]>([
    ['Bump acme/shop from 1.4.1 to 1.4.2 in staging', {}],
    ['Bump acme/shop to 1.4.2 in staging', { from: [] }],
    ['Roll back acme/shop to 1.4.2 in production', rollback],
    ['Pin acme/shop to 1.4.2 in staging', { asked: { kind: 'pin', by: 'ann' } }],
    ['Bump acme/shop from 1.4.1 to 1.4.2 in staging', { asked: { kind: 'request', by: 'ann' } }],
    [
      'Roll back acme/shop to main (222222222222) in staging',
      {
        asked: { kind: 'rollback', by: 'ann' },
        from: [{ tag: 'main', digest: `sha256:${'1'.repeat(64)}` }],
        to: { tag: 'main', digest: `sha256:${'2'.repeat(64)}` },
      },
    ],
    ['Bump acme/shop to 1.4.2 in staging', { from: [{ tag: '1.4.0' }, { tag: '1.4.1' }] }],
    [
      'Bump acme/shop from main (111111111111) to main (222222222222) in staging',
      {
        from: [{ tag: 'main', digest: `sha256:${'1'.repeat(64)}` }],
        to: { tag: 'main', digest: `sha256:${'2'.repeat(64)}` },
      },
    ],
  ])('is titled %s', (title, part) => {
    expect(proposalTitle({ ...text, ...part })).toBe(title);
  });

  it.each([
    ['without what stood before', 128, /^Bump acme\/shop to v{128} in staging$/],
    ['and cut where that is still too long', 300, /^Bump acme\/shop to v+…$/],
  ])('has a title that forges take: %s', (_, length, title) => {
    const [from, to] = [{ tag: 'u'.repeat(length) }, { tag: 'v'.repeat(length) }];
    expect(proposalTitle({ ...text, from: [from], to })).toMatch(title);
    expect(proposalTitle({ ...text, from: [from], to }).length).toBeLessThanOrEqual(255);
  });

  it('says what goes where, from what, written in which places', () => {
    const body = proposalBody({
      ...text,
      history: [{ tag: '1.4.1-rc' }],
      source: {
        repository: 'acme/shop',
        commit: '593e9100aa',
        commitUrl: 'https://github.com/acme/shop/commit/593e9100aa',
        compareUrl: 'https://github.com/acme/shop/compare/1...2',
      },
    });
    expect(body).toMatchInlineSnapshot(`
      "<!-- tagalong:bump {"environment":"staging","image":"ghcr.io/acme/shop","to":{"tag":"1.4.2"},"history":[{"tag":"1.4.1\\u002drc"}]} -->

      \`ghcr.io/acme/shop\` in **staging**: \`1.4.1\` → **\`1.4.2\`**

      | Image | \`ghcr.io/acme/shop\` |
      | --- | --- |
      | Built from | [\`acme/shop@593e910\`](https://github.com/acme/shop/commit/593e9100aa) · [what changed](https://github.com/acme/shop/compare/1...2) |
      | Written in | \`apps/shop/overlays/staging/kustomization.yaml:7\` |

      Proposed here before: \`1.4.1-rc\`

      ---
      <sub>One pull request per image and environment: a newer version is written into this one. Close it to decline this version.</sub>"
    `);
  });

  it.each<[string, Partial<ProposalText>]>([
    ['rollback', { ...rollback, history: [{ tag: '1.6.0' }], left: ['metadata.labels.commitHash'] }],
    [
      'pin',
      {
        from: [{ tag: '1.4.1' }],
        asked: { kind: 'pin', by: 'ann', until: new Date('2026-11-28T12:00:40Z') },
      },
    ],
    ['request', { from: [{ tag: '1.5.0' }], asked: { kind: 'request', by: 'ann', reason: 'a hotfix' } }],
    [
      'hostile',
      {
        ...rollback,
        asked: { kind: 'rollback', by: '@acme/sre *[x](y)', reason: '@everyone ` #1 <img src=x> \u202E\n| x' },
        left: ['a`|b'],
      },
    ],
  ])('says who asked for it, why, and what to do: %s', async (name, part) => {
    const body = proposalBody({ ...text, ...part });
    await expect(`${body}\n`).toMatchFileSnapshot(join(import.meta.dirname, `../golden/proposal/${name}.md`));
    expect(body.replaceAll(/(`+)(?:(?!\1).)*\1/g, '')).not.toMatch(/@|<img|\]\(y/);
  });

  it('names nobody in the commit in a way that calls them', () => {
    const { body } = proposalMessage({ ...text, ...rollback });
    expect(body).toBe('Image: ghcr.io/acme/shop\nVersion: 1.4.2\nAsked for by: ann');
  });

  it('keeps hostile names from being markup', () => {
    const body = proposalBody({
      ...text,
      environment: '<img src=x> @acme/sre [a](b) |',
      places: [{ path: 'a`b|c.yaml', line: 1, what: '*x*' }],
    });
    expect(body).not.toMatch(/<img|@acme/);
    expect(body).toContain('`` a`b\\|c.yaml:1 ``');
  });

  it('counts the places that are too many to list', () => {
    const places = Array.from({ length: 50 }, (_, line) => ({ path: 'a.yaml', line, what: '' }));
    expect(proposalBody({ ...text, places })).toContain('and 30 more');
  });

  it('is always read back as it was written', () => {
    const version = fc.record({ tag: fc.string({ minLength: 1 }), digest: fc.string() });
    fc.assert(
      fc.property(fc.string(), version, fc.array(version), (environment, to, history) => {
        const body = proposalBody({ ...text, environment, to, history });
        expect(parseProposalMark(`Edited by a person.\r\n${body.replaceAll('\n', '\r\n')}`)).toEqual({
          environment,
          image,
          to,
          history,
        });
      }),
    );
  });

  it.each(['', '<!-- tagalong:bump -->', '<!-- tagalong:bump {} -->', '<!-- tagalong:bump {"image":1 -->'])(
    'is not read from %j',
    (body) => {
      expect(parseProposalMark(body)).toBeUndefined();
    },
  );
});
