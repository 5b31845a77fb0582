import { afterEach, describe, expect, test } from 'vitest';
import type { RepositoryRef } from '../../../src/domain/repository.ts';
import type { Protection as Told } from '../../../src/forge/reviews.ts';
import type { Protection, Ruleset } from '../../support/forge/github/world/model.ts';
import { appManifest, createTellingWorld, type GitHubTellingWorld } from './telling-world.ts';

const DEPLOY: RepositoryRef = { forge: 'github', path: 'Acme/deploy' };
const REVIEW = 'tagalong/review';

let world: GitHubTellingWorld;
afterEach(() => world.close());

interface Rules {
  readonly classic?: (appId: number) => Partial<Protection>;
  readonly rulesets?: (appId: number) => readonly Partial<Ruleset>[];
  /** Beside what app.yml asks for; null takes a permission away. */
  readonly administration?: 'read' | 'write' | null;
}

async function protectionWith({ classic, rulesets, administration = 'read' }: Rules): Promise<Told> {
  const others = Object.entries(appManifest.default_permissions).filter(([name]) => name !== 'administration');
  const granted = { ...Object.fromEntries(others), ...(administration !== null && { administration }) };
  world = await createTellingWorld(granted);
  const { people, appId } = world.simulator;
  if (classic !== undefined) people.protectBranch(DEPLOY.path, 'main', classic(appId));
  for (const ruleset of rulesets?.(appId) ?? []) people.addRuleset(DEPLOY.path, ruleset);
  return world.forge.protection(DEPLOY, 'main');
}

const FORCE = 'force pushes are allowed: the history of the branch can be replaced';
const DELETE = 'the branch can be deleted';
const DIRECT = 'no pull request is required: commits can be pushed directly';
const ADMINS_MERGE = `administrators may merge without ${REVIEW}, because branch protection lets them`;
const ADMINS_PUSH = 'administrators may push without a pull request, because branch protection lets them';
const UNSEEN = 'branch protection cannot be read in full: the app lacks the permission `administration: read`';

const tight = (appId: number): Partial<Protection> => ({
  requiredChecks: [REVIEW],
  checksApp: appId,
  requiredApprovals: 1,
  enforcesAdmins: true,
});

const strict = (appId: number): Partial<Ruleset> => ({
  requiredChecks: [{ name: REVIEW, appId }],
  pullRequest: { approvals: 1, dismissesStale: true },
  blocksForcePushes: true,
  blocksDeletions: true,
});

describe('the loopholes of branch protection', () => {
  test.each<[string, Partial<Protection>, readonly string[]]>([
    ['are none where all is demanded of everybody', {}, []],
    ['are administrators where they are let through', { enforcesAdmins: false }, [ADMINS_MERGE, ADMINS_PUSH]],
    [
      'are everybody where the check may come from any source',
      { checksApp: undefined },
      [
        `branch protection takes ${REVIEW} from any source: whoever may write a commit status or a check can report it as passed`,
      ],
    ],
    [
      'are told where another app must report the check',
      { checksApp: 15368 },
      [`branch protection expects ${REVIEW} from another app, so that what this one says does not count`],
    ],
    ['are force pushes and deletions', { allowsForcePushes: true, allowsDeletions: true }, [FORCE, DELETE]],
    ['are direct pushes', { requiresPullRequest: false }, [`${DIRECT} once the check passed on them`]],
    [
      'are changes that nobody checked',
      { requiredChecks: ['ci'] },
      [`${REVIEW} is not required: a change can be merged without it`],
    ],
    ['are not approvals that stay, since the gate takes them back', { dismissesStaleReviews: false }, []],
  ])('%s', async (_name, changes, loopholes) => {
    const told = await protectionWith({ classic: (appId) => ({ ...tight(appId), ...changes }) });
    expect(told.loopholes).toEqual(loopholes);
    expect(told.unseen).toEqual([]);
  });

  test('are all of them where nothing guards the branch', async () => {
    expect(await protectionWith({})).toEqual({
      requiredChecks: [],
      ...{ requiredApprovals: 0, dismissesStaleReviews: false, requiresCodeOwners: false },
      loopholes: [`${REVIEW} is not required: a change can be merged without it`, DIRECT, FORCE, DELETE],
      unseen: [],
    });
  });
});

describe('rulesets', () => {
  const bypassUnseen = 'who may bypass the ruleset main is told to nobody but those who may change it';

  test('guard like branch protection; who may bypass them is not seen by readers', async () => {
    const told = await protectionWith({ rulesets: (appId) => [strict(appId)] });
    expect(told).toMatchObject({ loopholes: [], unseen: [bypassUnseen], requiredApprovals: 1 });
    expect(told.requiredChecks).toEqual([{ name: REVIEW, app: String(world.simulator.appId), isOurs: true }]);
  });

  test('tell who may bypass them to an app that may change them', async () => {
    const bypass = [
      { type: 'RepositoryRole', id: 5 },
      { type: 'Team', id: 9, mode: 'pull_request' },
      { type: 'DeployKey' },
      { type: 'OrganizationAdmin' },
    ] as const;
    const rulesets = (appId: number) => [
      { ...strict(appId), bypass: [...bypass, { type: 'Integration' as const, id: appId }] },
    ];
    const told = await protectionWith({ administration: 'write', rulesets });
    const who = 'administrators, a team (on pull requests), deploy keys, owners of the organization and this app may';
    expect(told.loopholes).toEqual([
      `${who} merge without ${REVIEW}, because the ruleset main lets them`,
      `${who} push without a pull request, because the ruleset main lets them`,
    ]);
    expect(told.unseen).toEqual([]);
  });

  test('close what branch protection leaves open, and the reverse', async () => {
    const classic = (appId: number) => ({ ...tight(appId), enforcesAdmins: false, allowsForcePushes: true });
    const told = await protectionWith({ classic, rulesets: (appId) => [strict(appId)] });
    expect(told.loopholes).toEqual([]);
  });

  test.each(['ALLGREEN', 'HEADGREEN'] as const)('with a merge queue that asks for %s', async (mergeQueue) => {
    const told = await protectionWith({ rulesets: (appId) => [{ ...strict(appId), mergeQueue }] });
    expect(told.loopholes).toEqual([]);
  });

  test('that are only evaluated guard nothing, and are told', async () => {
    const told = await protectionWith({ rulesets: (appId) => [{ ...strict(appId), enforcement: 'evaluate' }] });
    expect(told.requiredChecks).toEqual([]);
    expect(told.loopholes).toContain(`the ruleset main demands ${REVIEW} but is only evaluated, not enforced`);
  });

  test('of other branches, and disabled ones, guard nothing', async () => {
    const told = await protectionWith({
      rulesets: (appId) => [
        { ...strict(appId), branches: ['release'] },
        { ...strict(appId), enforcement: 'disabled' },
      ],
    });
    expect(told.requiredChecks).toEqual([]);
  });
});

describe('without the permission to read branch protection', () => {
  test('the required checks are still seen, and the rest is told as unseen', async () => {
    const classic = (appId: number) => ({ ...tight(appId), enforcesAdmins: false });
    const told = await protectionWith({ administration: null, classic });
    expect(told.requiredChecks).toEqual([{ name: REVIEW, app: String(world.simulator.appId), isOurs: true }]);
    expect(told.unseen).toEqual([UNSEEN]);
    expect(told.loopholes).toEqual([ADMINS_MERGE, ADMINS_PUSH]);
  });

  test('an answer of 404 that does not speak of the branch is no answer', async () => {
    world = await createTellingWorld();
    const { people, appId, faults } = world.simulator;
    people.protectBranch(DEPLOY.path, 'main', tight(appId));
    faults.push({
      match: ({ operations }) => operations.includes('repos/get-branch-protection'),
      status: 404,
      body: { message: 'Not Found' },
    });
    const told = await world.forge.protection(DEPLOY, 'main');
    expect(told.requiredChecks).toEqual([{ name: REVIEW, app: String(appId), isOurs: true }]);
    expect(told.unseen).toEqual([UNSEEN]);
  });

  test('an open branch is seen as open', async () => {
    const told = await protectionWith({ administration: null });
    expect(told).toMatchObject({ requiredChecks: [], unseen: [UNSEEN] });
  });
});
