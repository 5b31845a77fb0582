import type { AuditEntry } from '../domain/audit.ts';
import type { ProposedBump } from '../domain/bump.ts';
import type { RepositoryRef } from '../domain/repository.ts';
import type { Pin } from '../domain/steering.ts';
import { formatSubject, type Subject } from '../domain/subject.ts';
import { formatVersion, sameVersion } from '../domain/version.ts';
import type { Forge } from '../forge/forge.ts';
import type { Mirrors } from '../git/git.ts';
import { findSites } from '../manifests/find-sites.ts';
import { movedOnByHand, PIN_MARKER, revertedByHand } from '../markdown/pin-comment.ts';
import type { Audit, Bumps, Steering, WakeReason } from '../store/store.ts';
import type { Log } from '../telemetry/telemetry.ts';
import { decide, type StandingVersion } from '../versions/decide.ts';
import { isAt, isBehind } from '../versions/steered-sites.ts';
import { BOT_ACTOR } from './audit-bump.ts';
import { readTexts, type EditableSituation } from './bump-situations.ts';
import { leadsForward, planBump, standingVersions } from './plan-bumps.ts';

export interface KeepRevertsDeps {
  readonly forge: Pick<Forge, 'upsertComment'>;
  readonly mirrors: Pick<Mirrors, 'tree' | 'commits' | 'isAncestor'>;
  readonly store: {
    readonly bumps: Pick<Bumps, 'merged'>;
    readonly steering: Pick<Steering, 'apply'>;
    readonly audit: Pick<Audit, 'entries'>;
  };
  readonly log: Log;
  readonly now: () => Date;
}

/** How far back the commit is looked for that took a bump back. A push that is heard of in time has it near its end. */
const SEARCHED_COMMITS = 50;

/**
 * The situation with what people have decided by hand: a merged bump that was taken back is kept away by a pin, whatever older version stands
 * there instead. The pin goes along with a further step by hand, and ends with one that is not behind the bump. A bump that was merged, and is
 * not in the files that were read, is not one that was taken back.
 * @param head the commit that the situation was read at
 */
export async function keepReverts(
  deps: KeepRevertsDeps,
  situation: EditableSituation,
  head: string,
): Promise<EditableSituation> {
  const { pin, ...unpinned } = situation;
  const { request, current } = situation;
  if (pin?.origin === 'revert') {
    if (current.some((site) => isAt(site, pin.version))) return situation;
    return (await keepFurther(deps, unpinned, head)) ?? letGo(deps, unpinned, { pin, head });
  }
  const last = await lastMerged(deps, situation);
  if (last === undefined) return situation;
  const remembered = withBump(situation, last);
  const asked = pin ?? request;
  const isInDoubt = asked === undefined ? isTakenBack(situation, last) : sameVersion(asked.version, last.to);
  if (!isInDoubt) return remembered;
  if (!(await isIn(deps, last, head))) return { ...remembered, awaited: last };
  return asked === undefined ? keep(deps, remembered, { last, head }) : remembered;
}

/** The situation with a new pin, where the step after a revert was one further back. */
async function keepFurther(
  deps: KeepRevertsDeps,
  situation: EditableSituation,
  head: string,
): Promise<EditableSituation | undefined> {
  const last = await lastMerged(deps, situation);
  if (last === undefined || !isTakenBack(situation, last) || !(await isIn(deps, last, head))) return undefined;
  const kept = await keep(deps, withBump(situation, last), { last, head });
  return kept.pin === undefined ? undefined : kept;
}

/** However old where something is proposed: what was taken back a year ago is not proposed again either. */
async function lastMerged(deps: KeepRevertsDeps, situation: EditableSituation): Promise<ProposedBump | undefined> {
  const merged = situation.proposed.filter(({ state }) => state === 'merged');
  const recent = merged.toSorted((a, b) => b.change - a.change)[0];
  if (recent !== undefined) return recent;
  const plan = planBump(situation);
  if (plan.kind === 'none' && plan.open === undefined) return undefined;
  const { repository, environment, image } = situation;
  return (await deps.store.bumps.merged(repository, { environment, image, limit: 1 }))[0];
}

function withBump(situation: EditableSituation, bump: ProposedBump): EditableSituation {
  if (situation.proposed.some(({ change }) => change === bump.change)) return situation;
  return { ...situation, proposed: [bump, ...situation.proposed] };
}

async function isIn(
  { mirrors }: KeepRevertsDeps,
  { repository, mergeCommit }: ProposedBump,
  head: string,
): Promise<boolean> {
  return mergeCommit !== undefined && mirrors.isAncestor(repository, mergeCommit, head);
}

/**
 * Whether every site is at a version that stood there before the bump, or that is behind its version; and the bump had led forwards: the way
 * back from a rollback holds nothing.
 */
function isTakenBack(situation: EditableSituation, { from, to }: ProposedBump): boolean {
  const { policy, current, proposed } = situation;
  const tagged = current.flatMap((site) => (site.tag === undefined ? [] : [{ ...site, tag: site.tag }]));
  if (tagged.length === 0 || tagged.some((site) => isAt(site, to))) return false;
  const merged = proposed.filter(({ state }) => state === 'merged');
  const stood = [...from, ...merged.flatMap((bump) => [...bump.from, bump.to])];
  const isEarlier = (site: (typeof tagged)[number]) =>
    stood.some((version) => isAt(site, version)) || isBehind(policy, site.tag, to.tag);
  if (!tagged.every(isEarlier)) return false;
  const decision = leadsForward(situation, to);
  return decision.ok && sameVersion(decision.to, to);
}

interface TakenBack {
  readonly last: ProposedBump;
  readonly head: string;
}

async function keep(
  deps: KeepRevertsDeps,
  situation: EditableSituation,
  { last, head }: TakenBack,
): Promise<EditableSituation> {
  const { repository, environment, image, policy, current } = situation;
  const commit = await revertOf(deps, situation, { last, head });
  const site = current.find((each) => decide(policy, [each], [last.to]).ok);
  const [version] = site === undefined ? [] : standingVersions([site]);
  if (commit === undefined || version === undefined) return situation;
  const subject = formatSubject({ kind: 'change', repository, number: last.change });
  const key = `${subject} revert ${commit.commit}`;
  // Taken back once, and let go since by somebody's word.
  const entries = await deps.store.audit.entries({ repository, change: last.change, limit: 100 });
  if (entries.some((entry) => entry.key === key)) return situation;

  const by = commit.authorName === '' ? 'somebody' : commit.authorName;
  const said = { by, at: deps.now(), reason: commit.subject };
  const pin: Pin = { ...said, repository, environment, image, version, origin: 'revert' };
  const body = revertedByHand({ brought: last.to, commit: commit.commit, pin });
  await deps.forge.upsertComment({ repository, number: last.change }, { marker: PIN_MARKER, body });
  await deps.store.steering.apply(repository, { kind: 'pin', pin }, revertEntry(key, pin, last, commit), [
    steered(repository),
  ]);
  deps.log.info({ repository: repository.path, environment, image, commit: commit.commit }, 'revert by hand is kept');
  return { ...situation, pin };
}

interface Revert {
  readonly commit: string;
  /** Of the commit that was merged, where it is a merge. */
  readonly authorName: string;
  readonly subject: string;
}

/** The commit that brought what stands now: the newest before which something else stood. */
async function revertOf(
  deps: KeepRevertsDeps,
  situation: EditableSituation,
  { last: { repository, mergeCommit }, head }: TakenBack,
): Promise<Revert | undefined> {
  const range = { ...(mergeCommit !== undefined && { from: mergeCommit }), to: head, limit: SEARCHED_COMMITS };
  const standing = written(situation.current);
  for (const commit of await deps.mirrors.commits(repository, range)) {
    const [before, merged] = commit.parents;
    if (before === undefined || (await writtenAt(deps, situation, before)) === standing) continue;
    const [own] = merged === undefined ? [] : await deps.mirrors.commits(repository, { to: merged, limit: 1 });
    return { ...(own ?? commit), commit: commit.commit };
  }
  return undefined;
}

/** The versions at the sites of the image, at another commit. */
async function writtenAt(
  { mirrors }: KeepRevertsDeps,
  { repository, image, sites }: EditableSituation,
  commit: string,
): Promise<string> {
  const tree = await mirrors.tree(repository, commit);
  const texts = await readTexts(tree, new Set(sites.map(({ path }) => path)));
  const found = [...texts].flatMap(([path, text]) => findSites(path, text).sites);
  return written(found.filter((site) => site.image === image));
}

function written(standing: readonly StandingVersion[]): string {
  const versions = standing.map(({ tag = '', digest = '' }) => `${tag}@${digest}`);
  return [...new Set(versions)].toSorted().join(' ');
}

function revertEntry(key: string, pin: Pin, { change, to }: ProposedBump, commit: Revert): AuditEntry {
  const { repository, environment, image, at, by, version } = pin;
  return {
    key,
    at,
    actor: { kind: 'person', name: by },
    action: 'revert',
    repository,
    change,
    environment,
    image,
    event: `commit ${commit.commit}`,
    details: {
      version: formatVersion(version),
      from: formatVersion(to),
      commit: commit.commit,
      reason: commit.subject,
    },
  };
}

/** The gate looks at open changes again. */
function steered(repository: RepositoryRef): { subject: Subject; reason: WakeReason } {
  return { subject: { kind: 'repository', repository }, reason: { kind: 'steered' } };
}

/** Somebody wrote another version after the one that was kept: a newer word than the revert. */
async function letGo(
  deps: KeepRevertsDeps,
  situation: EditableSituation,
  { pin, head }: { readonly pin: Pin; readonly head: string },
): Promise<EditableSituation> {
  const { repository, environment, image } = situation;
  const standing = standingVersions(situation.current);
  const last = await lastMerged(deps, situation);
  if (last !== undefined) {
    const body = movedOnByHand(pin, standing);
    await deps.forge.upsertComment({ repository, number: last.change }, { marker: PIN_MARKER, body });
  }
  const entry: AuditEntry = {
    key: `${formatSubject({ kind: 'repository', repository })} unpin ${environment} ${image} ${pin.at.toISOString()}`,
    at: deps.now(),
    actor: BOT_ACTOR,
    action: 'unpin',
    repository,
    environment,
    image,
    event: `commit ${head}`,
    details: {
      version: formatVersion(pin.version),
      reason: `moved by hand to ${standing.map(formatVersion).join(', ') || 'no version'}`,
    },
  };
  await deps.store.steering.apply(repository, { kind: 'unpin', environment, image }, entry, [steered(repository)]);
  deps.log.info({ repository: repository.path, environment, image }, 'pin of a revert by hand has ended');
  return situation;
}
