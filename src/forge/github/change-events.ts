import { z } from 'zod';
import { BRANCH_PREFIX } from '../../domain/bump.ts';
import type { Event } from '../../domain/event.ts';
import { account, ignored, personOf, refOf, repository } from './decoding.ts';

/** What is told of pull requests: what becomes of them, their reviews, and their comments. */

export const pullRequestEvent = z.object({
  action: z.string(),
  number: z.number(),
  pull_request: z.object({
    state: z.enum(['open', 'closed']),
    merged: z.boolean().nullish(),
    head: z.object({ sha: z.string(), ref: z.string() }),
    base: z.object({ ref: z.string() }),
    user: z.object({ login: z.string() }).nullish(),
  }),
  sender: z.object({ login: z.string(), type: z.string() }).nullish(),
  changes: z.object({ base: z.unknown() }).partial().optional(),
  repository,
});

type PullRequestEvent = z.infer<typeof pullRequestEvent>;

export function decodePullRequest(event: PullRequestEvent): readonly Event[] {
  const { action, number, pull_request: pull } = event;
  if (!changesAnything(event)) return [ignored(`nothing follows from a pull request that is ${action}`)];
  if (isEcho(event)) return [ignored('the bot wrote it itself')];
  return [
    {
      kind: 'change-updated',
      repository: refOf(event.repository),
      number,
      state: pull.merged === true ? 'merged' : pull.state,
      headCommit: pull.head.sha,
      sourceBranch: pull.head.ref,
      targetBranch: pull.base.ref,
    },
  ];
}

const consequential: readonly string[] = [
  'opened',
  'synchronize',
  'reopened',
  'closed',
  'labeled',
  'unlabeled',
  'ready_for_review',
  'converted_to_draft',
];

function changesAnything({ action, changes }: PullRequestEvent): boolean {
  const isRetargeted = action === 'edited' && changes?.base !== undefined;
  return isRetargeted || consequential.includes(action);
}

/**
 * The bot hears of its own writes too, and sooner than it has remembered them: it would take its change for that of somebody else.
 * Nothing is lost by passing these over, because whatever proposes or rebuilds a change wakes it with `change-written` in the transaction that
 * remembers it. Labels that the bot sets, and merges and closings, are heard.
 */
function isEcho({ action, pull_request: pull, sender }: PullRequestEvent): boolean {
  const isByItsAuthor = sender?.type === 'Bot' && sender.login === pull.user?.login;
  return isByItsAuthor && pull.head.ref.startsWith(BRANCH_PREFIX) && ['opened', 'synchronize'].includes(action);
}

export const reviewEvent = z.object({
  action: z.string(),
  review: z.object({
    node_id: z.string(),
    user: account,
    body: z.string().nullish(),
    submitted_at: z.string().nullish(),
  }),
  pull_request: z.object({ number: z.number() }),
  sender: account,
  repository,
});

/** A review may also say something, and its text holds commands as a comment does. Dismissing it repeats none of them. */
export function decodeReview(event: z.infer<typeof reviewEvent>): readonly Event[] {
  const { action, review, sender } = event;
  const at = { repository: refOf(event.repository), number: event.pull_request.number };
  if (action === 'dismissed') return [{ kind: 'change-reviewed', ...at, by: personOf(sender) }];
  if (action !== 'submitted') return [ignored(`nothing follows from a review that is ${action}`)];
  const by = personOf(review.user);
  const reviewed: Event = { kind: 'change-reviewed', ...at, by };
  const body = review.body ?? '';
  if (body.trim() === '' || by.isBot || !review.submitted_at) return [reviewed];
  const comment = { kind: 'review', id: review.node_id } as const;
  return [reviewed, { kind: 'comment-written', ...at, comment, by, body, at: review.submitted_at }];
}

export const commentEvent = z.object({
  action: z.string(),
  issue: z.object({ number: z.number(), pull_request: z.unknown() }),
  comment: z.object({ id: z.number(), user: account, body: z.string().nullish(), created_at: z.string() }),
  repository,
});

export function decodeComment(event: z.infer<typeof commentEvent>): readonly Event[] {
  const { action, issue, comment } = event;
  if (action !== 'created') return [ignored(`nothing follows from a comment that is ${action}`)];
  if (!issue.pull_request) return [ignored('the comment is on an issue, not on a pull request')];
  const by = personOf(comment.user);
  if (by.isBot) return [ignored('the comment is by a bot')];
  return [
    {
      kind: 'comment-written',
      repository: refOf(event.repository),
      number: issue.number,
      comment: { kind: 'comment', id: String(comment.id) },
      by,
      body: comment.body ?? '',
      at: comment.created_at,
    },
  ];
}
