import type { Authors } from '../../../src/review/snapshot.ts';
import { asking, BUMP, byPerson, override, passing, person, policy, review, untold } from '../passing.ts';
import type { TableCase } from './case.ts';

function authors(...logins: readonly string[]): Authors {
  return { people: logins.map(person), unknown: [], isComplete: true };
}

function unknown(...names: readonly string[]): Authors {
  return { people: [person('alice')], unknown: names, isComplete: true };
}

/** Four eyes: nobody approves what is their own. */
export const fourEyes: readonly TableCase[] = [
  {
    name: 'a person approves a pull request of their own, by a comment',
    because: 'palantir/policy-bot#457',
    snapshot: byPerson({ reviews: [review('alice', { id: 'command' })] }),
    outcome: 'wait',
    rules: ['approvals', 'four-eyes'],
    says: 'The approval by @alice does not count: nobody can approve a change of their own',
  },
  {
    name: 'the author writes the login in another case',
    snapshot: byPerson({ reviews: [review('ALICE')] }),
    outcome: 'wait',
    rules: ['approvals', 'four-eyes'],
    says: 'nobody can approve a change of their own',
  },
  {
    name: 'the author and a co-author approve, each told why that does not count',
    snapshot: byPerson({
      change: { author: person('alice') },
      authors: authors('alice', 'carol'),
      reviews: [review('alice'), review('carol')],
    }),
    outcome: 'wait',
    rules: ['approvals', 'four-eyes'],
    says: 'The approval by @carol does not count: whoever has written or pushed commits of the change cannot approve it',
  },
  {
    name: 'the author approves, and somebody else too',
    snapshot: byPerson({ reviews: [review('alice'), review('bob')] }),
    outcome: 'pass',
    rules: [],
    says: 'Approved by @bob',
  },
  {
    name: 'somebody who has commits in the change approves it',
    because: 'palantir/policy-bot#583',
    snapshot: byPerson({ authors: authors('alice', 'bob') }),
    outcome: 'wait',
    rules: ['approvals', 'four-eyes'],
    says: 'whoever has written or pushed commits of the change cannot approve it',
  },
  {
    name: 'the opener is another account than who has committed, and that one approves',
    because: 'palantir/policy-bot#566',
    snapshot: byPerson({ change: { author: person('alice') }, authors: authors('bob') }),
    outcome: 'wait',
    rules: ['approvals', 'four-eyes'],
    says: 'whoever has written or pushed commits of the change cannot approve it',
  },
  {
    name: 'a reviewer who pressed "Update branch" has a commit in it',
    because: 'palantir/policy-bot#12',
    snapshot: byPerson({ authors: authors('alice', 'bob', 'web-flow') }),
    outcome: 'wait',
    rules: ['approvals', 'four-eyes'],
    says: 'whoever has written or pushed commits of the change cannot approve it',
  },
  {
    name: 'a co-author of a commit approves it',
    snapshot: byPerson({ authors: authors('alice', 'carol'), reviews: [review('carol')] }),
    outcome: 'wait',
    rules: ['approvals', 'four-eyes'],
    says: '@carol does not count',
  },
  {
    name: 'who wrote what the image was built from approves its bump',
    snapshot: passing({ reviews: [review('alice')] }),
    outcome: 'wait',
    rules: ['approvals', 'four-eyes'],
    says: 'an author of the application commits in it cannot approve them',
  },
  {
    name: "somebody pushed to the bot's bump and approves it",
    snapshot: passing({ authors: authors('bob') }),
    outcome: 'wait',
    rules: ['approvals', 'four-eyes'],
    says: 'whoever has written or pushed commits of the change cannot approve it',
  },
  {
    name: 'a commit under an address that no account has: its author could be who approves',
    because: 'palantir/policy-bot#1263',
    snapshot: byPerson({ authors: unknown('Bob <bob@laptop>') }),
    outcome: 'wait',
    rules: ['four-eyes'],
    says: 'No account is known for Bob <bob@laptop>',
  },
  {
    name: 'a service account whose commits have no author',
    because: 'palantir/policy-bot#788',
    snapshot: byPerson({ authors: unknown('deploy <>') }),
    outcome: 'wait',
    rules: ['four-eyes'],
    says: 'No account is known for deploy <>',
  },
  {
    name: 'one approval more than asked for makes up for one unknown author',
    because: 'palantir/policy-bot#1263',
    snapshot: byPerson({ authors: unknown('Bob <bob@laptop>'), reviews: [review('bob'), review('carol')] }),
    outcome: 'pass',
    rules: [],
    says: 'Nobody who approved has written it',
  },
  {
    name: 'one approval more than asked for does not make up for two unknown authors',
    snapshot: byPerson({
      authors: unknown('Bob <bob@laptop>', 'Carol <carol@laptop>'),
      reviews: [review('bob'), review('carol')],
    }),
    outcome: 'wait',
    rules: ['four-eyes'],
    says: 'No account is known for',
  },
  {
    name: 'an unknown author of the application',
    snapshot: passing({ applicationAuthors: unknown('Bob <bob@laptop>') }),
    outcome: 'wait',
    rules: ['four-eyes'],
    says: 'No account is known for Bob <bob@laptop>',
  },
  {
    name: 'what is committed in the pages of the forge is committed by it, and it is no author',
    because: 'palantir/policy-bot#336',
    snapshot: byPerson({ authors: { ...authors('alice', 'web-flow'), unknown: ['GitHub <noreply@github.com>'] } }),
    outcome: 'pass',
    rules: [],
    says: 'Nobody who approved has written it',
  },
  {
    name: "the bot's own bump, which the forge has committed for it",
    snapshot: passing({ authors: authors('web-flow') }),
    outcome: 'pass',
    rules: [],
    says: 'Nobody who approved has written it',
  },
  {
    name: 'somebody has pushed to a bump in the name of the forge',
    snapshot: passing({ authors: authors('web-flow'), bump: { ...BUMP, isUntouched: false } }),
    outcome: 'wait',
    rules: ['four-eyes'],
    says: 'No account is known for GitHub <noreply@github.com>',
  },
  {
    name: 'commits that are all by the forge itself, whose name somebody has borrowed',
    because: 'github/privileged-requester#166',
    snapshot: byPerson({ authors: authors('web-flow') }),
    outcome: 'wait',
    rules: ['four-eyes'],
    says: 'No account is known for GitHub <noreply@github.com>',
  },
  {
    name: 'more commits than could be read',
    snapshot: byPerson({ authors: { ...authors('alice'), isComplete: false } }),
    outcome: 'block',
    rules: ['four-eyes'],
    says: 'Not all authors of the commits in the change could be read',
  },
  {
    name: 'the commits of the application could not be read',
    snapshot: passing({ applicationAuthors: { people: [], unknown: [], isComplete: false } }),
    outcome: 'block',
    rules: ['four-eyes'],
    says: 'Not all authors of the application commits in ghcr.io/acme/shop could be read',
  },
  {
    name: 'an image that does not tell its application repository',
    snapshot: untold(),
    outcome: 'pass',
    rules: [],
    says: 'who wrote what the image was built from is not known',
  },
  {
    name: 'where no approval is asked for, its author needs nobody',
    snapshot: byPerson({ ...asking({ approvals: 0 }), authors: unknown('X <x@y>'), reviews: [review('alice')] }),
    outcome: 'pass',
    rules: [],
    says: 'nobody has to be somebody else',
  },
  {
    name: 'a team of one: the administrator lets the author approve',
    snapshot: passing({ reviews: [review('alice')], overrides: [override('four-eyes')] }),
    outcome: 'pass',
    rules: [],
    says: 'Approved by @alice',
  },
  {
    name: 'overriding approvals asks nobody to be somebody else',
    snapshot: passing({ reviews: [review('alice')], overrides: [override('approvals')] }),
    outcome: 'pass',
    rules: [],
    says: 'nobody has to be somebody else',
  },
  {
    name: 'an author in the team that is asked, in one of two environments',
    snapshot: passing({
      config: {
        kind: 'valid',
        policies: [
          policy({ environment: 'staging', review: { approvals: 0 } }),
          policy({ review: { from: ['@acme/shop'] } }),
        ],
      },
      reviews: [review('alice'), review('bob')],
    }),
    outcome: 'wait',
    rules: ['approvals', 'four-eyes'],
    says: 'Waiting for 1 approval from @acme/shop',
  },
  {
    name: 'who asked the bot for a version approves it',
    snapshot: passing({ requestedBy: ['Bob'] }),
    outcome: 'wait',
    rules: ['approvals', 'four-eyes'],
    says: 'The approval by @bob does not count: whoever asked for it has chosen it already',
  },
  {
    name: 'who asked the bot for a version approves it, and somebody else too',
    snapshot: passing({ requestedBy: ['bob'], reviews: [review('bob'), review('carol')] }),
    outcome: 'pass',
    rules: [],
    says: 'Approved by @carol',
  },
  {
    name: 'two have asked for the same version, and one of them approves it',
    snapshot: passing({ requestedBy: ['carol', 'bob'] }),
    outcome: 'wait',
    rules: ['approvals', 'four-eyes'],
    says: 'whoever asked for it has chosen it already',
  },
  {
    name: 'at night somebody rolls back alone, and an administrator lets them',
    snapshot: passing({ requestedBy: ['bob'], overrides: [override('four-eyes')] }),
    outcome: 'pass',
    rules: [],
    says: 'Approved by @bob',
  },
  {
    name: 'somebody rolls back where bumps merge by themselves',
    snapshot: passing({
      config: { kind: 'valid', policies: [policy({ merge: 'auto' })] },
      requestedBy: ['bob'],
      reviews: [],
    }),
    outcome: 'pass',
    rules: [],
    says: 'No approval is asked for',
  },
  {
    name: 'commits in the name of the forge alone, whose pusher is known',
    snapshot: byPerson({ authors: authors('web-flow', 'eve') }),
    outcome: 'pass',
    rules: [],
    says: 'Nobody who approved has written it',
  },
];
