import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RepositoryRef } from '../src/domain/repository.ts';
import type { GitRemote, Mirrors } from '../src/git/git.ts';
import { createMirrors } from '../src/git/mirrors.ts';
import type { GitHubSimulator } from '../test/support/forge/github/simulator.ts';
import { silentLog } from '../test/support/silent.ts';
import { runGit } from './support/git-floor.ts';
import { type ManifestRepository, manifestRepository } from './support/manifest-repository.ts';
import { type Benchmark, ms, type Report, times } from './support/report.ts';
import { median } from './support/samples.ts';
import { MANIFESTS, openGitHub } from './support/stage.ts';

const SIZES = [1_000, 10_000] as const;
const BLOBS = 1_000;
const CLONES = 3;
const REPEATS = 10;
const MAIN = 'refs/heads/main';

export const git: Benchmark = {
  name: 'git',
  summary: 'mirrors: fetching, listing, reading, beside a clone with its checkout',
  async run(tell) {
    const found: Found[] = [];
    for (const files of SIZES) {
      tell(`${files} files`);
      found.push(await measureSize(files));
    }
    return report(found);
  },
};

/** What was measured in a repository of one size: the name of each operation with its milliseconds. */
interface Found {
  readonly files: number;
  readonly samples: ReadonlyMap<string, readonly number[]>;
}

const CLONE = 'git clone --depth 1, with checkout';

async function measureSize(files: number): Promise<Found> {
  const repository = manifestRepository(files);
  const github = await openGitHub(repository);
  const directory = await mkdtemp(join(tmpdir(), 'tagalong-git-'));
  const remote = remoteOf(github);
  const open = (name: string): Mirrors =>
    createMirrors({
      directory: join(directory, name),
      remote: () => Promise.resolve(remote),
      maxBytes: 1e9,
      log: silentLog,
      now: () => new Date(),
    });
  try {
    await clone(remote, directory, 'warm-up');
    const samples = new Map<string, readonly number[]>([
      [CLONE, await repeat(CLONES, (index) => clone(remote, directory, `clone-${index}`))],
    ]);
    for (let index = 0; index < CLONES; index += 1) await insistOnFiles(join(directory, `clone-${index}`), repository);
    for (const [name, each] of await measureMirrors({ github, repository, open })) samples.set(name, each);
    return { files, samples };
  } finally {
    await github.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function clone({ url, authorization = '' }: GitRemote, directory: string, name: string): Promise<void> {
  await runGit(directory, authorization, ['clone', '--quiet', '--depth=1', url, name]);
}

/** @throws when the clone lacks files: its time would be that of something else */
async function insistOnFiles(clone: string, { files }: ManifestRepository): Promise<void> {
  const found = new Set(await readdir(clone, { recursive: true }));
  const missing = Object.keys(files).filter((path) => !found.has(path));
  if (missing.length > 0) throw new Error(`the clone lacks ${missing.length} files`);
}

interface Ground {
  readonly github: GitHubSimulator;
  readonly repository: ManifestRepository;
  readonly open: (name: string) => Mirrors;
}

async function measureMirrors({ github, repository, open }: Ground): Promise<Map<string, readonly number[]>> {
  const samples = new Map<string, readonly number[]>();
  const paths = Object.keys(repository.files);
  const first = await repeat(CLONES, async (index) => {
    const mirrors = open(`first-${index}`);
    await mirrors.fetch(deploy, [MAIN]);
    await mirrors.close();
  });
  samples.set('first fetch into a mirror', first);

  const mirrors = open('mirror');
  const head = async (): Promise<string> => (await mirrors.fetch(deploy, [MAIN])).get(MAIN) ?? '';
  const tree = await mirrors.tree(deploy, await head());
  samples.set('list, first time', await repeat(1, () => tree.list()));
  samples.set('list, again', await repeat(REPEATS, () => tree.list()));
  samples.set(`read ${BLOBS} files`, await repeat(REPEATS, (index) => tree.read(someOf(paths, index))));
  const [fetches, lists] = [[] as number[], [] as number[]];
  for (let index = 0; index < REPEATS; index += 1) {
    const path = paths[(index * 97) % paths.length] ?? '';
    github.people.pushFiles(MANIFESTS, 'main', { [path]: `${repository.files[path] ?? ''}# ${index}\n` });
    fetches.push(await timed(() => head()));
    const changed = await mirrors.tree(deploy, github.state.head(MANIFESTS) ?? '');
    lists.push(await timed(() => changed.list()));
  }
  samples.set('fetch of a pushed commit', fetches);
  samples.set('list of the pushed commit', lists);
  await mirrors.close();
  return samples;
}

const deploy: RepositoryRef = { forge: 'github', path: MANIFESTS };

/** Other files each time, from all over the repository. */
function someOf(paths: readonly string[], turn: number): string[] {
  const step = Math.max(1, Math.floor(paths.length / BLOBS));
  return Array.from({ length: BLOBS }, (_, index) => paths[(index * step + turn) % paths.length] ?? '');
}

function remoteOf(github: GitHubSimulator): GitRemote {
  const [owner = ''] = MANIFESTS.split('/');
  const installation = github.world.installations.get(owner);
  if (installation === undefined) throw new Error(`the app is not installed on ${owner}`);
  const { token } = github.tokens.forInstallation(installation, {});
  const authorization = `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`;
  return { url: `${github.url}/${MANIFESTS}.git`, authorization };
}

async function repeat(count: number, run: (index: number) => Promise<unknown>): Promise<number[]> {
  const samples: number[] = [];
  for (let index = 0; index < count; index += 1) samples.push(await timed(() => run(index)));
  return samples;
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return performance.now() - startedAt;
}

function report(found: readonly Found[]): Report {
  const names = [...(found[0]?.samples.keys() ?? [])];
  const rows = names.map((name) => [
    name,
    ...found.flatMap(({ samples }) => {
      const figure = median(samples.get(name) ?? []);
      return [ms(figure), times(figure / median(samples.get(CLONE) ?? []))];
    }),
  ]);
  const columns = ['', ...found.flatMap(({ files }) => [`${files} files`, '× clone'])];
  return {
    tables: [{ title: `Mirrors and a clone (median ms), ${gitVersion()}`, columns, rows }],
    notes: [
      'The clone is what a script does before it can edit. The server is the simulated GitHub in this process, with git upload-pack behind it.',
    ],
    targets: [],
  };
}

function gitVersion(): string {
  return spawnSync('git', ['--version'], { encoding: 'utf8' }).stdout.trim();
}
