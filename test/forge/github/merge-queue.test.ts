import { afterEach, describe, expect, test } from 'vitest';
import { appManifest } from './telling-world.ts';
import { createReviewWorld, NAME, type GitHubReviewWorld } from './review-world.ts';

let world: GitHubReviewWorld;

afterEach(() => world.close());

function enqueued(branch: string) {
  world.push(branch, { [`${branch}.yaml`]: 'a: 1\n' }, 'mona');
  const change = world.openChange(branch);
  const { commit: headCommit } = world.simulator.people.enqueue(world.pull(change));
  return { number: change.number, headCommit };
}

describe('a merge queue', () => {
  test('tells what waits in it, the first to be merged first, in one request', async () => {
    world = await createReviewWorld();
    world.requireChecks(['ci']);
    const entries = ['a', 'b', 'c'].map(enqueued);
    world.newRequests();
    expect(await world.forge.mergeQueue(world.repository, 'main')).toEqual(entries);
    expect(world.newRequests()).toHaveLength(1);
  });

  test('of which nothing waits is empty, and none where the branch has none', async () => {
    world = await createReviewWorld();
    expect(await world.forge.mergeQueue(world.repository, 'main')).toBeUndefined();
    world.simulator.people.addRuleset(NAME, { mergeQueue: 'HEADGREEN' });
    expect(await world.forge.mergeQueue(world.repository, 'main')).toEqual([]);
  });

  test('is told to nobody who may not read it', async () => {
    const granted = Object.entries(appManifest.default_permissions).filter(([name]) => name !== 'merge_queues');
    world = await createReviewWorld({ permissions: Object.fromEntries(granted) });
    world.simulator.people.addRuleset(NAME, { mergeQueue: 'HEADGREEN' });
    expect(await world.forge.mergeQueue(world.repository, 'main')).toBeUndefined();
  });
});
