import { createHash } from 'node:crypto';
import type { Config } from '../config/config.ts';
import { TagalongError } from '../domain/errors.ts';
import { deployNotice } from '../markdown/deploy-notice.ts';
import type { Notice, Notifier } from '../notify/notify.ts';
import type { Deploys } from '../store/store.ts';
import type { Log } from '../telemetry/telemetry.ts';
import { deployText, remembering, type Outcome } from './rollout-outcome.ts';

export interface NotifyRolloutDeps {
  readonly notifier: Notifier;
  readonly store: { readonly deploys: Pick<Deploys, 'saveRollout'> };
  readonly log: Log;
  readonly now: () => Date;
}

/** A chat that does not take a message is left alone after so many attempts. */
const ATTEMPTS = 5;
const RETRY_MS = 60_000;

/** What the chat remembers of its message. */
const MESSAGE = 'chat';
/** A digest of what was said there. */
const SAID = 'chatSaid';
const FAILURES = 'chatFailures';

/**
 * Tells the chat, where one is set up for the environment. It never throws: the forge was told, and a chat that fails is tried again.
 * @returns when to try again
 */
export async function notifyRollout(
  deps: NotifyRolloutDeps,
  outcome: Outcome,
  config: Config,
): Promise<Date | undefined> {
  const notice = noticeOf(deps.notifier.mode, outcome, config);
  if (notice === undefined) return undefined;
  const { told } = outcome.rollout;
  const said = createHash('sha256').update(JSON.stringify(notice)).digest('base64url');
  const [failed, attempts] = [told[FAILURES]?.split(' ')[0], Number(told[FAILURES]?.split(' ')[1] ?? 0)];
  const tried = failed === said ? attempts : 0;
  if (told[SAID] === said || tried >= ATTEMPTS) return undefined;
  try {
    const message = await deps.notifier.notify(notice, told[MESSAGE]);
    const { rollout } = remembering(outcome, { [MESSAGE]: message, [SAID]: said, [FAILURES]: undefined });
    await deps.store.deploys.saveRollout(rollout);
    return undefined;
  } catch (error) {
    if (!(error instanceof TagalongError) || error.code !== 'notify-failed') throw error;
    deps.log.warn({ err: error, change: outcome.bump.change, attempts: tried + 1 }, 'chat was not told of a rollout');
    const { rollout } = remembering(outcome, { [FAILURES]: `${said} ${tried + 1}` });
    await deps.store.deploys.saveRollout(rollout);
    return error.retryAt ?? new Date(deps.now().getTime() + RETRY_MS * 2 ** tried);
  }
}

/** With a message for each rollout every step is told; else only an end that people want to hear of. */
function noticeOf(mode: Notifier['mode'], outcome: Outcome, config: Config): Notice | undefined {
  const { bump, rollout } = outcome;
  const environment = config.environments.find(({ name }) => name === bump.environment);
  const channel = environment?.notify?.slack ?? config.notify?.slack;
  const text = deployNotice(deployText(outcome));
  const isBegun = rollout.told[MESSAGE] !== undefined;
  switch (mode) {
    case 'off':
      return undefined;
    case 'once': {
      const isEnd = rollout.state === 'live' || rollout.state === 'failed';
      return isEnd ? { ...text, ...(channel !== undefined && { channel }) } : undefined;
    }
    case 'message-per-rollout':
      if (channel === undefined || (rollout.state === 'superseded' && !isBegun)) return undefined;
      return { ...text, channel };
  }
}
