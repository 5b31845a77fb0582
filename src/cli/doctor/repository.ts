import { configPaths } from '../../config/config.ts';
import { readConfig } from '../../config/read-config.ts';
import { REVIEW_CHECK } from '../../domain/change.ts';
import type { RepositoryRef } from '../../domain/repository.ts';
import type { Files, ForgeRepository, Repositories } from '../../forge/forge.ts';
import type { Merging, Protection } from '../../forge/reviews.ts';
import { examined, fail, ok, warn, type Finding } from './finding.ts';

export type RepositoryForge = Pick<Repositories, 'installed' | 'repository'> & Files & Pick<Merging, 'protection'>;

/** The repository that is named, or every manifest repository that the app is installed on. */
export async function findingsOfRepositories(
  forge: RepositoryForge,
  named: RepositoryRef | undefined,
): Promise<readonly Finding[]> {
  if (named !== undefined) {
    const found = await forge.repository(named);
    if (found !== undefined) return findingsOf(forge, found, { isNamed: true });
    return [
      fail(
        named.path,
        'the app does not see this repository',
        'Install the app on it, or look for a slip in the name.',
      ),
    ];
  }
  const findings: Finding[] = [];
  let seen = 0;
  for await (const each of forge.installed()) {
    seen++;
    findings.push(...(await findingsOf(forge, each, { isNamed: false })));
  }
  if (findings.length > 0) return findings;
  const repositories = seen === 1 ? 'repository' : 'repositories';
  return [
    warn(
      'repositories',
      `none of ${seen} ${repositories} has a ${configPaths[0] ?? ''}`,
      'An empty one opts a repository in.',
    ),
  ];
}

async function findingsOf(
  forge: RepositoryForge,
  { repository, defaultBranch }: ForgeRepository,
  { isNamed }: { readonly isNamed: boolean },
): Promise<readonly Finding[]> {
  const about = repository.path;
  return examined(about, async () => {
    const config = findingsOfConfig(about, await forge.readFiles(repository, configPaths));
    if (config === undefined) {
      return isNamed ? [fail(about, `it has no ${configPaths[0] ?? ''}`, 'An empty one opts it in.')] : [];
    }
    const guard = findingsOfProtection(about, defaultBranch, await forge.protection(repository, defaultBranch));
    return [...config, ...guard];
  });
}

/** @returns undefined where there is none: it is no manifest repository */
function findingsOfConfig(about: string, files: ReadonlyMap<string, string>): readonly Finding[] | undefined {
  const read = readConfig(files);
  switch (read.kind) {
    case 'absent':
      return undefined;
    case 'invalid':
      return read.problems.map(({ file, line, column, message }) =>
        fail(about, `${file}:${line}:${column}: ${message}`, 'Until then the gate blocks every change.'),
      );
    case 'valid':
      return [
        ok(about, `${read.file} is valid`),
        ...read.warnings.map(({ file, line, column, message }) => warn(about, `${file}:${line}:${column}: ${message}`)),
      ];
  }
}

/** What a person can go around is a warning; that nothing holds a merge back is a failure. */
export function findingsOfProtection(about: string, branch: string, protection: Protection): readonly Finding[] {
  const gate = protection.requiredChecks.find(({ name }) => name === REVIEW_CHECK);
  const findings: Finding[] = [gateFinding(about, branch, gate)];
  for (const loophole of protection.loopholes) findings.push(warn(about, `${branch}: ${loophole}`));
  if (protection.dismissesStaleReviews)
    findings.push(
      warn(
        about,
        `${branch}: GitHub dismisses approvals with every push, also where the bot rebuilds its branch and renders the same`,
        'Switch off "Dismiss stale pull request approvals when new commits are pushed": the gate takes back what does not count any more.',
      ),
    );
  for (const unseen of protection.unseen) findings.push(warn(about, `${branch}: not seen: ${unseen}`));
  return findings;
}

function gateFinding(about: string, branch: string, gate: Protection['requiredChecks'][number] | undefined): Finding {
  const remedy = `Require ${REVIEW_CHECK} in a ruleset or in the branch protection of ${branch}, with this app as its source.`;
  if (gate === undefined)
    return fail(about, `${branch} does not require ${REVIEW_CHECK}: the gate holds nothing back`, remedy);
  if (gate.isOurs) return ok(about, `${branch} requires ${REVIEW_CHECK} from this app`);
  return gate.app === undefined
    ? warn(about, `${branch} requires ${REVIEW_CHECK}, and takes it from anybody`, remedy)
    : fail(about, `${branch} requires ${REVIEW_CHECK} from another app (${gate.app})`, remedy);
}
