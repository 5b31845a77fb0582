import { z } from 'zod';
import type { CommentRef } from '../../domain/event.ts';
import type { RepositoryRef } from '../../domain/repository.ts';
import type { Reactions } from '../reviews.ts';
import type { Client } from './client.ts';
import { isOutOfReach } from './errors.ts';

/**
 * A comment is known by its number. The text of a review takes no reactions by REST, and is known by its global id. What a command does must
 * not wait for a sign: where none can be given (the comment is gone, the conversation locked, `issues: write` not granted), there is none.
 */
export function createReactions(client: Client): Reactions {
  return {
    async react({ repository }, comment, reaction) {
      try {
        await (comment.kind === 'comment'
          ? reactToComment(client, repository, comment, reaction)
          : reactToReview(client, repository, comment, reaction));
      } catch (error) {
        if (!isOutOfReach(error)) throw error;
      }
    },
  };
}

type Reaction = Parameters<Reactions['react']>[2];

const restContents = { seen: 'eyes', done: '+1', refused: '-1', confused: 'confused' } as const;
const graphqlContents = { seen: 'EYES', done: 'THUMBS_UP', refused: 'THUMBS_DOWN', confused: 'CONFUSED' } as const;

async function reactToComment(
  client: Client,
  repository: RepositoryRef,
  { id }: CommentRef,
  reaction: Reaction,
): Promise<void> {
  await client.inRepository(repository, (octokit, at) =>
    octokit.rest.reactions.createForIssueComment({ ...at, comment_id: Number(id), content: restContents[reaction] }),
  );
}

const reactDocument = `mutation React($reaction: AddReactionInput!) {
  addReaction(input: $reaction) { clientMutationId }
}`;

async function reactToReview(
  client: Client,
  repository: RepositoryRef,
  { id }: CommentRef,
  reaction: Reaction,
): Promise<void> {
  const variables = { reaction: { subjectId: id, content: graphqlContents[reaction] } };
  await client.graphql(repository, reactDocument, variables, z.object({ addReaction: z.unknown() }));
}
