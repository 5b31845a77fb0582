import { configPaths } from '../config/config.ts';
import { readConfig } from '../config/read-config.ts';
import { policiesOf } from '../config/policies.ts';
import { HOLD_LABEL } from '../domain/change.ts';
import type { Forge } from '../forge/forge.ts';
import type { Mirrors } from '../git/git.ts';
import type { Snapshot, SnapshotConfig } from '../review/snapshot.ts';
import type { Steering } from '../store/store.ts';
import { readTexts } from './bump-situations.ts';
import type { ChangeEffect } from './change-effect.ts';
import type { Ground, Look } from './change-look.ts';
import { commandApprovals, forgeReviews, freezesOf, overridesOf, permissions, pinOf } from './snapshot-decisions.ts';
import { authorsOfBump, describeBump, requestedBy, withoutBot, type SnapshotOriginDeps } from './snapshot-origin.ts';

export interface GatherDeps extends SnapshotOriginDeps {
  readonly forge: SnapshotOriginDeps['forge'] & Pick<Forge, 'permission'>;
  readonly mirrors: Pick<Mirrors, 'commits' | 'tree'>;
  readonly store: SnapshotOriginDeps['store'] & { readonly steering: Pick<Steering, 'ofRepository' | 'ofChange'> };
  readonly now: () => Date;
}

/** A look at a change that the gate is about. */
export interface GatedLook extends Look {
  readonly ground: Ground;
}

/**
 * Everything that the gate looks at. Asks the forge beyond the look only where somebody steered by command (whether that person
 * may) and where a bump tells which application it brings (who wrote it); the adapter remembers the latter.
 */
export async function gatherSnapshot(
  deps: GatherDeps,
  look: GatedLook,
  effect: ChangeEffect,
  mergeGroup?: Snapshot['mergeGroup'],
): Promise<Snapshot> {
  const { ref, state, ground, known } = look;
  const now = deps.now();
  const [steering, decisions] = await Promise.all([
    deps.store.steering.ofRepository(ref.repository, now),
    deps.store.steering.ofChange(ref.repository, ref.number),
  ]);
  const permission = permissions(deps.forge, ref.repository);
  const summary = await effect.summary();
  return {
    version: 1,
    at: now.toISOString(),
    repository: ref.repository,
    change: await describe(deps, look),
    ...(mergeGroup !== undefined && { mergeGroup }),
    ...(await describeBump(deps, look)),
    ...(await requestedBy(deps, look, steering)),
    paths: ground.paths,
    config: configOf(ground, known.defaultBranch, summary.reached),
    authors: withoutBot(look),
    ...(await authorsOfBump(deps, look)),
    reviews: [
      ...(await forgeReviews(state.reviews, effect)),
      ...(await commandApprovals(decisions.approvals, effect, permission)),
    ].sort((a, b) => Date.parse(a.at) - Date.parse(b.at)),
    teams: state.teams,
    ...(ground.codeowners !== undefined && { codeowners: ground.codeowners }),
    checks: {
      required:
        state.requiredChecks === 'unknown' ? 'unknown' : state.requiredChecks.filter((name) => !isOwnCheck(name)),
      reported: state.checks,
    },
    render: {
      kind: 'rendered',
      findings: summary.findings,
      failures: [...summary.failures, ...(await brokenConfig(deps, look))],
    },
    freezes: freezesOf(steering),
    ...pinOf(steering, look.bump),
    overrides: await overridesOf(decisions.overrides, effect, permission),
  };
}

async function describe(deps: GatherDeps, { ref, state }: GatedLook): Promise<Snapshot['change']> {
  const { change, baseCommit, mergeable } = state;
  const { number, url, title, author, isDraft, fromFork, headCommit, targetBranch, labels } = change;
  const hold = labels.includes(HOLD_LABEL) ? await holderOf(deps, ref) : undefined;
  return {
    number,
    url,
    state: change.state,
    title,
    author,
    isDraft,
    fromFork,
    headCommit,
    baseCommit,
    targetBranch,
    labels,
    mergeable,
    ...(hold !== undefined && { hold }),
  };
}

/** Who said `/hold` last; a label that was set by hand tells nobody. */
async function holderOf(
  { store }: GatherDeps,
  { repository, number }: Look['ref'],
): Promise<Snapshot['change']['hold']> {
  const entries = await store.audit.entries({ repository, change: number, limit: 100 });
  const last = entries.find(({ action }) => action === 'hold' || action === 'unhold');
  if (last?.action !== 'hold') return undefined;
  const { reason } = last.details;
  return { by: last.actor.name, ...(reason !== undefined && { reason }) };
}

function configOf({ config, paths }: Ground, defaultBranch: string, reached: readonly string[]): SnapshotConfig {
  switch (config.kind) {
    case 'absent':
      return { kind: 'absent' };
    case 'invalid': {
      const { file, problems } = config;
      return {
        kind: 'invalid',
        file,
        problems: problems.map(({ line, column, message }) => `${file}:${line}:${column} ${message}`),
      };
    }
    case 'valid':
      return { kind: 'valid', policies: policiesOf(config.config, paths, defaultBranch, reached) };
  }
}

/** A configuration that cannot be obeyed must not be merged: with it on the branch, the gate would let nothing through, its mending included. */
async function brokenConfig(
  { mirrors }: GatherDeps,
  { ref, ground: { ends, paths } }: GatedLook,
): Promise<readonly { readonly unit: string; readonly message: string }[]> {
  if (!paths.some((path) => configPaths.includes(path))) return [];
  const read = readConfig(await readTexts(await mirrors.tree(ref.repository, ends.head), new Set(configPaths)));
  if (read.kind !== 'invalid') return [];
  const [first] = read.problems;
  const where = first === undefined ? '' : ` Line ${first.line}: ${first.message}`;
  return [
    { unit: read.file, message: `the configuration would not be valid, and nothing could be merged after it.${where}` },
  ];
}

function isOwnCheck(name: string): boolean {
  return name.startsWith('tagalong/');
}
