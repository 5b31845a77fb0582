import { createHash } from 'node:crypto';
import type { ChangeRef } from '../../src/domain/change.ts';
import { repositoryKey } from '../../src/domain/repository.ts';
import type { DeployAnnouncement, Deployments, DeployTelling, DeployTold } from '../../src/forge/deployments.ts';
import type { Check, Checks, Comments } from '../../src/forge/forge.ts';
import type { Issues, KnownCheck } from '../../src/forge/reviews.ts';
import {
  attempt,
  commentsOf,
  FAKE_BOT,
  hasMarker,
  listOf,
  type FakeComment,
  type FakeIssue,
  type FakeWorld,
} from './fake-world.ts';

/** Everything that the bot tells on the fake: comments, checks, issues, deployments. */
export function fakeTelling(world: FakeWorld): Comments & Checks & Issues & Deployments {
  return {
    upsertComment: (change, comment) => attempt(() => upsertComment(world, change, comment)),
    upsertCheck: (repository, commit, check) =>
      attempt(() => {
        const list = listOf(world.side(repository).checks, commit);
        const index = list.findIndex(({ name }) => name === check.name);
        if (JSON.stringify(list[index]) === JSON.stringify(check)) return;
        world.written('check');
        list.splice(index < 0 ? list.length : index, 1, check);
      }),
    upsertIssue: (repository, { marker, title, body }) =>
      attempt(() => {
        const { issues, ref } = world.side(repository);
        const index = issues.findIndex((each) => each.isOpen && each.marker === marker);
        const number = issues[index]?.number ?? issues.length + 1;
        const issue: FakeIssue = { number, marker, title, body, isOpen: true };
        if (JSON.stringify(issues[index]) !== JSON.stringify(issue)) {
          world.written(index < 0 ? 'create-issue' : 'update-issue');
          issues.splice(index < 0 ? issues.length : index, 1, issue);
        }
        return { number, url: `https://forge.test/${ref.path}/issues/${number}` };
      }),
    tellDeploys: (tellings) => Promise.all(tellings.map((telling) => tellDeploy(world, telling))),
    changesOfCommit: (repository, commit) =>
      attempt(() => {
        const on = world.sides.get(repositoryKey(repository));
        if (on === undefined || !on.git.has(commit)) return [];
        return [...on.changes.values()]
          .filter((each) => each.state !== 'closed')
          .filter((each) => each.mergeCommit === commit || isIn(on.git.history(each.headCommit), commit))
          .map(({ number }): ChangeRef => ({ repository, number }))
          .reverse();
      }),
  };
}

/** What `reviewState` tells of a check of the bot. */
export function knownCheck(commit: string, check: Check): KnownCheck {
  return { id: `${commit} ${check.name}`, fingerprint: hash(check) };
}

function upsertComment(
  world: FakeWorld,
  change: ChangeRef,
  { marker, body, known }: { readonly marker: string; readonly body: string; readonly known?: string },
): { id: string; url: string } {
  const text = hasMarker(body, marker) ? body : `${marker}\n${body}`;
  const list = commentsOf(world, change);
  const isOwn = (each: FakeComment) => each.author === FAKE_BOT && hasMarker(each.body, marker);
  const standing = list.find(({ id }) => id === known) ?? (known === 'none' ? undefined : list.find(isOwn));
  if (world.side(change.repository).locked.has(change.number)) return { id: standing?.id ?? 'none', url: '' };
  if (standing?.body !== text) world.written(standing === undefined ? 'create-comment' : 'update-comment');
  const comment: FakeComment = { id: standing?.id ?? world.nextId(), author: FAKE_BOT, body: text };
  if (standing === undefined) list.push(comment);
  else list.splice(list.indexOf(standing), 1, comment);
  return { id: comment.id, url: `https://forge.test/comments/${comment.id}` };
}

async function tellDeploy(world: FakeWorld, { announcements, known }: DeployTelling): Promise<DeployTold> {
  const told: Record<string, string> = { ...known };
  try {
    for (const announcement of announcements) await attempt(() => announce(world, announcement, told));
    return { known: told };
  } catch (failure) {
    return { known: told, failure };
  }
}

function announce(world: FakeWorld, { application, comments }: DeployAnnouncement, told: Record<string, string>): void {
  const on = application === undefined ? undefined : world.sides.get(repositoryKey(application.repository));
  if (application !== undefined && on !== undefined) {
    const { repository, commit, deployment, status } = application;
    const where = `${repositoryKey(repository)}@${commit} ${status.context}`;
    tell(world, told, { what: 'deployment', where, said: deployment }, () => {
      listOf(on.deployments, commit).push(deployment);
    });
    tell(world, told, { what: 'status', where, said: status }, () => {
      listOf(on.statuses, commit).push(status);
    });
  }
  for (const { on: change, marker, body } of comments) {
    if (!world.sides.has(repositoryKey(change.repository))) continue;
    upsertComment(world, change, { marker, body });
  }
}

function tell(
  world: FakeWorld,
  told: Record<string, string>,
  { what, where, said }: { what: string; where: string; said: object },
  write: () => void,
): void {
  const key = `${what} ${where}`;
  if (told[key] === hash(said)) return;
  world.written(what);
  write();
  told[key] = hash(said);
}

function hash(said: object): string {
  return createHash('sha256').update(JSON.stringify(said)).digest('hex');
}

function isIn(history: readonly { readonly oid: string }[], commit: string): boolean {
  return history.some(({ oid }) => oid === commit);
}
