import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { RepositoryRef } from '../src/domain/repository.ts';
import type { Mirrors, Tree } from '../src/git/git.ts';
import { createMirrors } from '../src/git/mirrors.ts';
import { startGitServer, type GitServer } from '../test/support/git-server.ts';
import { silentLog } from '../test/support/silent.ts';
import { type Benchmark, ms, times } from './support/report.ts';
import { median } from './support/samples.ts';

/** How a mirror compares with git's own commands, at several sizes of the repository. */
export const mirrors: Benchmark = {
  name: 'mirrors',
  summary: 'fetching and reading a manifest repository, beside git clone and git’s own plumbing',
  run: async (tell) => {
    const columns: Measured[] = [];
    for (const files of SIZES) {
      tell(`a repository of ${files} files`);
      columns.push(await measureSize(files));
    }
    const rows = Object.keys(columns[0] ?? {}).map((what) => [
      what,
      ...columns.flatMap((column) => {
        const { ours, floor } = column[what] ?? { ours: Number.NaN, floor: Number.NaN };
        return [ms(ours), ms(floor), times(ours / floor)];
      }),
    ]);
    const [, middle, large] = columns.map((column) => (what: string) => ratio(column[what]));
    return {
      tables: [
        {
          title: 'Milliseconds, medians: ours, git’s own command, and ours as a multiple of it',
          columns: ['', ...SIZES.flatMap((files) => [`${files / 1000}k files`, 'git', 'ratio'])],
          rows,
        },
      ],
      notes: [
        'Git’s command for a fetch is the shallow clone with a checkout that a script would make; for reading, plumbing on the same mirror.',
        'A fetch grows a little with the repository, because git checks after each shallow one that the whole commit is there.',
        'Git’s commands include the start of a process, which is what a program pays that runs them each time.',
      ],
      targets: [
        target('fetch of a push, of a shallow clone, at 10k files', middle?.(FETCH), 0.2),
        target('1,000 files, of cat-file --batch, at 50k files', large?.(READ), 2),
        target('all files of a new commit, of ls-tree, at 50k files', large?.(LIST), 1),
      ],
    };
  },
};

const SIZES = [1_000, 10_000, 50_000];
const ROUNDS = 7;
const repository: RepositoryRef = { forge: 'github', path: 'acme/deploy' };
const MAIN = 'refs/heads/main';

const FETCH = 'fetch of a push of one file';
const READ = 'read 1,000 files';
const LIST = 'list all files of a new commit';

/** Milliseconds by what was done. */
type Measured = Readonly<Record<string, { readonly ours: number; readonly floor: number }>>;

function ratio(measured: Measured[string] | undefined): number {
  return measured === undefined ? Number.NaN : measured.ours / measured.floor;
}

function target(what: string, found = Number.NaN, wanted: number) {
  return { what, wanted: `≤ ${times(wanted)}`, found: times(found), met: found <= wanted };
}

async function measureSize(files: number): Promise<Measured> {
  const directory = await mkdtemp(join(tmpdir(), 'tagalong-bench-'));
  const server = await startGitServer();
  const opened = createMirrors({
    directory: join(directory, 'mirrors'),
    remote: () => Promise.resolve({ url: server.url, authorization: server.authorization }),
    maxBytes: Number.MAX_SAFE_INTEGER,
    log: silentLog,
    now: () => new Date(),
  });
  try {
    commit(server, pathsOf(files), 'first');
    return await measureMirror({ server, mirrors: opened, directory, files });
  } finally {
    await opened.close();
    await server.close();
    await rm(directory, { recursive: true, force: true });
  }
}

interface Bench {
  readonly server: GitServer;
  readonly mirrors: Mirrors;
  readonly directory: string;
  readonly files: number;
}

async function measureMirror(bench: Bench): Promise<Measured> {
  const { server, mirrors: opened, directory, files } = bench;
  const first = await time(() => opened.fetch(repository, [MAIN]));
  const clone = await time(() => cloneShallow(server, directory, []));
  const bareClone = await medianOf(3, () => cloneShallow(server, directory, ['--bare']));
  const warm = await medianOf(ROUNDS, () => opened.fetch(repository, [MAIN]));
  const path = await mirrorPath(directory);
  const samples = { fetch: [] as number[], list: [] as number[], changed: [] as number[], read: [] as number[] };
  const floors = { list: [] as number[], changed: [] as number[], read: [] as number[] };
  let tree: Tree | undefined;
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = server.git('rev-parse', 'main');
    const after = commit(server, [pathOf(round * 13)], `round ${round}`);
    samples.fetch.push(await time(() => opened.fetch(repository, [MAIN])));
    const current = (tree = await opened.tree(repository, after));
    samples.list.push(await time(() => current.list()));
    samples.changed.push(await time(() => opened.changedPaths(repository, before, after)));
    const entries = (await current.list()).slice(0, 1_000);
    samples.read.push(await time(() => current.read(entries.map((entry) => entry.path))));
    floors.list.push(await time(() => git(path, ['ls-tree', '-r', '-z', after])));
    floors.changed.push(await time(() => git(path, ['diff-tree', '-r', '-z', '--no-renames', before, after])));
    const asked = entries.map(({ oid }) => `${oid ?? ''}\n`).join('');
    floors.read.push(await time(() => git(path, ['cat-file', '--batch'], asked)));
  }
  const folders = [pathOf(1).split('/').slice(0, 2).join('/')];
  return {
    'first fetch': { ours: first, floor: bareClone },
    'fetch when nothing has moved': { ours: warm, floor: clone },
    [FETCH]: { ours: median(samples.fetch), floor: clone },
    [LIST]: { ours: median(samples.list), floor: median(floors.list) },
    'tell what a push changed': { ours: median(samples.changed), floor: median(floors.changed) },
    [READ]: { ours: median(samples.read), floor: median(floors.read) },
    [`write out a folder of ${Math.min(FOLDER_FILES, files)}`]: {
      ours: await medianOf(ROUNDS, () => writeOut(tree, folders, directory)),
      floor: await medianOf(ROUNDS, () => archive(path, folders, directory)),
    },
  };
}

const FOLDER_FILES = 10;

/** Ten files to an application, a hundred applications to a team. */
function pathOf(index: number): string {
  const application = Math.floor(index / FOLDER_FILES);
  return `team-${Math.floor(application / 100)}/app-${application}/overlays/file-${index % FOLDER_FILES}.yaml`;
}

function pathsOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => pathOf(index));
}

/** Commits on main and pushes. @returns the commit. The format: https://git-scm.com/docs/git-fast-import#_input_format */
function commit(server: GitServer, paths: readonly string[], message: string): string {
  const blob = (path: string): string =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${path}\ndata:\n  at: ${message}\n`;
  const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const lines = ['commit refs/heads/main\n', 'committer Bench <bench@example.com> 1700000000 +0000\n', data(message)];
  if (paths.length === 1) lines.push('from refs/heads/main^0\n');
  for (const path of paths) lines.push(`M 100644 inline ${path}\n`, data(blob(path)));
  execFileSync('git', ['fast-import', '--quiet'], { cwd: server.worktree, input: lines.join('') });
  server.git('push', '--quiet', 'origin', 'main');
  return server.git('rev-parse', 'main');
}

async function mirrorPath(directory: string): Promise<string> {
  const [name = ''] = await readdir(join(directory, 'mirrors'));
  return join(directory, 'mirrors', name);
}

/** In another process, so that the server in this one can answer it. */
async function cloneShallow(server: GitServer, directory: string, flags: readonly string[]): Promise<void> {
  const header = `http.extraHeader=Authorization: ${server.authorization}`;
  const target = join(directory, 'clone');
  await run('git', ['-c', header, 'clone', '--quiet', '--depth=1', ...flags, server.url, target], directory);
  await rm(target, { recursive: true, force: true });
}

function git(path: string, args: readonly string[], input = ''): Promise<void> {
  return run('git', args, path, input);
}

async function archive(path: string, folders: readonly string[], directory: string): Promise<void> {
  const target = join(directory, 'out');
  await run('sh', ['-c', `mkdir -p "$0" && git archive main -- "$@" | tar -x -C "$0"`, target, ...folders], path);
  await rm(target, { recursive: true, force: true });
}

async function writeOut(tree: Tree | undefined, folders: readonly string[], directory: string): Promise<void> {
  const target = join(directory, 'out');
  await tree?.writeOut(folders, target);
  await rm(target, { recursive: true, force: true });
}

async function run(command: string, args: readonly string[], cwd: string, input = ''): Promise<void> {
  await execa(command, args, { cwd, input, encoding: 'buffer', maxBuffer: 1_000_000_000 });
}

async function time(task: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await task();
  return performance.now() - started;
}

async function medianOf(rounds: number, task: () => Promise<unknown>): Promise<number> {
  const samples: number[] = [];
  for (let round = 0; round < rounds; round += 1) samples.push(await time(task));
  return median(samples);
}
