import type { components } from '@octokit/openapi-webhooks-types';
import { gitUser } from '../bodies/commits.ts';
import type { MergeGroup, WorldEvent } from '../world/events.ts';
import type { Common } from './payloads.ts';

type Schemas = components['schemas'];

export function mergeGroupPayload(event: Extract<WorldEvent, { name: 'merge_group' }>, base: Common): object {
  const group = groupBody(event.group);
  if (event.action === 'destroyed') {
    const { action, reason } = event;
    return { action, reason, merge_group: group, ...base } satisfies Schemas['webhook-merge-group-destroyed'];
  }
  return {
    action: event.action,
    merge_group: group,
    ...base,
  } satisfies Schemas['webhook-merge-group-checks-requested'];
}

function groupBody({ pull, branch, commit, base }: MergeGroup): Schemas['merge-group'] {
  const { tree, message, committer, author } = pull.repository.git.existingCommit(commit);
  return {
    head_sha: commit,
    head_ref: `refs/heads/${branch}`,
    base_sha: base,
    base_ref: `refs/heads/${pull.base.branch}`,
    head_commit: {
      id: commit,
      tree_id: tree,
      message,
      timestamp: committer.date.toISOString(),
      author: gitUser(author),
      committer: gitUser(committer),
    },
  };
}
