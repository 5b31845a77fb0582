import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ensureTools, helm, publishedHash, tools } from '../../scripts/tools.mjs';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'tagalong-tools-'));
});
afterEach(() => rm(directory, { recursive: true }));

describe('the renderers', () => {
  test('are taken from PATH', async () => {
    await makeExecutable(path.join(directory, 'bin', 'helm'));
    expect(await ensureTools({ PATH: path.join(directory, 'bin'), XDG_CACHE_HOME: directory }, [helm])).toEqual([]);
  });

  test('are taken from where a setting says', async () => {
    expect(await ensureTools({ PATH: '', HELM_PATH: '/opt/helm', XDG_CACHE_HOME: directory }, [helm])).toEqual([]);
  });

  test('are taken from the cache of the same versions', async () => {
    const cache = path.join(directory, 'tagalong', `bin-helm-${helm.version}`);
    await makeExecutable(path.join(cache, 'helm'));
    expect(await ensureTools({ PATH: '', XDG_CACHE_HOME: directory }, [helm])).toEqual([cache]);
  });

  test('are compiled with Go where it is, from the source of the pinned hash, and kept', async () => {
    const cache = path.join(directory, 'tagalong', `bin-helm-${helm.version}`);
    const env = { PATH: await fakeGo(helm.sum), XDG_CACHE_HOME: directory };
    expect(await ensureTools(env, [helm])).toEqual([cache]);
    expect(await readFile(path.join(cache, 'helm'), 'utf8')).toBe(`${helm.command}@${helm.version}\n`);
  });

  test('are an error in CI when the source is another one', async () => {
    const env = { PATH: await fakeGo('h1:other'), XDG_CACHE_HOME: directory, CI: 'true' };
    await expect(ensureTools(env, [helm])).rejects.toThrow(/helm could not be installed: .*h1:other.*HELM_PATH/s);
  });
});

test('a list of checksums is read by name', () => {
  const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
  const list = `${a}  helm-linux-amd64.tar.gz\n${b} *helm-linux-arm64.tar.gz\r\nnonsense\n`;
  expect(publishedHash(list, 'helm-linux-amd64.tar.gz')).toBe(a);
  expect(publishedHash(list, 'helm-linux-arm64.tar.gz')).toBe(b);
  expect(publishedHash(list, 'helm-linux')).toBeUndefined();
});

test('the container image brings the same versions', async () => {
  const dockerfile = await readFile(path.resolve(import.meta.dirname, '../../Dockerfile'), 'utf8');
  for (const { name, version, sum } of tools) {
    expect(dockerfile).toContain(`ARG ${name.toUpperCase()}_VERSION=${version}\n`);
    expect(dockerfile).toContain(`ARG ${name.toUpperCase()}_SUM=${sum}\n`);
  }
});

async function makeExecutable(file: string, text = ''): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text, { mode: 0o755 });
}

/** A folder with a `go` that says this hash of every module, and installs a file that holds what it was asked for. */
async function fakeGo(sum: string): Promise<string> {
  const script = `#!/bin/sh
case "$1" in
  mod) echo '{"Sum":"${sum}"}' ;;
  install) echo "$2" > "$GOBIN/helm" ;;
esac
`;
  await makeExecutable(path.join(directory, 'go-bin', 'go'), script);
  return path.join(directory, 'go-bin');
}
