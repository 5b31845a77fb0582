import { REVIEW_CHECK } from '../domain/change.ts';
import type { Outcome, Verdict, VerdictNode } from '../review/verdict.ts';
import type { CheckText } from './checks.ts';
import { escapeInline, inlineCode } from './escape.ts';
import { prose } from './prose.ts';

/** Two of these are less than the 65,536 characters that GitHub takes in a check or comment. */
const LIMIT = 30_000;
/** Further reasons below one are counted. */
const MAX_CHILDREN = 10;
const MAX_TITLE = 200;

/** The check run by which the gate holds back the merge: green for pass, in progress for wait, failed for block. */
export function verdictCheck(verdict: Verdict): CheckText {
  const conclusion = { pass: 'success', wait: 'pending', block: 'failure' } as const;
  return {
    name: REVIEW_CHECK,
    conclusion: conclusion[verdict.outcome],
    title: verdictTitle(verdict),
    summary: body(verdict),
    annotations: [],
  };
}

/** The answer to `/why`. */
export function verdictReply(verdict: Verdict): string {
  return [`${SIGNS[verdict.outcome]} **${prose(verdictTitle(verdict))}**`, body(verdict)].join('\n\n');
}

/** The one thing that is missing, in plain text; and how many others are. */
export function verdictTitle(verdict: Verdict): string {
  const [first, ...others] = urgent(verdict);
  if (first === undefined) return passTitle(verdict);
  const rules = others.length === 1 ? '1 other rule' : `${others.length} other rules`;
  const more = others.length === 0 ? '' : ` (and ${rules})`;
  const title = `${first.reason.replaceAll(/\s+/g, ' ')}${place(first)}`;
  return `${title.length <= MAX_TITLE ? title : `${title.slice(0, MAX_TITLE)}…`}${more}`;
}

/** For the log: names of rules, no text that people wrote. */
export function verdictLog({ outcome, nodes, recheckAt, stale }: Verdict): Readonly<Record<string, unknown>> {
  const named = (wanted: Outcome) => [
    ...new Set(nodes.filter(({ outcome }) => outcome === wanted).map(({ rule }) => rule ?? 'override')),
  ];
  return {
    outcome,
    blockedBy: named('block'),
    waitingFor: named('wait'),
    overridden: nodes.flatMap(({ rule, override }) => (override === undefined ? [] : [rule ?? 'override'])),
    staleApprovals: stale.length,
    ...(recheckAt !== undefined && { recheckAt }),
  };
}

const SIGNS: Readonly<Record<Outcome, string>> = { block: '⛔', wait: '⏳', pass: '✅' };

function passTitle({ nodes }: Verdict): string {
  const overridden = nodes.filter(({ override }) => override !== undefined).map(({ rule }) => rule);
  const names = [...new Set(overridden)].join(', ');
  return names === '' ? 'Nothing stands in its way' : `Nothing stands in its way, with ${names} overridden`;
}

/** Most urgent first: what is wrong, then what is yet to come, each in the order of the rules. */
function urgent({ nodes }: Verdict): readonly VerdictNode[] {
  return (['block', 'wait'] as const).flatMap((wanted) => nodes.filter(({ outcome }) => outcome === wanted));
}

function body(verdict: Verdict): string {
  const overridden = verdict.nodes.filter(({ override }) => override !== undefined);
  const passed = verdict.nodes.filter(({ outcome, override }) => outcome === 'pass' && override === undefined);
  const blocks = [
    list([...urgent(verdict), ...overridden]),
    folded(passed),
    verdict.recheckAt === undefined ? '' : `The gate looks again by itself at ${utc(verdict.recheckAt)}.`,
  ];
  return blocks.filter((block) => block !== '').join('\n\n');
}

/** As many as fit, whole. */
function list(nodes: readonly VerdictNode[]): string {
  const items = nodes.map(item);
  let left = LIMIT;
  const fitting = items.findIndex((text) => (left -= text.length + 1) < 0);
  if (fitting === -1) return items.join('\n');
  return [...items.slice(0, fitting), `- and ${items.length - fitting} more`].join('\n');
}

function item(node: VerdictNode): string {
  const { rule, outcome, reason, remedy, override, children } = node;
  const name = rule === undefined ? '' : `**${escapeInline(rule)}**${place(node, inlineCode)}: `;
  const sign = override === undefined ? SIGNS[outcome] : '⚠️';
  const broken =
    override === undefined ? [] : [`- Overridden by ${prose(`@${override.by}`)}: ${prose(override.reason)}`];
  const remedies = (remedy?.split('\n') ?? []).map((line) => `- ➡️ ${remedyLine(line)}`);
  const lines = [...broken, ...remedies, ...branches(children)].map((line) => `  ${line}`);
  return [`- ${sign} ${name}${prose(reason)}`, ...lines].join('\n');
}

function branches(children: readonly VerdictNode[]): string[] {
  const shown = children.slice(0, MAX_CHILDREN).flatMap(({ reason, remedy, children: further }) => {
    const remedies = (remedy?.split('\n') ?? []).map((line) => `  - ➡️ ${remedyLine(line)}`);
    return [`- ${prose(reason)}`, ...remedies, ...branches(further).map((line) => `  ${line}`)];
  });
  const more = children.length - MAX_CHILDREN;
  return more > 0 ? [...shown, `- and ${more} more`] : shown;
}

/** What is to be typed, at the end of the line, is to be copied as it is. */
function remedyLine(line: string): string {
  const command = /^(.*): (\/[a-z][a-z-]*(?: .*)?)$/.exec(line);
  return command === null ? prose(line) : `${prose(command[1] ?? '')}: ${inlineCode(command[2] ?? '')}`;
}

function folded(nodes: readonly VerdictNode[]): string {
  if (nodes.length === 0) return '';
  const summary = `${nodes.length} ${nodes.length === 1 ? 'rule passes' : 'rules pass'}`;
  return [`<details><summary>${summary}</summary>`, list(nodes), '</details>'].join('\n\n');
}

function place({ environment }: VerdictNode, quote: (text: string) => string = (text) => text): string {
  return environment === undefined ? '' : ` in ${quote(environment)}`;
}

/** `2024-11-04 08:00 UTC` */
function utc(moment: string): string {
  return `${moment.slice(0, 16).replace('T', ' ')} UTC`;
}
