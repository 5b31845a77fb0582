import { configPaths, readConfig } from '../config/config.ts';
import { policiesOf } from '../config/policies.ts';
import type { ProposedBump } from '../domain/bump.ts';
import { HOLD_LABEL, type Person } from '../domain/change.ts';
import type { RepositoryRef } from '../domain/repository.ts';
import type { CommandApproval, Override, RepositorySteering } from '../domain/steering.ts';
import { formatVersion } from '../domain/version.ts';
import type { Forge } from '../forge/forge.ts';
import type { ForgeReview, Permission } from '../forge/reviews.ts';
import type { Mirrors } from '../git/git.ts';
import type { Snapshot, SnapshotBump, SnapshotConfig, SnapshotReview } from '../review/snapshot.ts';
import type { Audit, Steering } from '../store/store.ts';
import { applicationAuthors, type ApplicationAuthorsDeps } from './application-authors.ts';
import { readTexts } from './bump-situations.ts';
import type { ChangeEffect } from './change-effect.ts';
import type { Ground, Look } from './change-look.ts';

export interface GatherDeps {
  readonly forge: ApplicationAuthorsDeps['forge'] & Pick<Forge, 'permission'>;
  readonly mirrors: Pick<Mirrors, 'commits' | 'tree'>;
  readonly store: ApplicationAuthorsDeps['store'] & {
    readonly steering: Pick<Steering, 'ofRepository' | 'ofChange'>;
    readonly audit: Pick<Audit, 'entries'>;
  };
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
    ...(look.bump?.state === 'open' && { bump: await describeBump(deps, look, look.bump) }),
    paths: ground.paths,
    config: configOf(ground, known.defaultBranch),
    authors: withoutBot(state.authors, look),
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
    freezes: steering.freezes.map(({ environment, by, reason, until }) => ({
      ...(environment !== undefined && { environment }),
      by,
      ...(reason !== undefined && { reason }),
      ...(until !== undefined && { until: until.toISOString() }),
    })),
    ...pinOf(steering, look.bump),
    overrides: await overridesOf(decisions.overrides, effect, permission),
  };
}

type AskPermission = (login: string) => Promise<Permission>;

/** Each person is asked about once. */
function permissions(forge: GatherDeps['forge'], repository: RepositoryRef): AskPermission {
  const known = new Map<string, Promise<Permission>>();
  return (login) => {
    const answer = known.get(login) ?? forge.permission(repository, login);
    known.set(login, answer);
    return answer;
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

async function describeBump(deps: GatherDeps, look: GatedLook, bump: ProposedBump): Promise<SnapshotBump> {
  return {
    environment: bump.environment,
    image: bump.image,
    from: bump.from.map(formatVersion),
    to: formatVersion(bump.to),
    isUntouched: await isUntouched(deps, look, bump),
  };
}

/** No commit is longer on its way to a version than this, and what is gets an approval by hand. */
const MAX_BUMP_COMMITS = 50;

/**
 * Whether the bot wrote every commit of the branch. Told by what the bot remembers to have written: an author is what anybody
 * who may push says it is.
 */
async function isUntouched(
  { mirrors, store }: GatherDeps,
  { ref, state, ground }: GatedLook,
  bump: ProposedBump,
): Promise<boolean> {
  const { base, head } = ground.ends;
  const { authors } = state;
  if (bump.headCommit !== head || !authors.isComplete || authors.unknown.length > 0) return false;
  const range = { from: base, to: head, limit: MAX_BUMP_COMMITS };
  const [, ...earlier] = await mirrors.commits(ref.repository, range);
  if (earlier.length === 0) return true;
  const entries = await store.audit.entries({ repository: ref.repository, change: ref.number, limit: 1_000 });
  const written = new Set(
    entries.flatMap(({ action, details }) => (action === 'propose' || action === 'revise' ? [details['commit']] : [])),
  );
  return earlier.length + 1 < MAX_BUMP_COMMITS && earlier.every(({ commit }) => written.has(commit));
}

function configOf({ config, paths }: Ground, defaultBranch: string): SnapshotConfig {
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
      return { kind: 'valid', policies: policiesOf(config.config, paths, defaultBranch) };
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

/** The bot approves nothing, and so its own commits are nobody's. */
function withoutBot(authors: Snapshot['authors'], { state, bump }: Look): Snapshot['authors'] {
  if (bump === undefined) return authors;
  const { login } = state.change.author;
  return { ...authors, people: authors.people.filter((person) => person.login !== login) };
}

/** Who wrote what the bump brings. */
async function authorsOfBump(
  deps: GatherDeps,
  { bump, ground: { config } }: GatedLook,
): Promise<Pick<Snapshot, 'applicationAuthors'>> {
  if (bump?.state !== 'open' || config.kind !== 'valid') return {};
  const authors = await applicationAuthors(deps, config.config, bump);
  return authors === undefined ? {} : { applicationAuthors: authors };
}

/** Only what can count is compared, because each comparison may need a rendering. */
async function forgeReviews(reviews: readonly ForgeReview[], effect: ChangeEffect): Promise<SnapshotReview[]> {
  const described: SnapshotReview[] = [];
  for (const [index, review] of reviews.entries()) {
    const mayCount = review.state === 'approved' && review.mayWrite && !review.by.isBot;
    const isLast = !reviews
      .slice(index + 1)
      .some((later) => later.state !== 'commented' && isSame(later.by, review.by));
    const { commit } = review;
    const rendersAlike = commit !== undefined && mayCount && isLast ? await effect.isAlike(commit) : 'unknown';
    described.push({ ...review, rendersAlike });
  }
  return described;
}

function isSame(a: Person, b: Person): boolean {
  return a.login.toLowerCase() === b.login.toLowerCase();
}

async function commandApprovals(
  approvals: readonly CommandApproval[],
  effect: ChangeEffect,
  permission: AskPermission,
): Promise<SnapshotReview[]> {
  const described: SnapshotReview[] = [];
  for (const { by, at, headCommit } of approvals) {
    described.push({
      id: 'command',
      by: { login: by, isBot: false },
      state: 'approved',
      at: at.toISOString(),
      commit: headCommit,
      rendersAlike: await effect.isAlike(headCommit),
      mayWrite: ['write', 'admin'].includes(await permission(by)),
    });
  }
  return described;
}

function isOwnCheck(name: string): boolean {
  return name.startsWith('tagalong/');
}

function pinOf({ pins }: RepositorySteering, bump: ProposedBump | undefined): Pick<Snapshot, 'pin'> {
  const pin = pins.find(({ environment, image }) => environment === bump?.environment && image === bump.image);
  if (pin === undefined) return {};
  const { version, by, reason, until } = pin;
  return {
    pin: {
      version: formatVersion(version),
      by,
      ...(reason !== undefined && { reason }),
      ...(until !== undefined && { until: until.toISOString() }),
    },
  };
}

async function overridesOf(
  overrides: readonly Override[],
  effect: ChangeEffect,
  permission: AskPermission,
): Promise<Snapshot['overrides']> {
  const described: Snapshot['overrides'][number][] = [];
  for (const { rule, by, reason = '', headCommit } of overrides) {
    const rendersAlike = await effect.isAlike(headCommit);
    described.push({ rule, by, reason, rendersAlike, isAdmin: (await permission(by)) === 'admin' });
  }
  return described;
}
