import path from 'node:path';
import type { Settings } from '../../config/settings.ts';
import { findRenderers } from '../../render/versions.ts';
import { withInboxAdmin } from '../../store/open-store.ts';
import type { Io } from '../io.ts';
import { hasStore, storeOptionsOf } from '../store.ts';
import { fail, ok, warn, type Finding } from './finding.ts';

/** Shorter ones can be tried out. */
const SECRET_LENGTH = 16;

/** The settings themselves were read without a problem. */
export function findingsOfSettings({ github, server }: Settings): readonly Finding[] {
  const { app } = github;
  if (app === undefined) {
    const remedy = 'Run `tagalong serve`: its first page creates the app.';
    return [fail('settings', 'APP_ID, PRIVATE_KEY and WEBHOOK_SECRET are not set', remedy)];
  }
  const isShort = app.webhookSecret.length < SECRET_LENGTH;
  return [
    ok('settings', `they are valid; GitHub is ${github.webUrl}`),
    isShort
      ? warn(
          'settings',
          `WEBHOOK_SECRET has fewer than ${SECRET_LENGTH} characters`,
          'Take a longer one, here and on GitHub.',
        )
      : ok('settings', 'WEBHOOK_SECRET is set'),
    server.genericSecrets.length === 0
      ? ok('settings', 'no secret for the generic endpoint: images are heard of from GitHub alone')
      : ok('settings', 'the generic endpoint has a secret'),
    server.deploySecrets.length === 0
      ? ok('settings', 'no secret for deploy tools: rollouts are heard of from what they write on GitHub alone')
      : ok('settings', 'deploy tools have a secret'),
  ];
}

/** Opens the database, or asks the bot that has it open. */
export async function findingsOfStore({ store }: Settings, { cwd }: Pick<Io, 'cwd'>): Promise<readonly Finding[]> {
  const where = store.databaseUrl === undefined ? `in ${path.resolve(cwd, store.dataDirectory)}` : 'on PostgreSQL';
  const location = storeOptionsOf({ store }, { cwd });
  if (!hasStore(location)) return [ok('database', `there is none yet ${where}: the first \`tagalong serve\` makes it`)];
  const entries = await withInboxAdmin(location, (admin) => admin.entries());
  const dead = entries.filter(({ state }) => state === 'dead').length;
  return [
    ok('database', `it answers, ${where}; ${counted(entries.length)} waiting`),
    ...(dead === 0
      ? []
      : [warn('database', `${counted(dead)} given up`, 'See `tagalong inbox list`, then `tagalong inbox retry`.')]),
  ];
}

export async function findingsOfRenderers({ renderers }: Settings, searchPath: string): Promise<readonly Finding[]> {
  const found = await findRenderers({
    helm: renderers.helmPath,
    kustomize: renderers.kustomizePath,
    searchPath,
  });
  const kinds = { helm: 'charts', kustomize: 'kustomizations' };
  return found.map((each) =>
    each.ok
      ? ok('renderers', `${each.name} ${each.version}`)
      : warn(
          'renderers',
          `${each.name}: ${each.message}`,
          `Install it: without it no ${kinds[each.name]} are rendered.`,
        ),
  );
}

function counted(subjects: number): string {
  return `${subjects} ${subjects === 1 ? 'subject' : 'subjects'}`;
}
