import { ESLint, type Linter } from 'eslint';
import path from 'node:path';
import tseslint from 'typescript-eslint';
import { describe, expect, test } from 'vitest';
import { architecture } from '../eslint.rooms.js';

const root = path.resolve(import.meta.dirname, '..');

// The rules that ESLint runs on this repository, without the type-aware ones, which need a file that exists.
const eslint = new ESLint({
  cwd: root,
  overrideConfigFile: true,
  overrideConfig: [
    { files: ['**/*.ts'], languageOptions: { parser: tseslint.parser } },
    ...architecture,
  ] as Linter.Config[],
});

describe('imports between rooms', () => {
  test.each([
    ['src/domain/x.ts', "import type { Store } from '../store/store.ts';", 'domain may import nothing of ours'],
    ['src/versions/x.ts', "import type { Forge } from '../forge/forge.ts';", 'versions may import domain'],
    ['src/review/x.ts', "import { a } from '../versions/../git/git.ts';", 'review may import domain'],
    ['src/forge/forge.ts', "import type { Store } from '../store/store.ts';", 'forge/forge.ts may import'],
    ['src/workflows/x.ts', "import { io } from '../cli/io.ts';", 'workflows may import'],
    ['src/store/x.ts', "import type { Renderer } from '../render/render.ts';", 'store may import'],
    ['src/render/x.ts', "import type { Forge } from '../forge/forge.ts';", 'render may import'],
    ['src/git/x.ts', "export type { Forge } from '../forge/forge.ts';", 'git may import'],
    ['src/forge/github/x.ts', "import type { Store } from '../../store/store.ts';", 'forge/github may import'],
    ['src/forge/github/deep/x.ts', "import type { Store } from '../../../store/store.ts';", 'forge/github may import'],
    ['src/server/x.ts', "const io = await import('../cli/io.ts');", 'server may import'],
    ['src/telemetry/x.ts', "import type { Store } from '../store/store.ts';", 'telemetry may import'],
  ])('%s: %s', async (file, code, message) => {
    expect(await complaints(file, code)).toEqual([expect.stringContaining(message)]);
  });

  test.each([
    ['src/domain/x.ts', "import { isTag } from './image.ts';"],
    ['src/manifests/x.ts', "import { isTag } from '../domain/image.ts';"],
    [
      'src/workflows/x.ts',
      "import type { Forge } from '../forge/forge.ts';\nimport type { Store } from '../store/store.ts';",
    ],
    [
      'src/forge/github/x.ts',
      "import type { Forge } from '../forge.ts';\nimport type { Log } from '../../telemetry/telemetry.ts';",
    ],
    ['src/render/x.ts', "import type { Tree } from '../git/git.ts';"],
    ['src/main.ts', "import type { Store } from './store/store.ts';"],
    ['test/x.ts', "import type { Store } from '../src/store/store.ts';"],
  ])('%s may: %s', async (file, code) => {
    expect(await complaints(file, code)).toEqual([]);
  });
});

describe('packages that stand behind a wall', () => {
  test.each([
    ['@octokit/core', 'src/forge/github/x.ts', 'src/workflows/x.ts'],
    ['probot', 'src/server/x.ts', 'src/store/x.ts'],
    ['@gitbeaker/rest', 'src/forge/gitlab/x.ts', 'src/forge/github/x.ts'],
    ['pg', 'src/store/x.ts', 'src/server/x.ts'],
    ['pg-boss', 'src/store/x.ts', 'src/workflows/x.ts'],
    ['kysely', 'src/store/x.ts', 'src/intake/x.ts'],
    ['@electric-sql/pglite', 'src/store/x.ts', 'src/cli/x.ts'],
    ['node:child_process', 'src/git/x.ts', 'src/forge/github/x.ts'],
    ['execa', 'src/render/x.ts', 'src/cli/x.ts'],
    ['zod', 'src/config/x.ts', 'src/workflows/x.ts'],
    ['zod', 'src/forge/github/events.ts', 'src/domain/x.ts'],
    ['commander', 'src/cli/x.ts', 'src/workflows/x.ts'],
    ['node:fs/promises', 'src/git/x.ts', 'src/manifests/x.ts'],
    ['pino', 'src/telemetry/x.ts', 'src/markdown/x.ts'],
  ])('%s: yes in %s, no in %s', async (name, inside, outside) => {
    const code = `import { a } from '${name}';`;
    expect(await complaints(inside, code)).toEqual([]);
    expect(await complaints(outside, code)).toHaveLength(1);
  });
});

describe('what else is forbidden', () => {
  test.each([
    ['the environment', 'src/server/x.ts', 'export const home = process.env.HOME;'],
    ['default exports', 'src/domain/x.ts', 'export default 1;'],
    ['default exports under another name', 'src/domain/x.ts', 'const a = 1;\nexport { a as default };'],
    ['the clock in a pure room', 'src/versions/x.ts', 'export const now = new Date();'],
    ['the clock by another name', 'src/versions/x.ts', 'export const now = Date.now();'],
    ['chance in a pure room', 'src/domain/x.ts', 'export const id = Math.random();'],
  ])('%s', async (_, file, code) => {
    expect(await complaints(file, code)).toHaveLength(1);
  });

  test.each([
    ['src/main.ts', 'export const home = process.env.HOME;'],
    ['src/versions/x.ts', 'export const then = new Date(0);'],
    ['src/store/x.ts', 'export const now = new Date();'],
    ['vitest.config.ts', 'export default {};'],
  ])('not in %s: %s', async (file, code) => {
    expect(await complaints(file, code)).toEqual([]);
  });
});

test('the repository is linted with these rules', async () => {
  const config: unknown = await new ESLint({ cwd: root }).calculateConfigForFile('src/domain/image.ts');
  const own: unknown = await eslint.calculateConfigForFile('src/domain/image.ts');
  const names = [
    'import-x/no-restricted-paths',
    'no-restricted-imports',
    'no-restricted-syntax',
    'no-restricted-exports',
  ];
  for (const name of names) {
    expect(config).toHaveProperty(['rules', name], expect.arrayContaining([2]));
    expect(rule(config, name)).toEqual(rule(own, name));
  }
});

async function complaints(file: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: path.join(root, file) });
  return (result?.messages ?? []).map(({ message }) => message);
}

function rule(config: unknown, name: string): unknown {
  return Object.entries((config as Linter.Config).rules ?? {}).find(([each]) => each === name)?.[1];
}
