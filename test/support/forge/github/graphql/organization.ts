import type { Team } from '../world/model.ts';
import { notFound, notPermitted } from '../world/refusal.ts';
import type { World } from '../world/world.ts';
import { type Arguments, requiredText } from './arguments.ts';
import { connection } from './connection.ts';
import type { GraphQLContext } from './execute.ts';
import { accountNode } from './nodes.ts';

/** An organization with its teams, which an app sees with the permission for its members, where it is installed. */
export function organizationNode({ world, credentials }: GraphQLContext, login: string): object {
  const account = world.accounts.get(login.toLowerCase());
  if (account?.type !== 'Organization') {
    throw notFound(`Could not resolve to an Organization with the login of '${login}'.`);
  }
  return {
    ...accountNode(world, account),
    team: (args: Arguments) => {
      const isOwn = credentials.kind === 'installation' && credentials.installation.account === account;
      if (!isOwn || credentials.permissions.members === undefined) throw notPermitted();
      const slug = requiredText(args, 'slug').toLowerCase();
      const team = world.teams.find((each) => each.organization === account && each.slug === slug);
      return team === undefined ? null : teamNode(world, team);
    },
  };
}

function teamNode(world: World, team: Team) {
  return {
    __typename: 'Team',
    id: team.nodeId,
    slug: team.slug,
    name: team.name,
    members: (args: Arguments) => connection([...team.members], args, (member) => accountNode(world, member)),
  };
}
