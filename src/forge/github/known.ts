import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { RepositoryRef } from '../../domain/repository.ts';
import { repositoryKey } from '../../domain/repository.ts';

/** Ids that every webhook carries and that a request would otherwise have to look up. Nothing depends on their being here. */
export interface Known {
  installation(repository: RepositoryRef): number | undefined;
  nodeId(repository: RepositoryRef): string | undefined;
  remember(repository: RepositoryRef, ids: { installation?: number | undefined; nodeId?: string | undefined }): void;
  forget(repository: RepositoryRef): void;
  /** Takes the ids out of a webhook body; anything else is passed over. The body must be authenticated. */
  learn(payload: unknown): void;
}

export function createKnown(): Known {
  const installations = new LRUCache<string, number>({ max: 50_000 });
  const nodeIds = new LRUCache<string, string>({ max: 50_000 });

  function remember(
    repository: RepositoryRef,
    { installation, nodeId }: { installation?: number | undefined; nodeId?: string | undefined },
  ): void {
    const key = repositoryKey(repository);
    if (installation !== undefined) installations.set(key, installation);
    if (nodeId !== undefined) nodeIds.set(key, nodeId);
  }

  return {
    installation: (repository) => installations.get(repositoryKey(repository)),
    nodeId: (repository) => nodeIds.get(repositoryKey(repository)),
    remember,
    forget(repository) {
      installations.delete(repositoryKey(repository));
      nodeIds.delete(repositoryKey(repository));
    },
    learn(payload) {
      const body = teaching.safeParse(payload);
      if (!body.success || body.data.installation === undefined) return;
      const installation = body.data.installation.id;
      const { repository, repositories = [], repositories_added: added = [] } = body.data;
      for (const each of [...(repository === undefined ? [] : [repository]), ...repositories, ...added]) {
        remember({ forge: 'github', path: each.full_name }, { installation, nodeId: each.node_id });
      }
    },
  };
}

const named = z.object({ full_name: z.string(), node_id: z.string() });
const teaching = z.object({
  installation: z.object({ id: z.number() }).optional(),
  repository: named.optional(),
  repositories: z.array(named).optional(),
  repositories_added: z.array(named).optional(),
});
