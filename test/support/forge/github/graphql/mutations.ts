import type { Comment, MergeMethod, ReactionContent, Repository } from '../world/model.ts';
import { createRef, deleteRef, type RefUpdate, updateRef, updateRefs } from '../world/branches.ts';
import { commitOnBranch } from '../world/commits.ts';
import { addComment, createLabel, deleteComment, editComment, react } from '../world/discussion.ts';
import { mergePull } from '../world/merging.ts';
import { closePull, editPull, labelPull, openPull, setDraft, unlabelPull } from '../world/pulls.ts';
import { reactionContents } from '../world/model.ts';
import { notFound, unprocessable } from '../world/refusal.ts';
import { repositoryKey } from '../world/repositories.ts';
import { actorOf, type Needs, requireAccess } from '../world/tokens.ts';
import {
  type Arguments,
  asArguments,
  flag,
  input,
  labelById,
  list,
  nodeById,
  pullById,
  repositoryById,
  requiredText,
  text,
  texts,
} from './arguments.ts';
import { deployMutations } from './deploys.ts';
import type { GraphQLContext } from './execute.ts';
import { accountNode, commentNode, commitNode, labelNode, pullNode, refNode, refOfId } from './nodes.ts';

export type Mutation = (context: GraphQLContext, given: Arguments) => object;

const pullsWrite: Needs = { pull_requests: 'write' };
const contentsWrite: Needs = { contents: 'write' };
const issuesWrite: Needs = { issues: 'write', pull_requests: 'write' };

/** The root of a mutation: graphql-js runs its fields one after another, as the specification demands. */
export function mutationRoot(context: GraphQLContext): object {
  const root: Record<string, (args: Arguments) => object> = {};
  for (const [name, mutate] of Object.entries(mutations)) {
    root[name] = (args) => {
      const given = input(args);
      return { clientMutationId: text(given, 'clientMutationId') ?? null, ...mutate(context, given) };
    };
  }
  return root;
}

const mutations: Readonly<Record<string, Mutation>> = {
  ...deployMutations,
  createRef(context, given) {
    const repository = repositoryById(context, requiredText(given, 'repositoryId'), contentsWrite);
    const name = requiredText(given, 'name');
    const oid = requiredText(given, 'oid');
    createRef(context.world, actor(context), repository, name, oid);
    return { ref: refNode(context.world, repository, name, oid) };
  },
  updateRef(context, given) {
    const { repository, name } = refOf(context, requiredText(given, 'refId'));
    const oid = requiredText(given, 'oid');
    updateRef(context.world, actor(context), repository, { ref: name, oid, force: flag(given, 'force') ?? false });
    return { ref: refNode(context.world, repository, name, oid) };
  },
  deleteRef(context, given) {
    const { repository, name } = refOf(context, requiredText(given, 'refId'));
    deleteRef(context.world, actor(context), repository, name);
    return {};
  },
  updateRefs(context, given) {
    const repository = repositoryById(context, requiredText(given, 'repositoryId'), contentsWrite);
    const moves = list(given, 'refUpdates').map(asArguments).map(refUpdateOf);
    updateRefs(context.world, actor(context), repository, moves);
    return {};
  },
  createCommitOnBranch(context, given) {
    const { repository, branch } = branchOf(context, asArguments(given['branch']));
    const message = asArguments(given['message']);
    const body = text(message, 'body');
    const headline = requiredText(message, 'headline');
    const oid = commitOnBranch(context.world, actor(context), repository, {
      branch,
      expectedHead: requiredText(given, 'expectedHeadOid'),
      edits: editsOf(asArguments(given['fileChanges'])),
      message: body === undefined || body === '' ? headline : `${headline}\n\n${body}`,
    });
    const { world } = context;
    return {
      commit: commitNode(world, repository, repository.git.existingCommit(oid)),
      ref: refNode(world, repository, `refs/heads/${branch}`, oid),
    };
  },
  createPullRequest(context, given) {
    const repository = repositoryById(context, requiredText(given, 'repositoryId'), pullsWrite);
    const headId = text(given, 'headRepositoryId');
    const source = headId === undefined ? repository : repositoryById(context, headId, { metadata: 'read' });
    const pull = openPull(context.world, actor(context), repository, {
      title: requiredText(given, 'title'),
      body: text(given, 'body') ?? '',
      head: headOf(context, source, requiredText(given, 'headRefName')),
      base: requiredText(given, 'baseRefName').replace(/^refs\/heads\//, ''),
      draft: flag(given, 'draft') ?? false,
      maintainerCanModify: flag(given, 'maintainerCanModify') ?? true,
    });
    return { pullRequest: pullNode(context.world, pull) };
  },
  updatePullRequest(context, given) {
    const pull = pullById(context, requiredText(given, 'pullRequestId'), pullsWrite);
    const state = text(given, 'state');
    const fields = { title: text(given, 'title'), body: text(given, 'body'), base: text(given, 'baseRefName') };
    editPull(context.world, actor(context), pull, {
      ...(fields.title === undefined ? {} : { title: fields.title }),
      ...(fields.body === undefined ? {} : { body: fields.body }),
      ...(fields.base === undefined ? {} : { base: fields.base }),
      ...(state === undefined ? {} : { state: state === 'CLOSED' ? 'closed' : 'open' }),
    });
    return { pullRequest: pullNode(context.world, pull), actor: accountNode(context.world, actor(context).account) };
  },
  closePullRequest(context, given) {
    const pull = pullById(context, requiredText(given, 'pullRequestId'), pullsWrite);
    closePull(context.world, actor(context).account, pull);
    return { pullRequest: pullNode(context.world, pull) };
  },
  reopenPullRequest(context, given) {
    const pull = pullById(context, requiredText(given, 'pullRequestId'), pullsWrite);
    editPull(context.world, actor(context), pull, { state: 'open' });
    return { pullRequest: pullNode(context.world, pull) };
  },
  mergePullRequest(context, given) {
    const pull = pullById(context, requiredText(given, 'pullRequestId'), contentsWrite);
    const headline = text(given, 'commitHeadline');
    const body = text(given, 'commitBody');
    const expectedHead = text(given, 'expectedHeadOid');
    mergePull(context.world, actor(context), pull, {
      method: mergeMethod(text(given, 'mergeMethod')),
      ...(headline === undefined ? {} : { title: headline }),
      ...(body === undefined ? {} : { message: body }),
      ...(expectedHead === undefined ? {} : { expectedHead }),
    });
    return { pullRequest: pullNode(context.world, pull) };
  },
  markPullRequestReadyForReview(context, given) {
    const pull = pullById(context, requiredText(given, 'pullRequestId'), pullsWrite);
    setDraft(context.world, actor(context), pull, false);
    return { pullRequest: pullNode(context.world, pull) };
  },
  convertPullRequestToDraft(context, given) {
    const pull = pullById(context, requiredText(given, 'pullRequestId'), pullsWrite);
    setDraft(context.world, actor(context), pull, true);
    return { pullRequest: pullNode(context.world, pull) };
  },
  addComment(context, given) {
    const pull = pullById(context, requiredText(given, 'subjectId'), issuesWrite);
    const comment = addComment(context.world, actor(context), pull, requiredText(given, 'body'));
    const node = commentNode(context.world, comment);
    return { commentEdge: { node, cursor: 'Y3Vyc29yOjA=' }, subject: pullNode(context.world, pull) };
  },
  updateIssueComment(context, given) {
    const comment = commentById(context, requiredText(given, 'id'));
    editComment(context.world, actor(context), comment, requiredText(given, 'body'));
    return { issueComment: commentNode(context.world, comment) };
  },
  deleteIssueComment(context, given) {
    deleteComment(context.world, actor(context), commentById(context, requiredText(given, 'id')));
    return {};
  },
  addReaction(context, given) {
    const id = requiredText(given, 'subjectId');
    const subject = nodeById(context, id);
    if (subject.kind !== 'comment' && subject.kind !== 'review') {
      throw notFound(`Could not resolve to Reactable node with the global id of '${id}'`);
    }
    requireAccess(context.world, context.credentials, subject.pull.repository, issuesWrite);
    const content = reactionContent(requiredText(given, 'content'));
    const { reaction } = react(context.world, actor(context), subject, content);
    return { reaction: { id: reaction.nodeId, content: requiredText(given, 'content') } };
  },
  createLabel(context, given) {
    const repository = repositoryById(context, requiredText(given, 'repositoryId'), issuesWrite);
    const description = text(given, 'description');
    const label = createLabel(context.world, actor(context), repository, {
      name: requiredText(given, 'name'),
      color: requiredText(given, 'color'),
      ...(description === undefined ? {} : { description }),
    });
    return { label: labelNode(context.world, label) };
  },
  addLabelsToLabelable(context, given) {
    const pull = pullById(context, requiredText(given, 'labelableId'), issuesWrite);
    const labels = texts(given, 'labelIds').map((id) => labelById(context, id));
    for (const label of labels) labelPull(context.world, actor(context), pull, label);
    return { labelable: pullNode(context.world, pull) };
  },
  removeLabelsFromLabelable(context, given) {
    const pull = pullById(context, requiredText(given, 'labelableId'), issuesWrite);
    const labels = texts(given, 'labelIds').map((id) => labelById(context, id));
    for (const label of labels) unlabelPull(context.world, actor(context), pull, label);
    return { labelable: pullNode(context.world, pull) };
  },
};

function actor({ world, credentials }: GraphQLContext) {
  return actorOf(world, credentials);
}

function reactionContent(name: string): ReactionContent {
  if (name === 'THUMBS_UP') return '+1';
  if (name === 'THUMBS_DOWN') return '-1';
  const [content] = reactionContents.filter((each) => each.toUpperCase() === name);
  if (content === undefined) throw new Error(`there is no reaction ${name}`);
  return content;
}

function mergeMethod(name: string | undefined): MergeMethod {
  return name === 'SQUASH' ? 'squash' : name === 'REBASE' ? 'rebase' : 'merge';
}

function refOf(context: GraphQLContext, id: string): { repository: Repository; name: string } {
  const found = refOfId(context.world, id);
  if (found === undefined) throw notFound(`Could not resolve to a node with the global id of '${id}'`);
  requireAccess(context.world, context.credentials, found.repository, contentsWrite);
  return found;
}

function refUpdateOf(given: Arguments): RefUpdate {
  const before = text(given, 'beforeOid');
  return {
    ref: requiredText(given, 'name'),
    ...(before !== undefined && { before }),
    after: requiredText(given, 'afterOid'),
    force: flag(given, 'force') ?? false,
  };
}

/** A branch by the id of its ref, or by repository and name. */
function branchOf(context: GraphQLContext, branch: Arguments): { repository: Repository; branch: string } {
  const id = text(branch, 'id');
  if (id !== undefined) {
    const { repository, name } = refOf(context, id);
    return { repository, branch: name.replace(/^refs\/heads\//, '') };
  }
  const [owner = '', name = ''] = requiredText(branch, 'repositoryNameWithOwner').split('/');
  const repository = context.world.repositories.get(repositoryKey(owner, name));
  if (repository === undefined) throw notFound(`Could not resolve to a Repository with the name '${owner}/${name}'.`);
  requireAccess(context.world, context.credentials, repository, contentsWrite);
  return { repository, branch: requiredText(branch, 'branchName').replace(/^refs\/heads\//, '') };
}

function headOf({ world }: GraphQLContext, repository: Repository, name: string) {
  const [owner, branch] = name.split(':');
  if (owner === undefined || branch === undefined) return { repository, branch: name.replace(/^refs\/heads\//, '') };
  const source = world.repositories.get(repositoryKey(owner, repository.name));
  if (source === undefined) throw unprocessable('Head repository is not a fork of the base repository');
  return { repository: source, branch };
}

function editsOf(changes: Arguments): Map<string, Buffer | undefined> {
  const edits = new Map<string, Buffer | undefined>();
  for (const deletion of list(changes, 'deletions')) edits.set(requiredText(asArguments(deletion), 'path'), undefined);
  for (const addition of list(changes, 'additions').map(asArguments)) {
    edits.set(requiredText(addition, 'path'), Buffer.from(requiredText(addition, 'contents'), 'base64'));
  }
  return edits;
}

function commentById(context: GraphQLContext, id: string): Comment {
  const node = nodeById(context, id);
  if (node.kind !== 'comment') throw notFound(`Could not resolve to IssueComment node with the global id of '${id}'`);
  requireAccess(context.world, context.credentials, node.pull.repository, issuesWrite);
  return node;
}
