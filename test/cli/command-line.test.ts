import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { runCli } from '../../src/cli.ts';
import { buildProgram } from '../../src/cli/program.ts';
import type { Io } from '../../src/cli/io.ts';

const CLI = path.resolve(import.meta.dirname, '../../src/cli.ts');

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'tagalong-cli-'));
  await writeFile(
    path.join(directory, 'pod.yaml'),
    'kind: Pod\napiVersion: v1\nspec: {containers: [{image: nginx:1.27.0}]}\n',
  );
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

/** Runs a command line within this process, in the temporary directory. */
async function run(args: readonly string[], color = false, stdin = '') {
  const told = { stdout: '', stderr: '' };
  const io: Io = {
    stdout: { write: (text) => void (told.stdout += text), color },
    stderr: { write: (text) => void (told.stderr += text), color },
    stdin: Readable.from(stdin === '' ? [] : [Buffer.from(stdin)]),
    cwd: directory,
    env: {},
  };
  return { code: await runCli(args, io), ...told };
}

describe('help', () => {
  test('names every command', async () => {
    const { code, stdout, stderr } = await run(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const name of ['serve', 'scan', 'bump', 'diff', 'event', 'check', 'inbox', 'audit', 'simulate']) {
      expect(stdout).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
    }
  });

  test('of each command has an example, and says what its arguments are', async () => {
    const nothing = { write: () => undefined, color: false };
    const io: Io = { stdout: nothing, stderr: nothing, stdin: process.stdin, cwd: '/', env: {} };
    const leaves = buildProgram(io, () => undefined).commands.flatMap((each) =>
      each.commands.length > 0 ? each.commands : [each],
    );
    expect(leaves.length).toBeGreaterThanOrEqual(9);
    for (const command of leaves) {
      const parent = command.parent?.parent ? [command.parent.name()] : [];
      const { code, stdout } = await run([...parent, command.name(), '--help']);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^Examples:\n {2}\$ .*tagalong /m);
      for (const { description } of command.registeredArguments) expect(description).not.toBe('');
    }
  });

  test.each([[['help', 'scan']], [['scan', '-h']]])('is asked for as %j', async (args) => {
    expect(await run(args)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Usage: tagalong scan') as string,
      stderr: '',
    });
  });

  test('takes color where there is a terminal, and only there', async () => {
    expect((await run(['--help'], true)).stdout).toContain('\u001B[1mUsage:');
    expect((await run(['--help'])).stdout).not.toContain('\u001B');
  });
});

test('the version is that of the package', async () => {
  for (const flag of ['-V', '--version']) {
    expect(await run([flag])).toEqual({ code: 0, stdout: `${packageJson.version}\n`, stderr: '' });
  }
});

describe('wrong usage ends with 2, on standard error, and says what to do', () => {
  test.each<[args: string[], message: RegExp]>([
    [[], /^Usage: tagalong/],
    [['inbox'], /^Usage: tagalong inbox/],
    [['scna', '.'], /unknown command 'scna'\n\(Did you mean scan\?\)/],
    [['inbox', 'lst'], /\(Did you mean list\?\)/],
    [['check', '--jsn', '.'], /unknown option '--jsn'\n\(Did you mean --json\?\)\nRun `tagalong check --help`/],
    [['inbox', 'retry', '--jsn'], /Run `tagalong inbox retry --help`/],
    [['scan'], /missing required argument 'dir'\nRun `tagalong scan --help`/],
    [['scan', '.', 'more'], /too many arguments/],
    [['scan', ''], /A directory is wanted/],
    [['scan', 'nowhere'], /'nowhere' does not exist/],
    [['check', 'pod.yaml'], /'pod\.yaml' is no directory/],
    [['bump', 'nginx:1', '.', '--date', '2024-02-30'], /'2024-02-30' is invalid. A date is wanted/],
    [['bump', 'nginx:1', '.', '--date', '20240229'], /A date is wanted/],
    [['bump', 'nginx:1', '.', '--commit', 'abc'], /A commit hash is wanted/],
    [['diff', '--format', 'yaml', '.'], /Allowed choices are text, markdown, json/],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/--help|^Usage/);
  });
});

describe('every command reaches its code', () => {
  test('scan, with a path relative to where one stands', async () => {
    const { code, stdout } = await run(['scan', '.', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([{ image: 'docker.io/library/nginx', tag: '1.27.0', file: 'pod.yaml' }]);
  });

  test('bump', async () => {
    const { code, stdout } = await run(['bump', 'nginx:1.27.1', '.', '--commit', '3F2A91C8', '--date', '2024-02-29']);
    expect(code).toBe(0);
    expect(stdout).toContain('nginx:1.27.1');
  });

  test('event, from standard input', async () => {
    const { code, stdout } = await run(['event', 'generic', '-'], false, '{"image":"acme/shop","tag":"1.4.3"}');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'image-published', tag: '1.4.3' });
  });

  test('check', async () => {
    expect(await run(['check', '.'])).toMatchObject({ code: 1, stdout: '' });
  });

  test('inbox retry, which refuses what is no subject before it opens a database', async () => {
    const { code, stderr } = await run(['inbox', 'retry', 'acme']);
    expect(code).not.toBe(0);
    expect(stderr).toContain('acme');
  });
});

describe('as a process', () => {
  interface Ended {
    readonly code: number | null;
    readonly stdout: string;
    readonly stderr: string;
  }

  /** @param limit closes the pipe after that many characters of standard output */
  function spawnCli(args: readonly string[], { limit = Infinity, env = {} } = {}): Promise<Ended> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [CLI, ...args], { cwd: directory, env: { ...process.env, ...env } });
      const told = { stdout: '', stderr: '' };
      child.stdout.on('data', (data: Buffer) => {
        told.stdout += data.toString();
        if (told.stdout.length > limit) child.stdout.destroy();
      });
      child.stderr.on('data', (data: Buffer) => (told.stderr += data.toString()));
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, ...told }));
    });
  }

  test('the exit code is that of the command, and pipes get no color', async () => {
    expect(await spawnCli(['check', '.'], { env: { FORCE_COLOR: '1', NO_COLOR: undefined } })).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^error: There is no \.tagalong\.yml/) as string,
    });
    expect(await spawnCli(['scna'])).toMatchObject({ code: 2, stdout: '' });
  });

  test('an answer of many buffers arrives whole, and a reader who has seen enough is no error', async () => {
    const many = path.join(directory, 'many');
    await mkdir(many);
    const document = 'kind: Pod\napiVersion: v1\nspec: {containers: [{image: nginx:1.27.0}]}\n---\n'.repeat(2000);
    await writeFile(path.join(many, 'pods.yaml'), document);

    const whole = await spawnCli(['scan', 'many', '--json']);
    expect(whole.code).toBe(0);
    expect(JSON.parse(whole.stdout)).toHaveLength(2000);

    const cut = await spawnCli(['scan', 'many', '--json'], { limit: 10 });
    expect(cut).toMatchObject({ code: 0, stderr: '' });
  });
});
