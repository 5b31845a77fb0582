import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCli } from '../../src/cli.ts';
import { findingsOfApp } from '../../src/cli/doctor/app.ts';
import type { Finding } from '../../src/cli/doctor/finding.ts';
import type { AppInspection } from '../../src/forge/github/inspection.ts';
import { REVIEW_CHECK } from '../../src/domain/change.ts';
import { appManifest } from '../forge/github/telling-world.ts';
import { temporaryDirectory } from '../support/database.ts';
import { startGitHub, type AppOptions, type GitHubSimulator } from '../support/forge/github/simulator.ts';

const SECRET = 'the secret of the webhooks';
const { default_permissions: permissions, default_events: events } = appManifest;

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let github: GitHubSimulator;

beforeEach(async () => {
  directory = await temporaryDirectory();
  await addTool('helm', 'echo v3.19.0+gabc');
  await addTool('kustomize', 'echo v5.7.1');
  await openGitHub();
});
afterEach(async () => {
  await github.close();
  await directory.remove();
});

async function openGitHub(app: AppOptions = {}): Promise<void> {
  github = await startGitHub({
    app: { permissions, events, ...app },
    webhook: { url: 'https://tagalong.example.com/webhooks/github', secret: SECRET },
    checkAnswers: true,
  });
  github.people.createRepository({ owner: 'Acme', name: 'deploy', files: { '.tagalong.yml': 'version: 1\n' } });
  github.people.createRepository({ owner: 'Acme', name: 'shop' });
  github.outbox.target = { url: 'https://tagalong.example.com/webhooks/github', secret: SECRET };
}

async function addTool(name: string, script: string): Promise<void> {
  const file = path.join(directory.path, 'bin', name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
}

function guardWell(): void {
  github.people.protectBranch('Acme/deploy', 'main', {
    ...{ requiredChecks: [REVIEW_CHECK], checksApp: github.appId, requiredApprovals: 1, enforcesAdmins: true },
    dismissesStaleReviews: false,
  });
}

async function doctor(args: readonly string[] = [], changes: Readonly<Record<string, string | undefined>> = {}) {
  const told = { out: '', err: '' };
  const code = await runCli(['doctor', ...args], {
    stdout: { write: (text) => (told.out += text), color: false },
    stderr: { write: (text) => (told.err += text), color: false },
    stdin: process.stdin,
    cwd: directory.path,
    env: {
      PATH: path.join(directory.path, 'bin'),
      APP_ID: String(github.appId),
      PRIVATE_KEY: github.privateKey,
      WEBHOOK_SECRET: SECRET,
      GHE_HOST: new URL(github.url).host,
      GHE_PROTOCOL: 'http',
      TAGALONG_DATA: 'data',
      ...changes,
    },
  });
  expect(github.violations).toEqual([]);
  return { code, ...told };
}

/** Those of one level, as `about: message`. */
async function told(level: Finding['level'], ...given: Parameters<typeof doctor>): Promise<readonly string[]> {
  const { out } = await doctor(['--json', ...(given[0] ?? [])], given[1]);
  const { findings } = JSON.parse(out) as { findings: readonly Finding[] };
  return findings.filter((each) => each.level === level).map(({ about, message }) => `${about}: ${message}`);
}

describe('where all is well', () => {
  test('everything is looked at, nothing fails, and nothing is written', async () => {
    guardWell();
    const { code, out, err } = await doctor();
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.replaceAll(github.url, 'https://github.example.com').replaceAll(directory.path, '/var'))
      .toMatchInlineSnapshot(`
      "ok    settings     they are valid; GitHub is https://github.example.com
      ok    settings     WEBHOOK_SECRET is set
      ok    settings     no secret for the generic endpoint: images are heard of from GitHub alone
      ok    settings     no secret for deploy tools: rollouts are heard of from what they write on GitHub alone
      ok    database     there is none yet in /var/data: the first \`tagalong serve\` makes it
      ok    renderers    helm v3.19.0+gabc
      ok    renderers    kustomize v5.7.1
      ok    app          Tagalong is known to GitHub (https://github.example.com/apps/tagalong)
      ok    webhook      it goes to https://tagalong.example.com/webhooks/github, signed
      ok    app          it asks for every permission and event that is needed
      ok    app on Acme  everything that the app asks for is granted
      ok    Acme/deploy  .tagalong.yml is valid
      ok    Acme/deploy  main requires tagalong/review from this app
      "
    `);
    expect(
      github.requests.filter(({ method, path: at }) => method !== 'GET' && !/access_tokens|graphql/.test(at)),
    ).toEqual([]);
  });

  test('JSON says the same to programs', async () => {
    guardWell();
    const { code, out } = await doctor(['acme/deploy', '--json']);
    const read = JSON.parse(out) as { ok: boolean; findings: readonly Finding[] };
    expect({ code, ok: read.ok }).toEqual({ code: 0, ok: true });
    expect(read.findings.every(({ level }) => level === 'ok')).toBe(true);
    expect(read.findings.at(-1)).toEqual({
      ...{ level: 'ok', about: 'Acme/deploy', message: 'main requires tagalong/review from this app' },
    });
  });
});

describe('the gate', () => {
  test('that no branch requires is a failure, with what to do', async () => {
    const { code, out } = await doctor(['acme/deploy']);
    expect(code).toBe(1);
    expect(out).toMatch(
      /^fail {2}Acme\/deploy +main does not require tagalong\/review: the gate holds nothing back\n +→ Require/m,
    );
    expect(out).toMatch(/^warn {2}Acme\/deploy +main: no pull request is required/m);
  });

  test('that administrators may go around is a warning', async () => {
    guardWell();
    github.people.protectBranch('Acme/deploy', 'main', { requiredChecks: [REVIEW_CHECK], checksApp: github.appId });
    expect(await told('fail')).toEqual([]);
    expect(await told('warn')).toContain(
      'Acme/deploy: main: GitHub dismisses approvals with every push, also where the bot rebuilds its branch and renders the same',
    );
    expect(await told('warn')).toContain(
      `Acme/deploy: main: administrators may merge without ${REVIEW_CHECK}, because branch protection lets them`,
    );
  });

  test.each([
    [undefined, 'warn', `main requires ${REVIEW_CHECK}, and takes it from anybody`],
    [15368, 'fail', `main requires ${REVIEW_CHECK} from another app (15368)`],
  ] as const)('that app %s reports is told (%s)', async (checksApp, level, message) => {
    github.people.protectBranch('Acme/deploy', 'main', { requiredChecks: [REVIEW_CHECK], checksApp });
    expect(await told(level)).toContain(`Acme/deploy: ${message}`);
  });

  test('is told as far as it may be seen', async () => {
    await github.close();
    const without = Object.entries(permissions).filter(([name]) => name !== 'administration');
    await openGitHub({ permissions: Object.fromEntries(without) });
    guardWell();
    expect(await told('warn')).toEqual([
      'app: the permission `administration: read` is missing',
      'Acme/deploy: main: not seen: branch protection cannot be read in full: the app lacks the permission `administration: read`',
    ]);
  });
});

describe('what is wrong', () => {
  test('with the configuration of a repository', async () => {
    github.people.pushFiles('Acme/deploy', 'main', { '.tagalong.yml': 'version: 1\nenvironmets: {}\n' });
    expect(await told('fail')).toEqual([
      expect.stringMatching(/^Acme\/deploy: \.tagalong\.yml:2:1: .*environmets/),
      expect.stringContaining('main does not require'),
    ]);
  });

  test('with a repository that is named', async () => {
    expect(await told('fail', ['acme/none'])).toEqual(['acme/none: the app does not see this repository']);
    expect(await told('fail', ['acme/shop'])).toEqual(['Acme/shop: it has no .tagalong.yml']);
    expect(await doctor(['acme'])).toMatchObject({ code: 2, out: '' });
  });

  test('where no repository takes part', async () => {
    github.people.pushFiles('Acme/deploy', 'main', { '.tagalong.yml': null });
    expect(await told('warn')).toEqual(['repositories: none of 2 repositories has a .tagalong.yml']);
  });

  test('with the permissions and events of the app', async () => {
    await github.close();
    const without = Object.entries(permissions).filter(([name]) => name !== 'deployments');
    await openGitHub({
      permissions: Object.fromEntries(without),
      events: events.filter((name) => name !== 'deployment_status' && name !== 'issue_comment'),
    });
    guardWell();
    expect(await told('fail')).toEqual([
      'app: the permission `deployments: write` is missing',
      'app: the event `deployment_status` is missing',
      'app: the event `issue_comment` is missing',
    ]);
  });

  test('with the key', async () => {
    const other = await startGitHub();
    try {
      const [first] = await told('fail', [], { PRIVATE_KEY: other.privateKey });
      expect(first).toMatch(/^app: GitHub 401: A JSON web token/);
    } finally {
      await other.close();
    }
  });

  test('with GitHub, while the rest is still told', async () => {
    const { code, out } = await doctor([], { GHE_HOST: '127.0.0.1:9' });
    expect(code).toBe(1);
    expect(out).toMatch(/^fail {2}app +GitHub did not answer/m);
    expect(out).toMatch(/^ok {4}renderers +helm v3\.19\.0/m);
  });

  test('with the settings', async () => {
    expect(await told('fail', [], { TAGALONG_PORT: 'x' })).toEqual([
      expect.stringMatching(/^settings: TAGALONG_PORT|PORT/),
    ]);
    const none = { APP_ID: undefined, PRIVATE_KEY: undefined, WEBHOOK_SECRET: undefined };
    expect(await told('fail', [], none)).toEqual(['settings: APP_ID, PRIVATE_KEY and WEBHOOK_SECRET are not set']);
  });

  test('with the webhook secret, the database and the renderers', async () => {
    guardWell();
    expect(await told('warn', [], { WEBHOOK_SECRET: 'short' })).toEqual([
      'settings: WEBHOOK_SECRET has fewer than 16 characters',
    ]);
    const renderers = { PATH: directory.path };
    expect(await told('warn', [], renderers)).toEqual([
      'renderers: helm: helm is not installed.',
      'renderers: kustomize: kustomize is not installed.',
    ]);
    const database = { DATABASE_URL: 'postgres://nobody:secret@127.0.0.1:9/none' };
    const [failure] = await told('fail', [], database);
    expect(failure).toMatch(/^database: /);
    expect(failure).not.toContain('secret');
  });
});

describe('the app', () => {
  const inspection: AppInspection = {
    name: 'Tagalong',
    url: 'https://github.com/apps/tagalong',
    ...{ permissions, events },
    webhook: {
      url: 'https://tagalong.example.com/webhooks/github',
      ...{ hasSecret: true, isJson: true, verifiesCertificate: true },
    },
    installations: [
      { account: 'acme', url: 'https://github.com/settings/installations/7', isSuspended: false, permissions, events },
    ],
  };
  const wanted = { permissions, events };
  const publicUrl = 'https://tagalong.example.com';
  const bad = (changes: Partial<AppInspection>) =>
    findingsOfApp({ ...inspection, ...changes }, wanted, { publicUrl })
      .filter(({ level }) => level !== 'ok')
      .map(({ level, about, message }) => `${level} ${about}: ${message}`);

  test('as it should be has nothing to be told of', () => {
    expect(bad({})).toEqual([]);
  });

  const hook = inspection.webhook ?? expect.unreachable();
  const [installation] = inspection.installations;

  test.each<[string, Partial<AppInspection>, readonly string[]]>([
    ['installed nowhere', { installations: [] }, ['fail app: it is installed nowhere']],
    [
      'with permissions that nobody accepted yet',
      {
        installations: [
          { ...(installation ?? expect.unreachable()), permissions: { ...permissions, statuses: 'read' } },
        ],
      },
      ['fail app on acme: the permission `statuses: write` is missing'],
    ],
    [
      'suspended',
      { installations: [{ ...(installation ?? expect.unreachable()), isSuspended: true }] },
      ['warn app on acme: the installation is suspended'],
    ],
    [
      'whose webhook goes to the root',
      { webhook: { ...hook, url: 'https://tagalong.example.com/' } },
      ['fail webhook: it goes to https://tagalong.example.com/, where the bot takes none'],
    ],
    [
      'whose webhook goes elsewhere',
      { webhook: { ...hook, url: 'https://old.example.com/webhooks/github' } },
      ['warn webhook: it goes to https://old.example.com/webhooks/github, which is not below TAGALONG_PUBLIC_URL'],
    ],
    [
      'whose webhook is neither signed nor JSON nor safe',
      { webhook: { ...hook, hasSecret: false, isJson: false, verifiesCertificate: false } },
      [
        'fail webhook: GitHub signs nothing: the app has no webhook secret',
        'fail webhook: its content type is not application/json',
        'warn webhook: GitHub does not check the certificate of the bot',
      ],
    ],
  ])('%s', (_name, changes, expected) => {
    expect(bad(changes)).toEqual(expected);
  });

  test('without a webhook hears nothing', () => {
    const { name, url, installations } = inspection;
    const findings = findingsOfApp({ name, url, permissions, events, installations }, wanted, {});
    expect(findings.filter(({ level }) => level === 'fail').map(({ message }) => message)).toEqual([
      'the app has no webhook: nothing reaches the bot',
    ]);
  });
});
