import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { applyPatch } from 'diff';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runBump } from '../../src/cli/bump.ts';
import type { BumpOptions, Io } from '../../src/cli/io.ts';
import { runScan } from '../../src/cli/scan.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'tagalong-cli-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

const MANIFEST = `apiVersion: apps/v1
kind: Deployment
metadata:
  labels: {app: bot, commitHash: 593e9dd}
spec:
  template:
    metadata:
      labels:
        commitHash: 593e9dd
    spec:
      containers:
        - name: bot
          image: acme/bot:593e9dd
`;
const CONFIG = `version: 1
images:
  - match: acme/*
    set:
      - { path: metadata.labels.commitHash, value: "{commit.short}" }
`;

async function write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [file, content] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(directory, file)), { recursive: true });
    await writeFile(path.join(directory, file), content);
  }
}

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(command: (io: Io) => Promise<number>, color = false): Promise<Run> {
  const written = { stdout: '', stderr: '' };
  const code = await command({
    stdout: { write: (text) => void (written.stdout += text), color },
    stderr: { write: (text) => void (written.stderr += text), color },
    stdin: (async function* () {})(),
    cwd: path.dirname(directory),
    env: {},
  });
  return { code, ...written };
}

const scan = (json = false) => run((io) => runScan(io, { directory: path.basename(directory), json }));
const bump = (image: string, options: Partial<BumpOptions> = {}, color = false) =>
  run((io) => runBump(io, { image, directory, write: false, json: false, ...options }), color);

describe('scan', () => {
  test('lists sites as JSON', async () => {
    await write({ 'apps/bot.yaml': MANIFEST, 'kustomization.yaml': 'images: [{name: acme/bot, newTag: v1}]\n' });
    const { code, stdout, stderr } = await scan(true);
    expect(JSON.parse(stdout)).toEqual([
      {
        image: 'docker.io/acme/bot',
        tag: '593e9dd',
        digest: null,
        file: 'apps/bot.yaml',
        line: 13,
        column: 27,
        format: 'pod-spec',
        path: 'spec.template.spec.containers[0].image',
      },
      {
        image: 'docker.io/acme/bot',
        tag: 'v1',
        digest: null,
        file: 'kustomization.yaml',
        line: 1,
        column: 35,
        format: 'kustomize',
        path: 'images[0].newTag',
      },
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test('lists sites for people', async () => {
    await write({ 'bot.yaml': MANIFEST, 'values.yaml': 'repository: nginx\ntag: 1.2\n' });
    expect(await scan()).toEqual({
      code: 0,
      stdout: 'bot.yaml:13:27   pod-spec     acme/bot:593e9dd\nvalues.yaml:2:6  helm-values  nginx:1.2\n',
      stderr: '',
    });
  });

  test('says that there is nothing', async () => {
    expect(await scan()).toEqual({ code: 0, stdout: 'No image is mentioned here.\n', stderr: '' });
    expect((await scan(true)).stdout).toBe('[]\n');
  });

  test('tells what cannot be read, and goes on', async () => {
    await write({
      'bad.yaml': 'a: "\n',
      'binary.yaml': new Uint8Array([0x69, 0xff, 0xfe]),
      'bot.yaml': MANIFEST,
      'templates/x.yaml': '{{ if x }}\nimage: a/b:1\n',
    });
    const { code, stdout, stderr } = await scan();
    expect(code).toBe(0);
    expect(stdout).toBe('bot.yaml:13:27  pod-spec  acme/bot:593e9dd\n');
    expect(stderr).toBe(
      'bad.yaml:2:1: warning: This is not valid YAML: Missing closing "quote.\nbinary.yaml: warning: This is not UTF-8 text.\n',
    );
  });

  test('leaves out hidden entries, packages and links', async () => {
    await write({ '.git/x.yaml': MANIFEST, '.ci.yaml': MANIFEST, 'node_modules/x/y.yaml': MANIFEST });
    await symlink(path.join(directory, '.ci.yaml'), path.join(directory, 'link.yaml'));
    expect((await scan(true)).stdout).toBe('[]\n');
  });
});

describe('bump', () => {
  test('prints a diff that can be applied, and writes nothing', async () => {
    await write({ 'apps/bot.yaml': MANIFEST, '.tagalong.yml': CONFIG });
    const { code, stdout, stderr } = await bump('acme/bot:593e910', { commit: '593e910c0ffee' });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.startsWith('--- a/apps/bot.yaml\n+++ b/apps/bot.yaml\n@@ ')).toBe(true);
    expect(applyPatch(MANIFEST, stdout)).toBe(
      MANIFEST.replaceAll('commitHash: 593e9dd', 'commitHash: "593e910"').replace('bot:593e9dd', 'bot:593e910'),
    );
    expect(await readFile(path.join(directory, 'apps/bot.yaml'), 'utf8')).toBe(MANIFEST);
  });

  test('writes the files when told to, byte for byte', async () => {
    const text = `\uFEFF${MANIFEST.replaceAll('\n', '\r\n')}`;
    await write({ 'bot.yaml': text, 'other.yaml': MANIFEST.replace('acme/bot', 'acme/other') });
    const { code, stderr } = await bump('docker.io/acme/bot:12e4567', { write: true });
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'Written: bot.yaml\n' });
    expect(await readFile(path.join(directory, 'bot.yaml'), 'utf8')).toBe(text.replace('bot:593e9dd', 'bot:12e4567'));
    expect(await readFile(path.join(directory, 'other.yaml'), 'utf8')).toContain('acme/other:593e9dd');
  });

  test('tells all of it as JSON', async () => {
    await write({ 'bot.yaml': MANIFEST, 'values.yaml': 'image: acme/bot:latest\n', '.tagalong.yml': CONFIG });
    const { stdout } = await bump('acme/bot:593e910', { commit: '593e910', json: true });
    const place = {
      file: 'bot.yaml',
      line: 13,
      column: 27,
      format: 'pod-spec',
      path: 'spec.template.spec.containers[0].image',
    };
    expect(JSON.parse(stdout)).toEqual({
      image: 'docker.io/acme/bot',
      tag: '593e910',
      digest: null,
      written: false,
      files: [{ file: 'bot.yaml', diff: expect.stringContaining('+++ b/bot.yaml') as string }],
      changes: [{ ...place, from: { tag: '593e9dd', digest: null }, to: { tag: '593e910', digest: null } }],
      set: [
        { file: 'bot.yaml', line: 4, path: 'metadata.labels.commitHash', from: '593e9dd', to: '593e910' },
        { file: 'bot.yaml', line: 9, path: 'spec.template.metadata.labels.commitHash', from: '593e9dd', to: '593e910' },
      ],
      unchanged: [
        expect.objectContaining({ file: 'values.yaml', tag: 'latest', reason: 'tag-not-followed' }) as object,
      ],
      refused: null,
    });
  });

  test.each([
    ['acme/bot:593e9dd', '', 'bot.yaml:13:27: `593e9dd` stands there already, without a digest that could move.'],
    [
      'acme/bot:v1',
      '',
      '`593e9dd` stands there, which is a commit hash; nothing of that shape was published, only `v1`.',
    ],
    ['acme/none:1', '', 'No file here mentions acme/none.'],
    [
      'acme/bot:1234567',
      'images: [{match: acme/bot, tags: ignore}]',
      'The configuration says not to follow `acme/bot`.',
    ],
    ['acme/bot:1234567', 'environments: {prod: {paths: ["prod/**"]}}', 'The file belongs to no environment.'],
    ['acme/bot:1234567', 'images: [{match: "acme/*", tags: {semver: ">=9"}}]', 'Nothing within `>=9`'],
  ])('%s with %j: nothing to do, and why', async (image, config, reason) => {
    await write({ 'bot.yaml': MANIFEST, '.tagalong.yml': `version: 1\n${config}\n` });
    const { code, stdout, stderr } = await bump(image);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Nothing to do for ${image}.\n`);
    expect(stdout).toContain(reason);
  });

  test('an edit that cannot be made whole is not made', async () => {
    await write({ 'bot.yaml': MANIFEST, '.tagalong.yml': CONFIG });
    expect(await bump('acme/bot:593e910', { write: true })).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'bot.yaml:13:27: error: `metadata.labels.commitHash` is to be set to `{commit.short}`, and `{commit.short}` is not known for this version.\n',
    });
    expect(await readFile(path.join(directory, 'bot.yaml'), 'utf8')).toBe(MANIFEST);
  });

  test('a field of `set` that is nowhere is told beside the diff', async () => {
    await write({ 'values.yaml': 'image: acme/bot:593e9dd\n', '.tagalong.yml': CONFIG });
    const { code, stdout, stderr } = await bump('acme/bot:593e910');
    expect(code).toBe(0);
    expect(stdout).toContain('+image: acme/bot:593e910');
    expect(stderr).toBe(
      '`metadata.labels.commitHash` is to be set, and stands in none of the documents that change.\n',
    );
  });

  test('a broken configuration is told, and nothing is done', async () => {
    await write({ 'bot.yaml': MANIFEST, '.tagalong.yml': 'version: 7\n' });
    const { code, stdout, stderr } = await bump('acme/bot:593e910', { write: true });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^\.tagalong\.yml:1:\d+: error: /);
  });

  test.each(['acme/bot', 'acme/bot:', 'Not An Image:1', ''])('%j is wrong usage', async (image) => {
    const { code, stdout, stderr } = await bump(image);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`error: '${image}'`);
  });

  test('a digest moves with the tag', async () => {
    const [old, newer] = [`sha256:${'0'.repeat(64)}`, `sha256:${'1'.repeat(64)}`];
    await write({ 'values.yaml': `image: acme/bot:v1@${old}\n` });
    expect((await bump('acme/bot:v2')).stdout).toContain('A digest stands there');
    expect((await bump(`acme/bot:v2@${newer}`)).stdout).toContain(`+image: acme/bot:v2@${newer}`);
  });

  test('the date is today, if none is given', async () => {
    const config = 'version: 1\nimages: [{match: "*", set: [{path: date, value: "{date}"}]}]\n';
    await write({ 'values.yaml': 'image: acme/bot:v1\ndate: x\n', '.tagalong.yml': config.replace('"*"', '"acme/*"') });
    expect((await bump('acme/bot:v2', { date: '2024-11-02' })).stdout).toContain('+date: "2024-11-02"');
    expect((await bump('acme/bot:v2')).stdout).toMatch(/\+date: "\d{4}-\d{2}-\d{2}"/);
  });

  test('is coloured only where colour is shown', async () => {
    await write({ 'values.yaml': 'image: acme/bot:v1\n' });
    expect((await bump('acme/bot:v2')).stdout).not.toContain('\u001B');
    expect((await bump('acme/bot:v2', {}, true)).stdout).toContain('\u001B[32m+image: acme/bot:v2');
  });
});
