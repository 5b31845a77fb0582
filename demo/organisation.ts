import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GitHubSimulator } from '../test/support/forge/github/simulator.ts';
import type { PullRequest } from '../test/support/forge/github/world/model.ts';

const DEPLOY = fileURLToPath(new URL('organisation/deploy', import.meta.url));

/** The manifest repository of the example organisation. */
export const MANIFESTS = 'acme/deploy';

/** One image of the example organisation, and what its next version is. */
export interface DemoImage {
  /** The application repository, below `acme/`. */
  readonly application: string;
  readonly image: string;
  readonly version: (commit: string) => string;
  /** How the news of it reaches the bot. */
  readonly by: 'github' | 'generic';
  readonly shows: string;
  /** Where it is deployed: one pull request each. */
  readonly environments: readonly string[];
}

export const images: readonly DemoImage[] = [
  {
    application: 'shop',
    image: 'ghcr.io/acme/shop',
    version: () => '1.5.0',
    by: 'github',
    shows: 'kustomize overlays of two environments',
    environments: ['staging', 'production'],
  },
  {
    application: 'web',
    image: 'ghcr.io/acme/web',
    version: (commit) => `main-${commit.slice(0, 7)}`,
    by: 'github',
    shows: 'a Helm chart',
    environments: ['staging'],
  },
  {
    application: 'slackbot',
    image: 'docker.io/acme/slackbot',
    version: (commit) => commit.slice(0, 7),
    by: 'generic',
    shows: 'a plain Deployment whose labels carry commit and date',
    environments: ['staging'],
  },
];

/** An application repository after the merge that its image is built from. */
export interface DemoApplication {
  readonly name: string;
  readonly commit: string;
  /** What the commit came by. */
  readonly pull: PullRequest;
}

/** mona writes the applications; sue and sam are the team that approves what goes into production. */
const collaborators = { mona: 'write', sue: 'write', sam: 'write' } as const;

/** Creates the organisation: application repositories with a pull request merged in each, and the manifest repository. */
export function createOrganisation({ people }: GitHubSimulator): ReadonlyMap<string, DemoApplication> {
  people.team('acme', 'sre', ['sue', 'sam']);
  const applications = images.map(({ application: name }) => createApplication(people, name));
  people.createRepository({ owner: 'acme', name: 'deploy', files: filesBelow(DEPLOY), collaborators });
  people.protectBranch(MANIFESTS, 'main', { requiredChecks: ['tagalong/review'], dismissesStaleReviews: false });
  return new Map(applications.map((application) => [application.name, application]));
}

function createApplication(people: GitHubSimulator['people'], name: string): DemoApplication {
  const files = { 'main.go': 'package main\n' };
  const repository = people.createRepository({ owner: 'acme', name, files, collaborators });
  people.pushFiles(repository, 'faster', { 'main.go': 'package main\n\nfunc main() {}\n' }, { author: 'mona' });
  const pull = people.openPullRequest(repository, { head: 'faster', title: 'Answer faster', author: 'mona' });
  return { name, commit: people.merge(pull, { method: 'squash', by: 'mona' }), pull };
}

function filesBelow(directory: string): Record<string, string> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map(({ parentPath, name }) => join(parentPath, name));
  return Object.fromEntries(paths.map((path) => [relative(directory, path), readFileSync(path, 'utf8')]));
}
