import type { ChangeRef } from '../../domain/change.ts';
import type { Log } from '../../telemetry/telemetry.ts';
import type { Comments } from '../forge.ts';
import type { Client } from './client.ts';
import { isNotFound, isRefused } from './errors.ts';

export function createComments(client: Client, log: Log): Comments {
  return {
    async upsertComment(change, { marker, body, known }) {
      const at = { client, change, log };
      const marked = withMarker(body, marker);
      if (known !== undefined && known !== 'none') {
        const updated = await update(at, Number(known), marked);
        if (updated !== undefined) return updated;
      }
      const standing = known === 'none' ? undefined : await find(at, marker);
      if (standing === undefined) return create(at, marked);
      if (standing.body === marked) return { id: String(standing.id), url: standing.html_url };
      return (await update(at, standing.id, marked)) ?? create(at, marked);
    },
  };
}

interface Conversation {
  readonly client: Client;
  readonly change: ChangeRef;
  readonly log: Log;
}

interface WrittenComment {
  readonly id: string;
  readonly url: string;
}

/** @returns undefined when the comment is gone. */
async function update(at: Conversation, id: number, body: string): Promise<WrittenComment | undefined> {
  try {
    const { data } = await at.client.inRepository(at.change.repository, (octokit, where) =>
      octokit.rest.issues.updateComment({ ...where, comment_id: id, body }),
    );
    return { id: String(data.id), url: data.html_url };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    return unlessLocked(at, error, String(id));
  }
}

async function create(at: Conversation, body: string): Promise<WrittenComment> {
  try {
    const { data } = await at.client.inRepository(at.change.repository, (octokit, where) =>
      octokit.rest.issues.createComment({ ...where, issue_number: at.change.number, body }),
    );
    return { id: String(data.id), url: data.html_url };
  } catch (error) {
    return unlessLocked(at, error, 'none');
  }
}

/** GitHub lets no app comment in a locked conversation, whatever its permissions. Its words: issue 6215 of renovatebot/renovate. */
function unlessLocked({ change, log }: Conversation, error: unknown, id: string): WrittenComment {
  if (!isRefused(error, 403) || !(error instanceof Error) || !/\blocked\b/i.test(error.message)) throw error;
  log.warn({ repository: change.repository.path, change: change.number }, 'no comment in a locked conversation');
  return { id, url: '' };
}

/** The oldest comment of this app with the marker. People may quote the marker: theirs are never touched. */
async function find(
  { client, change: { repository, number } }: Conversation,
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
