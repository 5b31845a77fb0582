import { z } from 'zod';

/**
 * Every GraphQL document that is sent to GitHub, each beside the shape of its answer. Top-level mutations of a document run one after
 * the other, and by the GraphQL specification a failed one does not stop the next.
 */

export const proposeDocument = `mutation Propose(
  $ref: CreateRefInput!
  $commit: CreateCommitOnBranchInput!
  $change: CreatePullRequestInput!
) {
  createRef(input: $ref) { ref { id } }
  createCommitOnBranch(input: $commit) { commit { oid } }
  createPullRequest(input: $change) { pullRequest { number url } }
}`;

const committed = z.object({ commit: z.object({ oid: z.string() }) });

export const proposed = z.object({
  createCommitOnBranch: committed,
  createPullRequest: z.object({ pullRequest: z.object({ number: z.number(), url: z.string() }) }),
});

/** What the document left when one of its mutations failed: the change may have been opened all the same. */
export const opened = z.object({ createPullRequest: proposed.shape.createPullRequest });

export const createRefDocument = `mutation CreateRef($ref: CreateRefInput!) {
  createRef(input: $ref) { ref { id } }
}`;

export const refCreated = z.object({ createRef: z.object({ ref: z.object({ id: z.string() }) }) });

/** Commits, and tells which open changes the branch is the source of. */
export const commitDocument = `mutation Commit($commit: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $commit) {
    commit { oid }
    ref { associatedPullRequests(states: [OPEN], first: 20) { nodes { number } } }
  }
}`;

export const committedOnBranch = z.object({
  createCommitOnBranch: committed.extend({
    ref: z.object({
      associatedPullRequests: z.object({ nodes: z.array(z.object({ number: z.number() })) }),
    }),
  }),
});

/** Makes a branch with a commit on it. */
export const buildDocument = `mutation Build($ref: CreateRefInput!, $commit: CreateCommitOnBranchInput!) {
  createRef(input: $ref) { ref { id } }
  createCommitOnBranch(input: $commit) { commit { oid } }
}`;

export const commitMade = z.object({ createCommitOnBranch: committed });

/** Moves several refs at once, and none when one is not where it was expected. */
export const updateRefsDocument = `mutation UpdateRefs($refs: UpdateRefsInput!) {
  updateRefs(input: $refs) { clientMutationId }
}`;

export const refsUpdated = z.object({ updateRefs: z.object({}) });

/** The value of a ref that does not exist, before or after an update. */
export const NO_COMMIT = '0'.repeat(40);

export const repositoryIdDocument = `query RepositoryId($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) { id }
}`;

export const repositoryId = z.object({ repository: z.object({ id: z.string() }) });

/** A branch as it stands: its head commit, the blobs of the given paths in it, and the open changes that it is the source of. */
export function branchStateDocument(paths: readonly string[]): string {
  return `query BranchState($owner: String!, $name: String!, $ref: String!, $spare: String!, $branch: String!, $target: String${variables(paths)}) {
  repository(owner: $owner, name: $name) {
    id
    head: ref(qualifiedName: $ref) {
      target { oid ... on Commit { parents(first: 2) { nodes { oid } } author { name email } } }
    }
    spare: ref(qualifiedName: $spare) { id }
    pullRequests(headRefName: $branch, baseRefName: $target, states: [OPEN], first: 20) {
      nodes { number isCrossRepository }
    }
    ${objects(paths, 'oid')}
  }
}`;
}

const nullableText = z.string().nullish();

export const branchState = z.object({
  repository: z
    .object({
      id: z.string(),
      head: z
        .object({
          target: z.object({
            oid: z.string(),
            parents: z.object({ nodes: z.array(z.object({ oid: z.string() })) }),
            author: z.object({ name: nullableText, email: nullableText }).nullish(),
          }),
        })
        .nullish(),
      spare: z.object({ id: z.string() }).nullish(),
      pullRequests: z.object({ nodes: z.array(z.object({ number: z.number(), isCrossRepository: z.boolean() })) }),
    })
    .catchall(z.unknown()),
});

/** The texts of the given paths at the head of the default branch. */
export function readFilesDocument(paths: readonly string[]): string {
  return `query ReadFiles($owner: String!, $name: String!${variables(paths)}) {
  repository(owner: $owner, name: $name) {
    id
    ${objects(paths, 'text isBinary isTruncated')}
  }
}`;
}

export const repositoryOfFiles = z.object({ repository: z.object({ id: z.string() }).catchall(z.unknown()) });

export const blobId = z.object({ oid: z.string().optional() }).nullish();

export const blobText = z
  .object({ text: nullableText, isBinary: z.boolean().nullish(), isTruncated: z.boolean().optional() })
  .nullish();

/** The variables `e0`, `e1` … of a document made for several paths: the objects at `revision`. */
export function expressions(revision: string, paths: readonly string[]): Record<string, string> {
  return Object.fromEntries(paths.map((path, index) => [`e${index}`, `${revision}:${path}`]));
}

function variables(paths: readonly string[]): string {
  return paths.map((_, index) => `, $e${index}: String!`).join('');
}

function objects(paths: readonly string[], fields: string): string {
  return paths
    .map((_, index) => `o${index}: object(expression: $e${index}) { ... on Blob { ${fields} } }`)
    .join('\n    ');
}
