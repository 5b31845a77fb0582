import type { Team } from '../world/model.ts';
import { notFound } from '../world/refusal.ts';
import type { World } from '../world/world.ts';
import { userBody } from '../bodies/accounts.ts';
import { operation } from './operation.ts';
import { paginate } from './pages.ts';

export const teamOperations = [
  operation('teams/list-members-in-org', 'installation', ({ world, path, query, url }) => {
    const { items, headers } = paginate([...teamNamed(world, path.org, path.team_slug).members], url, query);
    return { status: 200, body: items.map((member) => userBody(world, member)), headers };
  }),
  operation('teams/get-membership-for-user-in-org', 'installation', ({ world, path }) => {
    const team = teamNamed(world, path.org, path.team_slug);
    const isMember = [...team.members].some(({ login }) => login.toLowerCase() === path.username.toLowerCase());
    if (!isMember) throw notFound();
    const url = `${world.apiUrl}/teams/${team.id}/memberships/${path.username}`;
    return { status: 200, body: { url, role: 'member' as const, state: 'active' as const } };
  }),
];

function teamNamed(world: World, organization: string, slug: string): Team {
  const found = world.teams.find(
    (team) => team.organization.login.toLowerCase() === organization.toLowerCase() && team.slug === slug,
  );
  if (found === undefined) throw notFound();
  return found;
}
