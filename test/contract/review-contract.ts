import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ChangeRef } from '../../src/domain/change.ts';
import type { CommentRef } from '../../src/domain/event.ts';
import type { RepositoryRef } from '../../src/domain/repository.ts';
import type { Check, Forge, WrittenChange } from '../../src/forge/forge.ts';
import type { MergeMethod, Permission, ReviewState } from '../../src/forge/reviews.ts';

/** What stands on a forge around reviews and merges, and what people do there, without the adapter under test. */
export interface ReviewWorld {
  readonly forge: Forge;
  /** Has {@link reviewedFiles} on its default branch `main`, and nothing else. */
  readonly repository: RepositoryRef;
  /** The team of the repository's organization that {@link team} makes: `@acme/<name>`. */
  readonly organization: string;
  head(branch: string): string;
  /**
   * A person commits on a branch, which is made from `main` where it is missing.
   * @param by a login, or `Name <address>` for somebody whom the forge does not know
   */
  push(branch: string, files: Readonly<Record<string, string>>, by?: string): string;
  openChange(branch: string, options?: { readonly author?: string; readonly isDraft?: boolean }): ChangeRef;
  mergeAsPerson(change: ChangeRef, method: MergeMethod): string;
  say(change: ChangeRef, body: string): CommentRef;
  deleteComment(change: ChangeRef, comment: CommentRef): void;
  /** From then on the forge takes no comment of the bot there. */
  lock(change: ChangeRef): void;
  /** The bodies of all comments of the bot. */
  said(change: ChangeRef): readonly string[];
  review(change: ChangeRef, author: string, state: 'approved' | 'changes-requested' | 'commented'): string;
  grant(login: string, permission: Permission): void;
  team(name: string, members: readonly string[]): void;
  requireChecks(names: readonly string[]): void;
  report(commit: string, name: string, state: ReviewState['checks'][number]['state']): void;
  allowMethods(methods: readonly MergeMethod[]): void;
  /** How many reactions of the bot a comment carries. */
  reactions(comment: CommentRef): number;
  /** The bot's newest check of that name on a commit; undefined while there is none. */
  check(commit: string, name: string): { readonly conclusion: string; readonly title: string } | undefined;
  /** Everything that the bot wrote since the world began. */
  writes(): number;
  /** Makes everything fail from the n-th write on: before it is done, or done and never answered. undefined: no more. */
  interrupt(point: { writes: number; done: boolean } | undefined): void;
  close(): Promise<void>;
}

export const reviewedFiles = { 'apps/shop.yaml': 'image: acme/shop:1.0.0\n', 'apps/cart.yaml': 'image: cart:1\n' };

const CHECK = 'tagalong/review';
const anyText: unknown = expect.stringMatching(/\w/);
const conflictText: unknown = expect.stringMatching(/conflict/);
const STRANGER = 'Jane Doe <jane@example.com>';

/** What every forge adapter must do for reviews, merges, people and reactions, and does the same. */
export function reviewContract(name: string, setup: () => Promise<ReviewWorld>): void {
  describe(name, () => {
    let world: ReviewWorld;
    beforeEach(async () => {
      world = await setup();
    });
    afterEach(() => world.close());

    const at = (number: number): ChangeRef => ({ repository: world.repository, number });

    async function propose(): Promise<WrittenChange> {
      return world.forge.propose(world.repository, {
        branch: 'tagalong/staging/shop.3fa2c1',
        targetBranch: 'main',
        baseCommit: world.head('main'),
        files: [{ path: 'apps/shop.yaml', content: 'image: acme/shop:1.1.0\n' }],
        message: { headline: 'Bump acme/shop to 1.1.0' },
        title: 'Bump acme/shop to 1.1.0',
        body: 'Was 1.0.0.',
        labels: [],
      });
    }

    async function stateOf(change: ChangeRef, teams: readonly string[] = []): Promise<ReviewState> {
      return (await world.forge.reviewState(change, { teams, check: CHECK })) ?? expect.unreachable();
    }

    function byHand(options?: { author?: string; isDraft?: boolean }): ChangeRef {
      world.push('feature', { 'apps/shop.yaml': 'image: acme/shop:9.9.9\n' }, 'mona');
      return world.openChange('feature', { author: 'mona', ...options });
    }

    describe('the state of a review', () => {
      test('of a change of the bot that nobody has touched', async () => {
        const { number, headCommit, url } = await propose();
        const state = await stateOf(at(number));
        expect(state).toMatchObject({
          change: { number, url, state: 'open', headCommit, targetBranch: 'main', isDraft: false, fromFork: false },
          baseCommit: world.head('main'),
          mergeable: 'yes',
          authors: { unknown: [], isComplete: true },
          reviews: [],
          teams: {},
          requiredChecks: [],
          checks: [],
          mergeMethods: ['merge', 'squash', 'rebase'],
        });
        expect(state.change).toEqual(await world.forge.change(at(number)));
        expect(state.authors.people).toEqual([state.change.author]);
        expect(state.change.author.isBot).toBe(true);
        expect(state.change.author.login).toMatch(/\[bot\]$/);
        expect(state.ownCheck).toBeUndefined();
      });

      test('is undefined where there is no change', async () => {
        const { forge, path } = world.repository;
        expect(await world.forge.reviewState(at(4711), { teams: [], check: CHECK })).toBeUndefined();
        const elsewhere = { repository: { forge, path: `${path}-gone` }, number: 1 };
        expect(await world.forge.reviewState(elsewhere, { teams: [], check: CHECK })).toBeUndefined();
      });

      test('tells everybody who committed, and those whom the forge does not know', async () => {
        const { number } = await propose();
        world.push('tagalong/staging/shop.3fa2c1', { 'notes.md': 'one\n' }, 'mona');
        world.push('tagalong/staging/shop.3fa2c1', { 'notes.md': 'two\n' }, STRANGER);
        const { authors } = await stateOf(at(number));
        expect(authors.people.filter(({ isBot }) => isBot)).toHaveLength(1);
        expect(authors.people).toContainEqual({ login: 'mona', isBot: false });
        expect(authors.unknown).toEqual([STRANGER]);
      });

      test('tells a change with conflicts, and one that merely lags behind', async () => {
        const { number } = await propose();
        world.push('main', { 'README.md': 'moved\n' });
        expect(await stateOf(at(number))).toMatchObject({ mergeable: 'yes' });
        world.push('main', { 'apps/shop.yaml': 'image: acme/shop:0.9.0\n' });
        expect(await stateOf(at(number))).toMatchObject({ mergeable: 'conflicting' });
      });

      test('of a merged change tells what it became, and who merged it', async () => {
        const change = byHand();
        const mergeCommit = world.mergeAsPerson(change, 'squash');
        const { change: merged } = await stateOf(change);
        expect(merged).toMatchObject({ state: 'merged', mergeCommit, mergedBy: { isBot: false } });
        expect(await world.forge.change(change)).toMatchObject({ state: 'merged', mergeCommit });
      });

      test('tells drafts and labels', async () => {
        const change = byHand({ isDraft: true });
        await world.forge.setLabels(change, { add: ['urgent'] });
        expect((await stateOf(change)).change).toMatchObject({ isDraft: true, labels: ['urgent'] });
      });

      test('tells the methods of the repository', async () => {
        const change = byHand();
        world.allowMethods(['squash', 'rebase']);
        expect((await stateOf(change)).mergeMethods).toEqual(['squash', 'rebase']);
      });
    });

    describe('reviews', () => {
      test('come oldest first, each with its head and what its author may do', async () => {
        const change = byHand();
        const head = world.head('feature');
        world.grant('ada', 'write');
        world.review(change, 'ada', 'changes-requested');
        world.review(change, 'bob', 'commented');
        const next = world.push('feature', { 'notes.md': 'more\n' }, 'mona');
        world.review(change, 'ada', 'approved');
        expect(
          (await stateOf(change)).reviews.map(({ by, state, commit, mayWrite }) => ({ by, state, commit, mayWrite })),
        ).toEqual([
          { by: { login: 'ada', isBot: false }, state: 'changes-requested', commit: head, mayWrite: true },
          { by: { login: 'bob', isBot: false }, state: 'commented', commit: head, mayWrite: false },
          { by: { login: 'ada', isBot: false }, state: 'approved', commit: next, mayWrite: true },
        ]);
      });

      test('come all of them, however many', async () => {
        const change = byHand();
        for (let i = 0; i < 101; i++) world.review(change, `person${i}`, 'commented');
        world.review(change, 'last', 'approved');
        const { reviews } = await stateOf(change);
        expect(reviews).toHaveLength(102);
        expect(reviews.at(-1)).toMatchObject({ by: { login: 'last' }, state: 'approved' });
      });

      test('are dismissed once', async () => {
        const change = byHand();
        world.review(change, 'ada', 'approved');
        world.review(change, 'bob', 'approved');
        const [first] = (await stateOf(change)).reviews;
        const before = world.writes();
        for (let i = 0; i < 2; i++) await world.forge.dismissReview(change, first?.id ?? '', 'It renders differently.');
        expect((await stateOf(change)).reviews.map(({ state }) => state)).toEqual(['dismissed', 'approved']);
        expect(world.writes()).toBeGreaterThan(before);
      });
    });

    describe('teams', () => {
      test('tell their members, and are null where there is none', async () => {
        const change = byHand();
        world.team('sre', ['ada', 'bob']);
        world.team(
          'crowd',
          Array.from({ length: 205 }, (_, index) => `person${index}`),
        );
        const named = (team: string) => `@${world.organization}/${team}`;
        const asked = [named('sre'), named('crowd'), named('nobody'), '@elsewhere/sre'];
        const { teams } = await stateOf(change, asked);
        expect(teams[named('sre')]).toEqual(['ada', 'bob']);
        expect(teams[named('crowd')]).toHaveLength(205);
        expect(teams[named('nobody')]).toBeNull();
        expect(teams['@elsewhere/sre']).toBeNull();
      });
    });

    describe('checks of others', () => {
      test('are told with what they ended in, the newest of each name', async () => {
        const change = byHand();
        const head = world.head('feature');
        world.requireChecks(['ci', 'lint']);
        world.report(head, 'ci', 'failure');
        world.report(head, 'ci', 'success');
        world.report(head, 'lint', 'failure');
        world.report(head, 'scan', 'pending');
        const { checks, requiredChecks } = await stateOf(change);
        expect(requiredChecks === 'unknown' ? requiredChecks : requiredChecks.toSorted()).toEqual(['ci', 'lint']);
        expect([...checks].sort((a, b) => a.name.localeCompare(b.name))).toEqual([
          { name: 'ci', state: 'success' },
          { name: 'lint', state: 'failure' },
          { name: 'scan', state: 'pending' },
        ]);
      });
    });

    describe("the bot's own check", () => {
      const check = (changes: Partial<Check> = {}): Check => ({
        name: CHECK,
        conclusion: 'pending',
        title: 'Waits for an approval',
        summary: 'One of two.',
        annotations: [],
        ...changes,
      });
      const upsert = (commit: string, wanted: Check, known?: Parameters<Forge['upsertCheck']>[3]) =>
        world.forge.upsertCheck(world.repository, commit, wanted, known);

      test('is not written again where it is equal, and is no check of others', async () => {
        const change = byHand();
        const head = world.head('feature');
        await upsert(head, check(), 'none');
        const { ownCheck, checks } = await stateOf(change);
        expect(checks).toEqual([]);
        const before = world.writes();
        await upsert(head, check(), ownCheck);
        await upsert(head, check());
        expect(world.writes()).toBe(before);
      });

      test.each([
        ['pending', 'success'],
        ['pending', 'failure'],
        ['failure', 'pending'],
        ['success', 'failure'],
        ['success', 'pending'],
      ] as const)('goes from %s to %s', async (from, to) => {
        const change = byHand();
        const head = world.head('feature');
        await upsert(head, check({ conclusion: from }), 'none');
        await upsert(head, check({ conclusion: to, title: 'New' }), (await stateOf(change)).ownCheck);
        expect(world.check(head, CHECK)).toEqual({ conclusion: to, title: 'New' });
        const before = world.writes();
        await upsert(head, check({ conclusion: to, title: 'New' }), (await stateOf(change)).ownCheck);
        expect(world.writes()).toBe(before);
      });

      test('a pending one holds back a merge where it is required, and a passed one lets it through', async () => {
        const change = byHand();
        const head = world.head('feature');
        world.requireChecks([CHECK]);
        await upsert(head, check(), 'none');
        const merge = () => world.forge.merge(change, { headCommit: head, method: 'merge' });
        expect(await merge()).toMatchObject({ kind: 'refused' });
        await upsert(head, check({ conclusion: 'success' }), (await stateOf(change)).ownCheck);
        expect(await merge()).toMatchObject({ kind: 'merged' });
      });
    });

    describe('open changes', () => {
      test('are those into the branch, newest first', async () => {
        const first = byHand();
        const { number, headCommit } = await propose();
        world.push('other', { 'notes.md': 'x\n' });
        const third = world.openChange('other');
        await world.forge.close(third, {});
        expect(await world.forge.openChanges(world.repository, 'main')).toEqual([
          { number, headCommit },
          { number: first.number, headCommit: world.head('feature') },
        ]);
        expect(await world.forge.openChanges(world.repository, 'release')).toEqual([]);
      });
    });

    describe('changes of commits', () => {
      test.each(['merge', 'squash', 'rebase'] as const)('are those whose %s brought them', async (method) => {
        const direct = world.push('main', { 'README.md': 'pushed\n' });
        const change = byHand();
        const headCommit = world.head('feature');
        const commit = world.mergeAsPerson(change, method);
        const found = await world.forge.changesOfCommits(world.repository, [direct, commit]);
        expect([...found]).toEqual([[commit, [{ number: change.number, headCommit }]]]);
        expect((await world.forge.changesOfCommits(world.repository, [])).size).toBe(0);
      });

      test('are not those that are still open', async () => {
        byHand();
        expect((await world.forge.changesOfCommits(world.repository, [world.head('feature')])).size).toBe(0);
      });
    });

    describe('labels', () => {
      test('are added and removed, twice as once', async () => {
        const change = byHand();
        const labels = async () => [...((await world.forge.change(change))?.labels ?? [])].sort();
        for (let i = 0; i < 2; i++) await world.forge.setLabels(change, { add: ['one', 'tagalong: hold'] });
        expect(await labels()).toEqual(['one', 'tagalong: hold']);
        for (let i = 0; i < 2; i++) await world.forge.setLabels(change, { add: ['two'], remove: ['tagalong: hold'] });
        expect(await labels()).toEqual(['one', 'two']);
        await world.forge.setLabels(change, { remove: ['never there'] });
      });
    });

    describe('merge', () => {
      const merge = (change: ChangeRef, headCommit: string, method: MergeMethod = 'squash') =>
        world.forge.merge(change, { headCommit, method });

      test.each(['merge', 'squash', 'rebase'] as const)('by %s, twice as once', async (method) => {
        const { number, headCommit } = await propose();
        const first = await merge(at(number), headCommit, method);
        expect(first).toEqual({ kind: 'merged', commit: world.head('main') });
        expect(await merge(at(number), headCommit, method)).toEqual(first);
        const { author, mergedBy } = (await stateOf(at(number))).change;
        expect(mergedBy).toEqual(author);
        expect(await world.forge.change(at(number))).toMatchObject({
          state: 'merged',
          mergeCommit: world.head('main'),
        });
      });

      test.each([false, true])('interrupted (done: %s) and repeated is merged once', async (done) => {
        const { number, headCommit } = await propose();
        world.interrupt({ writes: 0, done });
        await merge(at(number), headCommit).catch((error: unknown) =>
          expect(error).toMatchObject({ code: 'forge-unavailable' }),
        );
        world.interrupt(undefined);
        expect(await merge(at(number), headCommit)).toEqual({ kind: 'merged', commit: world.head('main') });
      });

      test('finds it merged by somebody else', async () => {
        const { number, headCommit } = await propose();
        const commit = world.mergeAsPerson(at(number), 'merge');
        expect(await merge(at(number), headCommit)).toEqual({ kind: 'merged', commit });
      });

      test('two at once merge once', async () => {
        const { number, headCommit } = await propose();
        const both = await Promise.all([merge(at(number), headCommit), merge(at(number), headCommit)]);
        expect(both).toEqual(both.map(() => ({ kind: 'merged', commit: world.head('main') })));
      });

      test('does nothing when the head has moved', async () => {
        const { number, headCommit } = await propose();
        const main = world.head('main');
        world.push('tagalong/staging/shop.3fa2c1', { 'notes.md': 'mine\n' });
        expect(await merge(at(number), headCommit)).toEqual({ kind: 'head-moved' });
        expect(world.head('main')).toBe(main);
      });

      test.each<[string, () => unknown]>([
        ['a required check is missing', () => world.requireChecks(['ci'])],
        ['there are conflicts', () => world.push('main', { 'apps/shop.yaml': 'image: acme/shop:0.9.0\n' })],
        ['the repository has another method', () => world.allowMethods(['rebase'])],
        ['it was closed', () => world.forge.close(at(1), {})],
      ])('is refused where %s', async (_why, prepare) => {
        const { number, headCommit } = await propose();
        await prepare();
        const main = world.head('main');
        const result = await merge(at(number), headCommit);
        expect(result).toMatchObject({ kind: 'refused', message: anyText });
        expect(JSON.stringify(result)).not.toMatch(/GitHub \d/);
        expect(world.head('main')).toBe(main);
      });

      test('is refused to a draft', async () => {
        const change = byHand({ isDraft: true });
        expect(await merge(change, world.head('feature'))).toMatchObject({ kind: 'refused' });
      });
    });

    describe('updating a branch', () => {
      test('merges the target into it, once', async () => {
        const change = byHand();
        const before = world.head('feature');
        expect(await world.forge.updateBranch(change, before)).toEqual({ ok: true });
        expect(world.head('feature')).toBe(before);
        world.push('main', { 'README.md': 'moved\n' });
        expect(await world.forge.updateBranch(change, before)).toEqual({ ok: true });
        const after = world.head('feature');
        expect(after).not.toBe(before);
        expect(await stateOf(change)).toMatchObject({ baseCommit: world.head('main'), change: { headCommit: after } });
        expect(await world.forge.updateBranch(change, before)).toMatchObject({ ok: false });
        expect(await world.forge.updateBranch(change, after)).toEqual({ ok: true });
        expect(world.head('feature')).toBe(after);
      });

      test('tells conflicts', async () => {
        const change = byHand();
        world.push('main', { 'apps/shop.yaml': 'image: acme/shop:0.9.0\n' });
        expect(await world.forge.updateBranch(change, world.head('feature'))).toMatchObject({
          ok: false,
          message: conflictText,
        });
      });
    });

    describe('people', () => {
      test.each(['none', 'read', 'write', 'admin'] as const)('may do what the forge says: %s', async (permission) => {
        world.grant('ada', permission);
        expect(await world.forge.permission(world.repository, 'ada')).toBe(permission);
        expect(await world.forge.permission(world.repository, 'ADA')).toBe(permission);
      });

      test('wrote the commits of a range, whoever else is named in them', async () => {
        const from = world.head('main');
        world.push('feature', { 'a.md': '1\n' }, 'mona');
        world.push('feature', { 'a.md': '2\n' }, 'ada');
        const to = world.push('feature', { 'a.md': '3\n' }, STRANGER);
        const people = [
          { login: 'ada', isBot: false },
          { login: 'mona', isBot: false },
        ];
        for (let i = 0; i < 2; i++) {
          const authors = await world.forge.commitAuthors(world.repository, { from, to });
          expect([...(authors?.people ?? [])].sort((a, b) => a.login.localeCompare(b.login))).toEqual(people);
          expect(authors).toMatchObject({ unknown: [STRANGER], isComplete: true });
        }
        const nothing = { people: [], unknown: [], isComplete: true };
        expect(await world.forge.commitAuthors(world.repository, { from: to, to: from })).toEqual(nothing);
      });

      test('wrote one commit', async () => {
        world.push('feature', { 'a.md': '1\n' }, 'mona');
        const to = world.push('feature', { 'a.md': '2\n' }, 'ada');
        const only = { people: [{ login: 'ada', isBot: false }], unknown: [], isComplete: true };
        expect(await world.forge.commitAuthors(world.repository, { to })).toEqual(only);
      });

      test('wrote a commit that is told in short', async () => {
        const from = world.head('main');
        const to = world.push('feature', { 'a.md': '1\n' }, 'ada');
        const only = { people: [{ login: 'ada', isBot: false }], unknown: [], isComplete: true };
        expect(await world.forge.commitAuthors(world.repository, { to: to.slice(0, 7) })).toEqual(only);
        const short = { from: from.slice(0, 7), to: to.slice(0, 7) };
        expect(await world.forge.commitAuthors(world.repository, short)).toEqual(only);
      });

      test('are not known of commits and repositories that are not there', async () => {
        const nowhere = 'f'.repeat(40);
        const gone: RepositoryRef = { ...world.repository, path: `${world.repository.path}-gone` };
        const main = world.head('main');
        expect(await world.forge.commitAuthors(world.repository, { to: nowhere })).toBeUndefined();
        expect(await world.forge.commitAuthors(world.repository, { from: main, to: nowhere })).toBeUndefined();
        expect(await world.forge.commitAuthors(gone, { from: main, to: main })).toBeUndefined();
        expect(await world.forge.commitAuthors(gone, { to: main })).toBeUndefined();
      });
    });

    describe('a locked conversation', () => {
      const [marker, diff] = ['<!-- diff -->', 'The diff.'];

      test('takes no comment, which is no failure, and keeps nothing else', async () => {
        const change = byHand();
        world.lock(change);
        expect(await world.forge.upsertComment(change, { marker, body: diff })).toMatchObject({ id: 'none' });
        expect(await world.forge.upsertComment(change, { marker, body: diff, known: 'none' })).toMatchObject({
          id: 'none',
        });
        expect(world.said(change)).toEqual([]);
        await world.forge.setLabels(change, { add: ['urgent'] });
        expect((await stateOf(change)).change.labels).toEqual(['urgent']);
      });

      test('leaves the comment that stands there to be updated later', async () => {
        const change = byHand();
        const { id } = await world.forge.upsertComment(change, { marker, body: diff, known: 'none' });
        world.lock(change);
        expect(await world.forge.upsertComment(change, { marker, body: 'Another.', known: id })).toMatchObject({ id });
        expect(world.said(change)).toHaveLength(1);
      });
    });

    describe('reactions', () => {
      test('stand once, each kind of them', async () => {
        const change = byHand();
        const comment = world.say(change, '/hold');
        for (let i = 0; i < 2; i++) await world.forge.react(change, comment, 'seen');
        expect(world.reactions(comment)).toBe(1);
        for (const reaction of ['done', 'refused', 'confused'] as const)
          await world.forge.react(change, comment, reaction);
        expect(world.reactions(comment)).toBe(4);
      });

      test('on a comment that is gone are no error', async () => {
        const change = byHand();
        const comment = world.say(change, '/hold');
        world.deleteComment(change, comment);
        await world.forge.react(change, comment, 'seen');
      });

      test('stand on the text of a review too', async () => {
        const change = byHand();
        const comment: CommentRef = { kind: 'review', id: world.review(change, 'ada', 'commented') };
        for (let i = 0; i < 2; i++) await world.forge.react(change, comment, 'seen');
        expect(world.reactions(comment)).toBe(1);
      });
    });
  });
}
