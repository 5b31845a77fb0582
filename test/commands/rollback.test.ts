import { describe, expect, test } from 'vitest';
import {
  after,
  audited,
  bumpTo,
  commandStage,
  CONFIG,
  pinBy,
  REPOSITORY_WOKEN,
  WRITTEN,
  type CommandStage,
} from './stage.ts';

describe('/rollback', () => {
  test('goes to the version that stood before, and pins it', async () => {
    const stage = mergedStage('1.3.0', '1.4.0', '1.4.1');
    expect(await stage.say('/rollback')).toBe(
      'Rolling back `ghcr.io/acme/shop` in **staging** from `1.4.1` to `1.4.0`. The pull request for it is on its way. Pinned by **walt**, until `/unpin`, so that no newer version undoes it.',
    );
    expect(stage.kept.pins).toEqual([pinBy(stage, 'rollback', '1.4.0')]);
    expect(stage.kept.wakes).toEqual([REPOSITORY_WOKEN]);
    expect(audited(stage)).toEqual([{ action: 'rollback', environment: 'staging', version: '1.4.0', from: '1.4.1' }]);
  });

  test('works on a merged change', async () => {
    const stage = commandStage();
    stage.forge.mergeAsPerson(stage.on);
    stage.kept.merged = stage.kept.bumps.map((bump) => ({ ...bump, state: 'merged' }));
    expect(await stage.say('/rollback')).toContain('from `1.4.2` to `1.4.1`');
  });

  test('once more goes further back, as soon as the first one stands', async () => {
    const stage = mergedStage('1.3.0', '1.4.0', '1.4.1');
    await stage.say('/rollback');
    expect(await stage.say('/rollback', { at: after(1_000) })).toBe(
      '`ghcr.io/acme/shop` in **staging** is on its way back to `1.4.0` already, pinned by **walt**, until `/unpin`. To go further back: `/rollback to 1.3.0`.',
    );
    merged(stage, '1.4.1', '1.4.0');
    expect(await stage.say('/rollback', { at: after(2_000) })).toContain('from `1.4.0` to `1.3.0`');
    merged(stage, '1.4.0', '1.3.0');
    expect(await stage.say('/rollback', { at: after(3_000) })).toContain('There is nothing to roll back to');
    expect(stage.kept.pins).toMatchObject([{ version: { tag: '1.3.0' } }]);
  });

  test('once more, after its pull request was closed, proposes the same anew', async () => {
    const stage = mergedStage('1.3.0', '1.4.0', '1.4.1');
    await stage.say('/rollback');
    stage.kept.bumps.push({
      ...bumpTo(stage.repository, { from: '1.4.1', to: '1.4.0', change: 200 }),
      state: 'closed',
      proposedAt: after(500),
    });
    expect(await stage.say('/rollback', { by: 'wendy', at: after(1_000) })).toContain('from `1.4.1` to `1.4.0`');
    expect(stage.kept.pins).toMatchObject([{ version: { tag: '1.4.0' }, by: 'wendy', at: after(1_000) }]);
  });

  test('repeated by a crash does not go another step, even when the first one has been merged meanwhile', async () => {
    const stage = mergedStage('1.3.0', '1.4.0', '1.4.1');
    const wake = stage.comment('/rollback');
    await stage.run([wake]);
    for (const key of stage.kept.comments.keys()) stage.kept.comments.set(key, 'unknown');
    merged(stage, '1.4.1', '1.4.0');
    await stage.run([wake]);
    expect(stage.kept.pins).toMatchObject([{ version: { tag: '1.4.0' } }]);
    expect(stage.kept.audit).toHaveLength(1);
    expect(stage.reply(wake)).toContain('stays at `1.4.0`, which stands there already');
  });

  test('after a revert by hand goes on from what stands', async () => {
    const stage = mergedStage('1.3.0', '1.4.0', '1.4.1');
    stage.stands('1.4.0');
    expect(await stage.say('/rollback')).toContain('from `1.4.0` to `1.3.0`');
  });

  test('of a version that was written by hand goes to the last one of the bot', async () => {
    const stage = mergedStage('1.3.0', '1.4.1');
    stage.stands('2.0.0-rc1');
    expect(await stage.say('/rollback')).toContain('from `2.0.0-rc1` to `1.4.1`');
  });

  test('with nothing merged says so', async () => {
    const stage = commandStage();
    const wake = stage.comment('/rollback');
    await stage.run([wake]);
    expect(stage.reply(wake)).toBe(
      'There is nothing to roll back to for `ghcr.io/acme/shop` in **staging**: `1.4.1` stands there, and neither a merged bump nor the branch tells what stood before. Name a version: `/rollback to <version>`. Nothing was done.',
    );
    expect(stage.reactions(wake)).toEqual(['seen', 'refused']);
    expect([stage.kept.pins, stage.kept.audit]).toEqual([[], []]);
  });

  test.each([
    ['/rollback to 1.4.0', '1.4.0'],
    ['/rollback 1.4.0', '1.4.0'],
    ['/rollback TO 1.3.0', '1.3.0'],
    ['/rollback to ghcr.io/acme/shop:1.3.0', '1.3.0'],
    ['/rollback to 1.4.1', '1.4.1'],
  ])('%s', async (body, tag) => {
    const stage = mergedStage('1.3.0', '1.4.1');
    await stage.say(body);
    expect(stage.kept.pins).toMatchObject([{ version: { tag }, origin: 'rollback' }]);
  });

  test.each([
    ['/rollback to 1.3.0 checkout fails', '1.3.0', 'checkout fails'],
    ['/rollback to 1.3.0 because checkout fails', '1.3.0', 'checkout fails'],
    ['/rollback to 1.3.0: checkout fails', '1.3.0', 'checkout fails'],
    ['/rollback 1.3.0 checkout fails', '1.3.0', 'checkout fails'],
    ['/rollback checkout fails', '1.4.0', 'checkout fails'],
    ['/rollback because 500s', '1.4.0', '500s'],
    ['/rollback Because: down for 2h', '1.4.0', 'down for 2h'],
  ])('%s says why: in the reply, on the pin, in the audit log', async (body, tag, reason) => {
    const stage = mergedStage('1.3.0', '1.4.0', '1.4.1');
    expect(await stage.say(body)).toContain(`Pinned by **walt**, until \`/unpin\`: \`${reason}\`, so that`);
    expect(stage.kept.pins).toMatchObject([{ version: { tag }, reason }]);
    expect(stage.kept.audit).toMatchObject([{ details: { version: tag, from: '1.4.1', reason } }]);
  });

  test.each([
    ['/rollback to', '`/rollback to` wants a version. It is written `/rollback [to <version>] [reason]`.'],
    ['/rollback to because it burns', '`/rollback to` wants a version.'],
    [
      '/rollback for 2h',
      'A rollback holds until `/unpin`; to keep a version for a time, write `/pin <version> for 7d`.',
    ],
    ['/rollback to 1.3.0 for 2h', 'A rollback holds until `/unpin`'],
    ['/rollback 1.4.O checkout fails', 'Put `because` in front of a reason. Nothing was done.'],
    ['/rollback asap', 'No version `asap` of'],
    [
      '/rollback to 1.4',
      'No version `1.4` of `ghcr.io/acme/shop` was published or stood there, as far as is known. Known are, for instance, `1.4.1`, `1.4.2`, `1.4.0` and `1.3.0`. Nothing was done.',
    ],
    ['/rollback to main', 'No version `main` of'],
    ['/rollback to nginx:1.4.0', 'No version `nginx:1.4.0` of'],
  ])('%s is refused', async (body, refusal) => {
    const stage = mergedStage('1.3.0', '1.4.1');
    expect(await stage.say(body)).toContain(refusal);
    expect([stage.kept.pins, stage.kept.audit]).toEqual([[], []]);
  });

  test('to a version at once, while an earlier rollback is on its way, replaces it', async () => {
    const stage = mergedStage('1.3.0', '1.4.0', '1.4.1');
    await stage.say('/rollback');
    await stage.say('/rollback to 1.3.0', { by: 'wendy' });
    expect(stage.kept.pins).toMatchObject([{ version: { tag: '1.3.0' }, by: 'wendy' }]);
  });

  test('over the pin of somebody else says what it takes the place of', async () => {
    const stage = mergedStage('1.3.0', '1.4.1');
    await stage.say('/pin 1.4.1 for 7d load test', { by: 'wendy' });
    expect(await stage.say('/rollback')).toContain(
      'It takes the place of the pin at `1.4.1` by **wendy**, until 2026-11-28 02:00 UTC: `load test`.',
    );
  });

  describe('passes over versions whose own rollout failed', () => {
    async function failing(...changes: readonly number[]): Promise<CommandStage> {
      const stage = mergedStage('1.2.0', '1.3.0', '1.4.0', '1.4.1');
      for (const change of changes) await reported(stage, change, 'failed');
      return stage;
    }

    test('and says so', async () => {
      const stage = await failing(101, 102);
      expect(await stage.say('/rollback')).toContain(
        'to `1.3.0`. The pull request for it is on its way. `1.4.0` is passed over: its rollout failed in #101.',
      );
    });

    test('unless it went well at another time', async () => {
      const stage = await failing(101);
      await reported(stage, 101, 'live');
      expect(await stage.say('/rollback')).toContain('to `1.4.0`');
    });

    test('unless there is no other', async () => {
      const stage = await failing(100, 101);
      stage.kept.merged = stage.kept.merged.slice(0, 2);
      expect(await stage.say('/rollback')).toMatch(/to `1\.3\.0`/);
      stage.kept.pins = [];
      stage.kept.merged = stage.kept.merged.map((bump) => ({ ...bump, from: [] }));
      expect(await stage.say('/rollback')).toContain('Look twice: the rollout of `1.4.0` failed in #101.');
    });

    test('but for one that is named, which is said', async () => {
      const stage = await failing(101);
      expect(await stage.say('/rollback to 1.4.0')).toContain('Look twice: the rollout of `1.4.0` failed in #101.');
      expect(stage.kept.pins).toMatchObject([{ version: { tag: '1.4.0' } }]);
    });
  });

  test('without any bump goes by the history of the branch', async () => {
    const stage = commandStage();
    stage.stands('1.4.2');
    stage.stands('1.3.0');
    stage.stands('1.5.0');
    expect(await stage.say('/rollback')).toContain('from `1.5.0` to `1.3.0`');
  });

  test('of what was written by hand since the last bump goes to what was written before it', async () => {
    const stage = mergedStage('1.3.0', '1.4.1');
    stage.kept.merged = stage.kept.merged.map((bump) => ({ ...bump, mergeCommit: headOf(stage) }));
    stage.stands('1.4.2');
    stage.stands('1.4.3');
    expect(await stage.say('/rollback')).toContain('from `1.4.3` to `1.4.2`');
  });

  test('looks at the branch as it is, although nobody has heard yet that it moved', async () => {
    const stage = mergedStage('1.3.0', '1.4.0', '1.4.1');
    const wake = stage.comment('/rollback');
    const fetched = stage.deps.mirrors.fetch(stage.repository, ['refs/heads/main']);
    stage.stands('1.4.0');
    await fetched;
    await stage.answer([wake]);
    expect(stage.reply(wake)).toContain('from `1.4.0` to `1.3.0`');
  });

  test('is refused where the configuration is broken, since nothing tells what stands there', async () => {
    const stage = commandStage(`${CONFIG}nonsense: 1\n`);
    stage.mergedBefore('1.3.0', '1.4.1');
    for (const body of ['/rollback', '/rollback to 1.3.0']) {
      expect(await stage.say(body)).toContain('The configuration of the base branch is not valid');
    }
    expect(stage.kept.pins).toEqual([]);
  });

  test('is refused for an image that is not written there any more', async () => {
    const stage = mergedStage('1.3.0', '1.4.1');
    stage.forge.push(stage.repository, 'main', { 'staging/shop.yaml': 'a: 1\n' });
    expect(await stage.say('/rollback')).toContain('is not written anywhere any more');
    expect(stage.kept.pins).toEqual([]);
  });

  test('between digests of one tag names the whole digest, to be copied', async () => {
    const stage = commandStage();
    const at = (digest: string) => ({ tag: 'latest', digest: `sha256:${digest.repeat(64)}` });
    const moved = (from: string, to: string, change: number) => ({
      ...bumpTo(stage.repository, { from: '', to: '', change }),
      from: [at(from)],
      to: { ...at(to), publishedAt: WRITTEN },
    });
    stage.kept.merged = [moved('b', 'c', 101), moved('a', 'b', 100)];
    stage.stands(`latest@${at('c').digest}`);
    expect(await stage.say('/rollback')).toContain('to `latest@sha256:bbbbbbbbbbbb…`');
    const copy = `/rollback to latest@${at('a').digest}`;
    expect(await stage.say('/rollback', { by: 'wendy' })).toContain(`To go further back: \`${copy}\`.`);
    expect(await stage.say(copy)).toContain('to `latest@sha256:aaaaaaaaaaaa…`');
  });

  test('is about one environment and one image', async () => {
    const stage = commandStage();
    stage.kept.merged = [
      bumpTo(stage.repository, { from: '1.2.0', to: '1.4.0', change: 50, environment: 'production' }),
      bumpTo(stage.repository, { from: '1.3.0', to: '1.4.1', change: 49 }),
    ];
    expect(await stage.say('/rollback')).toContain('to `1.3.0`');
  });
});

/** Where bumps brought these versions, oldest first. */
function mergedStage(...tags: readonly string[]): CommandStage {
  const stage = commandStage();
  stage.mergedBefore(...tags);
  return stage;
}

function headOf({ forge, repository }: CommandStage): string {
  return forge.repositoryAt(repository).branches.get('main') ?? '';
}

/** A deploy tool said what became of a change. */
function reported(stage: CommandStage, change: number, state: 'live' | 'failed'): Promise<void> {
  const { repository } = stage;
  const key = `#${change} deploy ${state}`;
  const actor = { kind: 'tool', name: 'argo-cd' } as const;
  return stage.deps.store.audit.append([
    { key, at: WRITTEN, actor, action: 'deploy', repository, change, event: 'report', details: { state } },
  ]);
}

/** The bot's bump that a rollback led to was merged. */
function merged(stage: CommandStage, from: string, to: string): void {
  stage.kept.merged = [bumpTo(stage.repository, { from, to, change: 200 }), ...stage.kept.merged];
  stage.stands(to);
}
