import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { withLock } from './lock.mjs';

/**
 * Runs `npm ci` when node_modules is missing, or holds other versions than package-lock.json names. The age of the lock
 * file would tell less: git and npm touch it without changing what it says.
 * @param {string} root the project's folder
 * @param {{development: boolean}} need whether development dependencies must be there too
 */
export async function ensureDependencies(root, { development }) {
  if (isInstalled(root, development)) return;
  mkdirSync(path.join(root, '.tmp'), { recursive: true });
  await withLock(path.join(root, '.tmp', 'install.lock'), () => {
    if (!isInstalled(root, development)) install(root, development);
  });
}

function isInstalled(root, development) {
  try {
    const present = readPackages(path.join(root, 'node_modules', '.package-lock.json'));
    return Object.entries(readPackages(path.join(root, 'package-lock.json'))).every(
      ([name, entry]) => name === '' || isOptional(entry, development) || present[name]?.version === entry.version,
    );
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
}

function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

function isOptional(entry, development) {
  return (
    entry.optional === true || entry.devOptional === true || entry.link === true || (entry.dev === true && !development)
  );
}

function install(root, development) {
  process.stderr.write('tagalong: installing dependencies (npm ci)\n');
  const omit = !development && process.env.NODE_ENV === 'production' ? '--omit=dev' : '--include=dev';
  const args = ['ci', omit, '--no-audit', '--no-fund'];
  const npm = process.env.npm_execpath;
  const [program, first] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  const { status, error } = spawnSync(program, [...first, ...args], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, npm_config_loglevel: 'error' },
    shell: process.platform === 'win32' && program === 'npm',
  });
  if (error !== undefined) throw new Error(`npm could not be started: ${error.message}`);
  if (status !== 0) throw new Error(`npm ci failed with exit code ${status}; its own message stands above.`);
}
