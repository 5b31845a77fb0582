import { type ImageName, parseImageName } from '../../src/domain/image.ts';
import { parseProposalMark } from '../../src/markdown/proposal.ts';
import type { GitHubSimulator } from './forge/github/simulator.ts';
import { changedFiles } from './forge/github/world/diffs.ts';
import { isMergeable } from './forge/github/world/merging.ts';
import type { PullRequest, Repository } from './forge/github/world/model.ts';
import { shuffled } from './seeded-random.ts';

const owner = 'acme';
const environments = ['staging', 'production'] as const;
const first = '1.0.0';
const digest = `sha256:${'5e'.repeat(32)}`;

/** One version of one image, which some CI has built. */
export interface Release {
  /** Of the image, without `ghcr.io/acme/`. */
  readonly name: string;
  readonly tag: string;
}

/** Where one image stands in one environment. */
interface Place {
  readonly repository: Repository;
  readonly environment: string;
  readonly name: string;
  readonly path: string;
}

/** Manifest repositories with many images in two environments each, and what must stand on their pull requests in the end. */
export class Fleet {
  /** Every version that is going to be published, each image in two. */
  readonly releases: readonly Release[];
  readonly repositories: readonly Repository[];
  readonly #github: GitHubSimulator;
  readonly #places: readonly Place[];

  constructor(github: GitHubSimulator, size: { repositories: number; images: number }) {
    this.#github = github;
    const names = (repository: number) =>
      Array.from({ length: size.images }, (_, image) => `app-${repository}-${image}`);
    const all = Array.from({ length: size.repositories }, (_, index) => ({
      repository: createRepository(github, `deploy-${index}`, names(index)),
      names: names(index),
    }));
    this.repositories = all.map(({ repository }) => repository);
    this.releases = all
      .flatMap((each) => each.names)
      .flatMap((name) => [
        { name, tag: '1.1.0' },
        { name, tag: '1.2.0' },
      ]);
    this.#places = all.flatMap(({ repository, names: ofRepository }) =>
      ofRepository.flatMap((name) =>
        environments.map((environment) => ({ repository, environment, name, path: pathOf(environment, name) })),
      ),
    );
  }

  /** All that differs from the one state that must come of all releases, in words; empty when nothing does. */
  problems(): string[] {
    return [
      ...this.#places.flatMap((place) => this.#problemsAt(place)),
      ...this.repositories.flatMap((repository) => this.#problemsIn(repository)),
    ];
  }

  #problemsAt(place: Place): string[] {
    const { repository, environment, name, path } = place;
    const title = /^Bump \S+ from (\S+) to (\S+) in (\S+)$/;
    const pulls = this.#github.state.pullRequests(repository).filter((pull) => {
      const [, , , where] = title.exec(pull.title) ?? [];
      return where === environment && parseProposalMark(pull.body)?.image === `ghcr.io/${owner}/${name}`;
    });
    const proposed = pulls.map((pull) => title.exec(pull.title)?.[2]);
    const twice = proposed.filter((version, index) => proposed.indexOf(version) !== index);
    const open = pulls.filter(({ state }) => state === 'open');
    const text = this.#github.state.file(repository, path) ?? '';
    const [, standing = ''] = /image: \S+:(\S+)/.exec(text) ?? [];
    const due = this.releases.findLast((release) => release.name === name)?.tag ?? '';
    const wanted = standing === due ? 0 : 1;
    const at = `${repository.name} ${environment} ${name}`;
    return [
      ...twice.map((version) => `${at}: ${version} is proposed twice`),
      ...(open.length === wanted ? [] : [`${at}: ${open.length} open pull requests instead of ${wanted}`]),
      ...open.flatMap((pull) => this.#problemsOf(pull, place, { standing, due, text })).map((what) => `${at}: ${what}`),
    ];
  }

  #problemsOf(
    pull: PullRequest,
    { repository, environment, name, path }: Place,
    { standing, due, text }: { standing: string; due: string; text: string },
  ): string[] {
    const { state } = this.#github;
    const labels = [...pull.labels].map((label) => label.name).sort();
    const mark = parseProposalMark(pull.body);
    const comments = state.comments(pull);
    const changed = changedFiles(pull).map((file) => file.path);
    const shown = `+          image: ghcr.io/${owner}/${name}:${due}`;
    const expectations: [string, boolean][] = [
      ['the title', pull.title === `Bump ${owner}/${name} from ${standing} to ${due} in ${environment}`],
      ['the author', pull.author.login === 'tagalong[bot]'],
      ['the labels', labels.join() === `env: ${environment},tagalong`],
      ['the mark in the body', mark?.to.tag === due && mark.environment === environment],
      ['the files', changed.join() === path],
      ['the bytes', state.file(repository, path, pull.head.branch) === text.replace(`:${standing}`, `:${due}`)],
      ['the signature', state.commit(repository, pull.head.branch).signed],
      ['the number of comments', comments.length === 1],
      ['the comment', comments.every(({ body }) => body.includes('<!-- tagalong:diff -->') && body.includes(shown))],
    ];
    return expectations.filter(([, holds]) => !holds).map(([what]) => `wrong in #${pull.number}: ${what}`);
  }

  #problemsIn(repository: Repository): string[] {
    const { state } = this.#github;
    const open = state.pullRequests(repository, 'open').map((pull) => pull.head.branch);
    const branches = state.branches(repository);
    const superfluous = branches.filter((branch) => branch !== 'main' && !open.includes(branch));
    const runs = state.checkRuns(repository).map(({ name, sha }) => `${name} on ${sha}`);
    const doubled = runs.filter((run, index) => runs.indexOf(run) !== index);
    return [
      ...superfluous.map((branch) => `${repository.name}: the branch ${branch} is left over`),
      ...doubled.map((run) => `${repository.name}: the check ${run} stands twice`),
    ];
  }

  /** People merge two pull requests, and write on a line that a third one writes on too. */
  meddle(random: () => number): void {
    const open = this.pullRequests().filter(({ state }) => state === 'open');
    const [toMerge, alsoToMerge, inTheWay] = shuffled(open, random);
    for (const pull of [toMerge, alsoToMerge]) {
      if (pull !== undefined && isMergeable(pull) === true) this.#github.people.merge(pull, { method: 'squash' });
    }
    if (inTheWay?.state === 'open') this.#writeOnItsLine(inTheWay);
  }

  #writeOnItsLine(pull: PullRequest): void {
    const { repository } = pull;
    for (const { path } of changedFiles(pull)) {
      const text = this.#github.state.file(repository, path) ?? '';
      this.#github.people.pushFiles(repository, 'main', { [path]: text.replace('# by the bot', '# by the bot, too') });
    }
  }

  pullRequests(): PullRequest[] {
    return this.repositories.flatMap((repository) => this.#github.state.pullRequests(repository));
  }

  images(): ImageName[] {
    const names = new Set(this.releases.map(({ name }) => `ghcr.io/${owner}/${name}`));
    return [...names].map((name) => parseImageName(name)).filter((name) => name !== undefined);
  }

  /** GitHub's own registry takes the image. */
  publishOnGitHub({ name, tag }: Release): void {
    this.#github.people.publishPackage({ owner, name, tag, digest });
  }
}

function createRepository(github: GitHubSimulator, name: string, images: readonly string[]): Repository {
  const paths = environments.map((environment) => `  ${environment}: { paths: ['${environment}/**'] }`);
  const files = environments.flatMap((environment) =>
    images.map((image) => [pathOf(environment, image), manifest(image)] as const),
  );
  return github.people.createRepository({
    owner,
    name,
    files: { '.tagalong.yml': ['version: 1', 'environments:', ...paths, ''].join('\n'), ...Object.fromEntries(files) },
  });
}

function pathOf(environment: string, image: string): string {
  return `${environment}/${image}.yaml`;
}

function manifest(name: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  template:
    spec:
      containers:
        - name: ${name}
          image: ghcr.io/${owner}/${name}:${first} # by the bot
`;
}
