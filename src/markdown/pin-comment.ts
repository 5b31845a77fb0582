import type { Pin } from '../domain/steering.ts';
import type { Version } from '../domain/version.ts';
import { escapeInline, inlineCode } from './escape.ts';
import { quoted } from './replies.ts';
import { versionCode } from './replies-steering.ts';

/** The line by which the one comment about a pin is found again on the change that it is about. */
export const PIN_MARKER = '<!-- tagalong:pin -->';

/** The line by which the one comment is found that says why the bot has closed its change. */
export const CLOSED_MARKER = '<!-- tagalong:closed -->';

export interface RevertedBump {
  /** What the change had brought. */
  readonly brought: Version;
  readonly commit: string;
  readonly pin: Pin;
}

/** Told on a merged change of the bot once somebody has taken it back by hand. */
export function revertedByHand({ brought, commit, pin }: RevertedBump): string {
  const subject = pin.reason === undefined ? '' : `: ${quoted(pin.reason)}`;
  return [
    PIN_MARKER,
    `Write \`/unpin\` here to let newer versions through to **${escapeInline(pin.environment)}** again.`,
    `${versionCode(brought)} was taken back by hand in ${shortCommit(commit)} by **${escapeInline(pin.by)}**${subject}. ${versionCode(pin.version)} is kept until \`/unpin\`, and no other version is proposed.`,
  ].join('\n\n');
}

/** Replaces {@link revertedByHand} when a person has moved on by hand. */
export function movedOnByHand(pin: Pin, standing: readonly Version[]): string {
  const written = standing.map((version) => versionCode(version)).join(' and ');
  const since = written === '' ? 'took it away' : `wrote ${written}`;
  return [
    PIN_MARKER,
    `${versionCode(pin.version)} is not kept in **${escapeInline(pin.environment)}** any more: somebody ${since} by hand. Newer versions are proposed again.`,
  ].join('\n\n');
}

/** @param reason Markdown */
export function closedByBot(reason: string): string {
  return `${CLOSED_MARKER}\n\nNothing to do here: ${reason}`;
}

function shortCommit(commit: string): string {
  return inlineCode(commit.slice(0, 7));
}
