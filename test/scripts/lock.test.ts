import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withLock } from '../../scripts/lock.mjs';

const script = path.resolve(import.meta.dirname, '../../scripts/lock.mjs');
let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'tagalong-lock-'));
});
afterEach(() => rm(directory, { recursive: true }));

test('one process at a time is inside', async () => {
  const counter = path.join(directory, 'counter');
  await writeFile(counter, '0');
  // Reading and writing in two steps loses counts unless nobody else is inside.
  const code = `
    import { readFileSync, writeFileSync } from 'node:fs';
    import { withLock } from ${JSON.stringify(script)};
    for (let i = 0; i < 5; i++) await withLock(${JSON.stringify(path.join(directory, 'lock'))}, async () => {
      const count = Number(readFileSync(${JSON.stringify(counter)}, 'utf8'));
      await new Promise((resolve) => setTimeout(resolve, 5));
      writeFileSync(${JSON.stringify(counter)}, String(count + 1));
    });`;
  const children = [1, 2, 3].map(() =>
    spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'ignore' }),
  );
  expect(await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0] as unknown))).toEqual([
    0, 0, 0,
  ]);
  expect(await readFile(counter, 'utf8')).toBe('15');
  expect(await readdir(directory)).toEqual(['counter']);
});

test('the lock of a process that is gone is taken over', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  const lock = path.join(directory, 'lock');
  await mkdir(lock);
  await writeFile(path.join(lock, `${child.pid ?? 0}-1`), '');
  expect(await withLock(lock, () => 'inside')).toBe('inside');
  expect(await readdir(directory)).toEqual([]);
});

test('the lock is given back when the work fails', async () => {
  const lock = path.join(directory, 'lock');
  await expect(withLock(lock, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await withLock(lock, () => 'inside')).toBe('inside');
});
