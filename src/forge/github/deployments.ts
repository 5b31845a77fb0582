import { LRUCache } from 'lru-cache';
import type { z } from 'zod';
import type { ChangeRef } from '../../domain/change.ts';
import { repositoryKey, type RepositoryRef } from '../../domain/repository.ts';
import type { Deployments, DeployMemory, DeployTold } from '../deployments.ts';
import type { Client } from './client.ts';
import {
  lookedUp,
  lookUpDocument,
  moreComments,
  moreCommentsDocument,
  standingComment,
  standingOf,
  tellDocument,
  told,
  writtenId,
  type Document,
  type Standing,
  type Statement,
} from './deploy-documents.ts';
import { piecesOf, recall, remember, type CommentPiece, type DeploymentPiece, type Piece } from './deploy-pieces.ts';
import { isAnswer, isOutOfReach, unreadable } from './errors.ts';
import { writeStatus } from './statuses.ts';

/**
 * Warm, reports cost one document for all deployments and comments, and a request for each commit status, for which GitHub has no mutation.
 * What is not remembered is looked up in one document more, and each deployment is made by one request more.
 */
export function createDeployments(client: Client): Deployments {
  const reach = createReach(client);
  return {
    async tellDeploys(tellings) {
      const pieces = tellings.map(({ announcements }) => announcements.flatMap(piecesOf));
      const memory: Memory = {};
      for (const [index, { known }] of tellings.entries()) {
        for (const { key } of pieces[index] ?? []) if (known[key] !== undefined) memory[key] = known[key];
      }
      const failures: Failure[] = [];
      for (const group of await reach(pieces.flat().filter((piece) => !isTold(memory, piece)))) {
        await tell(client, group, memory).catch((error: unknown) => failures.push({ pieces: new Set(group), error }));
      }
      return tellings.map(({ known }, index) => toldOf(known, pieces[index] ?? [], memory, failures));
    },
    changesOfCommit: createChangesOfCommit(client),
  };
}

type Memory = Record<string, string>;

interface Failure {
  readonly pieces: ReadonlySet<Piece>;
  readonly error: unknown;
}

function isTold(memory: DeployMemory, piece: Piece): boolean {
  return recall(memory, piece)?.hash === piece.hash;
}

/** What was handed over, with its own pieces as they are remembered now. */
function toldOf(
  known: DeployMemory,
  pieces: readonly Piece[],
  memory: DeployMemory,
  failures: readonly Failure[],
): DeployTold {
  const own = new Set(pieces.map(({ key }) => key));
  const entries = [
    ...Object.entries(known).filter(([key]) => !own.has(key)),
    ...Object.entries(memory).filter(([key]) => own.has(key)),
  ];
  const left = pieces.filter((piece) => !isTold(memory, piece));
  const failure = failures.find((each) => left.some((piece) => each.pieces.has(piece)));
  return { known: Object.fromEntries(entries), ...(failure !== undefined && { failure: failure.error }) };
}

/** How long a repository counts as one that the app is not installed on, unless a webhook says otherwise. */
const OUT_OF_REACH_MS = 10 * 60_000;

/** Sorts pieces by the installation that may write them; those that none may are left out. */
function createReach(client: Client): (pieces: readonly Piece[]) => Promise<readonly (readonly Piece[])[]> {
  const missing = new LRUCache<string, true>({ max: 10_000, ttl: OUT_OF_REACH_MS });

  async function installationOf(repository: RepositoryRef): Promise<number | undefined> {
    const known = client.known.installation(repository);
    if (known !== undefined) return known;
    const key = repositoryKey(repository);
    if (missing.has(key)) return undefined;
    try {
      return await client.installationOf(repository);
    } catch (error) {
      if (!isOutOfReach(error)) throw error;
      missing.set(key, true);
      return undefined;
    }
  }

  return async (pieces) => {
    const groups = new Map<number, Piece[]>();
    for (const piece of pieces) {
      const installation = await installationOf(piece.repository);
      if (installation !== undefined) groups.set(installation, [...(groups.get(installation) ?? []), piece]);
    }
    return [...groups.values()];
  };
}

/**
 * Writes pieces of one installation. Where something is refused (deleted meanwhile, a permission that was not granted), every piece
 * that is not written is tried once more on its own, from what stands there now, so that it spoils none of the others.
 */
async function tell(client: Client, pieces: readonly Piece[], memory: Memory): Promise<void> {
  try {
    await write(client, pieces, memory);
    return;
  } catch (error) {
    if (!isAnswer(error)) throw error;
  }
  for (const piece of pieces.filter((each) => !isTold(memory, each))) {
    Reflect.deleteProperty(memory, piece.key);
    try {
      await write(client, [piece], memory);
    } catch (error) {
      if (!isOutOfReach(error)) throw error;
    }
  }
}

/** Remembers each piece as it is written. */
async function write(client: Client, pieces: readonly Piece[], memory: Memory): Promise<void> {
  const known = new Map(pieces.flatMap((piece) => ids(piece, recall(memory, piece)?.id)));
  const standing = await lookUp(
    client,
    pieces.filter((piece) => !known.has(piece)),
  );
  const due: { readonly piece: Piece; readonly stands: Standing }[] = [];
  for (const [piece, stands] of [...known, ...standing]) {
    if (stands.isEqual) remember(memory, piece, stands.id ?? stands.place);
    else due.push({ piece, stands });
  }
  const statements: Statement[] = [];
  for (const { piece, stands } of due) {
    if (piece.kind === 'deployment') {
      statements.push({ kind: 'deployment', piece, id: stands.id ?? (await create(client, piece, stands.place)) });
    } else if (piece.kind === 'comment') {
      const { id } = stands;
      statements.push(id === undefined ? { kind: 'add', piece, change: stands.place } : { kind: 'update', piece, id });
    }
  }
  for (const some of chunks(statements)) await carryOut(client, some, memory);
  for (const { piece, stands } of due) {
    if (piece.kind !== 'status') continue;
    await writeStatus(client, piece.repository, stands.place, piece.told);
    remember(memory, piece, stands.place);
  }
}

/** A document with more parts than this may take GitHub longer than it lets a request run. */
const PARTS = 40;

function chunks<T>(all: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / PARTS) }, (_, n) => all.slice(n * PARTS, (n + 1) * PARTS));
}

function ids(piece: Piece, id: string | undefined): readonly (readonly [Piece, Standing])[] {
  return id === undefined ? [] : [[piece, { id, place: id, isEqual: false }]];
}

/** Pieces whose commit or change does not exist, or may not be seen, are absent from the answer. */
async function lookUp(client: Client, pieces: readonly Piece[]): Promise<ReadonlyMap<Piece, Standing>> {
  const standing = new Map<Piece, Standing>();
  for (const some of chunks(pieces)) {
    const [first] = some;
    if (first === undefined) break;
    const login = await client.botLogin();
    const looked = await lenient(client, first.repository, lookUpDocument(some), lookedUp);
    for (const [n, piece] of some.entries()) {
      const found = standingOf(piece, looked[`p${n}`], login);
      const complete = piece.kind === 'comment' ? await readOn(client, piece, found) : found;
      if (complete !== undefined) standing.set(piece, complete);
    }
  }
  return standing;
}

/** Looks at the later comments of a long conversation. */
async function readOn(client: Client, piece: CommentPiece, found: Standing | undefined): Promise<Standing | undefined> {
  let stands = found;
  while (stands?.unread !== undefined) {
    const variables = { change: stands.place, after: stands.unread };
    const { node } = await client.graphql(piece.repository, moreCommentsDocument, variables, moreComments);
    stands = standingComment(piece, node);
  }
  return stands;
}

/** The answer as far as there is one: a repository or change that cannot be read leaves the others readable. */
async function lenient<T>(
  client: Client,
  repository: RepositoryRef,
  { text, variables }: Document,
  shape: z.ZodType<T>,
): Promise<T> {
  try {
    return await client.graphql(repository, text, variables, shape);
  } catch (error) {
    const partial = isAnswer(error) ? shape.safeParse(error.partial) : undefined;
    if (partial?.success !== true) throw error;
    return partial.data;
  }
}

/**
 * Neither waits for statuses of others on the commit nor merges anything into it: GitHub refuses a deployment without these two.
 * @returns its id
 */
async function create(
  client: Client,
  { repository, task, told: { environment, isProduction } }: DeploymentPiece,
  commit: string,
): Promise<string> {
  const { data } = await client.inRepository(repository, (octokit, at) =>
    octokit.rest.repos.createDeployment({
      ...at,
      ref: commit,
      task,
      environment,
      required_contexts: [],
      auto_merge: false,
      production_environment: isProduction,
      transient_environment: false,
      payload: { tagalong: { task } },
    }),
  );
  if (!('node_id' in data)) throw unreadable('a deployment without an id');
  return data.node_id;
}

async function carryOut(client: Client, statements: readonly Statement[], memory: Memory): Promise<void> {
  const [first] = statements;
  if (first === undefined) return;
  const { text, variables } = tellDocument(statements);
  const note = (answer: z.infer<typeof told>) => {
    for (const [n, statement] of statements.entries()) {
      const id = writtenId(statement, answer[`p${n}`]);
      if (id !== undefined) remember(memory, statement.piece, id);
    }
  };
  try {
    note(await client.graphql(first.piece.repository, text, variables, told));
  } catch (error) {
    if (isAnswer(error)) note(told.safeParse(error.partial).data ?? {});
    throw error;
  }
}

/** What brought a commit seldom changes once it is known; a commit that nothing brought yet may be asked about again soon. */
const FOUND_MS = 60 * 60_000;
const NOT_FOUND_MS = 5 * 60_000;

function createChangesOfCommit(client: Client): Deployments['changesOfCommit'] {
  const remembered = new LRUCache<string, readonly ChangeRef[]>({ max: 10_000 });
  return async (repository, commit) => {
    const key = `${repositoryKey(repository)}@${commit}`;
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const found = await changesOf(client, repository, commit);
    remembered.set(key, found, { ttl: found.length > 0 ? FOUND_MS : NOT_FOUND_MS });
    return found;
  };
}

async function changesOf(client: Client, repository: RepositoryRef, commit: string): Promise<readonly ChangeRef[]> {
  try {
    const { data } = await client.inRepository(repository, (octokit, at) =>
      octokit.rest.repos.listPullRequestsAssociatedWithCommit({ ...at, commit_sha: commit, per_page: 100 }),
    );
    return data
      .filter(({ state, merged_at: mergedAt }) => state === 'open' || mergedAt !== null)
      .filter(({ base }) => base.repo.full_name.toLowerCase() === repository.path.toLowerCase())
      .map(({ number }) => ({ repository, number }))
      .sort((a, b) => b.number - a.number);
  } catch (error) {
    if (isOutOfReach(error)) return [];
    throw error;
  }
}
