import type { AppInspection, Permissions } from '../../forge/github/inspection.ts';
import { GITHUB_WEBHOOK_PATH } from '../../forge/github/receiver.ts';
import { fail, ok, warn, type Finding } from './finding.ts';

/** What `app.yml` asks for. */
export interface AppManifest {
  readonly permissions: Permissions;
  readonly events: readonly string[];
}

/** Without these the bot does its work and knows less: about the guard of the branch, merge queues, one registry. */
const dispensable: ReadonlySet<string> = new Set([
  'administration',
  'merge_queues',
  'packages',
  'merge_group',
  'package',
  'registry_package',
]);

/** Compares the app, as registered and as installed, with what the bot needs. */
export function findingsOfApp(
  app: AppInspection,
  manifest: AppManifest,
  { publicUrl }: { readonly publicUrl?: string },
): readonly Finding[] {
  const registered = missingOf(app, manifest);
  return [
    ok('app', `${app.name} is known to GitHub (${app.url})`),
    ...findingsOfWebhook(app.webhook, publicUrl),
    ...registered.map((missing) => missed('app', missing, 'Add it in the settings of the app on GitHub.')),
    ...(registered.length === 0 ? [ok('app', 'it asks for every permission and event that is needed')] : []),
    ...(app.installations.length === 0 ? [fail('app', 'it is installed nowhere', `Install it: ${app.url}`)] : []),
    ...app.installations.flatMap((installation) => findingsOfInstallation(installation, manifest, registered)),
  ];
}

/** What was added to the app after it was installed waits for an owner of the account to accept it. */
function findingsOfInstallation(
  installation: AppInspection['installations'][number],
  manifest: AppManifest,
  registered: readonly Missing[],
): readonly Finding[] {
  const about = `app on ${installation.account}`;
  if (installation.isSuspended) return [warn(about, 'the installation is suspended', `Resume it: ${installation.url}`)];
  const missing = missingOf(installation, manifest).filter(
    ({ text }) => !registered.some((already) => already.text === text),
  );
  if (missing.length === 0) return [ok(about, 'everything that the app asks for is granted')];
  return missing.map((each) =>
    missed(about, each, `An owner of ${installation.account} accepts it: ${installation.url}`),
  );
}

interface Missing {
  readonly text: string;
  readonly isDispensable: boolean;
}

function missingOf(has: Pick<AppInspection, 'permissions' | 'events'>, wanted: AppManifest): readonly Missing[] {
  const permissions = Object.entries(wanted.permissions)
    .filter(([name, level]) => name !== 'metadata' && rank(has.permissions[name]) < rank(level))
    .map(([name, level]) => ({ name, text: `the permission \`${name}: ${level}\`` }));
  const events = wanted.events
    .filter((name) => !has.events.includes(name))
    .map((name) => ({ name, text: `the event \`${name}\`` }));
  return [...permissions, ...events].map(({ name, text }) => ({ text, isDispensable: dispensable.has(name) }));
}

function rank(level: string | undefined): number {
  return ['read', 'write', 'admin'].indexOf(level ?? '');
}

function missed(about: string, { text, isDispensable }: Missing, remedy: string): Finding {
  return (isDispensable ? warn : fail)(about, `${text} is missing`, remedy);
}

function findingsOfWebhook(webhook: AppInspection['webhook'], publicUrl: string | undefined): readonly Finding[] {
  const wanted = `${publicUrl ?? 'https://<where the bot is reached>'}${GITHUB_WEBHOOK_PATH}`;
  const remedy = `Set the webhook of the app to ${wanted}, content type application/json.`;
  if (webhook === undefined) return [fail('webhook', 'the app has no webhook: nothing reaches the bot', remedy)];
  const { url, hasSecret, isJson, verifiesCertificate } = webhook;
  const isElsewhere = publicUrl !== undefined && url !== wanted;
  const findings = [
    ...(url.endsWith(GITHUB_WEBHOOK_PATH)
      ? []
      : [fail('webhook', `it goes to ${url}, where the bot takes none`, remedy)]),
    ...(url.endsWith(GITHUB_WEBHOOK_PATH) && isElsewhere
      ? [warn('webhook', `it goes to ${url}, which is not below TAGALONG_PUBLIC_URL`, remedy)]
      : []),
    ...(hasSecret
      ? []
      : [fail('webhook', 'GitHub signs nothing: the app has no webhook secret', 'Set WEBHOOK_SECRET there too.')]),
    ...(isJson ? [] : [fail('webhook', 'its content type is not application/json', remedy)]),
    ...(verifiesCertificate
      ? []
      : [warn('webhook', 'GitHub does not check the certificate of the bot', 'Switch SSL verification on.')]),
  ];
  return findings.length > 0 ? findings : [ok('webhook', `it goes to ${url}, signed`)];
}
