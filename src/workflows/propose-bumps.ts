import type { AuditEntry } from '../domain/audit.ts';
import type { ImageName } from '../domain/image.ts';
import { repositoryKey } from '../domain/repository.ts';
import type { BumpRequest } from '../domain/steering.ts';
import { formatVersion } from '../domain/version.ts';
import type { Config } from '../config/config.ts';
import { inlineCode } from '../markdown/escape.ts';
import type { Bumps, ImageIndex, Inbox, KnownRepository, Steering } from '../store/store.ts';
import { BOT_ACTOR } from './audit-bump.ts';
import { readSituations, type EditableSituation } from './bump-situations.ts';
import { keepReverts, type KeepRevertsDeps } from './keep-reverts.ts';
import { closeChange, fields, openChange, reviseChange, type LivingChangeDeps, type Step } from './living-change.ts';
import { planBump, type BumpPlan } from './plan-bumps.ts';
import { rebuildAsAsked, rebuildIfConflicting } from './rebuild-change.ts';

export interface ProposeBumpsDeps extends LivingChangeDeps {
  readonly mirrors: LivingChangeDeps['mirrors'] & KeepRevertsDeps['mirrors'];
  readonly store: LivingChangeDeps['store'] &
    KeepRevertsDeps['store'] &
    Pick<ImageIndex, 'files' | 'published'> & {
      readonly bumps: Pick<Bumps, 'ofRepository'>;
      readonly steering: Pick<Steering, 'ofRepository'>;
      readonly inbox: Pick<Inbox, 'wakeAt'>;
    };
}

/** A manifest repository at one commit of its default branch, with its configuration there. */
export interface Proposing {
  readonly known: KnownRepository;
  readonly head: string;
  readonly config: Config;
  /** Only these are looked at; undefined: all. */
  readonly images?: readonly ImageName[];
  /** The open changes that are to be brought onto this commit, although git could merge them. */
  readonly rebuild?: ReadonlySet<number>;
  /** When the oldest event that led here was accepted. */
  readonly wokenAt: Date;
  /** What the audit log names as the event; see `wake-event.ts`. */
  readonly event?: string;
}

/**
 * Opens, updates or closes the one living change of every image in every environment, so that each proposes the version that is due.
 * A bump that fails does not keep the others from the forge; the first failure is thrown at the end, for the subject to be tried again.
 */
export async function proposeBumps(deps: ProposeBumpsDeps, at: Proposing): Promise<void> {
  const { repository } = at.known;
  const tree = await deps.mirrors.tree(repository, at.head);
  const { situations, orphans, nextEnd } = await readSituations(deps.store, { ...at, tree, now: deps.now() });
  if (nextEnd !== undefined) {
    await deps.store.inbox.wakeAt({ kind: 'repository', repository }, { kind: 'due', what: 'steering' }, nextEnd);
  }
  const failures: unknown[] = [];
  const attempt = (run: () => Promise<void>) => run().catch((error: unknown) => failures.push(error));
  for (const situation of situations) await attempt(() => propose(deps, at, situation));
  for (const open of orphans) {
    const reason = `${inlineCode(open.image)} is not written in ${inlineCode(open.environment)} any more.`;
    await attempt(() => closeChange(deps, eventOf(at), open, { reason }));
  }
  if (failures.length > 0) throw failures[0];
}

async function propose(deps: ProposeBumpsDeps, at: Proposing, situation: EditableSituation): Promise<void> {
  const { known, head, wokenAt } = at;
  const kept = await keepReverts(deps, situation, head);
  await carryOut(deps, { known, head, wokenAt, event: eventOf(at), situation: kept }, planBump(kept), at.rebuild);
}

async function carryOut(
  deps: ProposeBumpsDeps,
  step: Step,
  plan: BumpPlan,
  rebuild: ReadonlySet<number> = new Set(),
): Promise<void> {
  switch (plan.kind) {
    case 'open':
      return openChange(deps, step, plan.bump);
    case 'revise':
      return reviseChange(deps, step, { ...plan, isRebuild: rebuild.has(plan.open.change) });
    case 'close':
      return closeChange(deps, step.event, plan.open, plan);
    case 'none': {
      const { reason, detail, open } = plan;
      deps.log.debug({ ...fields(step.situation), reason, detail, change: open?.change }, 'nothing to propose');
      if (reason === 'fulfilled') return fulfil(deps, step, detail, rebuild);
      if (open === undefined) return;
      await (rebuild.has(open.change) ? rebuildAsAsked : rebuildIfConflicting)(deps, step, open);
    }
  }
}

/** Forgets a request that has come to its end, and goes on without it. */
async function fulfil(deps: ProposeBumpsDeps, step: Step, detail: string, rebuild: ReadonlySet<number>): Promise<void> {
  const { request, ...situation } = step.situation;
  if (request === undefined) return;
  const { repository, environment, image } = request;
  const entry = fulfilled(deps, request, step.event, detail);
  await deps.store.steering.apply(repository, { kind: 'fulfil', environment, image }, entry, []);
  await carryOut(deps, { ...step, situation }, planBump(situation), rebuild);
}

function fulfilled(deps: ProposeBumpsDeps, request: BumpRequest, event: string, reason: string): AuditEntry {
  const { repository, environment, image, at, version } = request;
  return {
    key: `${repositoryKey(repository)} fulfil ${environment} ${image} ${at.toISOString()}`,
    at: deps.now(),
    actor: BOT_ACTOR,
    action: 'fulfil',
    repository,
    environment,
    image,
    event,
    details: { version: formatVersion(version), reason },
  };
}

/** Where nobody told: the bot woke itself. */
function eventOf({ event = 'schedule' }: Proposing): string {
  return event;
}
