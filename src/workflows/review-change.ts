import { createHash } from 'node:crypto';
import { configPaths, readConfig } from '../config/config.ts';
import type { Change, ChangeRef } from '../domain/change.ts';
import { BRANCH_PREFIX, type ProposedBump } from '../domain/bump.ts';
import { formatSubject } from '../domain/subject.ts';
import type { Forge } from '../forge/forge.ts';
import type { Mirrors, Tree } from '../git/git.ts';
import { configCheck } from '../markdown/checks.ts';
import { DIFF_MARKER, diffComment } from '../markdown/diff-comment.ts';
import type { Renderer } from '../render/render.ts';
import type { Bumps, CommentMemory, ImageIndex, Wake } from '../store/store.ts';
import type { Log } from '../telemetry/telemetry.ts';
import { readTexts } from './bump-situations.ts';
import { renderDiff } from './render-diff.ts';

export interface ReviewChangeDeps {
  readonly forge: Pick<Forge, 'change' | 'close' | 'headRef' | 'upsertComment' | 'upsertCheck'>;
  readonly mirrors: Pick<Mirrors, 'fetch' | 'known' | 'mergeBase' | 'changedPaths' | 'tree'>;
  readonly renderer: Renderer;
  readonly store: Pick<ImageIndex, 'known'> & {
    readonly bumps: Pick<Bumps, 'ofChange' | 'setState'>;
    readonly comments: CommentMemory;
  };
  readonly log: Log;
  /** The characters that fit into one comment of the forge. */
  readonly commentLimit: number;
}

/** The two ends of a change: what the branch had when the change left it, and what the change makes of it. */
interface Ends {
  readonly base: string;
  readonly head: string;
}

/**
 * Keeps the comment with the rendered diff of a change, by the bot or by a person, equal to its present head. Writes nothing when
 * it already is; writes at all only where the change touches something that is rendered. Of a change of the bot that was merged
 * or closed, the branch is deleted.
 */
export async function reviewChange(deps: ReviewChangeDeps, ref: ChangeRef, wakes: readonly Wake[]): Promise<void> {
  const known = await deps.store.known(ref.repository);
  if (known === undefined) return;
  const [bump] = await deps.store.bumps.ofChange(ref.repository, ref.number);
  const remembered = await deps.store.comments.comment(ref.repository, ref.number, DIFF_MARKER);
  const ends = isOwnWrite(bump, wakes)
    ? { base: bump.baseCommit, head: bump.headCommit }
    : await endsOnForge(deps, ref, bump, known.defaultBranch);
  if (ends === undefined) return;
  if (typeof remembered === 'object' && remembered.bodyHash.startsWith(`${key(ends)} `)) return;

  const comment = await describe(deps, ref, ends);
  if (comment === undefined && remembered === undefined) return;
  await upsert(deps, ref, { ends, body: comment ?? noLongerRendered(ends), remembered, fresh: isFresh(wakes) });
}

/** True when nobody but the bot has touched the change since it wrote it, so that the forge need not be asked. */
function isOwnWrite(bump: ProposedBump | undefined, wakes: readonly Wake[]): bump is ProposedBump {
  return bump?.state === 'open' && wakes.every(({ reason }) => isOpenAt(reason, bump.headCommit));
}

function isOpenAt(reason: Wake['reason'], head: string): boolean {
  switch (reason.kind) {
    case 'change-written':
      return reason.headCommit === head;
    case 'change-updated':
      return reason.state === 'open' && reason.headCommit === head;
    case 'image-published':
    case 'branch-pushed':
    case 'installed':
    case 'removed':
    case 'resync':
      return false;
  }
}

/** The bot created the change moments ago, and has not commented on it. */
function isFresh(wakes: readonly Wake[]): boolean {
  return wakes.some(({ reason }) => reason.kind === 'change-written' && reason.created);
}

async function endsOnForge(
  deps: ReviewChangeDeps,
  ref: ChangeRef,
  bump: ProposedBump | undefined,
  defaultBranch: string,
): Promise<Ends | undefined> {
  const change = await deps.forge.change(ref);
  if (change === undefined) return undefined;
  await follow(deps, change, bump);
  if (change.state !== 'open' || change.targetBranch !== defaultBranch) return undefined;
  const [headRef, targetRef] = [deps.forge.headRef(ref.number), `refs/heads/${change.targetBranch}`];
  const commits = await deps.mirrors.fetch(ref.repository, [headRef, targetRef]);
  const [head, target] = [commits.get(headRef), commits.get(targetRef)];
  if (head === undefined || target === undefined) return undefined;
  const base = await deps.mirrors.mergeBase(ref.repository, target, head);
  return base === undefined ? undefined : { base, head };
}

/**
 * Remembers what became of a change of the bot. The branch of one that has ended goes, so that the next bump can make it anew; also
 * when the bot was interrupted before it could remember the change.
 */
async function follow(deps: ReviewChangeDeps, change: Change, bump: ProposedBump | undefined): Promise<void> {
  const { repository, number, state, author, sourceBranch } = change;
  const isOurs = bump !== undefined || (author.isBot && sourceBranch.startsWith(BRANCH_PREFIX));
  if (isOurs && state !== 'open') await deps.forge.close({ repository, number }, { deleteBranch: sourceBranch });
  if (bump !== undefined && bump.state !== state) await deps.store.bumps.setState(repository, number, state);
}

/** undefined when the change touches nothing that is rendered. */
async function describe(deps: ReviewChangeDeps, ref: ChangeRef, ends: Ends): Promise<string | undefined> {
  const paths = await deps.mirrors.changedPaths(ref.repository, ends.base, ends.head);
  const changed = paths.map(({ path }) => path);
  const [base, head] = [
    await deps.mirrors.tree(ref.repository, ends.base),
    await deps.mirrors.tree(ref.repository, ends.head),
  ];
  if (changed.some((path) => configPaths.includes(path))) await checkConfig(deps, ref, head);
  const diff = await renderDiff(deps.renderer, { base, head, changed });
  return diff.units.length === 0 ? undefined : diffComment(diff, { limit: deps.commentLimit });
}

/** What is wrong with a configuration is told before it is merged. */
async function checkConfig(deps: ReviewChangeDeps, { repository }: ChangeRef, head: Tree): Promise<void> {
  const read = readConfig(await readTexts(head, new Set(configPaths)));
  if (read.kind !== 'absent') await deps.forge.upsertCheck(repository, head.revision, configCheck(read));
}

interface PlannedComment {
  readonly ends: Ends;
  readonly body: string;
  readonly remembered: Awaited<ReturnType<CommentMemory['comment']>>;
  readonly fresh: boolean;
}

async function upsert(
  deps: ReviewChangeDeps,
  ref: ChangeRef,
  { ends, body, remembered, fresh }: PlannedComment,
): Promise<void> {
  const known = typeof remembered === 'object' ? remembered.id : remembered === undefined && fresh ? 'none' : undefined;
  await deps.store.comments.begin(ref.repository, ref.number, DIFF_MARKER);
  const { id } = await deps.forge.upsertComment(ref, {
    marker: DIFF_MARKER,
    body,
    ...(known !== undefined && { known }),
  });
  const bodyHash = `${key(ends)} ${createHash('sha256').update(body).digest('hex')}`;
  await deps.store.comments.finish(ref.repository, ref.number, DIFF_MARKER, { id, bodyHash });
  deps.log.info({ subject: formatSubject({ kind: 'change', ...ref }), head: ends.head }, 'rendered diff commented');
}

function key({ base, head }: Ends): string {
  return `${base}..${head}`;
}

function noLongerRendered({ base, head }: Ends): string {
  return [
    DIFF_MARKER,
    'This change no longer touches anything that is rendered.',
    `<sub>${base.slice(0, 7)}..${head.slice(0, 7)}</sub>`,
  ].join('\n\n');
}
