/**
 * `node scripts/run.mjs <task> [args…]`: installs what the task needs and is missing, then runs it with the project's own
 * Node and tools first on PATH. Plain JavaScript without dependencies, because it runs before there are any, on any Node
 * that npm runs on.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureDependencies } from './dependencies.mjs';
import { ensureTools } from './tools.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const modules = path.join(root, 'node_modules');
const callerDirectory = process.env.INIT_CWD ?? process.cwd();

const vitest = path.join(modules, 'vitest', 'vitest.mjs');
const tsc = path.join(modules, 'typescript', 'bin', 'tsc');
const eslint = path.join(modules, 'eslint', 'bin', 'eslint.js');
const prettier = path.join(modules, 'prettier', 'bin', 'prettier.cjs');
const cli = path.join(root, 'src', 'cli.ts');

/**
 * `steps`: argument lists for Node, run one after the other until one fails; the caller's arguments go to the last.
 * `tools`: whether helm and kustomize are wanted. `development`: whether development dependencies are.
 * `directory`: where it runs; paths on the command line of `tagalong` are relative to where the person stands.
 */
const tasks = {
  test: { steps: () => [[vitest, 'run']], tools: () => true, development: true },
  demo: { steps: () => [['demo/main.ts']], tools: () => true, development: true },
  pictures: { steps: () => [['demo/pictures.ts']], tools: () => true, development: true },
  bench: { steps: () => [['bench/main.ts']], tools: () => true, development: true },
  tagalong: { steps: () => [[cli]], tools: ([command]) => usesTools(command), directory: callerDirectory },
  serve: { steps: () => [[cli, 'serve']], tools: () => true },
  build: { steps: () => [[tsc, '-p', 'tsconfig.build.json'], ['scripts/copy-assets.mjs']], development: true },
  typecheck: { steps: () => [[tsc, '-p', '.']], development: true },
  lint: { steps: () => [[eslint, '.', '--max-warnings', '0']], development: true },
  format: { steps: () => [[prettier, '--write', '--log-level', 'warn', '.']], development: true },
  'format:check': { steps: () => [[prettier, '--check', '--log-level', 'warn', '.']], development: true },
  docs: { steps: () => [['scripts/generate-docs.ts']], development: true },
  'docs:check': { steps: () => [['scripts/generate-docs.ts', '--check']], development: true },
  check: { steps: () => checks.flatMap((task) => tasks[task].steps()), development: true },
};
const checks = ['typecheck', 'lint', 'format:check', 'docs:check', 'build'];

await main(process.argv.slice(2));

async function main([name, ...args]) {
  const task = Object.hasOwn(tasks, name ?? '') ? tasks[name] : undefined;
  if (task === undefined) {
    fail(`usage: node scripts/run.mjs <task> [args…]; tasks: ${Object.keys(tasks).join(', ')}`, 2);
  }
  try {
    await ensureDependencies(root, { development: task.development === true });
    const toolDirectories = task.tools?.(args) === true ? await ensureTools() : [];
    const environment = withPath([path.join(modules, '.bin'), ...toolDirectories]);
    const steps = task.steps();
    for (const [index, step] of steps.entries()) {
      const own = index === steps.length - 1 ? args : [];
      const code = await run(projectNode(), [...step, ...own], environment, task.directory ?? root);
      if (code !== 0) process.exit(code);
    }
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error), 1);
  }
}

function usesTools(command) {
  return command === 'diff' || command === 'serve' || command === 'doctor';
}

/** The Node of node_modules, or the one that runs us where a production install left it out. */
function projectNode() {
  const own = path.join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(own)) return own;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  throw new Error(
    `Node ${process.versions.node} is too old (22.18 or later is needed), and node_modules holds none; run \`npm ci\` without --ignore-scripts.`,
  );
}

function withPath(directories) {
  return { ...process.env, PATH: [...directories, process.env.PATH].filter(Boolean).join(path.delimiter) };
}

/** Runs a program to its end, passing signals on. @returns its exit code, 128 + the signal's number when one ended it. */
function run(program, args, env, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: 'inherit' });
    const forward = (signal) => {
      // A terminal sends Ctrl-C to the whole group, so the child has it already.
      if (signal === 'SIGINT' && process.stdin.isTTY) return;
      child.kill(signal);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, forward);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      for (const each of signals) process.off(each, forward);
      resolve(signal === null ? code : 128 + constants.signals[signal]);
    });
  });
}

function fail(message, code) {
  process.stderr.write(`tagalong: ${message}\n`);
  process.exit(code);
}
