import type { ChangeRef } from '../../domain/change.ts';
import type { Comments } from '../forge.ts';
import type { Client } from './client.ts';
import { isNotFound } from './errors.ts';

export function createComments(client: Client): Comments {
  return {
    async upsertComment(change, { marker, body, known }) {
      const marked = withMarker(body, marker);
      if (known !== undefined && known !== 'none') {
        const updated = await update(client, change, Number(known), marked);
        if (updated !== undefined) return updated;
      }
      const standing = known === 'none' ? undefined : await find(client, change, marker);
      if (standing === undefined) return create(client, change, marked);
      if (standing.body === marked) return { id: String(standing.id), url: standing.html_url };
      return (await update(client, change, standing.id, marked)) ?? create(client, change, marked);
    },
  };
}

interface WrittenComment {
  readonly id: string;
  readonly url: string;
}

/** @returns undefined when the comment is gone. */
async function update(
  client: Client,
  { repository }: ChangeRef,
  id: number,
  body: string,
): Promise<WrittenComment | undefined> {
  try {
    const { data } = await client.inRepository(repository, (octokit, at) =>
      octokit.rest.issues.updateComment({ ...at, comment_id: id, body }),
    );
    return { id: String(data.id), url: data.html_url };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function create(client: Client, { repository, number }: ChangeRef, body: string): Promise<WrittenComment> {
  const { data } = await client.inRepository(repository, (octokit, at) =>
    octokit.rest.issues.createComment({ ...at, issue_number: number, body }),
  );
  return { id: String(data.id), url: data.html_url };
}

/** The oldest comment of this app with the marker. People may quote the marker: theirs are never touched. */
async function find(
  client: Client,
  { repository, number }: ChangeRef,
  marker: string,
): Promise<{ id: number; html_url: string; body: string } | undefined> {
  const login = await client.botLogin();
  for (let page = 1; ; page++) {
    const { data } = await client.inRepository(repository, (octokit, at) =>
      octokit.rest.issues.listComments({ ...at, issue_number: number, per_page: 100, page }),
    );
    for (const { id, html_url, body, user } of data) {
      if (user?.login === login && body !== undefined && hasMarker(body, marker)) return { id, html_url, body };
    }
    if (data.length < 100) return undefined;
  }
}

/** Whether the marker stands on a line of its own. */
export function hasMarker(body: string, marker: string): boolean {
  return body.split(/\r?\n/).some((line) => line.trim() === marker);
}

export function withMarker(body: string, marker: string): string {
  return hasMarker(body, marker) ? body : `${marker}\n${body}`;
}
