import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RepositoryRef } from '../../src/domain/repository.ts';
import { type Mirrors, readInParts } from '../../src/git/git.ts';
import { createMirrors, type MirrorsOptions } from '../../src/git/mirrors.ts';
import { startGitServer, type GitServer } from '../support/git-server.ts';
import { silentLog as log } from '../support/silent.ts';

const repository: RepositoryRef = { forge: 'github', path: 'acme/deploy' };
const MAIN = 'refs/heads/main';

let server: GitServer;
let directory: string;
let mirrors: Mirrors;

beforeEach(async () => {
  server = await startGitServer();
  directory = mkdtempSync(join(tmpdir(), 'mirrors-'));
  mirrors = open();
});

afterEach(async () => {
  await mirrors.close();
  await server.close();
  rmSync(directory, { recursive: true, force: true });
});

function open(options: Partial<MirrorsOptions> = {}): Mirrors {
  return createMirrors({
    directory: join(directory, 'mirrors'),
    remote: () => Promise.resolve({ url: server.url, authorization: server.authorization }),
    maxBytes: 1e9,
    log,
    now: () => new Date(),
    ...options,
  });
}

/** Commits files on a branch and pushes it. @returns the commit */
function push(branch: string, files: Record<string, string | Buffer | null>, ...force: string[]): string {
  for (const [path, content] of Object.entries(files)) {
    const file = join(server.worktree, path);
    mkdirSync(dirname(file), { recursive: true });
    if (content === null) rmSync(file);
    else writeFileSync(file, content);
  }
  server.git('add', '--all');
  server.git('commit', '--quiet', '--allow-empty', '-m', 'change');
  server.git('push', '--quiet', ...force, 'origin', `HEAD:refs/heads/${branch}`);
  return server.git('rev-parse', 'HEAD');
}

async function head(ref = MAIN): Promise<string> {
  return (await mirrors.fetch(repository, [ref])).get(ref) ?? expect.unreachable(`no ${ref}`);
}

/** Processes that this one started. */
function children(command: RegExp): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    try {
      const [, parent] = /\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
      return Number(parent) === process.pid && command.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
    } catch {
      return false;
    }
  });
}

function fetchesUnderWay(): number[] {
  return children(/^git\0fetch/);
}

async function texts(commit: string, paths: readonly string[]): Promise<Record<string, string>> {
  const tree = await mirrors.tree(repository, commit);
  return Object.fromEntries([...(await tree.read(paths))].map(([path, bytes]) => [path, bytes.toString()]));
}

describe('a mirror', () => {
  it('follows a branch, and reads files at each commit', async () => {
    const first = push('main', { 'a/one.yaml': '1', 'two.yaml': '2' });
    expect(await head()).toBe(first);
    expect(await texts(first, ['a/one.yaml', 'two.yaml', 'three.yaml', 'a'])).toEqual({
      'a/one.yaml': '1',
      'two.yaml': '2',
    });
    const second = push('main', { 'a/one.yaml': 'changed', 'two.yaml': null, 'new.yaml': 'n' });
    expect(await head()).toBe(second);
    expect(await texts(second, ['a/one.yaml', 'two.yaml', 'new.yaml'])).toEqual({
      'a/one.yaml': 'changed',
      'new.yaml': 'n',
    });
    expect(await texts(first, ['two.yaml'])).toEqual({ 'two.yaml': '2' });
    expect(await mirrors.changedPaths(repository, first, second)).toEqual([
      { path: 'a/one.yaml', status: 'modified' },
      { path: 'new.yaml', status: 'added' },
      { path: 'two.yaml', status: 'deleted' },
    ]);
  });

  it('is shallow and bare', async () => {
    push('main', { a: '1' });
    push('main', { a: '2' });
    await head();
    const [name = ''] = readdirSync(join(directory, 'mirrors'));
    const inMirror = (...args: string[]) =>
      execFileSync('git', args, { cwd: join(directory, 'mirrors', name), encoding: 'utf8' }).trim();
    expect(inMirror('rev-list', '--count', 'refs/heads/main')).toBe('1');
    expect(inMirror('rev-parse', '--is-bare-repository')).toBe('true');
  });

  it('tells what the last fetch saw, without asking', async () => {
    expect(await mirrors.known(repository, [MAIN])).toEqual(new Map());
    const commit = push('main', { a: '1' });
    await head();
    const asked = server.requests.length;
    expect(await mirrors.known(repository, [MAIN, 'refs/heads/other'])).toEqual(new Map([[MAIN, commit]]));
    expect(server.requests).toHaveLength(asked);
  });

  it('leaves out refs that the remote does not have, and forgets those that are gone', async () => {
    const commit = push('main', { a: '1' });
    push('feature', { a: '2' });
    const refs = [MAIN, 'refs/heads/feature', 'refs/heads/none', 'not a ref', '--upload-pack=x'];
    expect([...(await mirrors.fetch(repository, refs)).keys()].sort()).toEqual(['refs/heads/feature', MAIN]);
    server.git('push', '--quiet', 'origin', ':refs/heads/feature');
    expect(await mirrors.fetch(repository, refs)).toEqual(new Map([[MAIN, commit]]));
    expect(await mirrors.known(repository, refs)).toEqual(new Map([[MAIN, commit]]));
  });

  it('follows a branch that was force-pushed', async () => {
    push('main', { a: '1' });
    await head();
    server.git('checkout', '--quiet', '--orphan', 'fresh');
    const rewritten = push('main', { a: 'rewritten' }, '--force');
    expect(await head()).toBe(rewritten);
    expect(await texts(rewritten, ['a'])).toEqual({ a: 'rewritten' });
  });

  it('fetches a commit by its hash when it does not have it', async () => {
    const first = push('main', { a: '1' });
    push('main', { a: '2' });
    await head();
    expect(await texts(first, ['a'])).toEqual({ a: '1' });
    await expect(mirrors.tree(repository, 'f'.repeat(40))).rejects.toMatchObject({ code: 'git-failed' });
  });

  it('asks little of the remote when nothing has changed', async () => {
    push('main', { a: '1' });
    await head();
    server.requests.length = 0;
    await head();
    expect(server.requests).toEqual(['GET info/refs', 'POST git-upload-pack', 'POST git-upload-pack']);
  });

  it('shares one fetch among those who ask while another is under way', async () => {
    push('main', { a: '1' });
    await head();
    server.requests.length = 0;
    await Promise.all(Array.from({ length: 20 }, () => head()));
    expect(server.requests.length).toBeLessThanOrEqual(4);
  });

  it('is found again by a later process', async () => {
    const commit = push('main', { a: '1' });
    await head();
    await mirrors.close();
    mirrors = open();
    expect(await mirrors.known(repository, [MAIN])).toEqual(new Map([[MAIN, commit]]));
    expect(await texts(commit, ['a'])).toEqual({ a: '1' });
  });

  it('is made anew when it is damaged', async () => {
    push('main', { 'a.yaml': 'x'.repeat(1000) });
    const commit = await head();
    await mirrors.close();
    const [name = ''] = readdirSync(join(directory, 'mirrors'));
    const packs = join(directory, 'mirrors', name, 'objects', 'pack');
    for (const file of readdirSync(packs)) rmSync(join(packs, file));
    mirrors = open();
    expect(await texts(commit, ['a.yaml'])).toEqual({ 'a.yaml': 'x'.repeat(1000) });
  });

  it('survives what a killed git leaves behind', async () => {
    push('main', { a: '1' });
    await head();
    await mirrors.close();
    const [name = ''] = readdirSync(join(directory, 'mirrors'));
    for (const left of ['shallow.lock', 'packed-refs.lock', 'refs/heads/main.lock', 'objects/pack/tmp_pack_x']) {
      writeFileSync(join(directory, 'mirrors', name, left), '');
    }
    mirrors = open();
    const commit = push('main', { a: '2' });
    expect(await head()).toBe(commit);
  });

  it('works on when git is killed in the middle of a fetch', async () => {
    push('main', { a: '1' });
    await head();
    const commit = push('main', { a: '2' });
    let kills = 0;
    server.before = (request) => {
      if (request.method === 'POST' && kills++ === 0) for (const pid of fetchesUnderWay()) process.kill(pid, 'SIGKILL');
      return Promise.resolve(false);
    };
    const [name = ''] = readdirSync(join(directory, 'mirrors'));
    const path = join(directory, 'mirrors', name);
    writeFileSync(join(path, 'shallow.lock'), '');
    writeFileSync(join(path, 'marker'), 'made anew, it would be gone');
    expect(await head()).toBe(commit);
    expect(kills).toBeGreaterThan(1);
    expect(readdirSync(path)).toContain('marker');
  });

  it('reads on when its reader is killed', async () => {
    const commit = push('main', { a: '1', b: '2' });
    await head();
    const tree = await mirrors.tree(repository, commit);
    for (const name of ['a', 'b', 'a']) {
      for (const pid of children(/cat-file/)) process.kill(pid, 'SIGKILL');
      expect((await tree.read([name])).get(name)?.toString()).toBe(name === 'a' ? '1' : '2');
    }
  });

  it('follows a branch whose name was a folder of branches before', async () => {
    push('team', { a: '1' });
    await head('refs/heads/team');
    server.git('push', '--quiet', 'origin', ':refs/heads/team');
    const nested = push('team/one', { a: '2' });
    expect(await head('refs/heads/team/one')).toBe(nested);
    server.git('push', '--quiet', 'origin', ':refs/heads/team/one');
    const plain = push('team', { a: '3' });
    expect(await head('refs/heads/team')).toBe(plain);
  });

  it('tells the commit that an annotated tag names', async () => {
    const commit = push('main', { a: '1' });
    server.git('tag', '-a', 'v1', '-m', 'v1');
    server.git('push', '--quiet', 'origin', 'v1');
    expect(await head('refs/tags/v1')).toBe(commit);
  });

  it('ends the fetches that are under way when it is closed, and takes no more work', async () => {
    push('main', { a: '1' });
    const asked = Promise.withResolvers<undefined>();
    server.before = () => {
      asked.resolve(undefined);
      return new Promise(() => undefined);
    };
    const fetching = expect(head()).rejects.toMatchObject({ code: 'forge-unavailable' });
    await asked.promise;
    await mirrors.close();
    await fetching;
    await expect(head()).rejects.toMatchObject({ code: 'git-failed' });
    expect(children(/git/)).toEqual([]);
  });

  it('answers everybody while it is read, fetched into and removed at once', async () => {
    const commits = [push('main', { a: '0' })];
    await head();
    const read = async (): Promise<void> => {
      const commit = commits.at(-1) ?? '';
      expect(await texts(commit, ['a'])).toEqual({ a: String(commits.indexOf(commit)) });
    };
    for (let round = 1; round <= 4; round += 1) {
      commits.push(push('main', { a: String(round) }));
      await Promise.all([
        head(),
        read(),
        read(),
        mirrors.remove(repository),
        head(),
        read(),
        mirrors.remove(repository),
      ]);
    }
    expect(await head()).toBe(commits.at(-1));
  });

  it('works on after a fetch that was cut in the middle', async () => {
    push('main', { a: '1' });
    await head();
    const commit = push('main', { a: '2' });
    server.before = (request, response) => {
      if (request.method !== 'POST') return Promise.resolve(false);
      response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-result' }).write('0123');
      response.destroy();
      return Promise.resolve(true);
    };
    await expect(head()).rejects.toMatchObject({ code: 'forge-unavailable' });
    server.before = undefined;
    expect(await head()).toBe(commit);
  });

  it.each([
    [503, 'forge-unavailable'],
    [429, 'forge-unavailable'],
    [403, 'forge-refused'],
    [404, 'forge-refused'],
  ])('tells %i as %s', async (status, code) => {
    server.before = (_, response) => {
      response.writeHead(status).end();
      return Promise.resolve(true);
    };
    await expect(head()).rejects.toMatchObject({ code });
  });

  it('tells a refused connection as forge-unavailable', async () => {
    mirrors = open({ remote: () => Promise.resolve({ url: 'http://127.0.0.1:1/acme/deploy.git' }) });
    await expect(head()).rejects.toMatchObject({ code: 'forge-unavailable' });
  });

  it('tells a server that never answers as forge-unavailable, and leaves no process behind', async () => {
    mirrors = open({ timeouts: { totalMs: 300, silenceMs: 60_000 } });
    server.before = () => new Promise(() => undefined);
    await expect(head()).rejects.toMatchObject({ code: 'forge-unavailable' });
    expect(children(/git/)).toEqual([]);
  });

  it.each(['ssh://git@127.0.0.1/x.git', 'file:///etc', 'ext::sh -c id', 'http://user:secret@127.0.0.1/x.git', '-u./x'])(
    'does not fetch from %s',
    async (url) => {
      mirrors = open({ remote: () => Promise.resolve({ url }) });
      await expect(head()).rejects.toMatchObject({ code: 'git-failed' });
      await expect(head()).rejects.not.toMatchObject({ message: expect.stringContaining('secret') as string });
    },
  );
});

describe('the token', () => {
  it('is in no argument of any process while git fetches, and in no error', async () => {
    push('main', { a: '1' });
    const secret = server.authorization.split(' ')[1] ?? '';
    const seen: string[] = [];
    server.before = (_, response) => {
      for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
        try {
          seen.push(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
        } catch {
          // The process is gone.
        }
      }
      response.writeHead(500).end();
      return Promise.resolve(true);
    };
    const error = await head().catch((reason: unknown) => reason);
    expect(seen.join('\n')).toContain('git');
    expect(seen.join('\n')).not.toContain(secret);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(Object(error)))).not.toContain(secret);
    expect(String(error)).not.toContain(secret);
  });

  it('is not sent to another host that the remote redirects to', async () => {
    const other = await startGitServer({ open: true });
    const received: (string | undefined)[] = [];
    other.before = (request) => {
      received.push(request.headers.authorization);
      return Promise.resolve(false);
    };
    server.before = (request, response) => {
      const port = new URL(other.url).port;
      response.writeHead(302, { location: `http://localhost:${port}${request.url ?? ''}` }).end();
      return Promise.resolve(true);
    };
    await head().catch(() => undefined);
    expect(received.filter((value) => value !== undefined)).toEqual([]);
    await other.close();
  });
});

describe('history', () => {
  it('has a merge base, however far back, in a shallow mirror', async () => {
    const base = push('main', { a: '0' });
    server.git('checkout', '--quiet', '-b', 'feature');
    for (let index = 0; index < 60; index++) server.git('commit', '--quiet', '--allow-empty', '-m', `f${index}`);
    const feature = push('feature', { b: 'b' });
    server.git('checkout', '--quiet', 'main');
    const main = push('main', { a: '1' });
    await mirrors.fetch(repository, [MAIN, 'refs/heads/feature']);
    expect(await mirrors.mergeBase(repository, main, feature)).toBe(base);
    expect(await mirrors.conflicts(repository, main, feature)).toBe(false);
  });

  it('has no merge base where the histories are unrelated', async () => {
    const main = push('main', { a: '0' });
    server.git('checkout', '--quiet', '--orphan', 'alone');
    const alone = push('alone', { b: 'b' });
    await mirrors.fetch(repository, [MAIN, 'refs/heads/alone']);
    expect(await mirrors.mergeBase(repository, main, alone)).toBeUndefined();
  });

  it('tells the first-parent line between two commits, newest first, however long', async () => {
    const from = push('main', { a: '0' });
    server.git('checkout', '--quiet', '-b', 'feature');
    const feature = push('feature', { b: 'b' });
    server.git('checkout', '--quiet', 'main');
    server.git('merge', '--quiet', '--no-ff', '-m', 'Merge\tfeature', 'feature');
    for (let index = 0; index < 60; index++) server.git('commit', '--quiet', '--allow-empty', '-m', `m${index}`);
    const to = push('main', { a: '1' });
    await head();
    const line = await mirrors.commits(repository, { from, to, limit: 100 });
    expect(line.map(({ subject }) => subject)).toEqual([
      'change',
      ...Array.from({ length: 60 }, (_, index) => `m${59 - index}`),
      'Merge\tfeature',
    ]);
    expect(line.at(-1)?.parents).toEqual([from, feature]);
    expect(line[0]).toMatchObject({ commit: to, authorName: 'Test', authorEmail: 'test@example.com' });
  });

  it.each([
    ['as many as the limit', 2, ['c4', 'c3']],
    ['all there are', 100, ['c4', 'c3', 'c2', 'c1', 'c0', 'change']],
  ])('tells %s where the other end is not on the line', async (_, limit, subjects) => {
    push('main', { a: '0' });
    for (let index = 0; index < 5; index++) server.git('commit', '--quiet', '--allow-empty', '-m', `c${index}`);
    server.git('push', '--quiet', 'origin', 'HEAD:refs/heads/main');
    const to = await head();
    const line = await mirrors.commits(repository, { from: 'f'.repeat(40), to, limit });
    expect(line.map(({ subject }) => subject)).toEqual(subjects);
    const [newest] = await mirrors.commits(repository, { to, limit: 1 });
    expect(newest).toEqual(line[0]);
  });

  it('tells the line again without fetching what it has had, though every fetch cuts the history short', async () => {
    for (let index = 0; index < 60; index++) server.git('commit', '--quiet', '--allow-empty', '-m', `m${index}`);
    push('main', { a: '0' });
    await mirrors.commits(repository, { to: await head(), limit: 40 });
    const fetches: number[] = [];
    for (const round of ['1', '2', '3']) {
      push('main', { a: round });
      const to = await head();
      const before = server.requests.length;
      expect(await mirrors.commits(repository, { to, limit: 40 })).toHaveLength(40);
      fetches.push(server.requests.length - before);
    }
    expect(fetches).toEqual([0, 0, 0]);

    push('main', { a: 'pushed, and not looked at' });
    push('main', { a: 'pushed' });
    const to = await head();
    const before = server.requests.length;
    expect(await mirrors.commits(repository, { to, limit: 52 })).toHaveLength(52);
    expect(server.requests.slice(before)).toEqual(['GET info/refs', 'POST git-upload-pack']);
  });

  it('tells who wrote what, as git does', async () => {
    const message = 'a subject\nof two lines\n\nand a body\nauthor nobody <nobody@example.com> 0 +0000';
    server.git('commit', '--quiet', '--allow-empty', '--author', 'Zoë <b> Ünal <zoe@example.com>', '-m', message);
    push('main', { a: '0' });
    const line = await mirrors.commits(repository, { to: await head(), limit: 5 });
    const [name = '', email] = server.git('log', '-1', '--format=%an%n%ae', 'HEAD~1').split('\n');
    expect(line[1]).toMatchObject({
      authorName: name,
      authorEmail: email,
      subject: 'a subject of two lines',
      parents: [],
    });
  });

  it('knows ancestors, and of no commit that is nowhere', async () => {
    const older = push('main', { a: '0' });
    const newer = push('main', { a: '1' });
    await head();
    expect(await mirrors.isAncestor(repository, older, newer)).toBe(true);
    expect(await mirrors.isAncestor(repository, newer, older)).toBe(false);
    expect(await mirrors.isAncestor(repository, newer, newer)).toBe(true);
    expect(await mirrors.isAncestor(repository, 'f'.repeat(40), newer)).toBe(false);
  });

  it('completes an abbreviated hash of a commit, and nothing else', async () => {
    const commit = push('main', { a: '0' });
    await head();
    const tree = server.git('rev-parse', 'HEAD^{tree}');
    expect(await mirrors.resolve(repository, commit.slice(0, 7))).toBe(commit);
    for (const other of ['fffffff', 'main', '-n', commit.slice(0, 6), tree.slice(0, 10)]) {
      expect(await mirrors.resolve(repository, other)).toBeUndefined();
    }
  });

  it('shows a conflict where both sides change a line', async () => {
    push('main', { a: '0\n' });
    server.git('checkout', '--quiet', '-b', 'feature');
    const feature = push('feature', { a: 'theirs\n' });
    server.git('checkout', '--quiet', 'main');
    const main = push('main', { a: 'ours\n' });
    await mirrors.fetch(repository, [MAIN, 'refs/heads/feature']);
    expect(await mirrors.conflicts(repository, main, feature)).toBe(true);
  });
});

describe('room', () => {
  it('is kept by joining the packs of many small fetches', async () => {
    const first = push('main', { a: '1' });
    await head();
    for (let round = 0; round < 35; round += 1) {
      server.git('commit', '--quiet', '--allow-empty', '-m', String(round));
      server.git('push', '--quiet', 'origin', 'HEAD:refs/heads/main');
      await head();
    }
    const [name = ''] = readdirSync(join(directory, 'mirrors'));
    const packs = join(directory, 'mirrors', name, 'objects', 'pack');
    await vi.waitFor(() => {
      expect(readdirSync(packs).filter((file) => file.endsWith('.pack')).length).toBeLessThan(31);
    });
    const last = server.git('rev-parse', 'HEAD');
    expect([await texts(first, ['a']), await texts(last, ['a'])]).toEqual([{ a: '1' }, { a: '1' }]);
    expect(await mirrors.mergeBase(repository, last, first)).toBe(first);
  });

  it('is made by removing the mirror that was not used for longest', async () => {
    push('main', { big: Buffer.from(Array.from({ length: 60_000 }, () => Math.random() * 256)) });
    let time = 0;
    mirrors = open({ maxBytes: 100_000, now: () => new Date(++time * 1000) });
    const others = ['a/one', 'a/two', 'a/three'].map((path): RepositoryRef => ({ forge: 'github', path }));
    for (const other of others) await mirrors.fetch(other, [MAIN]);
    await vi.waitFor(() => {
      expect(readdirSync(join(directory, 'mirrors'))).toHaveLength(1);
    });
    const [first = repository] = others;
    expect((await mirrors.fetch(first, [MAIN])).size).toBe(1);
  });
});

describe('writing out', () => {
  it('writes the wanted files and folders with their modes, and nothing else', async () => {
    mkdirSync(join(server.worktree, 'app'), { recursive: true });
    symlinkSync('values.yaml', join(server.worktree, 'app/link.yaml'));
    symlinkSync('/etc/passwd', join(server.worktree, 'app/evil'));
    symlinkSync('../../outside', join(server.worktree, 'app/out'));
    writeFileSync(join(server.worktree, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
    push('main', { 'app/values.yaml': 'v', 'app/deep/x.yaml': 'x', 'other/y.yaml': 'y', 'appendix.yaml': 'z' });
    const tree = await mirrors.tree(repository, await head());
    const target = join(directory, 'out');
    await tree.writeOut(['app', 'run.sh'], target);
    expect(readdirSync(target, { recursive: true }).map(String).sort()).toEqual([
      'app',
      'app/deep',
      'app/deep/x.yaml',
      'app/link.yaml',
      'app/values.yaml',
      'run.sh',
    ]);
    expect(statSync(join(target, 'run.sh')).mode & 0o111).not.toBe(0);
    expect(readFileSync(join(target, 'app/link.yaml'), 'utf8')).toBe('v');
  });

  it('always reads back what was committed', async () => {
    const segment = fc
      .stringMatching(/^[a-zA-Z0-9 äß'"\n\t-]{1,8}$/)
      .filter((name) => name.trim() === name && !/^-/.test(name));
    const content = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom(Buffer.from('a\r\nb'), Buffer.from('')),
    );
    const files = fc.dictionary(
      fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
      content,
      {
        minKeys: 1,
        maxKeys: 8,
      },
    );
    const withoutClashes = files.filter((found) => {
      const paths = Object.keys(found);
      return paths.every((path) => !paths.some((other) => other.toLowerCase().startsWith(`${path.toLowerCase()}/`)));
    });
    await fc.assert(
      fc.asyncProperty(withoutClashes, async (found) => {
        server.git('rm', '-rq', '--ignore-unmatch', '.');
        push('main', Object.fromEntries(Object.entries(found).map(([path, bytes]) => [path, Buffer.from(bytes)])));
        const tree = await mirrors.tree(repository, await head());
        const read = await tree.read(Object.keys(found));
        expect((await tree.list()).map(({ path }) => path).sort()).toEqual(Object.keys(found).sort());
        for (const [path, bytes] of Object.entries(found))
          expect(read.get(path)?.equals(Buffer.from(bytes))).toBe(true);
      }),
      { numRuns: 12 },
    );
  });
});

describe('files that are too much for the memory together', () => {
  const [large, tooLarge] = [Buffer.alloc(7 * 1024 * 1024, 'a'), Buffer.alloc(9 * 1024 * 1024, 'b')];
  const names = Array.from({ length: 12 }, (_, index) => `large-${String(index).padStart(2, '0')}.yaml`);

  async function tree() {
    const commit = push('main', {
      ...Object.fromEntries(names.map((name) => [name, large])),
      'x.yaml': tooLarge,
      'z.yaml': 'z',
    });
    await mirrors.fetch(repository, [MAIN]);
    return mirrors.tree(repository, commit);
  }

  it('are read as far as it goes, and all of them in parts, but for those that are too large alone', async () => {
    const all = [...names, 'missing.yaml', 'x.yaml', 'z.yaml'];
    const whole = await tree();
    const first = await whole.read(all);
    expect([...first.keys()]).toEqual([...names.slice(0, 9), 'z.yaml']);
    const parts: string[][] = [];
    for await (const part of readInParts(whole, all)) parts.push([...part.keys()]);
    expect(parts).toEqual([[...first.keys()], names.slice(9)]);
  });

  it('are all written out', async () => {
    const target = join(directory, 'out');
    await (await tree()).writeOut([''], target);
    const sizes = readdirSync(target).map((name) => [name, statSync(join(target, name)).size]);
    expect(sizes).toEqual([...names.map((name) => [name, large.length]), ['x.yaml', tooLarge.length], ['z.yaml', 1]]);
  });
});
