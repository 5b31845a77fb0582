import type { Wake } from '../store/store.ts';

/** What the audit log names as the event that led to a run: the newest delivery, else what the bot woke itself for. */
export function eventOf(wakes: readonly Wake[]): string {
  const delivery = wakes.findLast((wake) => wake.delivery !== undefined)?.delivery;
  if (delivery !== undefined) return `delivery ${delivery}`;
  const kind = wakes.at(-1)?.reason.kind;
  return kind === undefined || kind === 'due' ? 'schedule' : kind;
}
