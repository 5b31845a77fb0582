import { expect } from 'vitest';
import { createFakeForge, FAKE_BOT } from '../support/fake-forge.ts';
import { reviewContract, reviewedFiles, type ReviewWorld } from './review-contract.ts';

reviewContract('the fake forge', () => Promise.resolve(createWorld()));

function createWorld(): ReviewWorld {
  let second = 0;
  const forge = createFakeForge(() => new Date(Date.UTC(2026, 10, 21, 12, 0, second++)));
  const repository = forge.addRepository('acme/deploy', reviewedFiles);
  const git = forge.repositoryAt(repository);
  return {
    forge,
    repository,
    organization: 'acme',
    head: (branch) => git.branches.get(branch) ?? expect.unreachable(),
    push: (branch, files, by = 'person') => forge.push(repository, branch, files, { author: by }),
    openChange: (branch, options) => forge.openChange(repository, branch, 'By hand', options),
    mergeAsPerson: (change, method) => forge.mergeAsPerson(change, { method }),
    say: (change, body) => ({ kind: 'comment', id: forge.say(change, body) }),
    deleteComment: (change, { id }) => forge.deleteComment(change, id),
    lock: (change) => forge.lock(change),
    said: (change) =>
      forge
        .comments(change)
        .filter(({ author }) => author === FAKE_BOT)
        .map(({ body }) => body),
    review: (change, author, state) => forge.review(change, state, { author }),
    grant: (login, permission) => forge.grant(repository, login, permission),
    team: (name, members) => forge.team(`@acme/${name}`, members),
    requireChecks: (names) =>
      forge.protect(repository, 'main', { requiredChecks: names.map((name) => ({ name, isOurs: false })) }),
    report: (commit, name, state) => forge.reportCheck(repository, commit, { name, state }),
    allowMethods: (methods) => forge.allowMethods(repository, methods),
    reactions: (comment) => forge.reactions(repository, comment).length,
    check(commit, name) {
      const found = forge.checks(repository, commit).find((each) => each.name === name);
      return found && { conclusion: found.conclusion, title: found.title };
    },
    writes: () => forge.writes.length,
    interrupt: (point) => forge.interruptAfter(point === undefined ? undefined : point.writes + (point.done ? 1 : 0)),
    close: () => Promise.resolve(),
  };
}
