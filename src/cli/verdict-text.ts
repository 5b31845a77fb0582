import { verdictTitle } from '../markdown/verdict.ts';
import type { Outcome, Verdict, VerdictNode } from '../review/verdict.ts';
import { visible } from './diff-text.ts';
import { paint, type Output, type Style } from './io.ts';

const STYLES = { pass: 'green', wait: 'yellow', block: 'red' } as const satisfies Record<Outcome, Style>;

/** Writes a verdict for a person at a terminal: what is missing, then each rule with what it says and what would help. */
export function writeVerdict(output: Output, verdict: Verdict): void {
  const { outcome, nodes, recheckAt } = verdict;
  output.write(`${paint(output, ['bold', STYLES[outcome]], outcome)}: ${visible(verdictTitle(verdict))}\n\n`);
  for (const node of nodes) writeNode(output, node);
  if (recheckAt !== undefined) output.write(`\nTime alone changes the answer at ${recheckAt}.\n`);
}

function writeNode(output: Output, node: VerdictNode): void {
  const { outcome, rule = 'override', environment, reason, override } = node;
  const where = environment === undefined ? '' : ` in ${visible(environment)}`;
  const word = paint(output, STYLES[outcome], outcome.padEnd(5));
  output.write(`${word}  ${paint(output, 'bold', rule)}${where}: ${visible(reason)}\n`);
  if (override !== undefined) {
    const label = paint(output, 'yellow', 'overridden');
    output.write(`       ${label} by @${visible(override.by)}: ${visible(override.reason)}\n`);
  }
  writeMore(output, node, '       ');
}

function writeMore(output: Output, { remedy, children }: VerdictNode, indent: string): void {
  for (const line of remedy?.split('\n') ?? [])
    output.write(`${indent}${paint(output, 'cyan', '→')} ${visible(line)}\n`);
  for (const child of children) {
    output.write(`${indent}- ${visible(child.reason)}\n`);
    writeMore(output, child, `${indent}  `);
  }
}
