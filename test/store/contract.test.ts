import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatSubject } from '../../src/domain/subject.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { allBackends } from '../support/database.ts';
import { silentLog } from '../support/silent.ts';
import {
  delivery,
  newImage,
  newRepository,
  proposedBump,
  published,
  repositorySubject,
} from '../support/store-examples.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
const backends = await allBackends();

describe.each(backends)('a store, $name', (backend) => {
  let store: Store;
  let now = new Date('2025-03-10T12:00:00Z');

  beforeAll(async () => {
    store = await openStore({ ...(await backend.newLocation()), now: () => now, log: silentLog });
  });

  afterAll(async () => {
    await store.close();
    await backend.close();
  });

  test('answers', async () => {
    await store.ping();
  });

  describe('the image index', () => {
    test('remembers repositories under any spelling, as the forge spells them', async () => {
      const repository = newRepository();
      await store.update({ repository, defaultBranch: 'main', indexedCommit: 'c1' }, new Map());
      const known = { repository, defaultBranch: 'main', indexedCommit: 'c1' };
      expect(await store.known({ ...repository, path: repository.path.toUpperCase() })).toEqual(known);
      expect(await store.knownRepositories()).toContainEqual(known);
      expect(await store.known(newRepository())).toBeUndefined();
    });

    test('moves the indexed commit, and forgets it when told none', async () => {
      const repository = newRepository();
      await store.update({ repository, defaultBranch: 'main', indexedCommit: 'c1' }, new Map());
      await store.update({ repository, defaultBranch: 'trunk' }, new Map());
      expect(await store.known(repository)).toEqual({ repository, defaultBranch: 'trunk' });
    });

    test('replaces what is said of the named files and keeps the rest', async () => {
      const repository = newRepository();
      const [shop, cart] = [newImage(), newImage()];
      const known = { repository, defaultBranch: 'main' };
      await store.update(
        known,
        new Map([
          ['a.yaml', [shop, cart, shop]],
          ['b.yaml', [shop]],
          ['c.yaml', [cart]],
        ]),
      );
      await store.update(
        known,
        new Map([
          ['a.yaml', [cart]],
          ['c.yaml', []],
        ]),
      );
      expect(await store.files(repository)).toEqual(
        new Map([
          [shop, ['b.yaml']],
          [cart, ['a.yaml']],
        ]),
      );
      expect(await store.files(repository, [shop, newImage()])).toEqual(new Map([[shop, ['b.yaml']]]));
      expect(await store.files(repository, [])).toEqual(new Map());
    });

    test('forgets files that a complete update does not name', async () => {
      const repository = newRepository();
      const shop = newImage();
      const known = { repository, defaultBranch: 'main' };
      await store.update(
        known,
        new Map([
          ['a.yaml', [shop]],
          ['b.yaml', [shop]],
        ]),
      );
      await store.update(known, new Map([['b.yaml', [shop]]]), { complete: true });
      expect(await store.files(repository)).toEqual(new Map([[shop, ['b.yaml']]]));
    });

    test('forgets a repository with its mentions and open bumps, and no other', async () => {
      const [repository, other] = [newRepository(), newRepository()];
      const shop = newImage();
      for (const each of [repository, other])
        await store.update({ repository: each, defaultBranch: 'main' }, new Map([['a.yaml', [shop]]]));
      await store.bumps.save(proposedBump({ repository, change: 1 }));
      await store.bumps.save(proposedBump({ repository, change: 2, state: 'merged' }));
      await store.forget(repository);
      expect(await store.known(repository)).toBeUndefined();
      expect(await store.files(repository)).toEqual(new Map());
      expect((await store.bumps.ofRepository(repository)).map(({ change }) => change)).toEqual([2]);
      expect(await store.files(other)).toEqual(new Map([[shop, ['a.yaml']]]));
    });
  });

  describe('published versions', () => {
    test('are told newest first, at most as many as asked for, for each image', async () => {
      const [shop, cart, unknown] = [newImage(), newImage(), newImage()];
      await store.inbox.accept(
        delivery({
          published: [
            published(shop, '1.0.0', { publishedAt: '2025-03-01T10:00:00Z' }),
            published(shop, '1.2.0', { publishedAt: '2025-03-03T10:00:00+02:00', digest: 'sha256:bb' }),
            published(shop, '1.1.0', { publishedAt: '2025-03-02T10:00:00Z' }),
            published(cart, '7', { publishedAt: '2025-03-02T10:00:00Z' }),
          ],
        }),
      );
      expect(await store.published([shop, cart, unknown], 2)).toEqual(
        new Map([
          [
            shop,
            [
              { tag: '1.2.0', digest: 'sha256:bb', publishedAt: new Date('2025-03-03T08:00:00Z') },
              { tag: '1.1.0', publishedAt: new Date('2025-03-02T10:00:00Z') },
            ],
          ],
          [cart, [{ tag: '7', publishedAt: new Date('2025-03-02T10:00:00Z') }]],
          [unknown, []],
        ]),
      );
    });

    test.each([
      ['says nothing', undefined],
      ['says nonsense', 'yesterday'],
    ])('are published when first heard of, if the sender %s', async (_, publishedAt) => {
      const shop = newImage();
      const receivedAt = new Date('2025-03-04T05:06:07.089Z');
      const event = published(shop, '1', publishedAt === undefined ? {} : { publishedAt });
      await store.inbox.accept(delivery({ receivedAt, published: [event] }));
      expect((await store.published([shop])).get(shop)).toEqual([{ tag: '1', publishedAt: receivedAt }]);
    });

    test('keep their first moment, and take what was not known of their provenance', async () => {
      const shop = newImage();
      const first = '2025-03-01T10:00:00.000Z';
      const commit = 'c'.repeat(40);
      const say = (more: Parameters<typeof published>[2]) =>
        store.inbox.accept(delivery({ published: [published(shop, '1', more)] }));
      await say({ publishedAt: first });
      await say({ publishedAt: '2025-03-05T10:00:00Z', provenance: { commit } });
      await say({ provenance: { commit, repository: 'acme/shop', branch: 'main' } });
      await say({ provenance: { commit: 'd'.repeat(40), repository: 'evil/shop' } });
      await say({});
      expect((await store.published([shop])).get(shop)).toEqual([
        { tag: '1', publishedAt: new Date(first), provenance: { commit, repository: 'acme/shop', branch: 'main' } },
      ]);
    });
  });

  test('of one moment, the version that was told first counts, with the first provenance that is told', async () => {
    const shop = newImage();
    const say = (id: string, more: Parameters<typeof published>[2]) =>
      store.inbox.accept(delivery({ id, published: [published(shop, '1', more)] }));
    const [twice, second, third] = [randomUUID(), randomUUID(), randomUUID()];
    const provenance = (digit: string) => ({ provenance: { commit: digit.repeat(40) } });
    await Promise.all([
      say(twice, { publishedAt: '2025-03-02T10:00:00.000Z' }),
      say(twice, provenance('a')),
      say(second, { publishedAt: '2025-03-01T10:00:00.000Z', ...provenance('b') }),
      say(third, provenance('c')),
    ]);
    expect((await store.published([shop])).get(shop)).toEqual([
      { tag: '1', publishedAt: new Date('2025-03-02T10:00:00.000Z'), ...provenance('b') },
    ]);
  });

  describe('a delivery', () => {
    test('wakes every repository that mentions an image that it published, once', async () => {
      const [repository, other] = [newRepository(), newRepository()];
      const [shop, cart, unmentioned] = [newImage(), newImage(), newImage()];
      await store.update(
        { repository, defaultBranch: 'main' },
        new Map([
          ['a.yaml', [shop, cart]],
          ['b.yaml', [shop]],
        ]),
      );
      await store.update({ repository: other, defaultBranch: 'main' }, new Map([['a.yaml', [shop]]]));
      const outcome = await store.inbox.accept(
        delivery({
          published: [published(shop, '1'), published(cart, '2'), published(shop, '3'), published(unmentioned, '1')],
        }),
      );
      expect(outcome).toEqual({ status: 'accepted', woken: 2, unmentioned: [unmentioned] });
      const mine = (await store.admin.entries()).filter(({ subject }) =>
        subject.includes(repository.path.toLowerCase()),
      );
      expect(mine).toEqual([
        { subject: `github:${repository.path.toLowerCase()}`, state: 'pending', wakes: 2, attempts: 0, oldest: now },
      ]);
    });

    test('with an id seen before changes nothing; the same id of another sender is another delivery', async () => {
      const shop = newImage();
      const first = delivery({
        published: [published(shop, '1')],
        wakes: [{ subject: repositorySubject(), reason: { kind: 'installed' }, onlyIfKnown: false }],
      });
      expect(await store.inbox.accept(first)).toMatchObject({ status: 'accepted', woken: 1 });
      const again = { ...first, published: [published(shop, '2')] };
      expect(await store.inbox.accept(again)).toEqual({ status: 'duplicate', woken: 0, unmentioned: [] });
      expect((await store.published([shop])).get(shop)?.map(({ tag }) => tag)).toEqual(['1']);
      expect(await store.inbox.accept({ ...again, sender: 'another' })).toMatchObject({ status: 'accepted' });
    });

    test('sent many times at once is accepted once', async () => {
      const [shop, subject] = [newImage(), repositorySubject()];
      const same = delivery({
        published: [published(shop, '1')],
        wakes: [{ subject, reason: { kind: 'installed' }, onlyIfKnown: false }],
      });
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => store.inbox.accept(same)));
      expect(outcomes.filter(({ status }) => status === 'accepted')).toHaveLength(1);
    });

    test('wakes unknown repositories only where it may', async () => {
      const [known, unknown] = [newRepository(), newRepository()];
      await store.update({ repository: known, defaultBranch: 'main' }, new Map());
      const reason = { kind: 'branch-pushed', branch: 'main' } as const;
      const wakes = (onlyIfKnown: boolean) => [
        { subject: { kind: 'change', repository: known, number: 3 } as const, reason, onlyIfKnown },
        { subject: repositorySubject(unknown), reason, onlyIfKnown },
      ];
      expect(await store.inbox.accept(delivery({ wakes: wakes(true) }))).toMatchObject({ woken: 1 });
      expect(await store.inbox.accept(delivery({ wakes: wakes(false) }))).toMatchObject({ woken: 2 });
    });

    test('wakes a repository that is about to become known, in case that it is looked at too early', async () => {
      const subject = repositorySubject();
      await store.inbox.wake(subject, { kind: 'installed' });
      const wakes = [{ subject, reason: { kind: 'removed' }, onlyIfKnown: true } as const];
      expect(await store.inbox.accept(delivery({ wakes }))).toMatchObject({ woken: 1 });
    });

    test('that cannot be stored fails alone, among others of the same moment', async () => {
      const shop = newImage();
      const unheardOf = { kind: 'change', repository: newRepository(), number: 2 ** 31 } as const;
      const deliveries = Array.from({ length: 10 }, (_, index) =>
        delivery({
          published: [published(shop, `${index}`)],
          wakes: [
            { subject: index === 5 ? unheardOf : repositorySubject(), reason: { kind: 'resync' }, onlyIfKnown: false },
          ],
        }),
      );
      const outcomes = await Promise.allSettled(deliveries.map((each) => store.inbox.accept(each)));
      expect(outcomes.map(({ status }) => status)).toEqual(
        deliveries.map((_, index) => (index === 5 ? 'rejected' : 'fulfilled')),
      );
      expect((await store.published([shop])).get(shop)).toHaveLength(9);
    });

    test('and an index update at the same moment do not miss each other', async () => {
      for (let round = 0; round < 20; round += 1) {
        const [repository, shop] = [newRepository(), newImage()];
        const accepted = store.inbox.accept(delivery({ published: [published(shop, '1')] }));
        const seen = store
          .update({ repository, defaultBranch: 'main' }, new Map([['a.yaml', [shop]]]))
          .then(() => store.published([shop]));
        const [{ woken }, versions] = await Promise.all([accepted, seen]);
        expect({ round, woken: woken === 1 || versions.get(shop)?.length === 1 }).toEqual({ round, woken: true });
      }
    });
  });

  describe('bumps', () => {
    test('come back as they were saved', async () => {
      const bump = proposedBump({
        to: {
          tag: '2',
          digest: 'sha256:cc',
          publishedAt: new Date('2025-03-01T12:00:00.123Z'),
          provenance: { commit: 'c'.repeat(40), repository: 'acme/shop' },
        },
        history: [{ tag: '1.9', digest: 'sha256:dd' }],
      });
      await store.bumps.save(bump);
      expect(await store.bumps.ofChange(bump.repository, bump.change)).toEqual([bump]);
      expect(await store.bumps.ofRepository(bump.repository)).toEqual([bump]);
      expect(await store.bumps.ofChange(bump.repository, 8)).toEqual([]);
    });

    test('are replaced by repository and change, and found by image', async () => {
      const repository = newRepository();
      const first = proposedBump({ repository, change: 1 });
      const second = proposedBump({ repository, change: 2, proposedAt: new Date('2025-03-02T00:00:00Z') });
      await store.bumps.save(first);
      await store.bumps.save(second);
      const newer = { ...first, to: { tag: '1.4.3', publishedAt: first.to.publishedAt }, headCommit: 'e'.repeat(40) };
      await store.bumps.save(newer);
      expect(await store.bumps.ofRepository(repository)).toEqual([newer, second]);
      expect(await store.bumps.ofRepository(repository, [second.image])).toEqual([second]);
      expect(await store.bumps.ofRepository(repository, [])).toEqual([]);
    });

    test('that are merged or closed are told of for thirty days', async () => {
      const repository = newRepository();
      const bump = proposedBump({ repository });
      await store.bumps.save(bump);
      await store.bumps.setState(repository, bump.change, 'merged');
      expect(await store.bumps.ofRepository(repository)).toEqual([{ ...bump, state: 'merged' }]);
      now = new Date(now.getTime() + 31 * DAY_MS);
      expect(await store.bumps.ofRepository(repository)).toEqual([]);
      expect(await store.bumps.ofChange(repository, bump.change)).toHaveLength(1);
    });

    test('wake who waits for their end in the transaction that remembers it', async () => {
      const [repository, bump] = [newRepository(), proposedBump()];
      await store.bumps.save({ ...bump, repository });
      const wake = { subject: { kind: 'deploys', repository }, reason: { kind: 'bump-merged', number: 7 } } as const;
      const waiting = async () => (await store.admin.entries()).map((entry) => entry.subject);
      const unheardOf = { ...wake, subject: { kind: 'change', repository, number: 2 ** 31 } } as const;
      await expect(store.bumps.setState(repository, 7, 'merged', bump.headCommit, [wake, unheardOf])).rejects.toThrow();
      expect(await waiting()).not.toContain(formatSubject(wake.subject));
      await store.bumps.setState(repository, 7, 'merged', bump.headCommit, [wake]);
      expect(await waiting()).toContain(formatSubject(wake.subject));
    });

    test('wake their change in the same transaction', async () => {
      const bump = proposedBump();
      await store.bumps.save(bump, { kind: 'change-written', headCommit: bump.headCommit, created: true });
      const subject = `github:${bump.repository.path.toLowerCase()}#7`;
      expect((await store.admin.entries()).map((entry) => entry.subject)).toContain(subject);
      const unsaved = proposedBump({ change: 2 ** 31 });
      await expect(store.bumps.save(unsaved, { kind: 'resync' })).rejects.toThrow();
      expect((await store.admin.entries()).map((entry) => entry.subject)).not.toContain(
        `github:${unsaved.repository.path.toLowerCase()}#${unsaved.change}`,
      );
    });
  });

  test('comments are unknown from the beginning of an attempt to its end', async () => {
    const repository = newRepository();
    const { comments } = store;
    const ask = () => comments.comment(repository, 7, 'diff');
    expect(await ask()).toBeUndefined();
    await comments.begin(repository, 7, 'diff');
    expect(await ask()).toBe('unknown');
    await comments.finish(repository, 7, 'diff', { id: '99', bodyHash: 'h1' });
    expect(await ask()).toEqual({ id: '99', bodyHash: 'h1' });
    await comments.finish(repository, 7, 'diff', { id: '99', bodyHash: 'h2' });
    expect(await ask()).toEqual({ id: '99', bodyHash: 'h2' });
    expect(await comments.comment(repository, 7, 'checks')).toBeUndefined();
    await comments.begin(repository, 7, 'diff');
    expect(await ask()).toBe('unknown');
  });
});
