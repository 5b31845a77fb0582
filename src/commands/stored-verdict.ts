import type { Verdict, VerdictNode } from '../review/verdict.ts';
import type { RememberedVerdict } from '../store/store.ts';

/** The verdict as the store keeps it. @returns undefined where there is none, or one of another version that cannot be read any more */
export function storedVerdict(remembered: RememberedVerdict | undefined): Verdict | undefined {
  return isVerdict(remembered?.verdict) ? remembered.verdict : undefined;
}

function isVerdict(value: unknown): value is Verdict {
  return isRecord(value) && isOutcome(value.outcome) && isNodes(value.nodes) && Array.isArray(value.stale);
}

function isNodes(value: unknown): value is readonly VerdictNode[] {
  return Array.isArray(value) && value.every(isNode);
}

function isNode(value: unknown): value is VerdictNode {
  if (!isRecord(value)) return false;
  const { outcome, reason, remedy, children } = value;
  const isTold = typeof reason === 'string' && (remedy === undefined || typeof remedy === 'string');
  return isOutcome(outcome) && isTold && isNodes(children);
}

function isOutcome(value: unknown): boolean {
  return value === 'pass' || value === 'wait' || value === 'block';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
