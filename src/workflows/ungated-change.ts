import { REVIEW_CHECK } from '../domain/change.ts';
import { formatSubject } from '../domain/subject.ts';
import type { Forge } from '../forge/forge.ts';
import { verdictCheck, verdictLog } from '../markdown/verdict.ts';
import { ungatedVerdict } from '../review/ungated.ts';
import type { Inbox, Renders, Verdicts } from '../store/store.ts';
import type { Log } from '../telemetry/telemetry.ts';
import { elsewhere } from './change-effect.ts';
import type { Look } from './change-look.ts';
import { wakeTwins } from './shared-head.ts';

export interface UngatedChangeDeps {
  readonly forge: Pick<Forge, 'upsertCheck'>;
  readonly store: {
    readonly renders: Pick<Renders, 'saveRender'>;
    readonly verdicts: Pick<Verdicts, 'verdict' | 'saveVerdict' | 'ofHead'>;
    readonly inbox: Pick<Inbox, 'wake'>;
  };
  readonly log: Log;
  readonly now: () => Date;
}

/**
 * An open change for a branch that is not the deployed one: the gate says that it has no say. Where that branch demands its check all
 * the same, the check fails, so that nobody waits for it and no other change with the same head frees it.
 */
export async function passOverUngated(deps: UngatedChangeDeps, { ref, known, state }: Look): Promise<void> {
  const { repository, number } = ref;
  const { headCommit, targetBranch } = state.change;
  const verdict = ungatedVerdict(targetBranch, known.defaultBranch);
  const before = await deps.store.verdicts.verdict(repository, number);
  await deps.store.renders.saveRender(repository, number, elsewhere(headCommit));
  await deps.store.verdicts.saveVerdict({
    ...{ repository, number, headCommit, verdict, outcome: verdict.outcome },
    baseCommit: state.baseCommit,
    requiredChecks: [],
    decidedAt: deps.now(),
  });
  if (state.requiredChecks.includes(REVIEW_CHECK)) {
    await deps.forge.upsertCheck(repository, headCommit, verdictCheck(verdict), state.ownCheck ?? 'none');
    const subject = formatSubject({ kind: 'change', repository, number });
    deps.log.info({ subject, head: headCommit, ...verdictLog(verdict) }, 'change for a branch that is not gated');
  }
  await wakeTwins(deps, ref, { before, present: { headCommit, outcome: verdict.outcome } });
}
