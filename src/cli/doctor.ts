import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import type { Settings } from '../config/settings.ts';
import { TagalongError } from '../domain/errors.ts';
import type { RepositoryRef } from '../domain/repository.ts';
import { createGitHub } from '../forge/github/github.ts';
import { findingsOfApp, type AppManifest } from './doctor/app.ts';
import { examined, type Finding } from './doctor/finding.ts';
import { findingsOfRenderers, findingsOfSettings, findingsOfStore } from './doctor/machine.ts';
import { findingsOfRepositories } from './doctor/repository.ts';
import { paint, type DoctorOptions, type ExitCode, type Io, type Output } from './io.ts';
import { readSettings } from './serve.ts';
import { quietLog } from './store.ts';

/**
 * Looks at everything that the bot needs and at what its gate leaves open, with the settings that `serve` would have, and writes
 * nothing. 1 when something fails; warnings alone are no failure.
 */
export async function runDoctor(io: Io, { repository, json }: DoctorOptions): Promise<ExitCode> {
  const findings = await examine(io, repository === undefined ? undefined : { forge: 'github', path: repository });
  const isWell = findings.every(({ level }) => level !== 'fail');
  io.stdout.write(
    json
      ? `${JSON.stringify({ ok: isWell, findings }, undefined, 2)}\n`
      : findings.map(lineOf(io.stdout, findings)).join(''),
  );
  return isWell ? 0 : 1;
}

/** Each part is looked at, whatever another one finds. */
async function examine(io: Io, named: RepositoryRef | undefined): Promise<readonly Finding[]> {
  let settings: Settings | undefined;
  const first = await examined('settings', async () => {
    settings = await readSettings(io);
    return findingsOfSettings(settings);
  });
  if (settings === undefined) return first;
  const known = settings;
  return [
    ...first,
    ...(await examined('database', () => findingsOfStore(known, io))),
    ...(await examined('renderers', () => findingsOfRenderers(known, io.env['PATH'] ?? ''))),
    ...(known.github.app === undefined ? [] : await examineGitHub(known, named)),
  ];
}

async function examineGitHub(settings: Settings, named: RepositoryRef | undefined): Promise<readonly Finding[]> {
  const github = gitHubOf(settings);
  const app = await examined('app', async () => {
    const { publicUrl } = settings.server;
    return findingsOfApp(await github.inspect(), await readManifest(), publicUrl === undefined ? {} : { publicUrl });
  });
  // Who cannot sign in sees no repository either.
  if (app.every(({ level }) => level === 'fail')) return app;
  return [...app, ...(await examined('repositories', () => findingsOfRepositories(github, named)))];
}

function gitHubOf({ github: { app, ...site } }: Settings) {
  if (app === undefined) throw new TagalongError('settings-invalid', 'No GitHub App is set.');
  const { id: appId, privateKey, webhookSecret } = app;
  return createGitHub({
    ...site,
    ...{ appId, privateKey, webhookSecret },
    log: quietLog,
    metrics: { forgeRequest: () => undefined },
    now: () => new Date(),
  });
}

/** The file that the app is made from: it stands beside the code, also once that is compiled. */
async function readManifest(): Promise<AppManifest> {
  const manifest: unknown = parse(await readFile(new URL('../../app.yml', import.meta.url), 'utf8'));
  const fields = new Map<string, unknown>(Object.entries(manifest ?? {}));
  const permissions = Object.entries(fields.get('default_permissions') ?? {}).map(([name, level]): [string, string] => [
    name,
    String(level),
  ]);
  const events: unknown = fields.get('default_events');
  return {
    permissions: Object.fromEntries(permissions),
    events: Array.isArray(events) ? events.map(String) : [],
  };
}

const colors = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

function lineOf(output: Output, all: readonly Finding[]): (finding: Finding) => string {
  const width = Math.max(...all.map(({ about }) => about.length));
  return ({ level, about, message, remedy }) => {
    const line = `${paint(output, colors[level], level.padEnd(4))}  ${about.padEnd(width)}  ${message}\n`;
    return remedy === undefined ? line : `${line}${' '.repeat(8 + width)}${paint(output, 'dim', `→ ${remedy}`)}\n`;
  };
}
