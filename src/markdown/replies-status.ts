import type { RolloutState } from '../domain/deploy.ts';
import type { Freeze, Pin } from '../domain/steering.ts';
import { formatVersion, sameVersion, type Version } from '../domain/version.ts';
import { escapeInline, tableCode } from './escape.ts';
import { moment } from './replies.ts';
import { decisionWords, frozenWords } from './replies-steering.ts';

/** One image in one environment. */
export interface StatusRow {
  readonly environment: string;
  readonly image: string;
  readonly standing: readonly Version[];
  /** The open change for it. */
  readonly proposed?: NumberedVersion;
  /** The bump that was merged last. */
  readonly merged?: NumberedVersion;
  /** What became of that one. */
  readonly rollout?: StatusRollout;
  readonly pin?: Pin;
  /** What people have frozen it with. */
  readonly freezes: readonly Freeze[];
}

export interface NumberedVersion {
  readonly number: number;
  readonly version: Version;
}

export interface StatusRollout {
  readonly state: RolloutState;
  readonly since: Date;
  readonly message?: string;
  readonly url?: string;
}

/** The state, which links to the tool, and what follows it, with the moment. */
const STATES: Readonly<Record<RolloutState, readonly [string, (at: string) => string]>> = {
  queued: ['⏳ merged', (at) => ` at ${at}, nothing reported yet`],
  'in-progress': ['⏳ being deployed', (at) => ` since ${at}`],
  live: ['✅ live', (at) => ` since ${at}`],
  failed: ['❌ failed', (at) => ` at ${at}`],
  superseded: ['replaced', (at) => ` at ${at}`],
  unknown: ['❔ unknown', (at) => `: no end reported by ${at}`],
};

/** A table of where one or a few images are. @param left how many images are not shown */
export function statusReply(rows: readonly StatusRow[], left: number): string {
  const isOne = new Set(rows.map(({ image }) => image)).size === 1;
  const head = [...(isOne ? [] : ['Image']), 'Environment', 'Stands there', 'Rollout', 'Proposed'];
  const lines = rows.map((row) => [
    ...(isOne ? [] : [tableCode(row.image)]),
    escapeInline(row.environment),
    standingCell(row),
    rolloutCell(row),
    proposedCell(row),
  ]);
  const table = [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  const title = isOne ? `**${tableCode(rows[0]?.image ?? '')}**\n\n` : '';
  const more = left > 0 ? [`and ${left} more images`] : [];
  return [`${title}${table}`, ...more, ...freezeLines(rows)].join('\n\n');
}

export function nowhere(): string {
  return 'No image that is followed stands in the environments of this change.';
}

/** A freeze of everything is one, however many environments it is about. */
function freezeLines(rows: readonly StatusRow[]): string[] {
  const freezes = new Set(rows.flatMap((row) => row.freezes));
  return [...freezes].map(
    (freeze) => `🧊 ${frozenWords(freeze.environment)} is frozen ${decisionWords(freeze, 'until `/unfreeze`')}.`,
  );
}

function standingCell({ standing, merged }: StatusRow): string {
  if (standing.length === 0) return 'nothing';
  const versions = standing.map((version) => tableCode(formatVersion(version))).join('<br>');
  const isBrought = merged !== undefined && standing.every((version) => sameVersion(version, merged.version));
  return isBrought ? `${versions} by #${merged.number}` : versions;
}

/** What was reported is about the bump that was merged last; where something else stands, that is said. */
function rolloutCell({ rollout, merged, standing }: StatusRow): string {
  if (rollout === undefined || merged === undefined) return 'nothing reported';
  const [state, rest] = STATES[rollout.state];
  const linked = rollout.url === undefined ? state : `[${state}](${linkTarget(rollout.url)})`;
  const stands = standing.every((version) => sameVersion(version, merged.version));
  const of = stands ? '' : ` (${tableCode(formatVersion(merged.version))} of #${merged.number})`;
  const message =
    rollout.state === 'failed' && rollout.message !== undefined ? `<br>${tableCode(cut(rollout.message))}` : '';
  return `${linked}${rest(moment(rollout.since))}${of}${message}`;
}

function proposedCell({ proposed, pin }: StatusRow): string {
  const change = proposed && `${tableCode(formatVersion(proposed.version))} in #${proposed.number}`;
  const end = pin?.until === undefined ? 'until `/unpin`' : `until ${moment(pin.until)}`;
  const kept =
    pin &&
    `pinned at ${tableCode(formatVersion(pin.version))} by ${escapeInline(pin.by)} ${end}${pin.reason === undefined ? '' : `: ${tableCode(cut(pin.reason))}`}`;
  return [change, kept].filter((part) => part !== undefined).join('<br>');
}

/** An address of a tool, so that nothing in it ends the link or the cell. */
function linkTarget(url: string): string {
  return url.replace(/[\s()<>|\\`]/g, (character) =>
    encodeURIComponent(character).replace('(', '%28').replace(')', '%29'),
  );
}

function cut(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}
