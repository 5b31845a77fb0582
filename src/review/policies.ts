import type { EnvironmentPolicy } from '../domain/policy.ts';
import type { Snapshot } from './snapshot.ts';

/** What one environment asks of the change, with those of the touched paths that belong to it. */
export type TouchedPolicy = EnvironmentPolicy & { readonly paths: readonly string[] };

/** Files that say what the gate asks. */
const POLICY_FILES: ReadonlySet<string> = new Set([
  '.tagalong.yml',
  '.github/tagalong.yml',
  '.gitlab/tagalong.yml',
  'CODEOWNERS',
  'docs/CODEOWNERS',
  '.github/CODEOWNERS',
  '.gitlab/CODEOWNERS',
]);

/**
 * What is asked, each to be satisfied by itself; none where the configuration is not valid. There is no way to be asked nothing:
 * paths that no policy covers, a change without paths, and files that hold the policy itself in an environment that asks for no
 * approval, ask what is asked where nothing is configured.
 */
export function policiesOf(snapshot: Snapshot): readonly TouchedPolicy[] {
  if (snapshot.config.kind !== 'valid') return [];
  const { policies } = snapshot.config;
  if (policies.some(({ environment }) => environment === undefined)) return policies;
  const guarded = new Set(
    policies.flatMap(({ review, paths }) => paths.filter((path) => review.approvals !== 0 || !POLICY_FILES.has(path))),
  );
  const loose = snapshot.paths.filter((path) => !guarded.has(path));
  return loose.length === 0 && policies.length > 0 ? policies : [...policies, byDefault(loose)];
}

/**
 * How many people must approve for one policy. Left open by it: one, and none for a bump of the bot that nobody else has touched
 * in an environment that merges by itself.
 */
export function requiredApprovals({ review, merge, environment }: TouchedPolicy, { bump, change }: Snapshot): number {
  if (review.approvals !== undefined) return review.approvals;
  const isOwn = bump?.isUntouched === true && change.author.isBot && !change.fromFork;
  return isOwn && merge === 'auto' && environment !== undefined ? 0 : 1;
}

function byDefault(paths: readonly string[]): TouchedPolicy {
  return { merge: 'manual', review: { forbid: ['plain-secret'] }, freeze: [], paths };
}
