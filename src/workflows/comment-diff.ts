import { createHash } from 'node:crypto';
import { configPaths } from '../config/config.ts';
import { readConfig } from '../config/read-config.ts';
import type { ChangeRef } from '../domain/change.ts';
import { formatSubject } from '../domain/subject.ts';
import type { Forge } from '../forge/forge.ts';
import type { Mirrors } from '../git/git.ts';
import { configCheck } from '../markdown/checks.ts';
import { DIFF_MARKER, diffComment } from '../markdown/diff-comment.ts';
import type { CommentMemory } from '../store/store.ts';
import type { Log } from '../telemetry/telemetry.ts';
import { readTexts } from './bump-situations.ts';
import type { ChangeEffect, Ends } from './change-effect.ts';

export interface CommentDiffDeps {
  readonly forge: Pick<Forge, 'upsertComment' | 'upsertCheck'>;
  readonly mirrors: Pick<Mirrors, 'tree'>;
  readonly store: { readonly comments: CommentMemory };
  readonly log: Log;
  /** The characters that fit into one comment of the forge. */
  readonly commentLimit: number;
}

export interface DiffToComment {
  readonly ref: ChangeRef;
  readonly ends: Ends;
  /** Every path that differs between the two. */
  readonly paths: readonly string[];
  readonly effect: ChangeEffect;
  /** The bot created the change moments ago, and has not commented on it. */
  readonly isFresh: boolean;
}

/**
 * Keeps the comment with the rendered diff of a change, by the bot or by a person, equal to its present head. Asks nobody and writes
 * nothing when it already is; writes at all only where the change touches something that is rendered.
 */
export async function commentDiff(deps: CommentDiffDeps, about: DiffToComment): Promise<void> {
  const { ref, ends, paths, effect } = about;
  const remembered = await deps.store.comments.comment(ref.repository, ref.number, DIFF_MARKER);
  if (typeof remembered === 'object' && remembered.bodyHash.startsWith(`${key(ends)} `)) return;

  const touchesConfig = paths.some((path) => configPaths.includes(path));
  if (touchesConfig && !(await effect.isKnown())) await checkConfig(deps, ref, ends.head);
  const { units } = await effect.summary();
  if (units === 0 && remembered === undefined) return;
  const comment = units === 0 ? undefined : diffComment(await effect.diff(), { limit: deps.commentLimit });
  await upsert(deps, about, { body: comment ?? noLongerRendered(ends), remembered });
}

/** What is wrong with a configuration is told before it is merged. */
async function checkConfig(deps: CommentDiffDeps, { repository }: ChangeRef, head: string): Promise<void> {
  const tree = await deps.mirrors.tree(repository, head);
  const read = readConfig(await readTexts(tree, new Set(configPaths)));
  if (read.kind !== 'absent') await deps.forge.upsertCheck(repository, head, configCheck(read));
}

interface PlannedComment {
  readonly body: string;
  readonly remembered: Awaited<ReturnType<CommentMemory['comment']>>;
}

async function upsert(
  deps: CommentDiffDeps,
  { ref, ends, isFresh }: DiffToComment,
  { body, remembered }: PlannedComment,
): Promise<void> {
  const known =
    typeof remembered === 'object' ? remembered.id : remembered === undefined && isFresh ? 'none' : undefined;
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
