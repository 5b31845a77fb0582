import { afterEach, expect, test } from 'vitest';
import { createTellingWorld, type GitHubTellingWorld } from './telling-world.ts';

let world: GitHubTellingWorld;
afterEach(() => world.close());

const anyNumber: unknown = expect.any(Number);
const issue = { marker: '<!-- tagalong:bypass -->', title: 'Merged past the gate', body: 'See #12.' };

test('a repository whose issues are switched off gets none, and that is no failure', async () => {
  world = await createTellingWorld();
  const { repository } = world.bump;
  world.simulator.state.repository(repository.path).hasIssues = false;
  expect(await world.forge.upsertIssue(repository, issue)).toBeUndefined();
  expect(world.issues()).toEqual([]);
  world.simulator.state.repository(repository.path).hasIssues = true;
  expect(await world.forge.upsertIssue(repository, issue)).toMatchObject({ number: anyNumber });
});
