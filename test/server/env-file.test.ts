import fc from 'fast-check';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readEnvFile, updateEnvFile } from '../../src/server/env-file.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'tagalong-env-'));
});
afterAll(() => rm(directory, { recursive: true }));

describe('the file that keeps settings', () => {
  test('is empty where there is none', async () => {
    expect(await readEnvFile(path.join(directory, 'absent'))).toEqual({});
  });

  test('keeps what it is not told to change', async () => {
    const file = path.join(directory, 'kept');
    await writeFile(file, '# mine\nexport A=1\nB="two words"\n');
    await updateEnvFile(file, { B: 'three', C: '4' });
    expect(await readEnvFile(file)).toEqual({ A: '1', B: 'three', C: '4' });
  });

  test('is for its owner alone, and leaves nothing beside it', async () => {
    const file = path.join(directory, 'deep', '.env');
    await updateEnvFile(file, { SECRET: 'x' });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(path.dirname(file))).toEqual(['.env']);
  });

  test('gives back every value that it takes', async () => {
    const file = path.join(directory, 'property');
    const text = fc.string({
      unit: fc.constantFrom('a', '=', '#', ' ', '"', "'", '`', '\\', 'n', '\n', '$', '{', 'é'),
    });
    await fc.assert(
      fc.asyncProperty(text, async (value) => {
        fc.pre(!['"', "'", '`'].every((mark) => value.includes(mark)));
        const isWritable = await updateEnvFile(file, { VALUE: value, NEXT: 'next' }).then(
          () => true,
          () => false,
        );
        if (isWritable) expect(await readEnvFile(file)).toEqual({ VALUE: value, NEXT: 'next' });
        else expect(value).toMatch(/['`]/);
      }),
      { numRuns: 300 },
    );
  });
});
