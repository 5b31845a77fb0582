import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ChangeRef } from '../../src/domain/change.ts';
import type { RepositoryRef } from '../../src/domain/repository.ts';
import type {
  DeployAnnouncement,
  DeployMemory,
  Deployments,
  ToldDeployment,
  ToldStatus,
} from '../../src/forge/deployments.ts';
import type { Issues } from '../../src/forge/reviews.ts';

/** What stands on a forge of deployments and issues, told without the adapter under test. */
export interface TellingWorld {
  readonly forge: Deployments & Issues;
  /** Where the image is built; has a change that brought {@link commit}, and {@link otherCommit}. */
  readonly application: RepositoryRef;
  readonly commit: string;
  readonly otherCommit: string;
  readonly change: ChangeRef;
  /** A change of the manifest repository. */
  readonly bump: ChangeRef;
  /** A repository that the bot may not see, with a commit in it. */
  readonly unseen: { readonly repository: RepositoryRef; readonly commit: string };
  deployments(commit: string): readonly Deployed[];
  /** The newest of each context. */
  statuses(commit: string): readonly Pick<ToldStatus, 'context' | 'state' | 'description'>[];
  comments(change: ChangeRef): readonly { readonly id: string; readonly body: string }[];
  deleteComment(change: ChangeRef, id: string): void;
  issues(): readonly { readonly title: string; readonly body: string; readonly isOpen: boolean }[];
  closeIssue(number: number): void;
  /** Everything that was written since the world began. */
  writes(): number;
  /** Makes everything fail from the n-th write on: before it is done, or done and never answered. undefined: no more. */
  interrupt(point: { writes: number; done: boolean } | undefined): void;
  close(): Promise<void>;
}

/** One deployment, with what was told of it last. */
export type Deployed = Pick<ToldDeployment, 'environment' | 'state' | 'description'>;

const MARKER = '<!-- tagalong:deploys -->';

/** One announcement by itself. @returns what is remembered of it */
export async function tellOne(
  forge: Deployments,
  announcement: DeployAnnouncement,
  known: DeployMemory,
): Promise<DeployMemory> {
  const [told] = await forge.tellDeploys([{ announcements: [announcement], known }]);
  if (told !== undefined && 'failure' in told) throw told.failure;
  return told?.known ?? {};
}

export function tellingContract(name: string, setup: () => Promise<TellingWorld>): void {
  describe(name, () => {
    let world: TellingWorld;
    beforeEach(async () => {
      world = await setup();
    });
    afterEach(() => world.close());

    function announcement(
      state: ToldDeployment['state'] = 'in-progress',
      application: { repository: RepositoryRef; commit: string } = {
        repository: world.application,
        commit: world.commit,
      },
    ): DeployAnnouncement {
      const description = `1.4.3 is ${state}`;
      return {
        application: {
          ...application,
          deployment: {
            environment: 'staging',
            isProduction: false,
            state,
            description,
            logUrl: 'https://argocd.example.com/applications/shop',
            environmentUrl: 'https://staging.example.com',
          },
          status: { context: 'tagalong/staging', state: state === 'success' ? 'success' : 'pending', description },
        },
        comments: [
          { on: world.change, marker: MARKER, body: `staging: ${state}` },
          { on: world.bump, marker: MARKER, body: `This bump: ${state}` },
        ],
      };
    }

    function expectTold(state: ToldDeployment['state']): void {
      const description = `1.4.3 is ${state}`;
      expect(world.deployments(world.commit)).toEqual([{ environment: 'staging', state, description }]);
      const statusState = state === 'success' ? 'success' : 'pending';
      expect(world.statuses(world.commit)).toEqual([{ context: 'tagalong/staging', state: statusState, description }]);
      expect(bodies(world.change)).toEqual([`${MARKER}\nstaging: ${state}`]);
      expect(bodies(world.bump)).toEqual([`${MARKER}\nThis bump: ${state}`]);
    }

    const bodies = (change: ChangeRef) => world.comments(change).map(({ body }) => body);

    describe('a deploy report', () => {
      test('is told as deployment, status and comments, and goes on in place', async () => {
        const first = await tellOne(world.forge, announcement(), {});
        expectTold('in-progress');
        const [comment] = world.comments(world.change);
        const second = await tellOne(world.forge, announcement('success'), first);
        expectTold('success');
        expect(world.comments(world.change)[0]?.id).toBe(comment?.id);
        await tellOne(world.forge, announcement('inactive'), JSON.parse(JSON.stringify(second)) as typeof second);
        expectTold('inactive');
      });

      test('is written once where it is known', async () => {
        const known = await tellOne(world.forge, announcement(), {});
        const before = world.writes();
        expect(await tellOne(world.forge, announcement(), known)).toEqual(known);
        expect(world.writes()).toBe(before);
      });

      test('leads to one deployment and one comment where it was forgotten', async () => {
        const known = await tellOne(world.forge, announcement(), {});
        expect(await tellOne(world.forge, announcement(), {})).toEqual(known);
        expectTold('in-progress');
        await tellOne(world.forge, announcement('failure'), {});
        expectTold('failure');
      });

      test('writes a comment anew that people deleted', async () => {
        const known = await tellOne(world.forge, announcement(), {});
        const [comment] = world.comments(world.change);
        world.deleteComment(world.change, comment?.id ?? '');
        await tellOne(world.forge, announcement('success'), known);
        expectTold('success');
      });

      test('leaves out the application where the bot may not see it, and tells it once it may', async () => {
        const { repository, commit } = world.unseen;
        const told = await tellOne(world.forge, announcement('success', { repository, commit }), {});
        expect(bodies(world.bump)).toEqual([`${MARKER}\nThis bump: success`]);
        await tellOne(world.forge, announcement('success'), told);
        expectTold('success');
      });

      test('without an application tells the comments alone', async () => {
        await tellOne(world.forge, { comments: announcement().comments }, {});
        expect(world.deployments(world.commit)).toEqual([]);
        expect(bodies(world.change)).toEqual([`${MARKER}\nstaging: in-progress`]);
      });

      const points = [0, 1, 2, 3, 4].flatMap((writes) => [
        { writes, done: false },
        { writes, done: true },
      ]);

      test.each(points)(
        'interrupted after $writes writes (last done: $done) ends as if never interrupted',
        async (point) => {
          world.interrupt(point);
          await tellOne(world.forge, announcement(), {}).catch(expectTransient);
          world.interrupt(undefined);
          const known = await tellOne(world.forge, announcement(), {});
          expectTold('in-progress');
          world.interrupt(point);
          await tellOne(world.forge, announcement('success'), known).catch(expectTransient);
          world.interrupt(undefined);
          await tellOne(world.forge, announcement('success'), known);
          expectTold('success');
        },
      );
    });

    describe('the changes of a commit', () => {
      test('are those that brought it', async () => {
        const { repository, number } = world.change;
        const asked = await world.forge.changesOfCommit(world.application, world.commit);
        expect(asked).toEqual([{ repository, number }]);
        expect(await world.forge.changesOfCommit(world.application, world.commit)).toEqual(asked);
        expect(await world.forge.changesOfCommit(world.application, world.otherCommit)).toEqual([]);
      });

      test('are none for what may not be seen', async () => {
        expect(await world.forge.changesOfCommit(world.unseen.repository, world.unseen.commit)).toEqual([]);
        expect(await world.forge.changesOfCommit(world.application, 'f'.repeat(40))).toEqual([]);
      });
    });

    describe('an issue', () => {
      const issue = (title = 'Merged past the gate', body = 'See #12.') => ({ marker: MARKER, title, body });
      const upsert = async (changes = issue()) =>
        (await world.forge.upsertIssue(world.bump.repository, changes)) ?? expect.unreachable();

      test('is opened once, and goes on in place', async () => {
        const first = await upsert();
        expect(await upsert()).toEqual(first);
        expect(await upsert(issue('Merged past the gate twice', 'See #12 and #13.'))).toEqual(first);
        expect(world.issues()).toEqual([
          { title: 'Merged past the gate twice', body: `${MARKER}\nSee #12 and #13.`, isOpen: true },
        ]);
      });

      test('that was closed stays closed, and another is opened', async () => {
        const first = await upsert();
        world.closeIssue(first.number);
        expect((await upsert()).number).not.toBe(first.number);
        expect(world.issues().map(({ isOpen }) => isOpen)).toEqual([false, true]);
      });

      test.each([false, true])('interrupted (done: %s) is one in the end', async (done) => {
        world.interrupt({ writes: 0, done });
        await upsert().catch(expectTransient);
        world.interrupt(undefined);
        await upsert();
        expect(world.issues()).toHaveLength(1);
      });
    });
  });
}

function expectTransient(error: unknown): void {
  expect(error).toMatchObject({ code: 'forge-unavailable' });
}
