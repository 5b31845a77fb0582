import type { Client } from './client.ts';

interface Attempt {
  readonly id: number;
  readonly guid: string;
  readonly delivered_at: string;
  readonly status_code: number;
}

/**
 * Asks GitHub to repeat every webhook since `since` that no attempt has delivered: GitHub repeats none by itself, and forgets
 * them after three days.
 * @returns how many were asked for.
 */
export async function redeliverFailed(client: Client, since: Date): Promise<number> {
  const failed = new Map<string, number>();
  const delivered = new Set<string>();
  for (const { id, guid, status_code: status } of await attemptsSince(client, since)) {
    if (status >= 200 && status < 300) delivered.add(guid);
    else if (!failed.has(guid)) failed.set(guid, id);
  }
  const missing = [...failed].filter(([guid]) => !delivered.has(guid));
  for (const [, id] of missing) {
    await client.asApp((octokit) => octokit.rest.apps.redeliverWebhookDelivery({ delivery_id: id }));
  }
  return missing.length;
}

/** Newest first, as GitHub lists them. */
async function attemptsSince(client: Client, since: Date): Promise<readonly Attempt[]> {
  const isRecent = ({ delivered_at: at }: Attempt) => Date.parse(at) >= since.getTime();
  return client.asApp((octokit) =>
    octokit.paginate(octokit.rest.apps.listWebhookDeliveries, { per_page: 100 }, ({ data }, done) => {
      if (!data.every(isRecent)) done();
      return data.filter(isRecent);
    }),
  );
}
