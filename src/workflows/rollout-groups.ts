import type { Config } from '../config/config.ts';
import type { ProposedBump } from '../domain/bump.ts';
import type { ChangeRef } from '../domain/change.ts';
import { repositoryKey, type RepositoryRef } from '../domain/repository.ts';
import type { Forge } from '../forge/forge.ts';
import { applicationOf } from './application-of.ts';
import type { Outcome } from './rollout-outcome.ts';

/** A commit of an application on the forge of its manifests; perhaps abbreviated. */
export interface ApplicationCommit {
  readonly repository: RepositoryRef;
  readonly commit: string;
}

/** The bumps that were built from one commit of an application, in all environments; or one bump of which that is not known. */
export interface Group {
  readonly application?: ApplicationCommit;
  readonly outcomes: readonly Outcome[];
  /** Bumps of the same commit that are proposed and not merged. */
  readonly open: readonly ProposedBump[];
}

export interface PlacedGroup {
  readonly group: Group;
  /** The change of the application that brought the commit, where there is one. */
  readonly on?: ChangeRef | undefined;
  /** Something of it is not told yet. */
  readonly isNews?: boolean;
}

/** Groups whose commits one change of an application brought: they share the comment there. Else a group by itself. */
export interface Family {
  readonly groups: readonly Group[];
  readonly on?: ChangeRef | undefined;
  readonly isNews: boolean;
}

export function familiesOf(placed: readonly PlacedGroup[]): readonly Family[] {
  const families = Map.groupBy(placed, ({ group, on }) =>
    on === undefined ? group : `${repositoryKey(on.repository)}#${on.number}`,
  );
  return [...families.values()].map((members) => ({
    groups: members.map(({ group }) => group),
    on: members[0]?.on,
    isNews: members.some(({ isNews }) => isNews === true),
  }));
}

/** What people read of one application commit is written together, so that all its environments stand in one comment. */
export function groupsOf(
  outcomes: readonly Outcome[],
  open: readonly ProposedBump[],
  applicationOfBump: (bump: ProposedBump) => ApplicationCommit | undefined,
): readonly Group[] {
  const placed = outcomes.map((outcome) => ({ outcome, application: applicationOfBump(outcome.bump) }));
  const known = placed.flatMap(({ application }) => application ?? []);
  const groups = Map.groupBy(placed, ({ outcome, application }) =>
    application === undefined ? `#${outcome.bump.change}` : keyOf(fullest(application, known)),
  );
  return [...groups.values()].map((members) => {
    const application = members.flatMap((member) => member.application ?? []).map((each) => fullest(each, known))[0];
    const isOfGroup = (bump: ProposedBump) => {
      const other = applicationOfBump(bump);
      return other !== undefined && application !== undefined && isSame(other, application);
    };
    return {
      ...(application !== undefined && { application }),
      outcomes: members.map(({ outcome }) => outcome),
      open: open.filter(isOfGroup),
    };
  });
}

/** The same commit as the sender that knows most of its hash names it. */
function fullest(commit: ApplicationCommit, known: readonly ApplicationCommit[]): ApplicationCommit {
  const same = known.filter((other) => isSame(commit, other));
  return same.toSorted((a, b) => b.commit.length - a.commit.length)[0] ?? commit;
}

function keyOf({ repository, commit }: ApplicationCommit): string {
  return `${repositoryKey(repository)}@${commit}`;
}

/** The commit that a bump's image was built from; undefined where it or its repository is not known, or is not the bot's business. */
export function applicationCommit(
  forge: Pick<Forge, 'commitUrl'>,
  config: Config,
  bump: ProposedBump,
): ApplicationCommit | undefined {
  const commit = bump.to.provenance?.commit;
  const application = applicationOf(forge, config, bump);
  if (commit === undefined || application.kind !== 'known') return undefined;
  return { repository: application.repository, commit };
}

/** Senders know more or less of a hash. */
function isSame(a: ApplicationCommit, b: ApplicationCommit): boolean {
  const [short, long] = a.commit.length <= b.commit.length ? [a.commit, b.commit] : [b.commit, a.commit];
  return repositoryKey(a.repository) === repositoryKey(b.repository) && long.startsWith(short);
}
