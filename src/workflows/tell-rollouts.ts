import { createHash } from 'node:crypto';
import type { ChangeRef } from '../domain/change.ts';
import type { DeployMemory, DeployTold } from '../forge/deployments.ts';
import type { Forge } from '../forge/forge.ts';
import type { Deploys } from '../store/store.ts';
import { announcements } from './rollout-announcements.ts';
import { familiesOf, type Family, type Group, type PlacedGroup } from './rollout-groups.ts';
import { remembering, type Outcome } from './rollout-outcome.ts';

export interface TellRolloutsDeps {
  readonly forge: Pick<Forge, 'tellDeploys' | 'changesOfCommit'>;
  readonly store: { readonly deploys: Pick<Deploys, 'saveRollout'> };
  readonly now: () => Date;
}

export interface ToldRollouts {
  /** With what they remember now. */
  readonly outcomes: readonly Outcome[];
  /** Why not everything was told; it is remembered what was. */
  readonly failures: readonly unknown[];
}

/**
 * Tells what is not told yet, all together: for each application commit a deployment and a status for each environment, a comment on the
 * application's change, and one on each bump's own. Costs nothing where all is told.
 */
export async function tellRollouts(deps: TellRolloutsDeps, groups: readonly Group[]): Promise<ToldRollouts> {
  const known = groups.map((group) => ({ group, on: rememberedChange(group) }));
  const news = new Set(
    familiesOf(known)
      .filter(hasNews)
      .flatMap((family) => family.groups),
  );
  const failures: unknown[] = [];
  const placed: PlacedGroup[] = [];
  for (const place of known) placed.push(news.has(place.group) ? await askFor(deps, place, failures) : place);
  const [due, rest] = partition(familiesOf(placed), ({ isNews }) => isNews);
  const tellings = due.map((family) => ({ announcements: announcements(family), known: forgeMemory(family) }));
  const told = tellings.length === 0 ? [] : await deps.forge.tellDeploys(tellings).catch(note(failures));
  const outcomes = rest.flatMap(outcomesOf);
  for (const [index, family] of due.entries()) {
    const answer = told?.[index];
    if (answer?.failure !== undefined) failures.push(answer.failure);
    outcomes.push(...(answer === undefined ? outcomesOf(family) : await save(deps, family, answer)));
  }
  return { outcomes, failures };
}

/** A digest of all that was told of the family. */
const SAID = 'said';
/** The number of the application's change. */
const ON = 'on';
/** When it was asked for, and there was none. */
const ASKED_AT = 'askedAt';
const TOLD_AT = 'toldAt';
/** Begins what the forge remembers. */
const FORGE = 'forge ';

function outcomesOf({ groups }: Family): readonly Outcome[] {
  return groups.flatMap(({ outcomes }) => outcomes);
}

function hasNews(family: Family): boolean {
  const said = digestOf(family);
  return outcomesOf(family).some(({ rollout }) => rollout.told[SAID] !== said);
}

function rememberedChange({ application, outcomes }: Group): ChangeRef | undefined {
  const number = outcomes.map(({ rollout }) => rollout.told[ON]).find((each) => each !== undefined);
  if (application === undefined || number === undefined) return undefined;
  return { repository: application.repository, number: Number(number) };
}

/** How long a commit counts as one that no change brought: its reports need no request more in between. */
const ASK_AGAIN_MS = 60 * 60_000;

/** The newest change of the application that brought the commit; a group of which that is not known is told later. */
async function askFor({ forge, now }: TellRolloutsDeps, place: PlacedGroup, failures: unknown[]): Promise<PlacedGroup> {
  const { application, outcomes } = place.group;
  const asked = outcomes
    .map(({ rollout }) => rollout.told[ASKED_AT] ?? '')
    .toSorted()
    .at(-1);
  const isRecent = asked !== undefined && asked !== '' && now().getTime() - Date.parse(asked) < ASK_AGAIN_MS;
  if (place.on !== undefined || application === undefined || isRecent) return { ...place, isNews: true };
  try {
    const [newest] = await forge.changesOfCommit(application.repository, application.commit);
    if (newest !== undefined) return { ...place, on: newest, isNews: true };
    const noted = outcomes.map((outcome) => remembering(outcome, { [ASKED_AT]: now().toISOString() }));
    return { group: { ...place.group, outcomes: noted }, isNews: true };
  } catch (error) {
    failures.push(error);
    return place;
  }
}

function note(failures: unknown[]): (error: unknown) => undefined {
  return (error) => {
    failures.push(error);
    return undefined;
  };
}

/** The same whether the application's change is known or not. */
function digestOf(family: Family): string {
  const [application] = family.groups.flatMap((group) => group.application ?? []);
  const on = application && { repository: application.repository, number: 0 };
  return createHash('sha256')
    .update(JSON.stringify(announcements({ ...family, on })))
    .digest('base64url');
}

/** Every outcome of a family has a copy of its memory, because none is sure to outlive the others; the copy that was written last wins. */
function forgeMemory(family: Family): DeployMemory {
  const copies = outcomesOf(family).map(({ rollout: { told } }) => told);
  const oldestFirst = copies.toSorted((a, b) => ((a[TOLD_AT] ?? '') < (b[TOLD_AT] ?? '') ? -1 : 1));
  const entries = oldestFirst.flatMap((told) => Object.entries(told)).filter(([key]) => key.startsWith(FORGE));
  return Object.fromEntries(entries.map(([key, value]) => [key.slice(FORGE.length), value]));
}

async function save(
  { store, now }: TellRolloutsDeps,
  family: Family,
  { known, failure }: DeployTold,
): Promise<readonly Outcome[]> {
  const forge = Object.fromEntries(Object.entries(known).map(([key, value]) => [FORGE + key, value]));
  const said = failure === undefined ? { [SAID]: digestOf(family), [ON]: family.on && String(family.on.number) } : {};
  const told = outcomesOf(family).map((outcome) =>
    remembering(outcome, { ...forge, ...said, [TOLD_AT]: now().toISOString() }),
  );
  for (const { rollout } of told) await store.deploys.saveRollout(rollout);
  return told;
}

function partition<T>(all: readonly T[], isFirst: (each: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [all.filter(isFirst), all.filter((each) => !isFirst(each))];
}
