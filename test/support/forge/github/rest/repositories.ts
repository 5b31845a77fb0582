import type { TreeEntry } from '../../git/objects.ts';
import type { Repository } from '../world/model.ts';
import { roleOf } from '../world/accounts.ts';
import { compareTrees } from '../world/diffs.ts';
import { notFound, Refusal } from '../world/refusal.ts';
import { branchHead } from '../world/repositories.ts';
import { resolveCommit } from '../world/revisions.ts';
import type { World } from '../world/world.ts';
import { commitBody, commitWithFilesBody, fileBody } from '../bodies/commits.ts';
import { simplePullBody } from '../bodies/pull.ts';
import { actorRole, fullRepositoryBody, repositoryPage, repositoryUrl } from '../bodies/repository.ts';
import { userBody } from '../bodies/accounts.ts';
import { brought, pullsOf } from '../world/pulls.ts';
import { type Call, operation } from './operation.ts';
import { paginate } from './pages.ts';

export const repositoryOperations = [
  operation('repos/get', { metadata: 'read' }, ({ world, repository, credentials, actor }) => {
    const role = credentials.kind === 'person' ? roleOf(repository, credentials.account) : actorRole(actor);
    return { status: 200, body: fullRepositoryBody(world, repository, role) };
  }),
  operation('repos/get-content', { contents: 'read' }, getContent),
  operation('repos/get-commit', { contents: 'read' }, ({ world, repository, path }) => {
    const commit = resolveCommit(repository, path.ref);
    return { status: 200, body: commitWithFilesBody(world, repository, commit) };
  }),
  operation('repos/list-commits', { contents: 'read' }, ({ world, repository, query, url }) => {
    const start = resolveCommit(repository, query.sha ?? repository.defaultBranch);
    const { items, headers } = paginate([...repository.git.history([start.oid])], url, query);
    return { status: 200, body: items.map((commit) => commitBody(world, repository, commit)), headers };
  }),
  operation('repos/compare-commits-with-basehead', { contents: 'read' }, compare),
  operation('repos/list-pull-requests-associated-with-commit', { pull_requests: 'read' }, (call) => {
    const { world, repository, path, query, url } = call;
    const commit = resolveCommit(repository, path.commit_sha);
    // One that is on the default branch is that of the pull request that brought it, and not of those that were begun behind it.
    const main = branchHead(repository, repository.defaultBranch);
    const isOnMain = main !== undefined && repository.git.isAncestor(commit.oid, main);
    const related = pullsOf(repository, 'all').filter((pull) =>
      isOnMain ? brought(pull, commit.oid) : repository.git.isAncestor(commit.oid, pull.head.sha),
    );
    const { items, headers } = paginate(related, url, query);
    return { status: 200, body: items.map((pull) => simplePullBody(world, pull)), headers };
  }),
  operation('repos/list-branches', { contents: 'read' }, ({ world, repository, query, url }) => {
    const all = repository.git.refs.list('refs/heads/').map(([ref, sha]) => ({
      name: ref.slice('refs/heads/'.length),
      commit: { sha, url: `${repositoryUrl(world, repository)}/commits/${sha}` },
      protected: repository.protections.has(ref.slice('refs/heads/'.length)),
    }));
    const wanted = query.protected === undefined ? all : all.filter((one) => one.protected === query.protected);
    const { items, headers } = paginate(wanted, url, query);
    return { status: 200, body: items, headers };
  }),
  operation('repos/get-branch', { contents: 'read' }, getBranch),
  operation('repos/get-collaborator-permission-level', { metadata: 'read' }, ({ world, repository, path }) => {
    const person = world.accounts.get(path.username.toLowerCase());
    if (person === undefined) throw notFound();
    const role = roleOf(repository, person);
    const permission = role === 'maintain' ? 'write' : role === 'triage' ? 'read' : role;
    return {
      status: 200,
      body: { permission, role_name: role, user: { ...userBody(world, person), role_name: role } },
    };
  }),
];

function getContent({ world, repository, path, query }: Call<'repos/get-content'>) {
  const commit = resolveCommit(repository, query.ref ?? repository.defaultBranch);
  const entry = repository.git.find(commit.tree, path.path);
  if (entry === undefined) throw notFound();
  const describe = (one: TreeEntry, at: string) => contentEntry(world, repository, one, at, query.ref);
  if (entry.mode === '40000') {
    const prefix = path.path.replace(/^\/+|\/+$/g, '');
    const entries = repository.git.tree(entry.oid);
    const listed = entries.map((one) => describe(one, prefix === '' ? one.name : `${prefix}/${one.name}`));
    return { status: 200 as const, body: listed };
  }
  const bytes = repository.git.blob(entry.oid) ?? Buffer.alloc(0);
  const content = bytes.toString('base64').replaceAll(/.{60}/g, '$&\n');
  return {
    status: 200 as const,
    body: { ...describe(entry, path.path), type: 'file' as const, encoding: 'base64', content },
  };
}

function contentEntry(world: World, repository: Repository, entry: TreeEntry, path: string, ref: string | undefined) {
  const at = ref ?? repository.defaultBranch;
  const url = `${repositoryUrl(world, repository)}/contents/${encodeURI(path)}?ref=${at}`;
  const git = `${repositoryUrl(world, repository)}/git/blobs/${entry.oid}`;
  const isFolder = entry.mode === '40000';
  const html = `${repositoryPage(world, repository)}/${isFolder ? 'tree' : 'blob'}/${at}/${encodeURI(path)}`;
  return {
    type: isFolder ? ('dir' as const) : entry.mode === '120000' ? ('symlink' as const) : ('file' as const),
    size: isFolder ? 0 : (repository.git.blob(entry.oid)?.length ?? 0),
    name: entry.name,
    path,
    sha: entry.oid,
    url,
    git_url: git,
    html_url: html,
    download_url: isFolder ? null : `${repositoryPage(world, repository)}/raw/${at}/${encodeURI(path)}`,
    _links: { self: url, git, html },
  };
}

function compare({ world, repository, path, query, url }: Call<'repos/compare-commits-with-basehead'>) {
  const [baseName = '', headName = ''] = path.basehead.split('...');
  const base = resolveCommit(repository, baseName);
  const head = resolveCommit(repository, headName);
  const { git } = repository;
  const common = git.mergeBase(base.oid, head.oid);
  if (common === undefined) throw notFound(`No common ancestor between ${baseName} and ${headName}.`);
  const ahead = [...git.history([head.oid], [base.oid])].reverse();
  const behind = [...git.history([base.oid], [head.oid])].length;
  const mergeBase = git.existingCommit(common);
  const status: 'identical' | 'diverged' | 'ahead' | 'behind' =
    ahead.length === 0 ? (behind === 0 ? 'identical' : 'behind') : behind === 0 ? 'ahead' : 'diverged';
  const page = `${repositoryPage(world, repository)}/compare/${path.basehead}`;
  const files = compareTrees(git, mergeBase.tree, head.tree);
  const { items, headers } = paginate(ahead, url, { ...query, per_page: query.per_page ?? 100 });
  return {
    status: 200 as const,
    headers,
    body: {
      url: `${repositoryUrl(world, repository)}/compare/${path.basehead}`,
      html_url: page,
      permalink_url: page,
      diff_url: `${page}.diff`,
      patch_url: `${page}.patch`,
      base_commit: commitBody(world, repository, base),
      merge_base_commit: commitBody(world, repository, mergeBase),
      status,
      ahead_by: ahead.length,
      behind_by: behind,
      total_commits: ahead.length,
      commits: items.map((commit) => commitBody(world, repository, commit)),
      files: files.map((file) => fileBody(world, repository, head.oid, file)),
    },
  };
}

function getBranch({ world, repository, path }: Call<'repos/get-branch'>) {
  const sha = branchHead(repository, path.branch);
  if (sha === undefined) throw new Refusal(404, 'Branch not found', { type: 'NOT_FOUND' });
  const self = `${repositoryUrl(world, repository)}/branches/${path.branch}`;
  const isProtected = repository.protections.has(path.branch);
  return {
    status: 200 as const,
    body: {
      name: path.branch,
      commit: commitBody(world, repository, repository.git.existingCommit(sha)),
      _links: { html: `${repositoryPage(world, repository)}/tree/${path.branch}`, self },
      protected: isProtected,
      protection: { enabled: isProtected, ...requiredSummary(repository, path.branch) },
      protection_url: `${self}/protection`,
    },
  };
}

/** What everybody who may read the branch is told of its protection. */
function requiredSummary(repository: Repository, branch: string) {
  const rules = repository.protections.get(branch);
  if (rules === undefined) return {};
  const { requiredChecks: contexts, checksApp, enforcesAdmins } = rules;
  return {
    required_status_checks: {
      enforcement_level: contexts.length === 0 ? 'off' : enforcesAdmins ? 'everyone' : 'non_admins',
      contexts: [...contexts],
      checks: contexts.map((context) => ({ context, app_id: checksApp ?? null })),
    },
  };
}
