import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ChangeRef } from '../../src/domain/change.ts';
import type { RepositoryRef } from '../../src/domain/repository.ts';
import type { Check, Forge, Proposal, Revision, WrittenChange } from '../../src/forge/forge.ts';

/** What stands on a forge and what people do there, told and done without the adapter under test. */
export interface ForgeWorld {
  readonly forge: Forge;
  /** Has {@link worldFiles} on its default branch `main`, and nothing else. */
  readonly repository: RepositoryRef;
  /** The head of a branch; undefined when there is none. */
  head(branch: string): Promise<string | undefined>;
  branches(): Promise<readonly string[]>;
  files(commit: string): Promise<ReadonlyMap<string, string>>;
  /** A person commits on a branch, which is made from `main` where it is missing. */
  push(branch: string, files: Readonly<Record<string, string>>): Promise<string>;
  openChange(branch: string): Promise<ChangeRef>;
  merge(change: ChangeRef): Promise<void>;
  say(change: ChangeRef, body: string): Promise<void>;
  deleteComment(change: ChangeRef, id: string): Promise<void>;
  comments(
    change: ChangeRef,
  ): Promise<readonly { readonly id: string; readonly body: string; readonly byBot: boolean }[]>;
  openChanges(): Promise<readonly number[]>;
  /** The newest check of each name on a commit. */
  checks(commit: string): Promise<readonly { name: string; conclusion: string; annotations: number }[]>;
  /** Makes everything fail from the n-th write on: before it is done, or done and never answered. undefined: no more. */
  interrupt(point: { writes: number; done: boolean } | undefined): void;
  close(): Promise<void>;
}

export const worldFiles = {
  'apps/shop.yaml': 'image: acme/shop:1.0.0\n',
  'apps/cart.yaml': 'image: acme/cart:1.0.0\n',
  'README.md': 'Öffnungszeiten ☕\n',
};

const MARKER = '<!-- tagalong:test -->';

/** What every forge adapter must do, and does the same. */
export function forgeContract(name: string, setup: () => Promise<ForgeWorld>): void {
  describe(name, () => {
    let world: ForgeWorld;
    let base: string;

    beforeEach(async () => {
      world = await setup();
      base = await headOf('main');
    });
    afterEach(() => world.close());

    async function headOf(branch: string): Promise<string> {
      const head = await world.head(branch);
      if (head === undefined) throw new Error(`no branch ${branch}`);
      return head;
    }

    const proposal = (changes: Partial<Proposal> = {}): Proposal => ({
      branch: 'tagalong/staging/shop.3fa2c1',
      targetBranch: 'main',
      baseCommit: base,
      files: [{ path: 'apps/shop.yaml', content: 'image: acme/shop:1.1.0 # ☕\n' }],
      message: { headline: 'Bump acme/shop to 1.1.0', body: 'From 1.0.0.' },
      title: 'Bump acme/shop to 1.1.0',
      body: 'Was 1.0.0.',
      labels: ['tagalong', 'staging'],
      ...changes,
    });

    const revision = (written: WrittenChange, changes: Partial<Revision> = {}): Revision => ({
      branch: 'tagalong/staging/shop.3fa2c1',
      expectedHead: written.headCommit,
      files: [{ path: 'apps/shop.yaml', content: 'image: acme/shop:1.2.0\n' }],
      message: { headline: 'Bump acme/shop to 1.2.0' },
      title: 'Bump acme/shop to 1.2.0',
      body: 'Was 1.0.0, then 1.1.0.',
      labels: ['tagalong', 'staging'],
      ...changes,
    });

    const propose = (changes?: Partial<Proposal>) => world.forge.propose(world.repository, proposal(changes));
    const at = (number: number): ChangeRef => ({ repository: world.repository, number });

    async function expectProposed(written: WrittenChange, wanted: Proposal | Revision): Promise<void> {
      expect(await world.openChanges()).toEqual([written.number]);
      expect(await headOf(wanted.branch)).toBe(written.headCommit);
      expect(await world.branches()).toEqual(['main', wanted.branch]);
      const expected = new Map(Object.entries(worldFiles));
      for (const { path, content } of wanted.files) expected.set(path, content);
      expect(new Map(await world.files(written.headCommit))).toEqual(expected);
      const change = await world.forge.change(at(written.number));
      expect(change).toMatchObject({
        state: 'open',
        title: wanted.title,
        body: wanted.body,
        sourceBranch: wanted.branch,
        targetBranch: 'main',
        headCommit: written.headCommit,
        fromFork: false,
        isDraft: false,
        url: written.url,
      });
      expect(change?.author.isBot).toBe(true);
      expect([...(change?.labels ?? [])].sort()).toEqual(['staging', 'tagalong']);
    }

    describe('repositories', () => {
      test('tells its default branch and lists itself as installed', async () => {
        const found = { repository: world.repository, defaultBranch: 'main' };
        expect(await world.forge.repository(world.repository)).toEqual(found);
        const installed = [];
        for await (const each of world.forge.installed()) installed.push(each);
        expect(installed).toEqual([found]);
      });

      test('finds no repository that is not there', async () => {
        const { forge, path } = world.repository;
        expect(await world.forge.repository({ forge, path: `${path}-gone` })).toBeUndefined();
      });

      test('reads those files that exist, in UTF-8', async () => {
        const files = await world.forge.readFiles(world.repository, [
          'README.md',
          'none.yml',
          'apps/shop.yaml',
          'apps',
        ]);
        expect(Object.fromEntries(files)).toEqual({
          'README.md': worldFiles['README.md'],
          'apps/shop.yaml': worldFiles['apps/shop.yaml'],
        });
        expect((await world.forge.readFiles(world.repository, [])).size).toBe(0);
      });
    });

    describe('propose', () => {
      test('makes branch, commit and change, with labels', async () => {
        const written = await propose();
        expect(written.created).toBe(true);
        await expectProposed(written, proposal());
      });

      test('removes files, twice as once', async () => {
        const wanted = {
          deletions: ['apps/cart.yaml'],
          files: [{ path: 'apps/new.yaml', content: 'image: cart:2\n' }],
        };
        const first = await propose(wanted);
        expect(await propose(wanted)).toEqual({ ...first, created: false });
        expect([...(await world.files(first.headCommit)).keys()].sort()).toEqual([
          'README.md',
          'apps/new.yaml',
          'apps/shop.yaml',
        ]);
      });

      test('twice is once', async () => {
        const first = await propose();
        const second = await propose();
        expect(second).toEqual({ ...first, created: false });
        await expectProposed(second, proposal());
      });

      test('makes an open change equal to a newer proposal on a newer base', async () => {
        const first = await propose();
        base = await world.push('main', { 'apps/cart.yaml': worldFiles['apps/cart.yaml'] });
        const newer = {
          title: 'Bump to 1.3.0',
          files: [{ path: 'apps/shop.yaml', content: 'image: acme/shop:1.3.0\n' }],
        };
        const second = await propose(newer);
        expect(second).toMatchObject({ number: first.number, created: false });
        await expectProposed(second, proposal(newer));
      });

      test('reuses a branch left over from a merged change', async () => {
        const first = await propose();
        await world.merge(at(first.number));
        base = await headOf('main');
        const next = {
          title: 'Bump to 1.4.0',
          files: [{ path: 'apps/shop.yaml', content: 'image: acme/shop:1.4.0\n' }],
        };
        const second = await propose(next);
        expect(second.created).toBe(true);
        expect(second.number).not.toBe(first.number);
        await expectProposed(second, proposal(next));
      });

      test('reuses a branch left over from a closed change', async () => {
        const first = await propose();
        await world.forge.close(at(first.number), {});
        const next = { files: [{ path: 'apps/shop.yaml', content: 'image: acme/shop:1.4.0\n' }] };
        await expectProposed(await propose(next), proposal(next));
      });

      test('never overwrites what a person committed on the branch', async () => {
        const first = await propose();
        await world.forge.close(at(first.number), {});
        const theirs = await world.push(proposal().branch, { 'notes.md': 'mine\n' });
        await expect(propose({ files: [{ path: 'apps/shop.yaml', content: 'image: x:2\n' }] })).rejects.toMatchObject({
          code: 'forge-refused',
        });
        expect(await headOf(proposal().branch)).toBe(theirs);
        expect(await world.branches()).toEqual(['main', proposal().branch]);
        expect(await world.openChanges()).toEqual([]);
      });
    });

    describe('a branch of the bot', () => {
      test('is its own until a person commits on it', async () => {
        const first = await propose();
        const branches = { branch: proposal().branch, target: 'main' };
        await world.push('main', { 'apps/cart.yaml': 'image: acme/cart:2.0.0\n' });
        expect(await world.forge.isOwnBranch(world.repository, branches)).toBe(true);
        await world.push(branches.branch, { 'notes.md': 'mine\n' });
        expect(await world.forge.isOwnBranch(world.repository, branches)).toBe(false);
        const theirs = await headOf(branches.branch);
        await world.forge.revise(at(first.number), revision(first, { expectedHead: theirs }));
        expect(await world.forge.isOwnBranch(world.repository, branches)).toBe(false);
      });
    });

    describe('revise', () => {
      test('adds a commit and rewrites the text', async () => {
        const first = await propose();
        const second = await world.forge.revise(at(first.number), revision(first));
        expect(second).toMatchObject({ number: first.number, url: first.url, created: false });
        await expectProposed(second, revision(first));
      });

      test('twice is once', async () => {
        const first = await propose();
        const second = await world.forge.revise(at(first.number), revision(first));
        expect(await world.forge.revise(at(first.number), revision(first))).toEqual(second);
        await expectProposed(second, revision(first));
      });

      test('without files writes the text alone', async () => {
        const first = await propose();
        const second = await world.forge.revise(at(first.number), revision(first, { files: [], labels: [] }));
        expect(second.headCommit).toBe(first.headCommit);
        expect(await world.forge.change(at(first.number))).toMatchObject({ title: 'Bump acme/shop to 1.2.0' });
      });

      test('writes nothing when a person pushed to the branch', async () => {
        const first = await propose();
        const theirs = await world.push(proposal().branch, { 'notes.md': 'mine\n' });
        for (const rebuildOn of [{}, { rebuildOn: base }]) {
          const attempt = world.forge.revise(at(first.number), revision(first, rebuildOn));
          await expect(attempt).rejects.toMatchObject({ code: 'forge-conflict' });
        }
        expect(await headOf(proposal().branch)).toBe(theirs);
        expect(await world.branches()).toEqual(['main', proposal().branch]);
        const change = await world.forge.change(at(first.number));
        expect(change).toMatchObject({ title: proposal().title, body: proposal().body });
      });

      test('rebuilds on a newer base, twice as once, and the change stays open', async () => {
        const first = await propose();
        const rebuildOn = await world.push('main', { 'apps/cart.yaml': 'image: acme/cart:2.0.0\n' });
        const wanted = revision(first, { rebuildOn });
        const second = await world.forge.revise(at(first.number), wanted);
        expect(await world.forge.revise(at(first.number), wanted)).toEqual(second);
        expect(await world.openChanges()).toEqual([first.number]);
        expect(await world.branches()).toEqual(['main', wanted.branch]);
        expect(Object.fromEntries(await world.files(second.headCommit))).toEqual({
          ...worldFiles,
          'apps/cart.yaml': 'image: acme/cart:2.0.0\n',
          'apps/shop.yaml': 'image: acme/shop:1.2.0\n',
        });
      });

      test('leaves the text of a change that was merged or closed meanwhile', async () => {
        const ends = [(change: ChangeRef) => world.merge(change), (change: ChangeRef) => world.forge.close(change, {})];
        for (const [index, end] of ends.entries()) {
          const first = await propose({
            files: [{ path: 'apps/shop.yaml', content: `image: acme/shop:1.1.${index}\n` }],
          });
          await end(at(first.number));
          const before = await world.forge.change(at(first.number));
          base = await headOf('main');
          for (const changes of [{}, { files: [] }, { rebuildOn: base }]) {
            const attempt = world.forge.revise(at(first.number), revision(first, changes));
            await expect(attempt).rejects.toMatchObject({ code: 'forge-conflict' });
          }
          const { title, body, state } = before ?? expect.unreachable();
          expect(await world.forge.change(at(first.number))).toMatchObject({ title, body, state });
        }
      });

      test('keeps labels that people added', async () => {
        const first = await propose();
        const second = await world.forge.revise(at(first.number), revision(first, { labels: ['extra'] }));
        const labels = (await world.forge.change(at(second.number)))?.labels ?? [];
        expect([...labels].sort()).toEqual(['extra', 'staging', 'tagalong']);
      });
    });

    describe('interrupted anywhere and repeated', () => {
      const points = [0, 1, 2, 3, 4].flatMap((writes) => [
        { writes, done: false },
        { writes, done: true },
      ]);

      test.each(points)(
        'propose after $writes writes (last done: $done) ends as if never interrupted',
        async (point) => {
          world.interrupt(point);
          await propose().catch(expectTransient);
          world.interrupt(undefined);
          await expectProposed(await propose(), proposal());
        },
      );

      test.each(points)('propose over a left-over branch after $writes writes (done: $done)', async (point) => {
        const first = await propose();
        await world.forge.close(at(first.number), {});
        const next = { files: [{ path: 'apps/shop.yaml', content: 'image: acme/shop:1.4.0\n' }] };
        world.interrupt(point);
        await propose(next).catch(expectTransient);
        world.interrupt(undefined);
        await expectProposed(await propose(next), proposal(next));
      });

      test.each(points)('revise after $writes writes (done: $done)', async (point) => {
        const first = await propose();
        world.interrupt(point);
        await world.forge.revise(at(first.number), revision(first)).catch(expectTransient);
        world.interrupt(undefined);
        await expectProposed(await world.forge.revise(at(first.number), revision(first)), revision(first));
      });

      test.each(points)('rebuild after $writes writes (done: $done)', async (point) => {
        const first = await propose();
        const rebuildOn = await world.push('main', { 'README.md': worldFiles['README.md'] });
        const wanted = revision(first, { rebuildOn });
        world.interrupt(point);
        await world.forge.revise(at(first.number), wanted).catch(expectTransient);
        world.interrupt(undefined);
        await expectProposed(await world.forge.revise(at(first.number), wanted), wanted);
      });

      function expectTransient(error: unknown): void {
        expect(error).toMatchObject({ code: 'forge-unavailable' });
      }
    });

    describe('close', () => {
      test('closes, deletes the branch of the bot, and succeeds when repeated', async () => {
        const { number } = await propose();
        const close = () => world.forge.close(at(number), { deleteBranch: proposal().branch });
        expect(await close()).toBe('closed');
        expect(await close()).toBe('closed');
        expect(await world.forge.change(at(number))).toMatchObject({ state: 'closed' });
        expect(await world.branches()).toEqual(['main']);
      });

      test('leaves the branch of a person', async () => {
        await world.push('feature', { 'notes.md': 'mine\n' });
        const change = await world.openChange('feature');
        await world.forge.close(change, { deleteBranch: 'feature' });
        expect(await world.branches()).toEqual(['feature', 'main']);
      });

      test('leaves a merged change merged, and cleans up its branch', async () => {
        const { number } = await propose();
        await world.merge(at(number));
        expect(await world.forge.close(at(number), { deleteBranch: proposal().branch })).toBe('merged');
        expect(await world.forge.change(at(number))).toMatchObject({ state: 'merged' });
        expect(await world.branches()).toEqual(['main']);
      });

      test('leaves the branch where a later change has it', async () => {
        const first = await propose();
        await world.forge.close(at(first.number), {});
        const next = { files: [{ path: 'apps/shop.yaml', content: 'image: acme/shop:1.4.0\n' }] };
        const second = await propose(next);
        await world.forge.close(at(first.number), { deleteBranch: proposal().branch });
        await expectProposed(second, proposal(next));
      });
    });

    describe('change', () => {
      test('is undefined when there is none', async () => {
        expect(await world.forge.change(at(4711))).toBeUndefined();
      });

      test('tells of a change by a person', async () => {
        await world.push('feature', { 'notes.md': 'mine\n' });
        const change = await world.openChange('feature');
        expect(await world.forge.change(change)).toMatchObject({ author: { isBot: false }, sourceBranch: 'feature' });
      });
    });

    describe('comments', () => {
      const upsert = (change: ChangeRef, text: string, known?: string) =>
        world.forge.upsertComment(change, {
          marker: MARKER,
          body: `${MARKER}\n${text}`,
          ...(known !== undefined && { known }),
        });

      test('one marker is one comment, whatever is remembered of it', async () => {
        const change = at((await propose()).number);
        const first = await upsert(change, 'one', 'none');
        expect((await upsert(change, 'two', first.id)).id).toBe(first.id);
        expect((await upsert(change, 'three')).id).toBe(first.id);
        expect((await upsert(change, 'three')).id).toBe(first.id);
        const own = (await world.comments(change)).filter(({ byBot }) => byBot);
        expect(own.map(({ body }) => body)).toEqual([`${MARKER}\nthree`]);
      });

      test('writes the marker where the body has none', async () => {
        const change = at((await propose()).number);
        await world.forge.upsertComment(change, { marker: MARKER, body: 'bare', known: 'none' });
        await world.forge.upsertComment(change, { marker: MARKER, body: 'bare again' });
        const bodies = (await world.comments(change)).map(({ body }) => body);
        expect(bodies).toEqual([expect.stringContaining('bare again')]);
        expect(bodies[0]).toContain(MARKER);
      });

      test('never touches a comment of a person, though it carries the marker', async () => {
        const change = at((await propose()).number);
        await world.say(change, `${MARKER}\nmine`);
        await upsert(change, 'of the bot');
        await upsert(change, 'of the bot, again');
        expect((await world.comments(change)).map(({ body, byBot }) => ({ body, byBot }))).toEqual([
          { body: `${MARKER}\nmine`, byBot: false },
          { body: `${MARKER}\nof the bot, again`, byBot: true },
        ]);
      });

      test('finds its comment behind a hundred others', async () => {
        const change = at((await propose()).number);
        for (let i = 0; i < 101; i++) await world.say(change, `comment ${i}`);
        const first = await upsert(change, 'late');
        expect((await upsert(change, 'late, again')).id).toBe(first.id);
        expect(await world.comments(change)).toHaveLength(102);
      });

      test('makes a new comment when the remembered one was deleted', async () => {
        const change = at((await propose()).number);
        const first = await upsert(change, 'one', 'none');
        await world.deleteComment(change, first.id);
        const second = await upsert(change, 'two', first.id);
        expect(second.id).not.toBe(first.id);
        expect(await world.comments(change)).toHaveLength(1);
      });
    });

    describe('checks', () => {
      const check = (annotations: number, changes: Partial<Check> = {}): Check => ({
        name: 'tagalong/config',
        conclusion: 'failure',
        title: 'Not valid',
        summary: 'See below.',
        annotations: Array.from({ length: annotations }, (_, i) => ({
          path: 'apps/shop.yaml',
          line: i + 1,
          column: 2,
          message: `problem ${i}`,
        })),
        ...changes,
      });
      const upsert = (wanted: Check) => world.forge.upsertCheck(world.repository, base, wanted);

      test.each([0, 1, 50, 120])('with %i annotations, twice is once', async (annotations) => {
        await twice(() => upsert(check(annotations)));
        expect(await world.checks(base)).toEqual([{ name: 'tagalong/config', conclusion: 'failure', annotations }]);
      });

      test('a later one of the same name takes its place', async () => {
        await upsert(check(60));
        await upsert(check(2, { title: 'Still not valid' }));
        await upsert(check(0, { conclusion: 'success', title: 'Valid' }));
        expect(await world.checks(base)).toEqual([{ name: 'tagalong/config', conclusion: 'success', annotations: 0 }]);
      });

      test('names stand beside each other', async () => {
        await upsert(check(0));
        await upsert(check(0, { name: 'tagalong/manifests', conclusion: 'neutral' }));
        const names = (await world.checks(base)).map(({ name }) => name);
        expect([...names].sort()).toEqual(['tagalong/config', 'tagalong/manifests']);
      });

      test.each([1, 2])('completes the annotations after %i writes', async (writes) => {
        world.interrupt({ writes, done: false });
        await upsert(check(120)).catch((error: unknown) => expect(error).toMatchObject({ code: 'forge-unavailable' }));
        world.interrupt(undefined);
        await upsert(check(120));
        expect(await world.checks(base)).toEqual([
          { name: 'tagalong/config', conclusion: 'failure', annotations: 120 },
        ]);
      });
    });
  });
}

async function twice(run: () => Promise<unknown>): Promise<void> {
  await run();
  await run();
}
