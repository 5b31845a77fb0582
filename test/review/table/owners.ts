import type { Snapshot } from '../../../src/review/snapshot.ts';
import { CODEOWNERS_LIMIT } from '../../../src/review/codeowners.ts';
import { override, passing, policy, review } from '../passing.ts';
import type { TableCase } from './case.ts';

const PATHS = ['apps/shop/production/kustomization.yaml', 'docs/shop.md'];

function owned(text: string, parts: Partial<Omit<Snapshot, 'change'>> = {}): Snapshot {
  return passing({
    paths: PATHS,
    config: { kind: 'valid', policies: [policy({ review: { codeowners: true }, paths: PATHS })] },
    codeowners: { path: '.github/CODEOWNERS', text },
    ...parts,
  });
}

/** Code owners, as GitHub decides it. */
export const owners: readonly TableCase[] = [
  {
    name: 'an owner has approved',
    snapshot: owned('* @acme/sre\n'),
    outcome: 'pass',
    rules: [],
    says: 'An owner of every touched file that has one has approved',
  },
  {
    name: 'an owner of one file has approved, and none of the other',
    because: 'AliceO2Group/O2Physics#387',
    snapshot: owned('* @acme/sre\n/docs/ @dave\n'),
    outcome: 'wait',
    rules: ['codeowners'],
    says: 'Waiting for an approval from @dave, owner of docs/shop.md',
  },
  {
    name: 'any one owner of a line is enough',
    snapshot: owned('* @dave @bob\n'),
    outcome: 'pass',
    rules: [],
    says: 'An owner of every touched file',
  },
  {
    name: 'somebody who is no owner has approved',
    because: 'runatlantis/atlantis#1791',
    snapshot: owned('* @acme/shop\n'),
    outcome: 'wait',
    rules: ['codeowners'],
    says: 'Waiting for an approval from @acme/shop',
  },
  {
    name: 'the author owns it, which is no approval',
    snapshot: owned('* @alice\n', { reviews: [review('bob'), review('alice')] }),
    outcome: 'wait',
    rules: ['codeowners'],
    says: 'Waiting for an approval from @alice',
  },
  {
    name: 'an owner has approved who may not write',
    because: 'mergeability/mergeable#24',
    snapshot: owned('* @dave\n', { reviews: [review('bob'), review('dave', { mayWrite: false })] }),
    outcome: 'wait',
    rules: ['codeowners'],
    says: 'Waiting for an approval from @dave',
  },
  {
    name: 'an owner has approved another rendered result',
    snapshot: owned('* @dave\n', { reviews: [review('bob'), review('dave', { rendersAlike: false })] }),
    outcome: 'wait',
    rules: ['codeowners'],
    says: 'Waiting for an approval from @dave',
  },
  {
    name: 'there is no CODEOWNERS file',
    because: 'damianvtran/local-operator#700',
    snapshot: passing({ config: { kind: 'valid', policies: [policy({ review: { codeowners: true } })] } }),
    outcome: 'pass',
    rules: [],
    says: 'nobody owns the touched files',
  },
  {
    name: 'a later line without owners takes them away',
    snapshot: owned('* @dave\napps/shop\ndocs/\n'),
    outcome: 'pass',
    rules: [],
    says: 'An owner of every touched file that has one has approved',
  },
  {
    name: 'the owning team does not exist',
    because: 'bors-ng/bors-ng#993',
    snapshot: owned('* @acme/ghosts\n', { teams: { '@acme/ghosts': null } }),
    outcome: 'block',
    rules: ['codeowners'],
    says: 'Line 1 of .github/CODEOWNERS names @acme/ghosts as owner of',
  },
  {
    name: 'an owner is an address alone',
    snapshot: owned('* sre@example.com\n'),
    outcome: 'block',
    rules: ['codeowners'],
    says: 'by address alone, which no approval can be matched with',
  },
  {
    name: 'a line that is not valid, about files that are not touched',
    snapshot: owned('* @bob\n/charts/[a-z]* @dave\n'),
    outcome: 'pass',
    rules: [],
    says: 'An owner of every touched file',
  },
  {
    name: 'a line with brackets, which the forge passes over, would have been about a touched file',
    because: 'python/cpython#112206',
    snapshot: owned('* @bob\n/docs/[a-z]* @dave\n'),
    outcome: 'block',
    rules: ['codeowners'],
    says: 'Line 2 of .github/CODEOWNERS is not valid (brackets have no meaning in a pattern)',
  },
  {
    name: 'a line that takes a pattern back would have been about a touched file',
    snapshot: owned('* @bob\n!docs/ @dave\n'),
    outcome: 'block',
    rules: ['codeowners'],
    says: 'Line 2 of .github/CODEOWNERS is not valid (a pattern cannot be taken back with "!")',
  },
  {
    name: 'an owner that is no name',
    snapshot: owned('* @bob\n/docs/ dave\n'),
    outcome: 'block',
    rules: ['codeowners'],
    says: '"dave" is neither @user, @organisation/team nor an address',
  },
  {
    name: 'a file that is too large to be loaded',
    snapshot: owned(`* @bob\n${'#'.repeat(CODEOWNERS_LIMIT)}`),
    outcome: 'block',
    rules: ['codeowners'],
    says: 'has 3 MB or more, and is not loaded',
  },
  {
    name: 'an administrator overrides code owners',
    snapshot: owned('* @dave\n', { overrides: [override('codeowners')] }),
    outcome: 'pass',
    rules: [],
    says: 'Waiting for an approval from @dave',
  },
];
