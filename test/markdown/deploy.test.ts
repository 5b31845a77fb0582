import fc from 'fast-check';
import { marked } from 'marked';
import { describe, expect, test } from 'vitest';
import type { RolloutState } from '../../src/domain/deploy.ts';
import { parseImageName } from '../../src/domain/image.ts';
import { deployDescription, statusDescription } from '../../src/markdown/deploy-description.ts';
import {
  deploysComment,
  deploysMarker,
  ROLLOUT_MARKER,
  rolloutComment,
  type DeployText,
} from '../../src/markdown/deploy.ts';
import { deployNotice } from '../../src/markdown/deploy-notice.ts';
import { span } from '../../src/markdown/deploy-words.ts';

const deploy = { forge: 'github', path: 'acme/deploy' } as const;
const shop = { forge: 'github', path: 'acme/shop' } as const;
const on = { repository: shop, number: 7 };

function text(state: RolloutState, changes: Partial<DeployText> = {}): DeployText {
  const image = parseImageName('ghcr.io/acme/shop');
  if (image === undefined) throw new Error('no name');
  return {
    environment: 'staging',
    image,
    version: '1.4.2',
    change: { repository: deploy, number: 41 },
    state,
    since: new Date('2026-11-21T12:04:30Z'),
    afterMerge: 184_000,
    ...changes,
  };
}

const reported = { tool: 'argo-cd', application: 'shop-staging', url: 'https://argocd.example.com/shop' };
const by = '(Argo CD `shop-staging`, [details](<https://argocd.example.com/shop>))';

const replacedBy = { number: 43, version: '1.5.0' };
const before = new Date('2026-11-21T11:00:00Z');

describe('on the bump’s own change', () => {
  test.each<[DeployText, string]>([
    [text('queued'), 'merged, waiting for the deploy tool'],
    [text('in-progress', reported), `being deployed since 2026-11-21 12:04 UTC ${by}`],
    [text('live', reported), `live since 2026-11-21 12:04 UTC, 3 min after its merge ${by}`],
    [
      text('superseded', { replacedBy, ended: { state: 'live', since: before } }),
      'was live from 2026-11-21 11:00 UTC to 2026-11-21 12:04 UTC, then replaced by `1.5.0` in #43',
    ],
    [
      text('superseded', { ...reported, replacedBy, ended: { state: 'failed', since: before } }),
      `**failed** at 2026-11-21 11:00 UTC ${by}, replaced by \`1.5.0\` in #43 at 2026-11-21 12:04 UTC`,
    ],
    [text('superseded', { replacedBy }), 'replaced by `1.5.0` in #43 at 2026-11-21 12:04 UTC, before it was live'],
  ])('%# is one line', (state, line) => {
    expect(rolloutComment(state)).toBe(`${ROLLOUT_MARKER}\n\n**staging**: \`1.4.2\` ${line}`);
  });

  test('a failure says why, and what to do', () => {
    expect(rolloutComment(text('failed', { ...reported, message: 'no\nluck' }))).toBe(
      [
        ROLLOUT_MARKER,
        `**staging**: \`1.4.2\` **failed** at 2026-11-21 12:04 UTC ${by}`,
        '```\nno\nluck\n```',
        'To go back to the version before it, comment here:\n\n```\n/rollback\n```',
      ].join('\n\n'),
    );
  });

  test('one that failed and was replaced still says why, and not to put anything back', () => {
    const failed = { replacedBy, ended: { state: 'failed', since: before }, message: 'no\nluck' } as const;
    expect(rolloutComment(text('superseded', failed))).toContain('```\nno\nluck\n```');
    expect(rolloutComment(text('superseded', failed))).not.toContain('/rollback');
    const live = { ...failed, ended: { state: 'live', since: before } } as const;
    expect(rolloutComment(text('superseded', live))).not.toContain('luck');
  });

  test('silence says where to look', () => {
    expect(rolloutComment(text('unknown'))).toContain('It may be live all the same.');
    expect(rolloutComment(text('unknown', reported))).toContain(
      'Look at Argo CD `shop-staging`: it reported a start and no end.',
    );
  });
});

describe('on the application’s change', () => {
  const waiting = [{ ...text('queued'), environment: 'production', change: { repository: deploy, number: 42 } }];

  test('all environments stand in one line', () => {
    expect(deploysComment(deploy, on, [{ commit: '3f2a91c04b5d', rollouts: [text('live')], waiting }])).toBe(
      [
        deploysMarker(deploy),
        '`3f2a91c` · **staging**: live since 2026-11-21 12:04 UTC, 3 min after its merge (acme/deploy#41) · **production**: waiting for review acme/deploy#42',
      ].join('\n\n'),
    );
  });

  test('images are named where there are several', () => {
    const api = parseImageName('ghcr.io/acme/api') ?? text('live').image;
    const rollouts = [text('live'), text('failed', { image: api })];
    const body = deploysComment(deploy, on, [{ commit: '3f2a91c', rollouts, waiting: [] }]);
    expect(body).toContain('**staging** (`acme/shop`): live');
    expect(body).toContain('**staging** (`acme/api`): **failed**');
  });

  test('a failure says why, and where to go back from', () => {
    const rollouts = [text('failed', { message: 'no luck' })];
    expect(deploysComment(deploy, on, [{ commit: '3f2a91c', rollouts, waiting: [] }])).toContain(
      '```\nno luck\n```\n\nTo go back to the version before it in staging, comment `/rollback` on acme/deploy#41.',
    );
  });

  test('so many that they would not fit are counted', () => {
    const url = `https://argocd.example.com/${'x'.repeat(1_900)}`;
    const rollouts = Array.from({ length: 60 }, (_, n) =>
      text('failed', { message: 'x'.repeat(2_000), application: `shop-${n}`, url }),
    );
    const commits = [rollouts, rollouts].map((each) => ({ commit: '3f2a91c', rollouts: each, waiting }));
    const body = deploysComment(deploy, on, commits);
    expect(body.length).toBeLessThan(65_536);
    expect(body).toMatch(/ · and 5\d more$/m);
    expect(body).toContain('\n\nand 50 more failed');
    expect(body).toContain('Earlier commits:');
  });

  test('older commits of the change are told of in short', () => {
    const older = [
      {
        commit: '593e9dd',
        rollouts: [text('superseded', { replacedBy, ended: { state: 'live', since: before } })],
        waiting,
      },
      ...Array.from({ length: 6 }, (_, n) => ({ commit: `${n}`.repeat(7), rollouts: [text('failed')], waiting: [] })),
    ];
    const body = deploysComment(deploy, on, [{ commit: '3f2a91c', rollouts: [text('live')], waiting: [] }, ...older]);
    expect(body.split('\n\n').slice(2)).toEqual([
      'Earlier commits:',
      [
        '- `593e9dd` · **staging**: was live, replaced · **production**: waiting for review',
        ...[0, 1, 2, 3].map((n) => `- \`${`${n}`.repeat(7)}\` · **staging**: failed`),
        '- and 2 more',
      ].join('\n'),
    ]);
  });
});

describe('in few words', () => {
  test.each<[DeployText[], string, string]>([
    [[text('queued')], '1.4.2: merged, waiting for the deploy tool', '1.4.2: merged, waiting for the deploy tool'],
    [[text('in-progress')], '1.4.2: being deployed since 2026-11-21 12:04 UTC', '1.4.2: being deployed'],
    [[text('live')], '1.4.2: live since 2026-11-21 12:04 UTC', '1.4.2: went live 2026-11-21 12:04 UTC'],
    [[text('failed', { message: 'no\nluck' })], '1.4.2: failed: no', '1.4.2: failed: no'],
    [[text('failed')], '1.4.2: failed', '1.4.2: failed'],
    [[text('unknown')], '1.4.2: unknown, no end reported by 2026-11-21 12:04 UTC', '1.4.2: unknown, no end reported'],
    [
      [text('superseded', { replacedBy, followedBy: replacedBy })],
      '1.4.2: replaced before it was live by 1.5.0 (acme/deploy#43) at 2026-11-21 12:04 UTC',
      '1.4.2: followed by 1.5.0 (acme/deploy#43) before it was live',
    ],
    [
      [text('superseded', { replacedBy, ended: { state: 'live', since: before } })],
      '1.4.2: was live, replaced by 1.5.0 (acme/deploy#43) at 2026-11-21 12:04 UTC',
      '1.4.2: went live 2026-11-21 11:00 UTC',
    ],
    [
      [text('superseded', { replacedBy, ended: { state: 'failed', since: before }, message: 'no luck' })],
      '1.4.2: failed, replaced by 1.5.0 (acme/deploy#43) at 2026-11-21 12:04 UTC',
      '1.4.2: failed: no luck',
    ],
    [
      [text('live'), text('live'), text('failed')],
      '2 of 3 images live, 1 of 3 images failed',
      '2 of 3 images went live, 1 of 3 images failed',
    ],
  ])('%#', (texts, deployment, status) => {
    expect(deployDescription(texts)).toBe(deployment);
    expect(statusDescription(texts)).toBe(status);
  });

  test('a status does not change when another version takes its place', () => {
    const next = { followedBy: replacedBy };
    const replaced = (ended?: DeployText['ended']) =>
      text('superseded', { ...next, ...(ended && { ended }), replacedBy });
    const since = text('live').since;
    for (const [was, is] of [
      [text('live'), replaced({ state: 'live', since })],
      [text('failed', next), replaced({ state: 'failed', since })],
      [text('queued', next), replaced()],
      [text('in-progress', next), replaced()],
      [text('unknown', next), replaced()],
    ] as const) {
      expect(statusDescription([is])).toBe(statusDescription([was]));
    }
  });

  test('never in more than 140 characters', () => {
    expect(deployDescription([text('failed', { message: 'x'.repeat(500) })])).toHaveLength(140);
  });

  test.each([
    [0, '0 s'],
    [59_499, '59 s'],
    [60_000, '1 min'],
    [3_600_000, '1 h'],
    [7_500_000, '2 h 5 min'],
    [4 * 86_400_000, '4 d'],
    [-5, '0 s'],
  ])('%d ms are %s', (milliseconds, words) => {
    expect(span(milliseconds)).toBe(words);
  });

  test('a chat hears what to do after a failure', () => {
    expect(deployNotice(text('failed', { ...reported, message: 'no luck' }))).toEqual({
      tone: 'bad',
      title: 'acme/shop 1.4.2 in staging: failed',
      url: reported.url,
      lines: [
        'at 2026-11-21 12:04 UTC',
        'Argo CD: shop-staging',
        'no luck',
        'To go back to the version before it, comment /rollback on acme/deploy#41',
      ],
    });
  });
});

test('nothing that a tool says becomes markup or a mention', () => {
  const hostile = fc.string({ unit: fc.constantFrom('`', '\n', '@a', '<b>', '](x)', '-->', '~', '|', ' ', '[') });
  fc.assert(
    fc.property(hostile, hostile, (message, application) => {
      const state = text('failed', { message, application, tool: 'argo-cd', url: 'https://x.example/<>`\\' });
      const html = marked.parse(rolloutComment(state), { async: false });
      const outside = html.replace(/<code[^>]*>[^]*?<\/code>/g, '').replace(/<!--[^]*?-->/g, '');
      expect(outside).not.toMatch(/@a|<b>|&lt;b&gt;/);
      expect(outside).toContain('To go back to the version before it, comment here:');
    }),
  );
});
