import { createFakeForge, FAKE_BOT } from '../support/fake-forge.ts';
import { forgeContract, worldFiles, type ForgeWorld } from './forge-contract.ts';

forgeContract('the fake forge', () => Promise.resolve(createWorld()));

function createWorld(): ForgeWorld {
  const forge = createFakeForge();
  const repository = forge.addRepository('acme/deploy', worldFiles);
  const git = forge.repositoryAt(repository);
  return {
    forge,
    repository,
    head: (branch) => Promise.resolve(git.branches.get(branch)),
    branches: () => Promise.resolve([...git.branches.keys()].sort()),
    files: (commit) => Promise.resolve(git.files(commit)),
    push: (branch, files) => Promise.resolve(forge.push(repository, branch, files)),
    openChange: (branch) => Promise.resolve(forge.openChange(repository, branch, 'By hand')),
    merge(change) {
      forge.mergeAsPerson(change);
      return Promise.resolve();
    },
    say(change, body) {
      forge.say(change, body);
      return Promise.resolve();
    },
    deleteComment(change, id) {
      forge.deleteComment(change, id);
      return Promise.resolve();
    },
    comments: (change) =>
      Promise.resolve(forge.comments(change).map(({ id, body, author }) => ({ id, body, byBot: author === FAKE_BOT }))),
    openChanges: () =>
      Promise.resolve(
        forge
          .changes(repository)
          .filter(({ state }) => state === 'open')
          .map(({ number }) => number),
      ),
    checks: (commit) =>
      Promise.resolve(
        forge.checks(repository, commit).map(({ name, conclusion, annotations }) => ({
          name,
          conclusion,
          annotations: annotations.length,
        })),
      ),
    interrupt: (point) => forge.interruptAfter(point === undefined ? undefined : point.writes + (point.done ? 1 : 0)),
    close: () => Promise.resolve(),
  };
}
