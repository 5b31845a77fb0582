import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditEntry } from '../../src/domain/audit.ts';
import type { SteeringAction } from '../../src/domain/steering.ts';
import { openAudit } from '../../src/store/audit.ts';
import type { Database } from '../../src/store/database.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import { migrateToLatest } from '../../src/store/migrations/index.ts';
import { openStore } from '../../src/store/open-store.ts';
import { openPostgres } from '../../src/store/postgres.ts';
import type { Audit, Store } from '../../src/store/store.ts';
import { startChild } from '../support/child.ts';
import { allBackends } from '../support/database.ts';
import { silentLog } from '../support/silent.ts';
import { auditEntry, newImage, newRepository, repositorySubject } from '../support/store-examples.ts';

const HOUR_MS = 60 * 60 * 1_000;
const now = new Date('2025-03-10T12:00:00Z');
const decided = { by: 'Ada', at: new Date('2025-03-10T11:59:58.123Z'), reason: 'It \u{1F525} fails.' };
const child = join(import.meta.dirname, '../support/store-child.ts');
const backends = await allBackends();

afterAll(async () => {
  for (const backend of backends) await backend.close();
});

describe.each(backends)('decisions of people in a store, $name', (backend) => {
  let store: Store;

  beforeAll(async () => {
    store = await openStore({ ...(await backend.newLocation()), now: () => now, log: silentLog });
  });

  afterAll(async () => {
    await store.close();
  });

  /** A repository of its own, and what decisions need. */
  function newCase() {
    const repository = newRepository();
    const place = { repository, environment: 'production', image: newImage() };
    const apply = (...actions: SteeringAction[]) =>
      actions.reduce<Promise<void>>(
        (before, action) => before.then(() => store.steering.apply(repository, action, auditEntry({ repository }), [])),
        Promise.resolve(),
      );
    const inForce = (at = now) => store.steering.ofRepository(repository, at);
    const ofChange = (number = 7) => store.steering.ofChange(repository, number);
    return { repository, place, apply, inForce, ofChange };
  }

  const nothing = { pins: [], freezes: [], skips: [], requests: [] };

  test('there are none at first', async () => {
    const { inForce, ofChange } = newCase();
    expect(await inForce()).toEqual(nothing);
    expect(await ofChange()).toEqual({ approvals: [], overrides: [] });
  });

  test('a pin holds until it ends, is replaced or taken back, and only where it was set', async () => {
    const { place, apply, inForce } = newCase();
    const until = new Date(now.getTime() + HOUR_MS);
    const pin = { ...place, ...decided, version: { tag: '1.4.1', digest: 'sha256:aa' }, origin: 'rollback' as const };
    const other = { ...place, image: newImage(), by: 'grace', at: now, version: { tag: '7' }, origin: 'pin' as const };
    await apply({ kind: 'pin', pin: { ...pin, until } }, { kind: 'pin', pin: other });
    expect(await inForce()).toEqual({ ...nothing, pins: [{ ...pin, until }, other] });
    expect(await inForce(new Date(until.getTime() - 1))).toMatchObject({ pins: [{ until }, {}] });
    expect(await inForce(until)).toEqual({ ...nothing, pins: [other] });

    const replaced = { ...pin, version: { tag: '1.4.0' }, origin: 'revert' as const };
    await apply({ kind: 'pin', pin: replaced });
    expect(await inForce(until)).toEqual({ ...nothing, pins: [replaced, other] });

    const { environment, image } = place;
    await apply({ kind: 'unpin', environment: 'staging', image }, { kind: 'unpin', environment, image: newImage() });
    expect((await inForce()).pins).toHaveLength(2);
    await apply({ kind: 'unpin', environment, image });
    expect(await inForce()).toEqual({ ...nothing, pins: [other] });
  });

  test('a freeze is about one environment or all, and ends by itself or by hand', async () => {
    const { repository, apply, inForce } = newCase();
    const freeze = (more: object) => ({ kind: 'freeze', freeze: { repository, ...decided, ...more } }) as const;
    const until = new Date(now.getTime() + HOUR_MS);
    await apply(
      freeze({ environment: 'staging', until }),
      freeze({ environment: 'production' }),
      freeze({ reason: 'all' }),
    );
    const environments = async (at?: Date) =>
      (await inForce(at)).freezes.map(({ environment }) => environment).toSorted();
    expect(await environments()).toEqual(['production', 'staging', undefined]);
    expect(await environments(until)).toEqual(['production', undefined]);
    expect((await inForce(until)).freezes).toContainEqual({ repository, ...decided, reason: 'all' });
    await apply({ kind: 'unfreeze', environment: 'production' });
    expect(await environments()).toEqual(['staging', undefined]);
    await apply({ kind: 'unfreeze' });
    expect(await environments()).toEqual([]);
  });

  test('skips add up, one for each version', async () => {
    const { place, apply, inForce } = newCase();
    const skip = { ...place, ...decided, version: { tag: '1.4.2' } };
    const digest = { ...skip, version: { tag: '1.4.2', digest: 'sha256:aa' } };
    await apply(
      { kind: 'skip', skip },
      { kind: 'skip', skip: digest },
      { kind: 'skip', skip: { ...skip, reason: 'Again.' } },
    );
    const { skips } = await inForce();
    expect(skips).toHaveLength(2);
    expect(skips).toEqual(expect.arrayContaining([{ ...skip, reason: 'Again.' }, digest]));
  });

  test('a request stands until it is fulfilled; a later one takes its place', async () => {
    const { place, apply, inForce } = newCase();
    const publishedAt = new Date('2025-03-01T12:00:00.123Z');
    const version = { tag: '2', publishedAt, provenance: { commit: 'c'.repeat(40), repository: 'acme/shop' } };
    const request = { ...place, by: 'ada', at: now, version };
    const first = { ...request, version: { tag: '1', publishedAt } };
    await apply({ kind: 'request', request: first }, { kind: 'request', request });
    expect(await inForce()).toEqual({ ...nothing, requests: [request] });
    await apply({ kind: 'fulfil', environment: 'production', image: place.image });
    expect(await inForce()).toEqual(nothing);
  });

  test('decisions about a change are those of that change', async () => {
    const { repository, apply, ofChange, inForce } = newCase();
    const headCommit = 'd'.repeat(40);
    const approval = { ...decided, headCommit };
    const override = { ...approval, rule: 'freeze' };
    const request = { by: 'grace', at: now, headCommit };
    await apply(
      { kind: 'approve', number: 7, approval: { ...approval, headCommit: 'e'.repeat(40) } },
      { kind: 'approve', number: 7, approval },
      { kind: 'approve', number: 7, approval: { ...approval, by: 'Grace' } },
      { kind: 'override', number: 7, override: { ...override, by: 'grace' } },
      { kind: 'override', number: 7, override },
      { kind: 'request-merge', number: 7, request },
      { kind: 'approve', number: 8, approval },
    );
    expect(await ofChange()).toEqual({
      approvals: [approval, { ...approval, by: 'Grace' }],
      overrides: [override],
      mergeRequest: request,
    });
    expect(await inForce()).toEqual(nothing);
    await apply({ kind: 'unapprove', number: 7, by: 'ADA' }, { kind: 'withdraw-merge', number: 7 });
    expect(await ofChange()).toEqual({ approvals: [{ ...approval, by: 'Grace' }], overrides: [override] });
    expect(await ofChange(8)).toEqual({ approvals: [approval], overrides: [] });
    expect(await store.steering.ofChange({ ...repository, path: repository.path.toUpperCase() }, 8)).toMatchObject({
      approvals: [approval],
    });
  });

  test('an action whose line stands is not carried out again, and wakes all the same', async () => {
    const { repository, place, inForce } = newCase();
    const entry = auditEntry({ repository, action: 'freeze' });
    const freeze: SteeringAction = { kind: 'freeze', freeze: { repository, ...decided } };
    const wake = { subject: repositorySubject(repository), reason: { kind: 'steered' } } as const;
    await store.steering.apply(repository, freeze, entry, [wake]);
    await store.steering.apply(repository, { kind: 'unfreeze' }, auditEntry({ repository }), []);
    await store.steering.apply(repository, freeze, entry, [wake]);
    expect(await inForce()).toEqual(nothing);
    const key = `github:${repository.path.toLowerCase()}`;
    expect(await store.admin.entries()).toContainEqual({
      subject: key,
      state: 'pending',
      wakes: 2,
      attempts: 0,
      oldest: now,
    });
    const pin = { ...place, ...decided, version: { tag: '1' }, origin: 'pin' } as const;
    const line = auditEntry({ repository });
    const unheardOf = { ...wake, subject: { kind: 'change', repository, number: 2 ** 31 } } as const;
    await expect(store.steering.apply(repository, { kind: 'pin', pin }, line, [unheardOf])).rejects.toThrow();
    expect(await store.audit.entries({ repository, limit: 10 })).not.toContainEqual(line);
    await store.steering.apply(repository, { kind: 'pin', pin }, line, []);
    expect((await inForce()).pins).toEqual([pin]);
  });

  test('outlive that the repository is forgotten', async () => {
    const { repository, place, apply, inForce } = newCase();
    await store.update({ repository, defaultBranch: 'main' }, new Map());
    const version = { tag: '1' };
    await apply(
      { kind: 'pin', pin: { ...place, ...decided, version, origin: 'pin' } },
      { kind: 'freeze', freeze: { repository, ...decided } },
      { kind: 'skip', skip: { ...place, ...decided, version } },
    );
    const before = await inForce();
    await store.forget(repository);
    expect(await inForce()).toEqual(before);
    expect(await store.audit.entries({ repository, limit: 10 })).toHaveLength(3);
  });

  test(
    'stand together with their line, or not at all, however often the process is killed',
    { timeout: 120_000 },
    async () => {
      const location = await backend.newLocation();
      const acknowledged: string[] = [];
      for (let kill = 0; kill < 4; kill += 1) {
        const steering = startChild(child, [JSON.stringify(location), 'steer', `${kill}`]);
        await steering.untilLines(2 + Math.floor(Math.random() * 60));
        await steering.kill();
        acknowledged.push(...steering.lines.filter((line) => line !== 'open'));
      }
      const after = await openStore({ ...location, now: () => now, log: silentLog });
      const repository = { forge: 'github', path: 'acme/deploy' } as const;
      const { pins } = await after.steering.ofRepository(repository, now);
      const lines = await after.audit.entries({ repository, limit: 1_000_000 });
      const [woken] = await after.admin.entries();
      await after.close();
      const pinned = pins.map(({ environment }) => environment).toSorted();
      expect(acknowledged.length).toBeGreaterThan(4);
      expect(lines.map(({ key }) => key).toSorted()).toEqual(pinned);
      expect(acknowledged.filter((environment) => !pinned.includes(environment))).toEqual([]);
      expect(woken).toMatchObject({ subject: 'github:acme/deploy', wakes: pinned.length });
    },
  );
});

describe.each(backends)('the audit log, $name', (backend) => {
  let store: Store;

  beforeAll(async () => {
    store = await openStore({ ...(await backend.newLocation()), now: () => now, log: silentLog });
  });

  afterAll(async () => {
    await store.close();
  });

  const at = (minute: number) => new Date(now.getTime() + minute * 60_000);

  test('tells what was appended, newest first, once for each key', async () => {
    const repository = newRepository();
    const full: AuditEntry = {
      key: 'comment 123 line 2 \u{1F525}',
      at: at(1),
      actor: { kind: 'person', name: 'ada' },
      action: 'rollback',
      repository,
      change: 12,
      environment: 'production',
      image: newImage(),
      event: 'comment 123',
      details: { version: '1.4.1', reason: 'It "fails".\n' },
    };
    const early = auditEntry({ repository, at: at(0), actor: { kind: 'bot', name: 'tagalong' } });
    const late = auditEntry({ repository, at: at(2), actor: { kind: 'tool', name: 'argo-cd' }, action: 'deploy' });
    await store.audit.append([late, full]);
    await store.audit.append([early, { ...full, details: { reason: 'changed' } }, early]);
    await store.audit.append([]);
    expect(await store.audit.entries({ repository, limit: 10 })).toEqual([late, full, early]);
  });

  test('is filtered by repository, change, time and number', async () => {
    const [repository, other] = [newRepository(), newRepository()];
    const entries = [1, 2, 3].map((minute) => auditEntry({ repository, at: at(minute), change: minute % 2 }));
    const elsewhere = auditEntry({ repository: other, at: at(60 * 24 * 365) });
    await store.audit.append([...entries, elsewhere]);
    const found = async (filter: Partial<Parameters<Store['audit']['entries']>[0]>) =>
      (await store.audit.entries({ limit: 100, ...filter })).map(
        ({ at: moment }) => (moment.getTime() - now.getTime()) / 60_000,
      );
    expect(await found({ repository })).toEqual([3, 2, 1]);
    expect(await found({ repository: { ...repository, path: repository.path.toUpperCase() }, limit: 2 })).toEqual([
      3, 2,
    ]);
    expect(await found({ repository, change: 1 })).toEqual([3, 1]);
    expect(await found({ repository, since: at(2) })).toEqual([3, 2]);
    expect((await store.audit.entries({ limit: 1 }))[0]).toEqual(elsewhere);
  });

  describe('refuses', () => {
    const entry = auditEntry({ repository: newRepository() });
    let database: Database;
    let audit: Audit;

    beforeAll(async () => {
      const location = await backend.newLocation();
      database =
        'dataDirectory' in location
          ? await openEmbedded(location.dataDirectory, (error) => {
              throw error;
            })
          : openPostgres(location.databaseUrl, silentLog);
      await database.run(migrateToLatest);
      audit = openAudit(database);
      await audit.append([entry]);
    });

    afterAll(() => database.close());

    test.each([
      ['an update', `update tagalong.audit set actor = 'mallory'`],
      ['an update of nothing', `update tagalong.audit set actor = 'mallory' where false`],
      ['a removal', `delete from tagalong.audit`],
      ['a removal of all', `truncate tagalong.audit`],
      [
        'a replacement',
        `insert into tagalong.audit overriding system value select * from tagalong.audit
        on conflict (key) do update set actor = 'mallory'`,
      ],
      ['a session that only replays', `set local session_replication_role = replica; delete from tagalong.audit`],
    ])('%s, whoever asks the database for it', async (_, statements) => {
      const attempt = database.transaction(async (transaction) => {
        for (const statement of statements.split('; ')) await sql.raw(statement).execute(transaction);
      });
      await expect(attempt).rejects.toMatchObject({ code: '42501', message: 'The audit log is append-only.' });
      expect(await audit.entries({ limit: 10 })).toEqual([entry]);
    });
  });
});
