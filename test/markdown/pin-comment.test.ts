import { describe, expect, it } from 'vitest';
import { parseImageName } from '../../src/domain/image.ts';
import type { Pin } from '../../src/domain/steering.ts';
import { closedByBot, movedOnByHand, revertedByHand } from '../../src/markdown/pin-comment.ts';

const pin: Pin = {
  repository: { forge: 'github', path: 'acme/deploy' },
  environment: 'production',
  image: parseImageName('ghcr.io/acme/shop') ?? expect.unreachable(),
  version: { tag: '1.4.2' },
  origin: 'revert',
  by: 'Ann <ann@example.com> @sre',
  at: new Date(0),
  reason: 'Revert "Bump acme/shop" (#12) @everyone ``` <!-- x',
};

describe('what is told of a revert by hand', () => {
  it('says what to do, what is kept, and where that was decided', () => {
    const text = revertedByHand({ brought: { tag: '1.5.0' }, commit: '3f2a91c'.padEnd(40, '0'), pin });
    expect(text).toMatchInlineSnapshot(`
      "<!-- tagalong:pin -->

      Write \`/unpin\` here to let newer versions through to **production** again.

      \`1.5.0\` was taken back by hand in \`3f2a91c\` by **Ann &#60;ann&#64;example.com&#62; &#64;sre**: \`\`\`\` Revert "Bump acme/shop" (#12) @everyone \`\`\` <!-- x \`\`\`\`. \`1.4.2\` is kept until \`/unpin\`, and no other version is proposed."
    `);
  });

  it('says when a person has moved on', () => {
    expect(movedOnByHand(pin, [{ tag: '1.6.0' }, { tag: '1.7.0' }])).toMatchInlineSnapshot(`
      "<!-- tagalong:pin -->

      \`1.4.2\` is not kept in **production** any more: somebody wrote \`1.6.0\` and \`1.7.0\` by hand. Newer versions are proposed again."
    `);
    expect(movedOnByHand(pin, [])).toContain('somebody took it away by hand');
  });

  it('says why the bot closed a change', () => {
    expect(closedByBot('`1.4.2` stands there already.')).toMatchInlineSnapshot(`
      "<!-- tagalong:closed -->

      Nothing to do here: \`1.4.2\` stands there already."
    `);
  });
});
