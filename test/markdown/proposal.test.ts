import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseImageName } from '../../src/domain/image.ts';
import { parseProposalMark, proposalBody, proposalTitle, type ProposalText } from '../../src/markdown/proposal.ts';

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

describe('the text of a proposal', () => {
  it.each<[string, Partial<ProposalText>]>([
    ['Bump acme/shop from 1.4.1 to 1.4.2 in staging', {}],
    ['Bump acme/shop to 1.4.2 in staging', { from: [] }],
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
