import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { standingHistory, versionBefore } from '../../src/commands/version-history.ts';
import { bumpTo, commandStage, SHOP, WRITTEN, type CommandStage } from './stage.ts';

describe('/rollback', () => {
  test('goes to the version that stood before, and pins it', async () => {
    const stage = commandStage();
    stage.mergedBefore('1.3.0', '1.4.0', '1.4.1');
    expect(await stage.say('/rollback')).toBe(
      'Rolling back `ghcr.io/acme/shop` in **staging** from `1.4.1` to `1.4.0`. The pull request for it is on its way. Pinned by **walt**, until `/unpin`, so that no newer version undoes it.',
    );
    expect(stage.kept.pins).toEqual([
      {
        repository: stage.repository,
        environment: 'staging',
        image: SHOP,
        version: { tag: '1.4.0' },
        origin: 'rollback',
        by: 'walt',
        at: WRITTEN,
      },
    ]);
    expect(stage.kept.wakes).toEqual(['github:acme/deploy steered']);
    expect(stage.kept.audit).toMatchObject([{ action: 'rollback', details: { version: '1.4.0', from: '1.4.1' } }]);
  });

  test('works on a merged change', async () => {
    const stage = commandStage();
    stage.forge.mergeAsPerson(stage.on);
    stage.kept.merged = stage.kept.bumps.map((bump) => ({ ...bump, state: 'merged' }));
    expect(await stage.say('/rollback')).toContain('from `1.4.2` to `1.4.1`');
  });

  test('once more goes further back, as soon as the first one stands', async () => {
    const stage = commandStage();
    stage.mergedBefore('1.3.0', '1.4.0', '1.4.1');
    await stage.say('/rollback');
    expect(await stage.say('/rollback', { at: later(1) })).toBe(
      '`ghcr.io/acme/shop` in **staging** is on its way back to `1.4.0` already, pinned by **walt**, until `/unpin`. To go further back: `/rollback to 1.3.0`.',
    );
    merged(stage, '1.4.1', '1.4.0');
    expect(await stage.say('/rollback', { at: later(2) })).toContain('from `1.4.0` to `1.3.0`');
    merged(stage, '1.4.0', '1.3.0');
    expect(await stage.say('/rollback', { at: later(3) })).toContain('There is nothing to roll back to');
    expect(stage.kept.pins).toMatchObject([{ version: { tag: '1.3.0' } }]);
  });

  test('repeated by a crash does not go another step, even when the first one has been merged meanwhile', async () => {
    const stage = commandStage();
    stage.mergedBefore('1.3.0', '1.4.0', '1.4.1');
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
    const stage = commandStage();
    stage.mergedBefore('1.3.0', '1.4.0', '1.4.1');
    stage.stands('1.4.0');
    expect(await stage.say('/rollback')).toContain('from `1.4.0` to `1.3.0`');
  });

  test('of a version that was written by hand goes to the last one of the bot', async () => {
    const stage = commandStage();
    stage.mergedBefore('1.3.0', '1.4.1');
    stage.stands('2.0.0-rc1');
    expect(await stage.say('/rollback')).toContain('from `2.0.0-rc1` to `1.4.1`');
  });

  test('with nothing merged says so', async () => {
    const stage = commandStage();
    const wake = stage.comment('/rollback');
    await stage.run([wake]);
    expect(stage.reply(wake)).toBe(
      'There is nothing to roll back to for `ghcr.io/acme/shop` in **staging**: `1.4.1` stands there, and no merged bump is known that tells what stood before. Name a version: `/rollback to <version>`.',
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
    const stage = commandStage();
    stage.mergedBefore('1.3.0', '1.4.1');
    await stage.say(body);
    expect(stage.kept.pins).toMatchObject([{ version: { tag }, origin: 'rollback' }]);
  });

  test.each([
    ['/rollback to', '`/rollback` takes one version, after `to`.'],
    ['/rollback to 1.4.0 please', '`/rollback` takes one version, after `to`.'],
    ['/rollback now please', '`/rollback` takes one version, after `to`.'],
    [
      '/rollback to 1.4',
      'No version `1.4` of `ghcr.io/acme/shop` was published or stood there, as far as is known. Known are, for instance, `1.4.1`, `1.4.2`, `1.4.0` and `1.3.0`. Nothing was done.',
    ],
    ['/rollback to main', 'No version `main` of'],
    ['/rollback to nginx:1.4.0', 'No version `nginx:1.4.0` of'],
  ])('%s is refused', async (body, refusal) => {
    const stage = commandStage();
    stage.mergedBefore('1.3.0', '1.4.1');
    expect(await stage.say(body)).toContain(refusal);
    expect([stage.kept.pins, stage.kept.audit]).toEqual([[], []]);
  });

  test('to a version at once, while an earlier rollback is on its way, replaces it', async () => {
    const stage = commandStage();
    stage.mergedBefore('1.3.0', '1.4.0', '1.4.1');
    await stage.say('/rollback');
    await stage.say('/rollback to 1.3.0', { by: 'wendy' });
    expect(stage.kept.pins).toMatchObject([{ version: { tag: '1.3.0' }, by: 'wendy' }]);
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

describe('the history of a place', () => {
  const bump = (from: readonly string[], to: string) => ({
    from: from.map((tag) => ({ tag })),
    to: { tag: to, publishedAt: WRITTEN },
  });

  test.each([
    ['forward', [bump(['1'], '2'), bump(['2'], '3')], ['1', '2', '3']],
    ['back once', [bump(['1'], '2'), bump(['2'], '3'), bump(['3'], '2')], ['1', '2']],
    ['back and forward', [bump(['1'], '2'), bump(['2'], '1'), bump(['1'], '3')], ['1', '3']],
    ['by hand in between', [bump(['1'], '2'), bump(['hand'], '3')], ['1', '2', 'hand', '3']],
    ['reverted by hand in between', [bump(['1'], '2'), bump(['1'], '3')], ['1', '3']],
    ['sites that disagreed', [bump(['1', '2'], '3'), bump(['3'], '4')], ['3', '4']],
    ['from nothing', [bump([], '3')], ['3']],
  ])('%s', (_, oldestFirst, history) => {
    expect(standingHistory(oldestFirst.toReversed()).map(({ tag }) => tag)).toEqual(history);
  });

  test('digests tell moves of one tag apart', () => {
    const at = (digest: string) => ({ tag: 'latest', digest: `sha256:${digest.repeat(64)}` });
    const to = (digest: string) => ({ ...at(digest), publishedAt: WRITTEN });
    const history = standingHistory([
      { from: [at('b')], to: to('c') },
      { from: [at('a')], to: to('b') },
    ]);
    expect(history).toEqual([at('a'), at('b'), at('c')]);
    expect(versionBefore(history, [at('c')])).toEqual(at('b'));
  });

  test('always: stepping back ends, and never comes to a version twice', () => {
    const tags = fc.array(fc.constantFrom('1', '2', '3', '4', '5'), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(tags, (line) => {
        let merged = line
          .slice(1)
          .map((tag, index) => bump([line[index] ?? ''], tag))
          .reverse();
        let standing = line.at(-1) ?? '';
        const seen = new Set([standing]);
        for (;;) {
          const before = versionBefore(standingHistory(merged), [{ tag: standing }]);
          if (before === undefined) return;
          expect(seen).not.toContain(before.tag);
          seen.add(before.tag);
          merged = [bump([standing], before.tag), ...merged];
          standing = before.tag;
        }
      }),
    );
  });
});

function later(minutes: number): Date {
  return new Date(WRITTEN.getTime() + minutes * 1_000);
}

/** The bot's bump that a rollback led to was merged. */
function merged(stage: CommandStage, from: string, to: string): void {
  stage.kept.merged = [bumpTo(stage.repository, { from, to, change: 200 }), ...stage.kept.merged];
  stage.stands(to);
}
