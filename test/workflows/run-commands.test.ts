import { describe, expect, test } from 'vitest';
import { HOLD_LABEL } from '../../src/domain/change.ts';
import { TagalongError } from '../../src/domain/errors.ts';
import { runCommands } from '../../src/workflows/run-commands.ts';
import { commandStage, NOW, type CommandStage } from '../commands/stage.ts';

async function labels({ forge, on }: CommandStage): Promise<readonly string[]> {
  return (await forge.change(on))?.labels ?? [];
}

describe('one comment', () => {
  test('is marked as seen before the work, and then with its end', async () => {
    const stage = commandStage();
    const wake = stage.comment('/hold');
    await stage.run([wake]);
    expect(stage.reactions(wake)).toEqual(['seen', 'done']);
    expect(stage.reply(wake)).toBeUndefined();
    expect(await labels(stage)).toContain(HOLD_LABEL);
    expect(stage.isTouched).toBe(true);
  });

  test('with several commands gets one reply, which quotes each line that it answers', async () => {
    const stage = commandStage();
    const wake = stage.comment('Sorry\n/hold\n/pin 1.4.1\nand\n/freeze staging incident');
    await stage.run([wake]);
    expect(stage.reply(wake)).toMatchInlineSnapshot(`
      "**\`/pin 1.4.1\`**

      Pinned \`ghcr.io/acme/shop\` in **staging** at \`1.4.1\` by **walt**, until \`/unpin\`. It stands there already. Nothing else is proposed there.

      **\`/freeze staging incident\`**

      **staging** is frozen by **walt**, until \`/unfreeze\`: \`incident\`. Nothing merges there; an administrator can let one change through with \`/override freeze <reason>\`."
    `);
    expect(await labels(stage)).toContain(HOLD_LABEL);
    expect(stage.kept.audit.map(({ action, event }) => `${action} ${event.replace(/\d+/, 'N')}`)).toEqual([
      'hold comment N line 2',
      'pin comment N line 3',
      'freeze comment N line 5',
    ]);
  });

  test('that quotes another one does what stands below the quote, as on Prow', async () => {
    const stage = commandStage();
    await stage.say('> /merge\n> thanks\n\nNot before Monday.\n\n/hold Monday\n');
    expect(await labels(stage)).toContain(HOLD_LABEL);
    expect(stage.kept.mergeRequest).toBeUndefined();
  });

  test('by a bot, or without commands, is nothing', async () => {
    const stage = commandStage();
    for (const [body, by] of [
      ['/hold', 'renovate[bot]'],
      ['/hold', 'tagalong[bot]'],
      ['hello', 'walt'],
    ] as const) {
      const wake = stage.comment(body, { by });
      await stage.run([wake]);
      expect([stage.reactions(wake), stage.reply(wake), await labels(stage)]).toEqual([[], undefined, []]);
    }
    expect(stage.asked).toEqual([]);
  });

  test('holds no more than twenty commands', async () => {
    const stage = commandStage();
    const wake = stage.comment('/hold\n'.repeat(400));
    await stage.run([wake]);
    expect(stage.reply(wake)).toContain('From this line on nothing was done: a comment may hold 20 commands.');
    expect(stage.kept.audit).toHaveLength(20);
    expect(stage.reactions(wake)).toEqual(['seen', 'refused']);
    expect(stage.asked).toEqual(['walt']);
  });
});

describe('unknown words', () => {
  test.each([
    ['/hodl', 'There is no `/hodl`. Did you mean `/hold [reason]`?'],
    ['/promote production', 'There is no `/promote`. Did you mean `/bump <image>:<tag> [env]`?'],
    ['/tagalong nonsense', 'There is no `/nonsense`.'],
    ['/tagalong `@acme/everyone`', 'There is no `` /`@acme/everyone` ``.'],
  ])('%s is answered', async (body, answer) => {
    const stage = commandStage();
    const wake = stage.comment(body);
    await stage.run([wake]);
    expect(stage.reply(wake)).toContain(answer);
    expect(stage.reactions(wake)).toEqual(['seen', 'confused']);
    expect(stage.kept.audit).toEqual([]);
  });

  test('a command that this version does not have any more is one', async () => {
    const stage = commandStage();
    const wake = stage.comment('/hold');
    if (wake.reason.kind !== 'commanded') throw new Error('no comment');
    const commands = [{ name: 'dance', text: '', isKnown: true, line: 1 }];
    const old = { ...wake, reason: { ...wake.reason, comment: { ...wake.reason.comment, commands } } };
    await stage.run([old]);
    expect(stage.reply(wake)).toContain('There is no `/dance`.');
  });
});

describe('people without permission', () => {
  test.each([
    ['/status', 'nobody', 'read'],
    ['/approve', 'nobody', 'read'],
    ['/hold', 'rita', 'write'],
    ['/unhold', 'rita', 'write'],
    ['/retry', 'rita', 'write'],
    ['/rebase', 'rita', 'write'],
    ['/merge', 'rita', 'write'],
    ['/skip', 'rita', 'write'],
    ['/pin', 'rita', 'write'],
    ['/unpin', 'rita', 'write'],
    ['/bump ghcr.io/acme/shop:1.4.2', 'rita', 'write'],
    ['/rollback', 'rita', 'write'],
    ['/freeze incident', 'rita', 'write'],
    ['/unfreeze', 'rita', 'write'],
    ['/override freeze because', 'walt', 'admin'],
  ])('%s by %s is refused politely, without effect', async (body, by, needs) => {
    const stage = commandStage();
    const before = [...stage.forge.writes];
    const wake = stage.comment(body, { by });
    await stage.run([wake]);
    expect(stage.reply(wake)).toMatch(
      new RegExp(`^Sorry, \\*\\*${by}\\*\\*: .* needs ${needs} access to \`acme/deploy\``),
    );
    expect(stage.reactions(wake)).toEqual(['seen', 'refused']);
    expect(stage.kept).toMatchObject({ audit: [], wakes: [], pins: [], freezes: [], skips: [], requests: [] });
    const own = stage.forge.writes.slice(before.length).filter((write) => !/comment|react/.test(write));
    expect([own, await labels(stage)]).toEqual([[], []]);
  });

  test('get one reply for all they wrote, and the forge is asked once', async () => {
    const stage = commandStage();
    const reply = await stage.say('/hold\n/merge\n/help', { by: 'rita' });
    expect(reply?.match(/Sorry/g)).toHaveLength(2);
    expect(reply).toContain('`/rollback [to <version>] [reason]`');
    expect(stage.asked).toEqual(['rita']);
  });
});

describe('a change that has ended', () => {
  const still = ['help', 'status', 'why', 'skip', 'pin', 'unpin', 'bump', 'rollback', 'freeze', 'unfreeze'];

  test.each([
    '/hold',
    '/unhold',
    '/diff',
    '/retry',
    '/rebase',
    '/approve',
    '/unapprove',
    '/merge',
    '/override freeze x',
  ])('%s is answered politely, and does nothing', async (body) => {
    const stage = commandStage();
    stage.forge.mergeAsPerson(stage.on);
    const wake = stage.comment(body, { by: 'sue' });
    await stage.run([wake]);
    expect(stage.reply(wake)).toMatch(/^This change is merged, so there is nothing for `\/[a-z]+` to do\./);
    expect(stage.kept.audit).toEqual([]);
    expect(stage.isTouched).toBe(false);
  });

  test.each(still)('/%s works', async (name) => {
    const stage = commandStage();
    stage.forge.closeAsPerson(stage.on);
    const texts: Record<string, string> = { bump: ' ghcr.io/acme/shop:1.5.0 staging', freeze: ' incident' };
    const reply = await stage.say(`/${name}${texts[name] ?? ''}`);
    expect(reply).not.toContain('nothing for');
  });
});

describe('a change into a branch that is not deployed', () => {
  const base = 'release';

  async function elsewhere(body: string): Promise<{ stage: CommandStage; reply: string | undefined }> {
    const stage = commandStage();
    const change = await stage.forge.change(stage.on);
    if (change === undefined) throw new Error('no change');
    const known = { repository: stage.repository, defaultBranch: 'main' };
    const wake = stage.comment(body, { by: 'sue' });
    const state = { change: { ...change, targetBranch: base }, environments: [], known, config: undefined };
    await runCommands(stage.deps, state, [wake]);
    return { stage, reply: stage.reply(wake) };
  }

  test.each(['/why', '/hold', '/unhold', '/approve', '/unapprove', '/merge', '/override freeze now'])(
    '%s would do nothing there, and says so',
    async (body) => {
      const { stage, reply } = await elsewhere(body);
      expect(reply).toMatch(/^This change goes into `release`, and the gate is about `main` alone,/);
      expect(stage.kept.audit).toEqual([]);
    },
  );

  test('what is about the repository works all the same', async () => {
    const { stage } = await elsewhere('/freeze incident');
    expect(stage.kept.freezes).toHaveLength(1);
  });
});

describe('several comments', () => {
  test('are answered in the order in which they were written, each once', async () => {
    const stage = commandStage();
    const [first, second] = [
      stage.comment('/unhold', { at: new Date('2026-11-21T01:00:02Z') }),
      stage.comment('/hold', { at: new Date('2026-11-21T01:00:01Z') }),
    ];
    await stage.run([first, second, first]);
    expect(stage.kept.audit.map(({ action }) => action)).toEqual(['hold', 'unhold']);
    expect(await labels(stage)).toEqual([]);
  });

  test('two /merge at once have one effect, and both are acknowledged', async () => {
    const stage = commandStage();
    const [one, other] = [stage.comment('/merge'), stage.comment('/merge', { by: 'wendy' })];
    await stage.run([one, other]);
    expect(stage.kept.audit.map(({ actor, action }) => `${actor.name} ${action}`)).toEqual(['walt request-merge']);
    expect([stage.reactions(one), stage.reactions(other)]).toEqual([
      ['seen', 'done'],
      ['seen', 'done'],
    ]);
    expect(stage.reply(other)).toMatch(/^\*\*walt\*\* has asked for it already\./);
  });

  test('two /rollback at once go one step back, and not two', async () => {
    const stage = commandStage();
    stage.mergedBefore('1.3.0', '1.4.0', '1.4.1');
    const [one, other] = [stage.comment('/rollback'), stage.comment('/rollback', { by: 'wendy' })];
    await stage.run([one, other]);
    expect(stage.kept.pins).toMatchObject([{ version: { tag: '1.4.0' }, by: 'walt' }]);
    expect(stage.reply(other)).toContain('is on its way back to `1.4.0` already');
  });
});

describe('a run that is repeated', () => {
  test('after its end does nothing, also where somebody has decided otherwise since', async () => {
    const stage = commandStage();
    const [hold, freeze] = [stage.comment('/hold'), stage.comment('/freeze staging x')];
    await stage.run([hold, freeze]);
    const reply = stage.reply(freeze);
    await stage.say('/unhold\n/unfreeze', { by: 'wendy' });
    const writes = stage.forge.writes.length;
    await stage.run([hold, freeze]);
    expect([await labels(stage), stage.kept.freezes]).toEqual([[], []]);
    expect(stage.reply(freeze)).toBe(reply);
    expect(stage.forge.writes).toHaveLength(writes);
    expect(stage.isTouched).toBe(false);
  });

  const interruptions = [
    '/hold\n/pin 1.4.1\n/merge\n/freeze staging incident\n/approve\n/override freeze now\n/tagalong nonsense',
    '/pin 1.4.1\n/skip leaks\n/merge',
    '/hold',
  ].flatMap((body) => [0, 1, 2, 3, 4, 5].map((allowed) => [allowed, body] as const));

  test.each(interruptions)('after an interruption at write %i comes to the same end: %j', async (allowed, body) => {
    const undisturbed = commandStage();
    await undisturbed.run([undisturbed.comment(body, { by: 'sue' })]);

    const stage = commandStage();
    const wake = stage.comment(body, { by: 'sue' });
    stage.forge.interruptAfter(allowed);
    await stage.run([wake]).catch((error: unknown) => {
      expect(error).toMatchObject({ code: 'forge-unavailable' });
    });
    stage.forge.interruptAfter(undefined);
    await stage.run([wake]);
    for (const each of [stage, undisturbed]) each.kept.wakes = [...new Set(each.kept.wakes)];
    expect(stage.kept).toEqual(undisturbed.kept);
    expect(stage.forge.comments(stage.on)).toEqual(undisturbed.forge.comments(undisturbed.on));
    expect(await stage.forge.change(stage.on)).toEqual(await undisturbed.forge.change(undisturbed.on));
  });

  test('after the reply was written and not remembered writes no second one', async () => {
    const stage = commandStage();
    const wake = stage.comment('/help');
    await stage.run([wake]);
    stage.kept.comments.forEach((_, key) => stage.kept.comments.set(key, 'unknown'));
    await stage.run([wake]);
    expect(stage.reply(wake)).toContain('| Write |');
    expect(stage.forge.comments(stage.on)).toHaveLength(2);
  });
});

describe('a command that fails', () => {
  function failing(stage: CommandStage, error: Error): CommandStage['deps'] {
    const { deps } = stage;
    return { ...deps, forge: { ...deps.forge, setLabels: () => Promise.reject(error) } };
  }

  async function answer(error: Error): Promise<string | undefined> {
    const stage = commandStage();
    const wake = stage.comment('/hold\n/freeze staging incident');
    const change = await stage.forge.change(stage.on);
    if (change === undefined) throw new Error('no change');
    const known = { repository: stage.repository, defaultBranch: 'main' };
    const state = { change, environments: ['staging'], known, config: undefined };
    await runCommands(failing(stage, error), state, [wake]);
    expect(stage.kept.freezes).toHaveLength(1);
    expect(stage.reactions(wake)).toEqual(['seen', 'confused']);
    return stage.reply(wake);
  }

  test('for good is told, and the others go on', async () => {
    const reply = await answer(new TagalongError('forge-refused', 'Labels are off: <script> @acme/all'));
    expect(reply).toContain('This failed (`forge-refused`): `Labels are off: <script> @acme/all`');
    expect(reply).toContain('is frozen');
  });

  test('for a reason that is not made for people is told without it', async () => {
    const reply = await answer(new Error('token ghs_secret'));
    expect(reply).toContain('This failed for a reason that only the log of the bot tells.');
    expect(reply).not.toContain('secret');
  });

  test('for now has the whole run come again', async () => {
    await expect(answer(new TagalongError('forge-rate-limited', 'later', { retryAt: NOW }))).rejects.toMatchObject({
      code: 'forge-rate-limited',
    });
  });
});

test('hostile words of people are shown as they are, and nothing more', async () => {
  const stage = commandStage();
  const hostile =
    '`</code> <img src=x onerror=1> @acme/everyone #1 [a](http://b) | \u202Egnp.exe <!-- tagalong:diff --> ***x***';
  const reply = await stage.say(`/freeze staging ${hostile}`);
  const outside = (reply ?? '').replaceAll(/(`+)[^`](?:.*?[^`])?\1(?!`)/g, '');
  expect(outside).not.toMatch(/<|@|#1|\[a\]|\u202E|\|/);
  expect(stage.kept.freezes[0]?.reason).not.toContain('\u202E');
  expect(reply?.split('\n').some((line) => line.startsWith('<!--'))).toBe(false);
});

test('answers that do not fit into one comment are left out, and that is said', async () => {
  const stage = commandStage();
  const deps = { ...stage.deps, commentLimit: 5_000 };
  const change = await stage.forge.change(stage.on);
  if (change === undefined) throw new Error('no change');
  const known = { repository: stage.repository, defaultBranch: 'main' };
  const wake = stage.comment('/help\n'.repeat(10));
  await runCommands(deps, { change, environments: [], known, config: undefined }, [wake]);
  expect(stage.reply(wake)?.length).toBeLessThanOrEqual(5_000);
  expect(stage.reply(wake)).toMatch(/The other answers do not fit here\..*$/);
});

test('other wakes ask nobody and write nothing', async () => {
  const stage = commandStage();
  await stage.run([{ id: '1', reason: { kind: 'resync' }, wokenAt: NOW }]);
  expect([stage.asked, stage.isTouched]).toEqual([[], false]);
});
