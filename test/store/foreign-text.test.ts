import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import type { Store, WakeReason } from '../../src/store/store.ts';
import { allBackends } from '../support/database.ts';
import { silentLog } from '../support/silent.ts';
import {
  auditEntry,
  delivery,
  deployReport,
  newCommit,
  newImage,
  newRepository,
  proposedBump,
  published,
  verdictOf,
} from '../support/store-examples.ts';

const backends = await allBackends();

/** What JSON and git can say, and PostgreSQL can not keep: a zero, and halves of characters. */
const foreign = 'zero \u0000, halves \ud83d and \ude00, whole 😀, as typed \\u0000 \\\\ud83d';
const kept = 'zero \ufffd, halves \ufffd and \ufffd, whole 😀, as typed \\u0000 \\\\ud83d';

describe.each(backends)('text that no database takes, $name', (backend) => {
  let store: Store;
  const now = new Date('2025-03-10T12:00:00Z');

  beforeAll(async () => {
    store = await openStore({ ...(await backend.newLocation()), now: () => now, log: silentLog });
  });

  afterAll(async () => {
    await store.close();
    await backend.close();
  });

  test('is kept readable in what a delivery publishes', async () => {
    const image = newImage();
    const provenance = { commit: newCommit(), branch: foreign };
    await store.inbox.accept(delivery({ published: [published(image, '1', { provenance })] }));
    expect((await store.published([image])).get(image)).toMatchObject([{ provenance: { branch: kept } }]);
  });

  test('is kept readable in a command', async () => {
    const repository = newRepository();
    await store.update({ repository, defaultBranch: 'main' }, new Map());
    const command = { name: 'hold', text: foreign, line: 1 };
    const comment = { comment: { id: '1', number: 7 }, by: { login: 'ada' }, commands: [command] };
    const reason = { kind: 'commanded', comment } as unknown as WakeReason;
    const wakes = [{ subject: { kind: 'change', repository, number: 7 } as const, reason, onlyIfKnown: true }];
    expect(await store.inbox.accept(delivery({ wakes }))).toMatchObject({ status: 'accepted', woken: 1 });
  });

  test('is kept readable in a report, whether its commit is known or not', async () => {
    const repository = newRepository();
    const [before, after] = [newCommit(), newCommit()];
    await store.update({ repository, defaultBranch: 'main' }, new Map());
    await store.deploys.saveCommits(repository, [before]);
    const more = { application: foreign, environment: foreign, path: foreign, message: foreign };
    const reports = [before, after].map((revision) => deployReport({ ...more, revision }));
    await store.inbox.accept(delivery({ reports }));
    await store.deploys.saveCommits(repository, [after]);
    const said = await store.deploys.reports(repository);
    expect(said).toHaveLength(2);
    for (const report of said) expect(report).toMatchObject({ application: kept, environment: kept, message: kept });
  });

  test('is kept readable in what is told of a rollout', async () => {
    const { repository, environment, image } = proposedBump();
    const rollout = { repository, number: 7, environment, image, state: 'failed', since: now } as const;
    await store.deploys.saveRollout({ ...rollout, application: foreign, message: foreign, told: { said: foreign } });
    const [told] = await store.deploys.rollouts(repository);
    expect(told).toMatchObject({ application: kept, message: kept, told: { said: kept } });
  });

  test('is kept readable in the audit log, and in what people decide', async () => {
    const entry = auditEntry({ details: { reason: foreign }, actor: { kind: 'person', name: foreign } });
    const freeze = { repository: entry.repository, by: foreign, at: now, reason: foreign };
    await store.steering.apply(entry.repository, { kind: 'freeze', freeze }, entry, []);
    const [line] = await store.audit.entries({ repository: entry.repository, limit: 1 });
    expect(line).toMatchObject({ details: { reason: kept }, actor: { name: kept } });
    const { freezes } = await store.steering.ofRepository(entry.repository, now);
    expect(freezes).toMatchObject([{ by: kept, reason: kept }]);
  });

  test('is kept readable in bumps, verdicts, renders and the index', async () => {
    const bump = proposedBump({
      from: [{ tag: foreign }],
      history: [{ tag: foreign }],
      to: { tag: '2', publishedAt: now, provenance: { commit: newCommit(), branch: foreign } },
    });
    await store.bumps.save(bump);
    expect(await store.bumps.ofChange(bump.repository, bump.change)).toMatchObject([
      { from: [{ tag: kept }], history: [{ tag: kept }], to: { provenance: { branch: kept } } },
    ]);
    const verdict = verdictOf({ verdict: { reason: foreign }, requiredChecks: [foreign] });
    await store.verdicts.saveVerdict(verdict);
    expect(await store.verdicts.verdict(verdict.repository, verdict.number)).toMatchObject({
      verdict: { reason: kept },
      requiredChecks: [kept],
    });
    const render = { headCommit: newCommit(), baseCommit: newCommit(), fingerprint: 'f', summary: [foreign] };
    await store.renders.saveRender(bump.repository, bump.change, render);
    expect(await store.renders.renders(bump.repository, bump.change)).toMatchObject([{ summary: [kept] }]);
    await store.update({ repository: bump.repository, defaultBranch: 'main' }, new Map([[foreign, [bump.image]]]));
    expect(await store.files(bump.repository)).toEqual(new Map([[bump.image, [kept]]]));
  });

  test('does not hold up the deliveries of the same moment', async () => {
    const image = newImage();
    const deliveries = Array.from({ length: 10 }, (_, index) =>
      delivery({ published: [published(image, index === 5 ? foreign : `${index}`)] }),
    );
    const outcomes = await Promise.all(deliveries.map((each) => store.inbox.accept(each)));
    expect(outcomes.map(({ status }) => status)).toEqual(deliveries.map(() => 'accepted'));
  });
});
