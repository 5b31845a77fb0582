import type { Client } from './client.ts';
import { isNotFound } from './errors.ts';

/** The app as GitHub has it, for a person who wants to know whether it is set up well. */
export interface AppInspection {
  readonly name: string;
  /** The page of the app. */
  readonly url: string;
  readonly permissions: Permissions;
  readonly events: readonly string[];
  /** Where webhooks go; undefined when there is no webhook, or it is switched off. */
  readonly webhook?: {
    readonly url: string;
    readonly hasSecret: boolean;
    readonly isJson: boolean;
    /** Whether GitHub insists on a valid certificate. */
    readonly verifiesCertificate: boolean;
  };
  readonly installations: readonly InstallationInspection[];
}

export interface InstallationInspection {
  readonly account: string;
  /** Where an owner of the account accepts permissions. */
  readonly url: string;
  readonly isSuspended: boolean;
  readonly permissions: Permissions;
  readonly events: readonly string[];
}

/** `read`, `write` or `admin`, by name. */
export type Permissions = Readonly<Record<string, string>>;

/** Three requests, or more where the app has many installations. */
export async function inspectApp(client: Client): Promise<AppInspection> {
  const { data: app } = await client.asApp((octokit) => octokit.rest.apps.getAuthenticated());
  const webhook = await webhookOf(client);
  const installations = await client.asApp((octokit) =>
    octokit.paginate(octokit.rest.apps.listInstallations, { per_page: 100 }),
  );
  return {
    name: app?.name ?? '',
    url: app?.html_url ?? '',
    permissions: granted(app?.permissions),
    events: app?.events ?? [],
    ...(webhook !== undefined && { webhook }),
    installations: installations.map((each) => ({
      account: accountName(each.account),
      url: each.html_url,
      isSuspended: each.suspended_at !== null,
      permissions: granted(each.permissions),
      events: each.events,
    })),
  };
}

async function webhookOf(client: Client): Promise<AppInspection['webhook']> {
  try {
    const { data } = await client.asApp((octokit) => octokit.rest.apps.getWebhookConfigForApp());
    if (data.url === undefined || data.url === '') return undefined;
    return {
      url: data.url,
      hasSecret: data.secret !== undefined && data.secret !== '',
      isJson: data.content_type === 'json',
      verifiesCertificate: String(data.insecure_ssl ?? '0') === '0',
    };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function granted(permissions: object | undefined): Permissions {
  const entries: [string, unknown][] = Object.entries(permissions ?? {});
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** An enterprise has a slug where people and organizations have a login. */
function accountName(account: { readonly login: string } | { readonly slug: string } | null): string {
  if (account === null) return '';
  return 'login' in account ? account.login : account.slug;
}
