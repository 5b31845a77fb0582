import type { ChangeRef } from '../../domain/change.ts';
import type { Client } from './client.ts';
import { isNotFound } from './errors.ts';

/** Adds and removes labels; GitHub makes those that the repository has not. Succeeds when it is so already. */
export async function setLabels(
  client: Client,
  { repository, number }: ChangeRef,
  { add = [], remove = [] }: { readonly add?: readonly string[]; readonly remove?: readonly string[] },
): Promise<void> {
  if (add.length > 0) {
    await client.inRepository(repository, (octokit, at) =>
      octokit.rest.issues.addLabels({ ...at, issue_number: number, labels: [...add] }),
    );
  }
  for (const name of remove) await removeLabel(client, { repository, number }, name);
}

async function removeLabel(client: Client, { repository, number }: ChangeRef, name: string): Promise<void> {
  try {
    await client.inRepository(repository, (octokit, at) =>
      octokit.rest.issues.removeLabel({ ...at, issue_number: number, name }),
    );
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
