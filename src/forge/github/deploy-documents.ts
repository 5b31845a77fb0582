import { z } from 'zod';
import type { ToldDeployment } from '../deployments.ts';
import { hasMarker } from './comments.ts';
import type { CommentPiece, DeploymentPiece, Piece, StatusPiece } from './deploy-pieces.ts';
import { splitPath } from './paths.ts';
import { shortened, webAddress } from './statuses.ts';

/**
 * The GraphQL documents of deploy reports, each beside the shape of its answer. A document is made for a list of pieces; the part
 * of the n-th is named `p<n>`, and so are its variables.
 */
export interface Document {
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

interface Part {
  readonly declared: string;
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Asks what stands on GitHub of each piece. */
export function lookUpDocument(pieces: readonly Piece[]): Document {
  return joined('query LookUp', pieces.map(lookUpPart));
}

function lookUpPart(piece: Piece, n: number): Part {
  const { owner, repo } = splitPath(piece.repository);
  const part = (declared: string, field: string, variables: object): Part => ({
    declared: `$owner${n}: String!, $name${n}: String!, ${declared}`,
    text: `p${n}: repository(owner: $owner${n}, name: $name${n}) { ${field} }`,
    variables: { [`owner${n}`]: owner, [`name${n}`]: repo, ...variables },
  });
  switch (piece.kind) {
    case 'deployment':
      return part(
        `$commit${n}: String!, $environment${n}: String!`,
        `object(expression: $commit${n}) { ... on Commit { oid deployments(environments: [$environment${n}], last: 100) {
      nodes { id task creator { __typename login } latestStatus { state description logUrl environmentUrl } }
    } } }`,
        { [`commit${n}`]: piece.commit, [`environment${n}`]: piece.told.environment },
      );
    case 'status':
      return part(
        `$commit${n}: String!, $context${n}: String!`,
        `object(expression: $commit${n}) { ... on Commit { oid status {
      context(name: $context${n}) { state description targetUrl }
    } } }`,
        { [`commit${n}`]: piece.commit, [`context${n}`]: piece.told.context },
      );
    case 'comment':
      return part(`$number${n}: Int!`, `pullRequest(number: $number${n}) { id ${comments('')} }`, {
        [`number${n}`]: piece.on.number,
      });
  }
}

function comments(after: string): string {
  return `comments(first: 100${after}) {
      nodes { id body viewerDidAuthor } pageInfo { hasNextPage endCursor }
    }`;
}

/** The comments of a change after those that the look-up told. */
export const moreCommentsDocument = `query MoreComments($change: ID!, $after: String) {
  node(id: $change) { ... on PullRequest { id ${comments(', after: $after')} } }
}`;

const text = z.string().nullish();

const commented = z.object({
  id: z.string(),
  comments: z.object({
    nodes: z.array(z.object({ id: z.string(), body: z.string(), viewerDidAuthor: z.boolean() })),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: text }),
  }),
});

export const moreComments = z.object({ node: commented.nullish() });

const onCommit = z.object({
  oid: z.string().optional(),
  deployments: z
    .object({
      nodes: z.array(
        z.object({
          id: z.string(),
          task: text,
          creator: z.object({ __typename: z.string(), login: z.string() }).nullish(),
          latestStatus: z
            .object({ state: z.string(), description: text, logUrl: text, environmentUrl: text })
            .nullish(),
        }),
      ),
    })
    .nullish(),
  status: z
    .object({ context: z.object({ state: z.string(), description: text, targetUrl: text }).nullish() })
    .nullish(),
});

export const lookedUp = z.record(
  z.string(),
  z.object({ object: onCommit.nullish(), pullRequest: commented.nullish() }).nullish(),
);

export type Looked = z.infer<typeof lookedUp>[string];

/** What stands of one piece. Where there is nothing yet, `id` is absent. */
export interface Standing {
  readonly id?: string;
  /** Nothing has to be written. */
  readonly isEqual: boolean;
  /** The full hash of the commit, or the id of the change: where a new one goes. */
  readonly place: string;
  /** Comments after this one were not looked at. */
  readonly unread?: string;
}

/** @returns undefined where the commit or change does not exist, or may not be seen */
export function standingOf(piece: Piece, looked: Looked, botLogin: string): Standing | undefined {
  switch (piece.kind) {
    case 'deployment':
      return standingDeployment(piece, looked?.object, botLogin);
    case 'status':
      return standingStatus(piece, looked?.object);
    case 'comment':
      return standingComment(piece, looked?.pullRequest);
  }
}

function standingDeployment(
  { task, told }: DeploymentPiece,
  commit: z.infer<typeof onCommit> | null | undefined,
  botLogin: string,
): Standing | undefined {
  if (commit?.oid === undefined) return undefined;
  const slug = botLogin.replace(/\[bot\]$/, '');
  const own = commit.deployments?.nodes.find(
    ({ creator, ...each }) => each.task === task && creator?.__typename === 'Bot' && creator.login === slug,
  );
  if (own === undefined) return { place: commit.oid, isEqual: false };
  const { latestStatus: latest } = own;
  const wanted = deploymentStatusOf(told);
  const isEqual =
    latest?.state === wanted.state &&
    (latest.description ?? '') === wanted.description &&
    (latest.logUrl ?? '') === (wanted.logUrl ?? '') &&
    (latest.environmentUrl ?? '') === (wanted.environmentUrl ?? '');
  return { id: own.id, place: commit.oid, isEqual };
}

function standingStatus(
  { told }: StatusPiece,
  commit: z.infer<typeof onCommit> | null | undefined,
): Standing | undefined {
  if (commit?.oid === undefined) return undefined;
  const latest = commit.status?.context;
  const isEqual =
    latest?.state === told.state.toUpperCase() &&
    (latest.description ?? '') === shortened(told.description) &&
    (latest.targetUrl ?? '') === (webAddress(told.url) ?? '');
  return { id: commit.oid, place: commit.oid, isEqual };
}

/** The oldest comment of this app with the marker. People may quote the marker: theirs are never touched. */
export function standingComment(
  { marker, body }: CommentPiece,
  change: z.infer<typeof commented> | null | undefined,
): Standing | undefined {
  if (change === undefined || change === null) return undefined;
  const { nodes, pageInfo } = change.comments;
  const own = nodes.find((each) => each.viewerDidAuthor && hasMarker(each.body, marker));
  if (own !== undefined) return { id: own.id, place: change.id, isEqual: own.body === body };
  const unread = pageInfo.hasNextPage ? pageInfo.endCursor : undefined;
  return { place: change.id, isEqual: false, ...(typeof unread === 'string' && { unread }) };
}

/** A mutation: on a deployment or comment that stands, or on the change that gets a comment. */
export type Statement =
  | { readonly kind: 'deployment'; readonly piece: DeploymentPiece; readonly id: string }
  | { readonly kind: 'update'; readonly piece: CommentPiece; readonly id: string }
  | { readonly kind: 'add'; readonly piece: CommentPiece; readonly change: string };

/**
 * GitHub would make every older deployment of the environment inactive when one succeeds, whatever image it is of, and none in
 * production. So that is off, and what is superseded is told so by an announcement of its own.
 */
export function tellDocument(statements: readonly Statement[]): Document {
  return joined('mutation Tell', statements.map(tellPart));
}

function tellPart(statement: Statement, n: number): Part {
  const part = (mutation: string, type: string, answer: string, input: object): Part => ({
    declared: `$p${n}: ${type}!`,
    text: `p${n}: ${mutation}(input: $p${n}) { ${answer} }`,
    variables: { [`p${n}`]: input },
  });
  switch (statement.kind) {
    case 'deployment':
      return part('createDeploymentStatus', 'CreateDeploymentStatusInput', 'deploymentStatus { id }', {
        deploymentId: statement.id,
        autoInactive: false,
        ...deploymentStatusOf(statement.piece.told),
      });
    case 'update':
      return part('updateIssueComment', 'UpdateIssueCommentInput', 'issueComment { id }', {
        id: statement.id,
        body: statement.piece.body,
      });
    case 'add':
      return part('addComment', 'AddCommentInput', 'commentEdge { node { id } }', {
        subjectId: statement.change,
        body: statement.piece.body,
      });
  }
}

export const told = z.record(
  z.string(),
  z
    .object({
      deploymentStatus: z.object({ id: z.string() }).nullish(),
      issueComment: z.object({ id: z.string() }).nullish(),
      commentEdge: z.object({ node: z.object({ id: z.string() }).nullish() }).nullish(),
    })
    .nullish(),
);

/** The id to go on with next time; undefined where the statement failed. */
export function writtenId(statement: Statement, answer: z.infer<typeof told>[string]): string | undefined {
  switch (statement.kind) {
    case 'deployment':
      return answer?.deploymentStatus ? statement.id : undefined;
    case 'update':
      return answer?.issueComment?.id;
    case 'add':
      return answer?.commentEdge?.node?.id;
  }
}

/** GitHub's `ERROR` is for what failed to run at all, which nobody tells us. */
const deploymentStates: Readonly<Record<ToldDeployment['state'], string>> = {
  queued: 'QUEUED',
  'in-progress': 'IN_PROGRESS',
  success: 'SUCCESS',
  failure: 'FAILURE',
  inactive: 'INACTIVE',
  pending: 'PENDING',
};

function deploymentStatusOf(said: ToldDeployment) {
  const [logUrl, environmentUrl] = [webAddress(said.logUrl), webAddress(said.environmentUrl)];
  return {
    state: deploymentStates[said.state],
    description: shortened(said.description),
    ...(logUrl !== undefined && { logUrl }),
    ...(environmentUrl !== undefined && { environmentUrl }),
  };
}

function joined(head: string, parts: readonly Part[]): Document {
  return {
    text: `${head}(${parts.map(({ declared }) => declared).join(', ')}) {\n  ${parts.map((part) => part.text).join('\n  ')}\n}`,
    variables: Object.fromEntries(parts.flatMap(({ variables }) => Object.entries(variables))),
  };
}
