import { spawn } from 'node:child_process';
import type { IncomingHttpHeaders } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { gitEnvironment } from './environment.ts';

/** Git's smart HTTP protocol over `git upload-pack` and `git receive-pack`: https://git-scm.com/docs/http-protocol */
export type GitService = 'git-upload-pack' | 'git-receive-pack';

export function isGitService(name: unknown): name is GitService {
  return name === 'git-upload-pack' || name === 'git-receive-pack';
}

export interface GitAnswer {
  readonly contentType: string;
  readonly body: Buffer;
}

const served = [
  'uploadpack.allowFilter=true',
  'uploadpack.allowAnySHA1InWant=true',
  'receive.hideRefs=refs/pull',
  'receive.autogc=false',
  'receive.unpackLimit=100000',
  'receive.advertisePushOptions=false',
  'http.receivepack=true',
];

/** The answer of version 2 names capabilities and no refs, so that one answer serves every repository. */
let versionTwoAdvertisement: Promise<Buffer> | undefined;

export async function advertise(directory: string, service: GitService, protocol?: string): Promise<GitAnswer> {
  const ask = () => runGit(directory, service, ['--http-backend-info-refs'], protocol);
  const isVersionTwo = service === 'git-upload-pack' && protocol === 'version=2';
  const refs = await (isVersionTwo ? (versionTwoAdvertisement ??= ask()) : ask());
  const banner = `# service=${service}\n`;
  const prefix = isVersionTwo ? '' : `${packetLength(banner.length)}${banner}0000`;
  return { contentType: `application/x-${service}-advertisement`, body: Buffer.concat([Buffer.from(prefix), refs]) };
}

/** Runs one request of a fetch or push. */
export async function serve(directory: string, service: GitService, request: GitRequest): Promise<GitAnswer> {
  const protocol = request.headers['git-protocol'];
  const body = await runGit(
    directory,
    service,
    [],
    typeof protocol === 'string' ? protocol : undefined,
    plainGitBody(request),
  );
  return { contentType: `application/x-${service}-result`, body };
}

export interface GitRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The bytes of a request; git compresses what is long. */
export function plainGitBody({ headers, body }: GitRequest): Buffer {
  return headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}

export interface RefCommand {
  readonly ref: string;
  /** 40 zeros where the ref does not exist before or after. */
  readonly before: string;
  readonly after: string;
}

/** The ref updates that the body of a push asks for. */
export function readRefCommands(body: Buffer): RefCommand[] {
  const commands: RefCommand[] = [];
  for (let at = 0; at + 4 <= body.length;) {
    const length = Number.parseInt(body.toString('latin1', at, at + 4), 16);
    if (!Number.isInteger(length) || length < 4) return commands;
    const [line = ''] = body.toString('utf8', at + 4, at + length).split('\0');
    const match = /^([0-9a-f]{40}) ([0-9a-f]{40}) (\S+)/.exec(line);
    const [, before, after, ref] = match ?? [];
    if (before !== undefined && after !== undefined && ref !== undefined) commands.push({ before, after, ref });
    at += length;
  }
  return commands;
}

function packetLength(payload: number): string {
  return (payload + 4).toString(16).padStart(4, '0');
}

function runGit(directory: string, service: GitService, flags: string[], protocol?: string, input?: Buffer) {
  const settings = served.flatMap((setting) => ['-c', setting]);
  const args = [...settings, service.slice('git-'.length), '--stateless-rpc', ...flags, directory];
  const env = gitEnvironment(protocol === undefined ? {} : { GIT_PROTOCOL: protocol });
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const child = spawn('git', args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  child.stdin.on('error', () => undefined);
  child.on('error', reject);
  child.on('close', (code) => {
    if (code === 0 || output.length > 0) resolve(Buffer.concat(output));
    else reject(new Error(`git ${service} failed with ${String(code)}: ${Buffer.concat(errors).toString()}`));
  });
  child.stdin.end(input);
  return promise;
}
