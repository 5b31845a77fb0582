import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gitEnvironment } from '../../test/support/forge/git/environment.ts';
import type { GitHubSimulator } from '../../test/support/forge/github/simulator.ts';
import type { ManifestRepository } from './manifest-repository.ts';

/** The least that anybody must do to get one changed file onto a branch of a forge and be told about it. */
export interface GitFloor extends AsyncDisposable {
  /** One commit by `git fast-import` into a bare mirror that is current, one `git push` over http, one HTTP request. @returns milliseconds */
  measure(): Promise<number>;
}

/** Works on a repository with the same files, on which the app is not installed: nobody else reacts to the pushes. */
export async function openGitFloor(github: GitHubSimulator, { files }: ManifestRepository): Promise<GitFloor> {
  const directory = await mkdtemp(join(tmpdir(), 'tagalong-floor-'));
  const collaborators = { octocat: 'write' } as const;
  github.people.createRepository({ owner: 'floor', name: 'deploy', files, collaborators, installed: false });
  const token = github.tokens.forPerson(github.people.person('octocat'));
  const url = `${github.url}/floor/deploy.git`;
  const authorization = `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`;
  const git = (args: readonly string[], input = '') => runGit(directory, authorization, args, input);
  await git(['clone', '--quiet', '--bare', url, '.']);
  const head = github.state.head('floor/deploy') ?? '';
  const paths = Object.keys(files);
  let count = 0;
  return {
    async measure() {
      count += 1;
      const path = paths[count % paths.length] ?? '';
      const branch = `floor-${count}`;
      const started = performance.now();
      await git(['fast-import', '--quiet'], commit({ branch, head, path, text: `${files[path] ?? ''}# ${count}\n` }));
      await git(['push', '--quiet', url, `refs/heads/${branch}`]);
      const response = await fetch(`${github.apiUrl}/rate_limit`, { headers: { authorization: `Bearer ${token}` } });
      await response.arrayBuffer();
      return performance.now() - started;
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

/** https://git-scm.com/docs/git-fast-import#_input_format */
function commit({ branch, head, path, text }: { branch: string; head: string; path: string; text: string }): string {
  const message = 'Change a file';
  return [
    `commit refs/heads/${branch}`,
    'committer Octocat <octocat@example.com> 1700000000 +0000',
    `data ${Buffer.byteLength(message)}`,
    message,
    `from ${head}`,
    `M 100644 inline ${path}`,
    `data ${Buffer.byteLength(text)}`,
    text,
    '',
  ].join('\n');
}

/** Runs git to its end. @param authorization the value of the header for http remotes */
export async function runGit(cwd: string, authorization: string, args: readonly string[], input = ''): Promise<void> {
  const env = gitEnvironment({
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'http.extraHeader',
    GIT_CONFIG_VALUE_0: `Authorization: ${authorization}`,
  });
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const child = spawn('git', args, { cwd, env, stdio: ['pipe', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  child.on('error', reject);
  child.on('close', (code) => {
    if (code === 0) resolve(undefined);
    else reject(new Error(`git ${args[0] ?? ''} failed: ${complaint}`));
  });
  child.stdin.end(input);
  return promise;
}
