import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, statSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { withLock } from './lock.mjs';

/**
 * The renderers, with the version that is installed where none is found. `sum` is the hash of the module's source as Go's
 * checksum database records it. The archives are checked against the list published beside them.
 */
export const helm = {
  name: 'helm',
  variable: 'HELM_PATH',
  version: 'v3.21.4',
  module: 'helm.sh/helm/v3',
  command: 'helm.sh/helm/v3/cmd/helm',
  sum: 'h1:T/GcIEXU/gNjJnkITlIZ3e9xqkZjhFTmISuStTZ6+Qg=',
  archive: ({ os, arch }) => `https://get.helm.sh/helm-v3.21.4-${os}-${arch}.tar.gz`,
  checksums: ({ os, arch }) => `https://get.helm.sh/helm-v3.21.4-${os}-${arch}.tar.gz.sha256sum`,
  member: ({ os, arch }) => `${os}-${arch}/helm`,
};

export const kustomize = {
  name: 'kustomize',
  variable: 'KUSTOMIZE_PATH',
  version: 'v5.8.1',
  module: 'sigs.k8s.io/kustomize/kustomize/v5',
  command: 'sigs.k8s.io/kustomize/kustomize/v5',
  sum: 'h1:Pgsg5psubpVEy7Nf6S89PARg5VmmWUC1l9dC6Dl4PG0=',
  archive: ({ os, arch }) =>
    `https://github.com/kubernetes-sigs/kustomize/releases/download/kustomize%2Fv5.8.1/kustomize_v5.8.1_${os}_${arch}.tar.gz`,
  checksums: () => 'https://github.com/kubernetes-sigs/kustomize/releases/download/kustomize%2Fv5.8.1/checksums.txt',
  member: () => 'kustomize',
};

export const tools = [helm, kustomize];

/**
 * Sees to it that the renderers can be had: by the setting that names them, on PATH, from the per-user cache, or installed
 * into it. One that cannot be had is warned of, and is an error where `CI` is `true`.
 * @returns {Promise<string[]>} the folders to put on PATH
 */
export async function ensureTools(env = process.env, wanted = tools) {
  const cache = cacheDirectory(env, wanted);
  const directories = new Set();
  for (const tool of wanted.filter((each) => !isProvided(each, env))) {
    const file = path.join(cache, executable(tool.name));
    try {
      if (!isExecutable(file)) {
        await mkdir(cache, { recursive: true });
        await withLock(path.join(cache, `${tool.name}.lock`), async () => {
          if (!isExecutable(file)) await install(tool, file, env);
        });
      }
      directories.add(cache);
    } catch (error) {
      const message = `${tool.name} could not be installed: ${error.message}\nInstall ${tool.name} yourself, or set ${tool.variable} to it.`;
      if (env.CI === 'true') throw new Error(message, { cause: error });
      process.stderr.write(`\ntagalong: WARNING: ${message}\nWhat needs it is left out, and says so.\n\n`);
    }
  }
  return [...directories];
}

function cacheDirectory(env, wanted) {
  const base = env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
  return path.join(base, 'tagalong', `bin-${wanted.map((tool) => `${tool.name}-${tool.version}`).join('-')}`);
}

function isProvided(tool, env) {
  if (env[tool.variable]) return true;
  const onPath = (env.PATH ?? '').split(path.delimiter).filter(Boolean);
  return onPath.some((directory) => isExecutable(path.join(directory, executable(tool.name))));
}

function executable(name) {
  return process.platform === 'win32' ? `${name}.exe` : name;
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Puts the tool at `file` in one step, so that a half-made one is never found there. */
async function install(tool, file, env) {
  const scratch = await mkdtemp(path.join(path.dirname(file), `.${tool.name}-`));
  try {
    const made = (hasGo(env) && tryToCompile(tool, scratch, env)) || (await download(tool, scratch));
    await chmod(made, 0o755);
    await rename(made, file);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function hasGo(env) {
  return spawnSync('go', ['version'], { env, stdio: 'ignore' }).status === 0;
}

/** undefined when Go cannot reach the source; a source with another hash is an error. */
function tryToCompile(tool, scratch, env) {
  try {
    return compile(tool, scratch, env);
  } catch (error) {
    if (error instanceof WrongHash) throw error;
    process.stderr.write(`tagalong: ${error.message}\n`);
    return undefined;
  }
}

class WrongHash extends Error {}

function compile(tool, scratch, env) {
  process.stderr.write(`tagalong: compiling ${tool.name} ${tool.version} (once, some minutes)\n`);
  const goEnv = { ...env, GOBIN: scratch, CGO_ENABLED: '0' };
  const module = JSON.parse(capture('go', ['mod', 'download', '-json', `${tool.module}@${tool.version}`], goEnv));
  if (module.Sum !== tool.sum)
    throw new WrongHash(`the source of ${tool.module} has the hash ${module.Sum}, not ${tool.sum}`);
  capture('go', ['install', `${tool.command}@${tool.version}`], goEnv);
  return path.join(scratch, executable(tool.name));
}

async function download(tool, scratch) {
  const platform = { os: process.platform, arch: { x64: 'amd64' }[process.arch] ?? process.arch };
  if (!['linux', 'darwin'].includes(platform.os)) throw new Error(`there is no archive for ${platform.os}`);
  const url = tool.archive(platform);
  process.stderr.write(`tagalong: downloading ${tool.name} ${tool.version}\n`);
  const archive = await get(url);
  const checksums = (await get(tool.checksums(platform))).toString('utf8');
  const hash = createHash('sha256').update(archive).digest('hex');
  const expected = publishedHash(checksums, decodeURIComponent(url).split('/').at(-1));
  if (hash !== expected) throw new WrongHash(`${url} has the hash ${hash}, not the published ${expected}`);
  const file = path.join(scratch, 'archive.tar.gz');
  await writeFile(file, archive);
  const member = tool.member(platform);
  capture('tar', ['-xzf', file, '-C', scratch, member], process.env);
  return path.join(scratch, member);
}

/** Reads a list as `sha256sum` writes it: a hash, two spaces (or a space and a star), and the name of the file. */
export function publishedHash(checksums, name) {
  for (const line of checksums.split('\n')) {
    const [, hash, file] = /^([0-9a-f]{64}) [ *](.+?)\s*$/.exec(line) ?? [];
    if (file === name) return hash;
  }
  return undefined;
}

async function get(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(300_000) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

function capture(program, args, env) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { env, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (error !== undefined) throw new Error(`${program} could not be started: ${error.message}`);
  if (status !== 0) throw new Error(`${program} ${args[0]} failed: ${(stderr || stdout).trim().slice(-2000)}`);
  return stdout;
}
