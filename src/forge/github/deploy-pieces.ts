import { createHash } from 'node:crypto';
import type { ChangeRef } from '../../domain/change.ts';
import { repositoryKey, type RepositoryRef } from '../../domain/repository.ts';
import type { DeployAnnouncement, DeployMemory, ToldDeployment, ToldStatus } from '../deployments.ts';
import { withMarker } from './comments.ts';

/** One thing that an announcement writes: by its key it is found again in what was remembered. */
export type Piece = DeploymentPiece | StatusPiece | CommentPiece;

interface Told {
  readonly key: string;
  readonly repository: RepositoryRef;
  /** Of everything that is said. */
  readonly hash: string;
}

export interface DeploymentPiece extends Told {
  readonly kind: 'deployment';
  readonly commit: string;
  /** Tells the deployments of one commit and environment apart, for instance of two images that are built from it. */
  readonly task: string;
  readonly told: ToldDeployment;
}

export interface StatusPiece extends Told {
  readonly kind: 'status';
  readonly commit: string;
  readonly told: ToldStatus;
}

export interface CommentPiece extends Told {
  readonly kind: 'comment';
  readonly on: ChangeRef;
  readonly marker: string;
  readonly body: string;
}

/** What was written: the id of the deployment or comment, for a status the full hash of its commit. */
export interface Remembered {
  readonly id: string;
  readonly hash: string;
}

/** Begins the `task` of every deployment of the bot; `deploy:migrations` is how GitHub's documentation spells one. */
export const TASK_PREFIX = 'deploy:';

export function piecesOf({ application, comments }: DeployAnnouncement): readonly Piece[] {
  const said = comments.map((comment) => commentPiece(comment));
  if (application === undefined) return said;
  const { repository, commit, deployment, status } = application;
  const task = TASK_PREFIX + status.context;
  const where = `${repositoryKey(repository)}@${commit}`;
  return [
    {
      kind: 'deployment',
      key: `deployment ${where} ${deployment.environment} ${task}`,
      hash: hashOf(deployment),
      told: deployment,
      ...{ repository, commit, task },
    },
    {
      kind: 'status',
      key: `status ${where} ${status.context}`,
      hash: hashOf(status),
      told: status,
      ...{ repository, commit },
    },
    ...said,
  ];
}

function commentPiece({ on, marker, body }: DeployAnnouncement['comments'][number]): CommentPiece {
  const marked = withMarker(body, marker);
  const key = `comment ${repositoryKey(on.repository)}#${on.number} ${marker}`;
  return { kind: 'comment', key, hash: hashOf(marked), repository: on.repository, on, marker, body: marked };
}

export function recall(memory: DeployMemory, { key }: Piece): Remembered | undefined {
  const [id, hash] = memory[key]?.split(' ') ?? [];
  return id === undefined || hash === undefined ? undefined : { id, hash };
}

export function remember(memory: Record<string, string>, { key, hash }: Piece, id: string): void {
  memory[key] = `${id} ${hash}`;
}

function hashOf(said: unknown): string {
  return createHash('sha256').update(JSON.stringify(said)).digest('base64url').slice(0, 22);
}
