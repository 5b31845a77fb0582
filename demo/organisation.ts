import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GitHubSimulator } from '../test/support/forge/github/simulator.ts';

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

/** Creates the organisation: application repositories with two commits each, and the manifest repository. */
export function createOrganisation(github: GitHubSimulator): Map<string, string> {
  const commits = new Map<string, string>();
  for (const { application } of images) {
    const path = `acme/${application}`;
    github.people.createRepository({ owner: 'acme', name: application, files: { 'main.go': 'package main\n' } });
    const message = 'Answer faster (#7)';
    const files = { 'main.go': 'package main\n\nfunc main() {}\n' };
    commits.set(application, github.people.pushFiles(path, 'main', files, { message, author: 'mona' }));
  }
  github.people.createRepository({ owner: 'acme', name: 'deploy', files: filesBelow(DEPLOY) });
  return commits;
}

function filesBelow(directory: string): Record<string, string> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map(({ parentPath, name }) => join(parentPath, name));
  return Object.fromEntries(paths.map((path) => [relative(directory, path), readFileSync(path, 'utf8')]));
}
