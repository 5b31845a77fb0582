import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { expect, test } from 'vitest';

const script = path.resolve(import.meta.dirname, '../../scripts/run.mjs');

async function run(args: readonly string[], cwd = process.cwd()) {
  const env = { ...process.env, INIT_CWD: cwd };
  const child = spawn(process.execPath, [script, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, stdout, stderr };
}

test('an unknown task ends with 2 and names those that there are', async () => {
  const { code, stderr } = await run(['tets']);
  expect(code).toBe(2);
  expect(stderr).toContain('test, demo');
});

test('arguments go to the task, and its exit code and output come back alone', async () => {
  const version = await run(['tagalong', '--version']);
  expect(version).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as unknown, stderr: '' });
  const wrong = await run(['tagalong', 'scna', '.']);
  expect(wrong.code).toBe(2);
});

test('paths are relative to where the person stands', async () => {
  const { code, stdout } = await run(
    ['tagalong', 'scan', 'base', '--json'],
    path.resolve(import.meta.dirname, '../../deploy/kubernetes'),
  );
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual([expect.objectContaining({ file: 'deployment.yaml' })]);
});
