import { describe, expect, test } from 'vitest';
import { after, audited, commandStage, deployment, pinBy, REPOSITORY_WOKEN, type CommandStage } from './stage.ts';

const DAY = 86_400_000;

describe('/pin', () => {
  test('without a version keeps what the change proposes', async () => {
    const stage = commandStage();
    expect(await stage.say('/pin')).toBe(
      'Pinned `ghcr.io/acme/shop` in **staging** at `1.4.2` by **walt**, until `/unpin`. It is proposed now. Nothing else is proposed there.',
    );
    expect(stage.kept.pins).toEqual([pinBy(stage, 'pin', '1.4.2')]);
    expect(stage.kept.wakes).toEqual([REPOSITORY_WOKEN]);
    expect(audited(stage)).toEqual([{ action: 'pin', environment: 'staging', version: '1.4.2' }]);
  });

  test.each([
    ['/pin for 7d', '1.4.2', after(7 * DAY)],
    ['/pin 1.4.1 for 30m', '1.4.1', after(1_800_000)],
    ['/pin 1.4.1 FOR 2H', '1.4.1', after(7_200_000)],
    ['/pin ghcr.io/acme/shop:1.4.0', '1.4.0', undefined],
    ['/pin 1.3.9', '1.3.9', undefined],
  ])('%s', async (body, tag, until) => {
    const stage = commandStage();
    stage.mergedBefore('1.3.9', '1.4.1');
    const reply = await stage.say(body);
    expect(stage.kept.pins).toMatchObject([{ version: { tag }, ...(until !== undefined && { until }) }]);
    if (until !== undefined) expect(reply).toContain(`until ${until.toISOString().slice(0, 16).replace('T', ' ')} UTC`);
  });

  test.each([
    [
      '/pin 1.4.9',
      'No version `1.4.9` of `ghcr.io/acme/shop` was published or stood there, as far as is known. Known are, for instance, `1.4.',
    ],
    ['/pin nginx:1.27.0', 'No version `nginx:1.27.0` of `ghcr.io/acme/shop`'],
    ['/pin 1.4.1@sha256:' + '0'.repeat(64), 'No version '],
    ['/pin 1.4.1 for ever', '`for` wants a duration'],
    [
      '/pin 1.4.1 for 7 days',
      '`for` wants a duration: a whole number and one of `s`, `m`, `h`, `d`, `w`, such as `30m` or `7d`. It is written `/pin [version] [for 7d] [reason]`.',
    ],
    ['/pin 1.4.1 load test for 7 days', '`for` wants a duration'],
    ['/pin 1.4.O load test', 'Put `because` in front of a reason.'],
    ['/pin tomorrow', 'No version `tomorrow` of'],
    ['/pin 1.4.1 for 0m', '`for` wants more than no time at all.'],
    ['/pin 1.4.1 for 999999w', '`for` takes `365d` at most'],
    ['/pin `@acme/all`', 'No version `` `@acme/all` `` of'],
  ])('%s is refused', async (body, refusal) => {
    const stage = commandStage();
    expect(await stage.say(body)).toContain(refusal);
    expect([stage.kept.pins, stage.kept.audit, stage.kept.wakes]).toEqual([[], [], []]);
  });

  test('on a change that is no bump needs one image in one environment', async () => {
    const stage = commandStage();
    stage.byPerson({ 'staging/shop.yaml': deployment('shop', 'ghcr.io/acme/shop:9') });
    expect(await stage.say('/pin')).toContain('This change proposes no version of `ghcr.io/acme/shop` in **staging**.');
    expect(await stage.say('/pin 1.4.0')).toContain('Pinned `ghcr.io/acme/shop` in **staging** at `1.4.0`');
  });

  test.each([
    [{ 'production/shop.yaml': 'a: 1\n' }, 'It is not clear which image of **production** is meant.'],
    [
      { 'production/shop.yaml': 'a: 1\n', 'staging/shop.yaml': 'a: 1\n' },
      'this change touches `staging` and `production`',
    ],
    [{ 'README.md': 'hello' }, 'this change touches no environment'],
  ])('on a change that touches %j is refused', async (files, refusal) => {
    const stage = commandStage();
    stage.byPerson(files);
    for (const body of ['/pin 1.4.0', '/unpin', '/rollback']) expect(await stage.say(body)).toContain(refusal);
    expect(stage.kept.audit).toEqual([]);
  });
});

test('on a merged change that is no bump nobody knows what is meant', async () => {
  const stage = commandStage();
  stage.byPerson({ 'README.md': 'hello' });
  stage.forge.mergeAsPerson(stage.on);
  for (const body of ['/pin 1.4.0', '/unpin', '/rollback']) {
    expect(await stage.say(body)).toContain('This change is no bump, so it is not clear which image is meant.');
  }
});

describe('/pin with a reason', () => {
  test.each([
    ['/pin 1.4.1 load test', '1.4.1', 'load test', undefined],
    ['/pin 1.4.1 because load test', '1.4.1', 'load test', undefined],
    ['/pin 1.4.1 for 7d load test', '1.4.1', 'load test', after(7 * DAY)],
    ['/pin 1.4.1 load test for 7d', '1.4.1', 'load test', after(7 * DAY)],
    ['/pin load test', '1.4.2', 'load test', undefined],
    ['/pin for 7d load test', '1.4.2', 'load test', after(7 * DAY)],
    ['/pin because it was down for 2h', '1.4.2', 'it was down for 2h', undefined],
    ['/pin 1.4.1 because it was down for 2h', '1.4.1', 'it was down for 2h', undefined],
  ])('%s', async (body, tag, reason, until) => {
    const stage = commandStage();
    expect(await stage.say(body)).toContain(`: \`${reason}\`.`);
    expect(stage.kept.pins).toMatchObject([{ version: { tag }, reason }]);
    expect(stage.kept.pins[0]?.until).toEqual(until);
    expect(stage.kept.audit).toMatchObject([{ details: { version: tag, reason } }]);
  });
});

describe('a change that the bot wrote another version into', () => {
  function revised(): CommandStage {
    const stage = commandStage();
    const history = [{ tag: '1.4.0' }];
    stage.kept.bumps = stage.kept.bumps.map((bump) => ({ ...bump, history, proposedAt: after(1) }));
    return stage;
  }

  test.each(['/pin', '/skip'])('while %s was written is not steered by it', async (body) => {
    const stage = revised();
    expect(await stage.say(body)).toBe(
      `This change went on to \`1.4.2\` while you wrote. Nothing was done: look at it as it is now, and write \`${body}\` again.`,
    );
    expect([stage.kept.audit, (await stage.forge.change(stage.on))?.state]).toEqual([[], 'open']);
    expect(await stage.say(body, { at: after(1) })).toContain('`1.4.2`');
    expect(stage.kept.audit).toHaveLength(1);
  });

  test.each(['/pin', '/skip'])('by what %s led to does not disturb the repeated run', async (body) => {
    const stage = commandStage();
    const wake = stage.comment(body);
    await stage.run([wake]);
    const reply = stage.reply(wake);
    for (const key of stage.kept.comments.keys()) stage.kept.comments.set(key, 'unknown');
    stage.kept.bumps = stage.kept.bumps.map((bump) => ({ ...bump, history: [{ tag: '1.4.0' }], proposedAt: after(1) }));
    await stage.run([wake]);
    expect(stage.reply(wake)).toBe(reply);
  });
});

describe('/unpin', () => {
  test('takes no words, which might name another place', async () => {
    const stage = commandStage();
    await stage.say('/pin');
    expect(await stage.say('/unpin production')).toContain('`/unpin` takes nothing');
    expect(stage.kept.pins).toHaveLength(1);
  });

  test('ends the pin, and says the same where there is none', async () => {
    const stage = commandStage();
    await stage.say('/pin');
    const next = 'Newer versions are proposed again; one that was taken back, closed or skipped only by `/bump`.';
    expect(await stage.say('/unpin')).toBe(
      `\`ghcr.io/acme/shop\` in **staging** is not pinned at \`1.4.2\` any more. ${next}`,
    );
    expect(stage.kept.pins).toEqual([]);
    expect(await stage.say('/unpin')).toBe(`\`ghcr.io/acme/shop\` in **staging** is not pinned. ${next}`);
    expect(stage.kept.wakes).toEqual([REPOSITORY_WOKEN, REPOSITORY_WOKEN, REPOSITORY_WOKEN]);
  });
});
