import { z } from 'zod';
import { AUTHORED, authored, PUSHED } from './authors.ts';

/** The GraphQL documents of reviews, each beside the shape of its answer. */

const REVIEW = `fragment Reviewed on PullRequestReview {
  fullDatabaseId
  author { __typename login }
  state
  submittedAt
  commit { oid }
  authorCanPushToRepository
}`;

const CONTEXTS = `fragment Contexts on StatusCheckRollupContextConnection {
  pageInfo { hasNextPage endCursor }
  nodes {
    __typename
    ... on CheckRun { name status conclusion databaseId externalId checkSuite { app { databaseId } } }
    ... on StatusContext { context state createdAt }
  }
}`;

/** Everything about a change that its review needs. The n-th team is named `t<n>`. */
export function reviewDocument(teams: number): string {
  const slugs = Array.from({ length: teams }, (_, index) => `, $t${index}: String!`).join('');
  return `query ReviewState($owner: String!, $name: String!, $number: Int!${slugs}) {
  repository(owner: $owner, name: $name) {
    mergeCommitAllowed
    squashMergeAllowed
    rebaseMergeAllowed
    pullRequest(number: $number) {
      number url state title body isDraft isCrossRepository mergeable
      headRefName headRefOid baseRefName baseRefOid
      author { __typename login }
      mergeCommit { oid }
      mergedBy { __typename login }
      labels(first: 100) { nodes { name } }
      baseRef {
        target { oid }
        refUpdateRule { requiredStatusCheckContexts requiresLinearHistory requiresSignatures }
        rules(first: 100) {
          pageInfo { hasNextPage }
          nodes {
            type
            parameters {
              __typename
              ... on RequiredStatusChecksParameters { requiredStatusChecks { context } }
            }
          }
        }
      }
      commits(last: 100) {
        totalCount
        pageInfo { hasPreviousPage startCursor }
        nodes { commit { ...Authored ...Pushed } }
      }
      reviews(first: 100) { pageInfo { hasNextPage endCursor } nodes { ...Reviewed } }
      newest: commits(last: 1) {
        nodes { commit { oid statusCheckRollup { contexts(first: 100) { ...Contexts } } } }
      }
    }
  }
  ${organization(teams)}
}
${AUTHORED}
${PUSHED}
${REVIEW}
${CONTEXTS}`;
}

function organization(teams: number): string {
  if (teams === 0) return '';
  const fields = Array.from({ length: teams }, (_, index) => `t${index}: team(slug: $t${index}) { ${MEMBERS} }`);
  return `organization(login: $owner) { ${fields.join(' ')} }`;
}

/** Those of teams below it included. */
const MEMBERS = 'members(first: 100) { pageInfo { hasNextPage endCursor } nodes { login } }';

/** Parts of {@link reviewDocument} without which the rest still stands, because what is missing only ever keeps the gate shut. */
export const parts = {
  protection: 'repository.pullRequest.baseRef.refUpdateRule',
  rules: 'repository.pullRequest.baseRef.rules',
  checks: 'repository.pullRequest.newest.nodes.0.commit.statusCheckRollup',
  pushers: 'repository.pullRequest.commits.nodes.*.commit.checkSuites',
  teams: 'organization',
} as const;

const forward = z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() });
const backward = z.object({ hasPreviousPage: z.boolean(), startCursor: z.string().nullish() });
const actor = z.object({ __typename: z.string(), login: z.string() }).nullish();

const review = z.object({
  fullDatabaseId: z.union([z.string(), z.number()]).transform(String),
  author: actor,
  state: z.enum(['APPROVED', 'CHANGES_REQUESTED', 'COMMENTED', 'DISMISSED', 'PENDING']),
  submittedAt: z.string().nullish(),
  commit: z.object({ oid: z.string() }).nullish(),
  authorCanPushToRepository: z.boolean(),
});

const checkRun = z.object({
  __typename: z.literal('CheckRun'),
  name: z.string(),
  status: z.string(),
  conclusion: z.string().nullish(),
  databaseId: z.number().nullish(),
  externalId: z.string().nullish(),
  checkSuite: z.object({ app: z.object({ databaseId: z.number().nullish() }).nullish() }).nullish(),
});

const statusContext = z.object({
  __typename: z.literal('StatusContext'),
  context: z.string(),
  state: z.string(),
  createdAt: z.string(),
});

const contexts = z.object({
  pageInfo: forward,
  /** null for what the app may not read. */
  nodes: z.array(z.union([checkRun, statusContext]).nullable()),
});

const rollup = z.object({ contexts }).nullish();
const commits = z.object({
  totalCount: z.number(),
  pageInfo: backward,
  nodes: z.array(z.object({ commit: authored })),
});
const reviews = z.object({ pageInfo: forward, nodes: z.array(review) });
export const members = z.object({
  members: z.object({ pageInfo: forward, nodes: z.array(z.object({ login: z.string() })) }),
});

const rule = z.object({
  type: z.string(),
  parameters: z
    .object({
      requiredStatusChecks: z.array(z.object({ context: z.string() })).optional(),
    })
    .nullish(),
});

const pullRequest = z.object({
  number: z.number(),
  url: z.string(),
  state: z.enum(['OPEN', 'CLOSED', 'MERGED']),
  title: z.string(),
  body: z.string(),
  isDraft: z.boolean(),
  isCrossRepository: z.boolean(),
  mergeable: z.enum(['MERGEABLE', 'CONFLICTING', 'UNKNOWN']),
  headRefName: z.string(),
  headRefOid: z.string(),
  baseRefName: z.string(),
  baseRefOid: z.string(),
  author: actor,
  mergeCommit: z.object({ oid: z.string() }).nullish(),
  mergedBy: actor,
  labels: z.object({ nodes: z.array(z.object({ name: z.string() })) }).nullish(),
  baseRef: z
    .object({
      target: z.object({ oid: z.string() }).nullish(),
      refUpdateRule: z
        .object({
          requiredStatusCheckContexts: z.array(z.string().nullable()).nullish(),
          requiresLinearHistory: z.boolean(),
          requiresSignatures: z.boolean(),
        })
        .nullish(),
      /** A node is null where it may not be read. */
      rules: z.object({ pageInfo: z.object({ hasNextPage: z.boolean() }), nodes: z.array(rule.nullable()) }).nullish(),
    })
    .nullish(),
  commits,
  reviews,
  newest: z.object({ nodes: z.array(z.object({ commit: z.object({ oid: z.string(), statusCheckRollup: rollup }) })) }),
});

export const reviewAnswer = z.object({
  repository: z.object({
    mergeCommitAllowed: z.boolean(),
    squashMergeAllowed: z.boolean(),
    rebaseMergeAllowed: z.boolean(),
    pullRequest: pullRequest.nullable(),
  }),
  organization: z.record(z.string(), members.nullable()).nullish(),
});

export type AnsweredRule = z.infer<typeof rule>;
export type AnsweredPull = z.infer<typeof pullRequest>;
export type AnsweredReview = z.infer<typeof review>;
export type AnsweredContext = z.infer<typeof checkRun> | z.infer<typeof statusContext>;
export type AnsweredRepository = z.infer<typeof reviewAnswer>['repository'];

export const moreReviewsDocument = `query Reviews($owner: String!, $name: String!, $number: Int!, $cursor: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      reviews(first: 100, after: $cursor) { pageInfo { hasNextPage endCursor } nodes { ...Reviewed } }
    }
  }
}
${REVIEW}`;

export const moreReviews = z.object({ repository: z.object({ pullRequest: z.object({ reviews }) }) });

export const moreCommitsDocument = `query Commits($owner: String!, $name: String!, $number: Int!, $cursor: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      commits(last: 100, before: $cursor) {
        totalCount
        pageInfo { hasPreviousPage startCursor }
        nodes { commit { ...Authored ...Pushed } }
      }
    }
  }
}
${AUTHORED}
${PUSHED}`;

export const moreCommits = z.object({ repository: z.object({ pullRequest: z.object({ commits }) }) });

export const moreChecksDocument = `query Checks($owner: String!, $name: String!, $oid: GitObjectID!, $cursor: String) {
  repository(owner: $owner, name: $name) {
    object(oid: $oid) {
      ... on Commit { statusCheckRollup { contexts(first: 100, after: $cursor) { ...Contexts } } }
    }
  }
}
${CONTEXTS}`;

export const moreChecks = z.object({
  repository: z.object({ object: z.object({ statusCheckRollup: rollup }).nullish() }),
});

export const moreMembersDocument = `query Members($owner: String!, $team: String!, $cursor: String) {
  organization(login: $owner) {
    team(slug: $team) { members(first: 100, after: $cursor) { pageInfo { hasNextPage endCursor } nodes { login } } }
  }
}`;

export const moreMembers = z.object({ organization: z.object({ team: members }) });
