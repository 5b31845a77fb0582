import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { advertise, isGitService, serve } from './forge/git/smart-http.ts';

/** A repository served over smart HTTP by real git, with a work tree beside it in which a test commits. */
export interface GitServer {
  readonly url: string;
  readonly authorization: string;
  /** Runs git in the work tree. @returns its output, trimmed */
  git(...args: string[]): string;
  readonly worktree: string;
  /** Requests so far, as `GET info/refs`, `POST git-upload-pack`. */
  readonly requests: string[];
  /** Runs before each answer; it may wait, or end the answer itself and say so by true. */
  before: ((request: IncomingMessage, response: ServerResponse) => Promise<boolean>) | undefined;
  close(): Promise<void>;
}

/** @param options.open answers without authorization too */
export async function startGitServer(options: { open?: boolean } = {}): Promise<GitServer> {
  const root = mkdtempSync(join(tmpdir(), 'git-server-'));
  const [bare, worktree] = [join(root, 'served.git'), join(root, 'worktree')];
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', bare]);
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', worktree]);
  const git = (...args: string[]) =>
    execFileSync(
      'git',
      ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false', ...args],
      {
        cwd: worktree,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    ).trim();
  git('remote', 'add', 'origin', bare);
  const authorization = 'Basic c2VjcmV0LXRva2VuLW9mLXRoZS10ZXN0';

  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
    const url = new URL(request.url ?? '', 'http://localhost');
    const service = url.searchParams.get('service') ?? url.pathname.split('/').at(-1);
    result.requests.push(`${request.method ?? ''} ${url.pathname.replace('/acme/deploy.git/', '')}`);
    if (result.before !== undefined && (await result.before(request, response))) return;
    if (options.open !== true && request.headers.authorization !== authorization) {
      response.writeHead(401, { 'www-authenticate': 'Basic' }).end();
      return;
    }
    if (!url.pathname.startsWith('/acme/deploy.git/') || !isGitService(service)) {
      response.writeHead(404).end();
      return;
    }
    const protocol = request.headers['git-protocol'];
    const { contentType, body } =
      request.method === 'GET'
        ? await advertise(bare, service, typeof protocol === 'string' ? protocol : undefined)
        : await serve(bare, service, { headers: request.headers, body: Buffer.concat(chunks) });
    response.writeHead(200, { 'content-type': contentType }).end(body);
  }

  const result: GitServer = {
    url: '',
    authorization,
    git,
    worktree,
    requests: [],
    before: undefined,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(root, { recursive: true, force: true });
    },
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(result, { url: `http://127.0.0.1:${port}/acme/deploy.git` });
}
