import { join } from 'node:path';
import { BareRepository } from '../../git/bare-repository.ts';
import { account } from './accounts.ts';
import type { Account, MergeMethod, Repository, Role } from './model.ts';
import type { World } from './world.ts';

export interface NewRepository {
  readonly owner: string;
  readonly name: string;
  readonly ownerType?: 'User' | 'Organization';
  readonly private?: boolean;
  readonly description?: string;
  readonly topics?: readonly string[];
  readonly defaultBranch?: string;
  readonly deleteBranchOnMerge?: boolean;
  readonly mergeMethods?: readonly MergeMethod[];
  readonly collaborators?: Readonly<Record<string, Role>>;
  readonly parent?: Repository;
}

export function repositoryKey(owner: string, name: string): string {
  return `${owner}/${name}`.toLowerCase();
}

export function fullName(repository: Repository): string {
  return `${repository.owner.login}/${repository.name}`;
}

export function branchRef(branch: string): string {
  return `refs/heads/${branch}`;
}

export function branchHead(repository: Repository, branch: string): string | undefined {
  return repository.git.refs.get(branchRef(branch));
}

/** An empty repository. @throws when the name is taken: a mistake in the test */
export function addRepository(world: World, options: NewRepository): Repository {
  const key = repositoryKey(options.owner, options.name);
  if (world.repositories.has(key)) throw new Error(`${key} exists already`);
  const owner = account(world, options.owner, options.ownerType ?? 'Organization');
  const defaultBranch = options.defaultBranch ?? options.parent?.defaultBranch ?? 'main';
  const network = options.parent === undefined ? {} : { network: options.parent.git };
  const git = BareRepository.create(join(world.directory, `${key}.git`), { defaultBranch, ...network });
  const repository = world.add(record(world, owner, git, { ...options, defaultBranch }));
  world.repositories.set(key, repository);
  world.emit({ name: 'repository', action: 'created', repository, sender: owner });
  return repository;
}

function record(
  world: World,
  owner: Account,
  git: BareRepository,
  options: NewRepository & { defaultBranch: string },
): Repository {
  const roles = Object.entries(options.collaborators ?? {});
  return {
    kind: 'repository',
    ...world.identity('repository'),
    owner,
    name: options.name,
    private: options.private ?? true,
    archived: false,
    description: options.description,
    topics: options.topics ?? [],
    defaultBranch: options.defaultBranch,
    deleteBranchOnMerge: options.deleteBranchOnMerge ?? false,
    hasIssues: true,
    mergeMethods: options.mergeMethods ?? ['merge', 'squash', 'rebase'],
    parent: options.parent,
    git,
    labels: new Map(),
    pulls: new Map(),
    comments: new Map(),
    checkRuns: new Map(),
    checkSuites: new Map(),
    pushers: new Map(),
    statuses: [],
    deployments: new Map(),
    collaborators: new Map(roles.map(([login, role]) => [login.toLowerCase(), role])),
    protections: new Map(),
    rulesets: [],
    issues: new Map(),
    createdAt: world.now(),
    pushedAt: world.now(),
  };
}

/** A copy under another owner, in the same network: objects are shared, branches are copied. */
export function forkRepository(world: World, parent: Repository, owner: string): Repository {
  const fork = addRepository(world, { owner, name: parent.name, ownerType: 'User', private: parent.private, parent });
  for (const [ref, oid] of parent.git.refs.list('refs/heads/')) fork.git.refs.set(ref, oid);
  return fork;
}
