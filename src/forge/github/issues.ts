import type { RepositoryRef } from '../../domain/repository.ts';
import type { Issues } from '../reviews.ts';
import type { Client } from './client.ts';
import { hasMarker, withMarker } from './comments.ts';
import { isRefused } from './errors.ts';

export function createIssues(client: Client): Issues {
  return {
    async upsertIssue(repository, { marker, title, body }) {
      const marked = withMarker(body, marker);
      const standing = await find(client, repository, marker);
      if (standing === undefined) return create(client, repository, title, marked);
      const { number, url } = standing;
      if (standing.title !== title || standing.body !== marked) {
        await client.inRepository(repository, (octokit, at) =>
          octokit.rest.issues.update({ ...at, issue_number: number, title, body: marked }),
        );
      }
      return { number, url };
    },
  };
}

interface StandingIssue {
  readonly number: number;
  readonly url: string;
  readonly title: string;
  readonly body: string;
}

/** The oldest open issue of this app with the marker. Pull requests are issues to GitHub, and are passed over. */
async function find(client: Client, repository: RepositoryRef, marker: string): Promise<StandingIssue | undefined> {
  const creator = await client.botLogin();
  for (let page = 1; ; page++) {
    const { data } = await client.inRepository(repository, (octokit, at) =>
      octokit.rest.issues.listForRepo({
        ...at,
        ...{ creator, state: 'open', sort: 'created', direction: 'asc', per_page: 100, page },
      }),
    );
    for (const { number, html_url: url, title, body, pull_request: pull } of data) {
      if (pull === undefined && hasMarker(body ?? '', marker)) return { number, url, title, body: body ?? '' };
    }
    if (data.length < 100) return undefined;
  }
}

/** GitHub answers 410 "Issues are disabled for this repo" where they are switched off. */
async function create(client: Client, repository: RepositoryRef, title: string, body: string) {
  try {
    const { data } = await client.inRepository(repository, (octokit, at) =>
      octokit.rest.issues.create({ ...at, title, body }),
    );
    return { number: data.number, url: data.html_url };
  } catch (error) {
    if (isRefused(error, 410)) return undefined;
    throw error;
  }
}
