import { CODEOWNERS_LIMIT, isAddress, ownersOf, parseCodeOwners, type Ownership } from '../codeowners.ts';
import { approvalsOf } from '../counted-approvals.ts';
import { policiesOf, type TouchedPolicy } from '../policies.ts';
import { block, pass, wait, worstOf, type Rule, type RuleNode } from '../rule.ts';
import type { Snapshot } from '../snapshot.ts';
import { unreadableTeams, within } from '../teams.ts';
import type { VerdictNode } from '../verdict.ts';
import { counted, listed } from '../words.ts';

/** Where an environment asks for it: an owner of each touched path has approved, by the CODEOWNERS file of the target branch. */
export const codeowners: Rule = {
  name: 'codeowners',
  triggers: ['head', 'base', 'reviews', 'attributes', 'steering'],
  evaluate: (snapshot) => {
    const asking = policiesOf(snapshot).filter(({ review }) => review.codeowners === true);
    if (asking.length > 0) return asking.map((policy) => evaluatePolicy(snapshot, policy));
    return snapshot.config.kind === 'valid' ? [pass('Code owners are not asked')] : [];
  },
};

function evaluatePolicy(snapshot: Snapshot, { environment, paths }: TouchedPolicy): RuleNode {
  const file = snapshot.codeowners;
  if (file === undefined) return pass('There is no CODEOWNERS file, so nobody owns the touched files', { environment });
  if (Buffer.byteLength(file.text) >= CODEOWNERS_LIMIT)
    return block(
      `${file.path} has 3 MB or more, and is not loaded by the forge`,
      `Make it smaller on ${snapshot.change.targetBranch}, for instance with wildcards`,
      { environment },
    );
  const parsed = parseCodeOwners(file.text);
  const { counted: approvers } = approvalsOf(snapshot);
  const groups = groupsOf(paths, (path) => ownersOf(parsed, path));
  const missing = groups.flatMap((group) => judge(snapshot, file.path, group, approvers) ?? []);
  if (missing.length === 0) return pass('An owner of every touched file that has one has approved', { environment });
  return summary(missing, environment);
}

function summary(missing: readonly VerdictNode[], environment: string | undefined): RuleNode {
  const [only] = missing;
  const make = worstOf(missing.map(({ outcome }) => outcome)) === 'block' ? block : wait;
  if (missing.length === 1 && only !== undefined) return make(only.reason, only.remedy, { environment });
  return make(`Code owners are missing for ${counted(missing.length, 'group')} of files`, undefined, {
    environment,
    children: missing,
  });
}

interface Group {
  readonly ownership: Ownership;
  readonly paths: readonly string[];
}

/** Paths by the line that decides about them. */
function groupsOf(paths: readonly string[], owners: (path: string) => Ownership): readonly Group[] {
  const owned = paths.map((path) => ({ path, ownership: owners(path) }));
  const groups = Map.groupBy(owned, ({ ownership }) => (ownership.kind === 'unowned' ? 0 : ownership.line));
  return [...groups.values()].flatMap((group) =>
    group.slice(0, 1).map(({ ownership }) => ({ ownership, paths: group.map(({ path }) => path) })),
  );
}

/** @returns undefined where nobody is missing */
function judge(
  snapshot: Snapshot,
  file: string,
  { ownership, paths }: Group,
  approvers: readonly string[],
): VerdictNode | undefined {
  if (ownership.kind === 'unowned') return undefined;
  const where = `Line ${ownership.line} of ${file}`;
  const files = listed(paths, 'and', 3);
  const correct = `Correct the line on ${snapshot.change.targetBranch}`;
  if (ownership.kind === 'broken')
    return blocked(`${where} is not valid (${ownership.fault}), and is about ${files}`, correct);
  const accounts = ownership.owners.filter((owner) => !isAddress(owner));
  if (within(snapshot, accounts, approvers).length > 0) return undefined;
  if (accounts.length === 0)
    return blocked(
      `${where} names owners of ${files} by address alone, which no approval can be matched with`,
      correct,
    );
  const lost = unreadableTeams(snapshot, accounts);
  if (lost.length === accounts.length)
    return blocked(
      `${where} names ${listed(lost, 'and')} as owner of ${files}, which cannot be read`,
      `${correct}, or let the app read the members of the organisation`,
    );
  return {
    outcome: 'wait',
    reason: `Waiting for an approval from ${listed(accounts, 'or')}, ${accounts.length === 1 ? 'owner' : 'owners'} of ${files}`,
    remedy: 'A code owner approves in a review, or with a comment: /approve',
    children: [],
  };
}

function blocked(reason: string, remedy: string): VerdictNode {
  return { outcome: 'block', reason, remedy, children: [] };
}
