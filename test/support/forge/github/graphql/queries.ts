import { notFound } from '../world/refusal.ts';
import { repositoryKey } from '../world/repositories.ts';
import { actorOf, requireAccess } from '../world/tokens.ts';
import { type Arguments, nodeById, requiredText, texts } from './arguments.ts';
import type { GraphQLContext } from './execute.ts';
import { accountNode, graphNode, refNode, refOfId } from './nodes.ts';
import { organizationNode } from './organization.ts';
import { repositoryFields } from './repository.ts';

export function queryRoot(context: GraphQLContext): object {
  const { world, credentials } = context;
  return {
    viewer: () => accountNode(world, actorOf(world, credentials).account),
    rateLimit: () => {
      const { reset, ...limit } = context.rateLimit();
      return { ...limit, cost: 1, nodeCount: 0, resetAt: new Date(reset * 1000).toISOString() };
    },
    repository: (args: Arguments) => {
      const owner = requiredText(args, 'owner');
      const name = requiredText(args, 'name');
      const unresolved = notFound(`Could not resolve to a Repository with the name '${owner}/${name}'.`);
      const repository = world.repositories.get(repositoryKey(owner, name));
      if (repository === undefined) throw unresolved;
      try {
        requireAccess(world, credentials, repository, { metadata: 'read' });
      } catch {
        throw unresolved;
      }
      return repositoryFields(world, repository);
    },
    organization: (args: Arguments) => organizationNode(context, requiredText(args, 'login')),
    node: (args: Arguments) => resolveNode(context, requiredText(args, 'id')),
    nodes: (args: Arguments) => texts(args, 'ids').map((id) => resolveNode(context, id)),
  };
}

function resolveNode(context: GraphQLContext, id: string): object | undefined {
  const { world, credentials } = context;
  const ref = refOfId(world, id);
  if (ref !== undefined) {
    requireAccess(world, credentials, ref.repository, { contents: 'read' });
    return refNode(world, ref.repository, ref.name, ref.repository.git.refs.get(ref.name) ?? '');
  }
  const node = nodeById(context, id);
  const repository = 'repository' in node ? node.repository : 'pull' in node ? node.pull.repository : undefined;
  if (repository !== undefined) requireAccess(world, credentials, repository, { metadata: 'read' });
  if (node.kind === 'repository') requireAccess(world, credentials, node, { metadata: 'read' });
  return graphNode(world, node);
}
