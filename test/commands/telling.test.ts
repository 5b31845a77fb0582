import { describe, expect, test } from 'vitest';
import { commands } from '../../src/commands/registry.ts';
import type { Rollout } from '../../src/store/store.ts';
import { bumpTo, commandStage, deployment, NOW, SHOP, WRITTEN, type CommandStage } from './stage.ts';

function rollout(stage: CommandStage, number: number, fields: Partial<Rollout>): Rollout {
  return {
    repository: stage.repository,
    number,
    environment: 'staging',
    image: SHOP,
    state: 'live',
    since: new Date(NOW.getTime() - 120_000),
    told: {},
    ...fields,
  };
}

describe('/help', () => {
  test('lists every command with who may', async () => {
    const stage = commandStage();
    const reply = (await stage.say('/help', { by: 'rita' })) ?? '';
    for (const { usage, needs, summary } of commands) {
      expect(reply).toContain(`| \`${usage}\` | ${needs} | ${summary} |`);
    }
    expect(reply).toMatch(/\n\nOne a line; `\/tagalong hold` works like `\/hold`\. Quotes and code are not read\.$/);
  });
});

describe('/status', () => {
  test('tells each environment of the image: what stands, by which change, its rollout, what is proposed and pinned', async () => {
    const stage = commandStage();
    stage.mergedBefore('1.4.0', '1.4.1');
    stage.kept.merged.push(
      bumpTo(stage.repository, { from: '1.3.0', to: '1.4.0', change: 90, environment: 'production' }),
    );
    stage.kept.rollouts = [
      rollout(stage, 100, { url: 'https://argo.example/app?a=(1)|2' }),
      rollout(stage, 90, { environment: 'production', state: 'failed', message: 'back-off | pulling @image' }),
    ];
    await stage.say('/freeze production incident');
    await stage.say('/freeze for 2h everything');
    await stage.say('/pin 1.4.1 for 7d load test | again');
    expect(await stage.say('/status', { by: 'rita' })).toMatchInlineSnapshot(`
      "**\`ghcr.io/acme/shop\`**

      | Environment | Stands there | Rollout | Proposed |
      | --- | --- | --- | --- |
      | staging | \`1.4.1\` by #100 | [✅ live](https://argo.example/app?a=%281%29%7C2) since 2026-11-21 01:59 UTC | \`1.4.2\` in #1<br>pinned at \`1.4.1\` by walt until 2026-11-28 02:00 UTC: \`load test \\| again\` |
      | production | \`1.4.0\` by #90 | ❌ failed at 2026-11-21 01:59 UTC<br>\`back-off \\| pulling @image\` |  |

      🧊 Every environment is frozen by **walt**, until 2026-11-21 04:00 UTC: \`everything\`.

      🧊 **production** is frozen by **walt**, until \`/unfreeze\`: \`incident\`."
    `);
  });

  test.each([
    ['queued', '⏳ merged at 2026-11-21 01:59 UTC, nothing reported yet'],
    ['in-progress', '⏳ being deployed since 2026-11-21 01:59 UTC'],
    ['unknown', '❔ unknown: no end reported by 2026-11-21 01:59 UTC'],
    ['superseded', 'replaced at 2026-11-21 01:59 UTC'],
  ] as const)('a rollout that is %s', async (state, words) => {
    const stage = commandStage();
    stage.mergedBefore('1.4.0', '1.4.1');
    stage.kept.rollouts = [rollout(stage, 100, { state })];
    expect(await stage.say('/status')).toContain(words);
  });

  test('says which version a report is about where another one stands', async () => {
    const stage = commandStage();
    stage.mergedBefore('1.4.0', '1.4.1');
    stage.stands('2.0.0');
    stage.kept.rollouts = [rollout(stage, 100, {})];
    expect(await stage.say('/status')).toContain(
      '| staging | `2.0.0` | ✅ live since 2026-11-21 01:59 UTC (`1.4.1` of #100) |',
    );
  });

  test('of a change by a person tells every image of its environments', async () => {
    const stage = commandStage();
    stage.byPerson({ 'production/proxy.yaml': deployment('proxy', 'nginx:1.27.1') });
    const reply = await stage.say('/status');
    expect(reply).toContain('| Image | Environment |');
    expect(reply).toContain('| `nginx` | production | `1.27.0` | nothing reported |');
    expect(reply).toContain('| `ghcr.io/acme/shop` | production | `1.4.0` |');
  });

  test('of many images tells the first ten', async () => {
    const stage = commandStage();
    const files = Array.from({ length: 13 }, (_, index) => `staging/i${index}.yaml`);
    stage.forge.push(
      stage.repository,
      'main',
      Object.fromEntries(files.map((path, index) => [path, deployment('i', `acme/i${index}:1`)])),
    );
    files.forEach((path, index) => stage.kept.files.set(`docker.io/acme/i${index}` as typeof SHOP, [path]));
    stage.byPerson({ 'staging/shop.yaml': 'a: 1\n' });
    expect(await stage.say('/status')).toMatch(/\n\nand 4 more images$/);
  });

  test('of a change outside every environment says so', async () => {
    const stage = commandStage();
    stage.byPerson({ 'README.md': 'hello' });
    expect(await stage.say('/status')).toBe('No image that is followed stands in the environments of this change.');
  });
});

describe('/why', () => {
  const remembered = (stage: CommandStage, verdict: unknown) => ({
    repository: stage.repository,
    number: 1,
    headCommit: stage.kept.bumps[0]?.headCommit ?? '',
    baseCommit: 'b'.repeat(40),
    outcome: 'block' as const,
    verdict,
    requiredChecks: [],
    decidedAt: WRITTEN,
  });

  test('shows the verdict', async () => {
    const stage = commandStage();
    stage.kept.verdict = remembered(stage, {
      outcome: 'block',
      stale: [],
      nodes: [{ rule: 'hold', outcome: 'block', reason: 'walt holds it: <b>', remedy: '/unhold', children: [] }],
    });
    const reply = await stage.say('/why');
    expect(reply).toMatch(/walt holds it/);
    expect(reply).not.toContain('<b>');
  });

  test.each([
    undefined,
    'text',
    { outcome: 'green', nodes: [], stale: [] },
    { outcome: 'pass', nodes: [{}], stale: [] },
    { outcome: 'pass', nodes: [{ outcome: 'pass', reason: 'x', children: [1] }], stale: [] },
  ])('of %j says that there is none yet', async (verdict) => {
    const stage = commandStage();
    if (verdict !== undefined) stage.kept.verdict = remembered(stage, verdict);
    expect(await stage.say('/why')).toContain('The gate has not looked at the newest commit yet');
  });
});

describe('/diff', () => {
  test('renders the change as it is now', async () => {
    const stage = commandStage();
    const reply = (await stage.say('/diff', { by: 'rita' })) ?? '';
    expect(reply).toContain('1.4.1');
    expect(reply).toContain('1.4.2');
    expect(reply).not.toContain('tagalong:diff');
  });

  test('shows more when it is asked for all', async () => {
    const stage = commandStage();
    const files = Array.from(
      { length: 60 },
      (_, index) => [`staging/n${index}.yaml`, deployment(`n${index}`, 'acme/new:1')] as const,
    );
    stage.byPerson(Object.fromEntries(files));
    const [short, full] = [(await stage.say('/diff')) ?? '', (await stage.say('/diff full')) ?? ''];
    expect(short.length).toBeLessThanOrEqual(8_000);
    expect(full.length).toBeGreaterThan(short.length);
    expect(full.length).toBeLessThanOrEqual(65_536);
  });

  test('takes `full` and nothing else', async () => {
    const stage = commandStage();
    expect(await stage.say('/diff everything')).toContain(
      '`/diff` takes `full` or nothing. It is written `/diff [full]`.',
    );
  });

  test('of a change that renders to nothing says so', async () => {
    const stage = commandStage();
    stage.byPerson({ 'README.md': 'hello' });
    expect(await stage.say('/diff')).toBe('This change touches nothing that is rendered.');
  });
});
