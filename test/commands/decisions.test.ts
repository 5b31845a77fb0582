import { describe, expect, test } from 'vitest';
import { after, audited, commandStage, CONFIG, REPOSITORY_WOKEN, SHOP, WRITTEN, type CommandStage } from './stage.ts';

describe('/skip', () => {
  test('closes the bump and keeps its version away', async () => {
    const stage = commandStage();
    expect(await stage.say('/skip leaks memory')).toBe(
      '`1.4.2` of `ghcr.io/acme/shop` in **staging** is never proposed again, skipped by **walt**: `leaks memory`. A newer one is.',
    );
    expect(stage.kept.skips).toMatchObject([
      { version: { tag: '1.4.2' }, environment: 'staging', reason: 'leaks memory' },
    ]);
    expect(stage.kept.bumps).toMatchObject([{ state: 'closed' }]);
    expect(await stage.forge.change(stage.on)).toMatchObject({ state: 'closed' });
    expect(stage.isTouched).toBe(true);
    expect(audited(stage)).toEqual([
      { action: 'skip', environment: 'staging', version: '1.4.2', reason: 'leaks memory' },
    ]);
  });

  test('of a closed bump keeps its version away all the same', async () => {
    const stage = commandStage();
    stage.forge.closeAsPerson(stage.on);
    expect(await stage.say('/skip')).toContain('is never proposed again');
    expect(stage.kept.skips).toHaveLength(1);
  });

  test('of a merged one is refused', async () => {
    const stage = commandStage();
    stage.forge.mergeAsPerson(stage.on);
    expect(await stage.say('/skip')).toContain('This change is merged, so there is nothing for `/skip` to do.');
    expect(stage.kept.skips).toEqual([]);
  });

  test('of a change by a person is refused', async () => {
    const stage = commandStage();
    stage.byPerson({ 'staging/shop.yaml': 'a: 1\n' });
    expect(await stage.say('/skip')).toContain('`/skip` is for bumps of the bot.');
    expect(await stage.forge.change(stage.on)).toMatchObject({ state: 'open' });
  });
});

interface ExpectedFreeze {
  readonly environment?: string;
  readonly reason: string;
  readonly until?: Date;
}

describe('/freeze', () => {
  test.each<[string, ExpectedFreeze | undefined]>([
    [
      '/freeze production for 2h db migration',
      { environment: 'production', reason: 'db migration', until: after(7_200_000) },
    ],
    ['/freeze PRODUCTION db', { environment: 'production', reason: 'db' }],
    ['/freeze for 2h incident 4711', { reason: 'incident 4711', until: after(7_200_000) }],
    [
      '/freeze staging database is down for 2h',
      { environment: 'staging', reason: 'database is down', until: after(7_200_000) },
    ],
    ['/freeze incident 4711', { reason: 'incident 4711' }],
    ['/freeze for maintenance', { reason: 'for maintenance' }],
    ['/freeze staging for maintenance', { environment: 'staging', reason: 'for maintenance' }],
    ['/freeze production we wait for 4711', undefined],
  ])('%s', async (body, freeze) => {
    const stage = commandStage();
    const reply = await stage.say(body);
    if (freeze === undefined) {
      expect([reply, stage.kept.freezes]).toEqual([expect.stringContaining('`for` wants a duration'), []]);
      return;
    }
    expect(stage.kept.freezes).toEqual([{ repository: stage.repository, by: 'walt', at: WRITTEN, ...freeze }]);
    expect(reply).toContain(
      freeze.environment === undefined ? 'Every environment is frozen' : `**${freeze.environment}** is frozen`,
    );
    expect(reply).toContain(
      `by **walt**, until ${freeze.until === undefined ? '`/unfreeze`' : '2026-11-21 04:00 UTC'}: \`${freeze.reason}\``,
    );
    expect(audited(stage)).toEqual([
      {
        action: 'freeze',
        environment: freeze.environment,
        reason: freeze.reason,
        ...(freeze.until !== undefined && { until: freeze.until.toISOString() }),
      },
    ]);
  });

  test.each([
    ['/freeze', '`/freeze` wants a reason'],
    ['/freeze production', '`/freeze` wants a reason'],
    ['/freeze production for 2h', '`/freeze` wants a reason'],
    ['/freeze for 2h', '`/freeze` wants a reason'],
    ['/freeze producton db', 'There is no environment `producton`. Did you mean `production`? Nothing was done.'],
    [
      '/freeze elsewhere for 2h db',
      'There is no environment `elsewhere`. There is `staging` and `production`. Nothing was done.',
    ],
    ['/freeze staging for 2hours db', '`for` wants a duration'],
    ['/freeze staging \u200b\u202e', '`/freeze` wants a reason'],
  ])('%j is refused', async (body, refusal) => {
    const stage = commandStage();
    expect(await stage.say(body)).toContain(refusal);
    expect([stage.kept.freezes, stage.kept.audit]).toEqual([[], []]);
  });

  test('has the gate look at every other open change', async () => {
    const stage = commandStage();
    const first = stage.on;
    stage.byPerson({ 'README.md': 'hello' });
    await stage.say('/freeze incident');
    expect(stage.kept.wakes).toEqual([`github:acme/deploy#${first.number} change-touched`]);
  });

  test('takes the place of an earlier one of the same reach, and says so', async () => {
    const stage = commandStage();
    await stage.say('/freeze staging for 5d audit');
    await stage.say('/freeze production db');
    expect(await stage.say('/freeze staging for 1h deploy', { by: 'wendy' })).toContain(
      'It takes the place of the one by **walt**, until 2026-11-26 02:00 UTC: `audit`.',
    );
    expect(stage.kept.freezes.map(({ reason }) => reason)).toEqual(['db', 'deploy']);
  });

  test('a long reason is cut', async () => {
    const stage = commandStage();
    const reply = await stage.say(`/freeze incident ${'very '.repeat(12_000)}bad`);
    expect(stage.kept.freezes[0]?.reason).toHaveLength(300);
    expect(reply?.length).toBeLessThan(1_000);
  });

  test('without a configuration that can be read, all of it is reason', async () => {
    const stage = commandStage('version: 2\n');
    await stage.say('/freeze production incident');
    expect(stage.kept.freezes).toEqual([
      { repository: stage.repository, by: 'walt', at: WRITTEN, reason: 'production incident' },
    ]);
  });

  test('where no environment is named, there is that of the default branch', async () => {
    const stage = commandStage('version: 1\n');
    await stage.say('/freeze main incident');
    expect(stage.kept.freezes).toMatchObject([{ environment: 'main', reason: 'incident' }]);
  });
});

describe('/unfreeze', () => {
  async function frozen(): Promise<CommandStage> {
    const stage = commandStage();
    await stage.say('/freeze production db');
    await stage.say('/freeze staging db');
    await stage.say('/freeze incident');
    return stage;
  }

  test('of one environment leaves the others, and says what holds it still', async () => {
    const stage = await frozen();
    expect(await stage.say('/unfreeze staging')).toBe(
      '**staging** has no freeze of its own any more. Still frozen: every environment, by **walt**, until `/unfreeze`: `incident`.',
    );
    expect(stage.kept.freezes.map(({ environment }) => environment)).toEqual(['production', undefined]);
  });

  test('ends all that people made, and not what the configuration says', async () => {
    const stage = await frozen();
    expect(await stage.say('/unfreeze')).toBe(
      'No freeze that people made is in force any more. The weekly freeze of `production` stands in `.tagalong.yml` and no comment ends it; an administrator can let one change through with `/override freeze <reason>`.',
    );
    expect(stage.kept.freezes).toEqual([]);
  });

  test.each([
    ['/unfreeze produktion', 'There is no environment `produktion`. Did you mean `production`?'],
    ['/unfreeze staging now', '`/unfreeze` takes one environment.'],
  ])('%s is refused', async (body, refusal) => {
    const stage = await frozen();
    expect(await stage.say(body)).toContain(refusal);
    expect(stage.kept.freezes).toHaveLength(3);
  });
});

describe('/bump', () => {
  test.each([
    [
      '/bump ghcr.io/acme/shop:1.5.0 staging',
      { environment: 'staging', image: SHOP, version: { tag: '1.5.0', publishedAt: WRITTEN } },
    ],
    ['/bump acme/shop:1.4.0 staging', { environment: 'staging', image: SHOP, version: { tag: '1.4.0' } }],
    ['/bump shop:1.4.0 Staging', { environment: 'staging', image: SHOP, version: { tag: '1.4.0' } }],
    ['/bump acme/shop:1.4.2', { environment: 'staging', version: { tag: '1.4.2' } }],
    ['/bump nginx:1.27.3', { environment: 'production', image: 'docker.io/library/nginx', version: { tag: '1.27.3' } }],
    ['/bump docker.io/library/nginx:1.27.3', { environment: 'production', version: { tag: '1.27.3' } }],
    [
      `/bump nginx:1.27.3@sha256:${'0'.repeat(64)}`,
      { environment: 'production', version: { tag: '1.27.3', digest: `sha256:${'0'.repeat(64)}` } },
    ],
  ])('%s', async (body, request) => {
    const stage = commandStage();
    const reply = await stage.say(body);
    expect(stage.kept.requests).toMatchObject([{ ...request, by: 'walt', at: WRITTEN }]);
    expect(reply).toContain(`in **${request.environment}**; the pull request is on its way.`);
    expect(stage.kept.wakes).toEqual([REPOSITORY_WOKEN]);
  });

  test('says when no registry has announced the tag', async () => {
    const stage = commandStage();
    const doubt = 'No registry has announced this tag';
    expect(await stage.say('/bump shop:9.9.9 staging')).toContain(doubt);
    expect(await stage.say('/bump shop:1.4.2 staging')).not.toContain(doubt);
  });

  test.each([
    ['/bump', '`/bump` takes an image with a tag'],
    ['/bump ghcr.io/acme/shop', '`/bump` takes an image with a tag'],
    ['/bump ghcr.io/acme/shop:1.4.2 staging now', '`/bump` takes an image with a tag'],
    ['/bump GHCR.io/ACME/shop:1', '`/bump` takes an image with a tag'],
    [
      '/bump ghcr.io/acme/shopp:1.4.2',
      'This repository mentions no image `ghcr.io/acme/shopp`. Did you mean `ghcr.io/acme/shop`?',
    ],
    ['/bump zookeeper:1', 'This repository mentions no image `zookeeper`. Nothing was done.'],
    ['/bump ghcr.io/acme/shop:1.4.2 stagin', 'There is no environment `stagin`. Did you mean `staging`?'],
    ['/bump nginx:1.27.3 staging', '`nginx` is not written in **staging**. It is in `production`.'],
    ['/bump ghcr.io/acme/shop:1.4.1 staging', '`1.4.1` of `ghcr.io/acme/shop` in **staging** stands there already.'],
    ['/bump ghcr.io/acme/legacy:2', '`ghcr.io/acme/legacy` is not followed'],
  ])('%s is refused', async (body, refusal) => {
    const stage = commandStage();
    stage.kept.files.set('ghcr.io/acme/legacy' as typeof SHOP, ['staging/legacy.yaml']);
    expect(await stage.say(body)).toContain(refusal);
    expect([stage.kept.requests, stage.kept.audit]).toEqual([[], []]);
  });

  test('asks which environment where the change does not tell', async () => {
    const stage = commandStage();
    stage.byPerson({ 'README.md': 'hello' });
    expect(await stage.say('/bump shop:1.4.2')).toContain(
      '`ghcr.io/acme/shop` is in `staging` and `production`: name one of them',
    );
  });

  test('asks which image where several end in the name', async () => {
    const stage = commandStage();
    stage.kept.files.set('quay.io/acme/shop' as typeof SHOP, ['staging/other.yaml']);
    expect(await stage.say('/bump acme/shop:1.4.2 staging')).toContain(
      'Did you mean `ghcr.io/acme/shop` or `quay.io/acme/shop`?',
    );
  });

  test('is refused against a pin, which would win', async () => {
    const stage = commandStage();
    await stage.say('/pin 1.4.0 for 7d');
    expect(await stage.say('/bump shop:1.4.2 staging')).toContain(
      'is pinned at `1.4.0` by **walt**, until 2026-11-28 02:00 UTC. Nothing was done; `/unpin` first.',
    );
    expect(await stage.say('/bump shop:1.4.0 staging')).toContain('Proposing `1.4.0`');
  });

  test('is refused where the configuration is broken', async () => {
    const stage = commandStage(`${CONFIG}nonsense: 1\n`);
    expect(await stage.say('/bump shop:1.4.2')).toContain('The configuration of the base branch is not valid');
  });
});
