import type { components } from '@octokit/openapi-types';
import type { BareRepository } from '../../git/bare-repository.ts';

/** What the simulated GitHub knows, as plain mutable records; the files beside this one hold the rules that change them. */
export interface Entity {
  readonly id: number;
  readonly nodeId: string;
}

export interface Account extends Entity {
  readonly kind: 'account';
  readonly login: string;
  readonly type: 'User' | 'Organization' | 'Bot';
  readonly name: string;
  readonly email: string;
}

export type Level = 'read' | 'write' | 'admin';
/** By name, in the words of the official description. */
export type Permissions = Readonly<components['schemas']['app-permissions']>;

/** The registration of the one app under test. */
export interface App extends Entity {
  readonly kind: 'app';
  readonly slug: string;
  readonly name: string;
  readonly owner: Account;
  readonly bot: Account;
  readonly publicKey: string;
  readonly permissions: Permissions;
  readonly events: readonly string[];
  readonly createdAt: Date;
}

export interface Installation extends Entity {
  readonly kind: 'installation';
  readonly account: Account;
  selection: 'all' | 'selected';
  readonly repositories: Set<Repository>;
  permissions: Permissions;
  suspendedAt: Date | undefined;
  readonly createdAt: Date;
}

/** Who does something: a person, or the app through one of its installations. */
export interface Actor {
  readonly account: Account;
  readonly app?: App;
}

/** How a pull request may become a part of its base branch. */
export type MergeMethod = 'merge' | 'squash' | 'rebase';

export type Role = 'admin' | 'maintain' | 'write' | 'triage' | 'read' | 'none';

export interface Repository extends Entity {
  readonly kind: 'repository';
  readonly owner: Account;
  readonly name: string;
  private: boolean;
  archived: boolean;
  description: string | undefined;
  topics: readonly string[];
  readonly defaultBranch: string;
  deleteBranchOnMerge: boolean;
  /** Issues may be switched off; pull requests stay. */
  hasIssues: boolean;
  mergeMethods: readonly MergeMethod[];
  readonly parent: Repository | undefined;
  readonly git: BareRepository;
  readonly labels: Map<string, Label>;
  readonly pulls: Map<number, PullRequest>;
  readonly comments: Map<number, Comment>;
  readonly checkRuns: Map<number, CheckRun>;
  readonly checkSuites: Map<string, CheckSuite>;
  /** Who pushed first what a push ended in, by commit. */
  readonly pushers: Map<string, Account>;
  readonly statuses: Status[];
  readonly deployments: Map<number, Deployment>;
  readonly collaborators: Map<string, Role>;
  readonly protections: Map<string, Protection>;
  readonly rulesets: Ruleset[];
  readonly issues: Map<number, Issue>;
  readonly createdAt: Date;
  pushedAt: Date;
}

export interface Label extends Entity {
  readonly kind: 'label';
  readonly repository: Repository;
  readonly name: string;
  readonly color: string;
  readonly description: string | undefined;
}

export interface PullRequest extends Entity {
  readonly kind: 'pull';
  readonly repository: Repository;
  readonly number: number;
  readonly author: Account;
  title: string;
  body: string;
  state: 'open' | 'closed';
  draft: boolean;
  readonly head: { readonly repository: Repository; readonly branch: string; sha: string };
  readonly base: { branch: string; sha: string };
  readonly labels: Set<Label>;
  readonly requestedReviewers: Set<Account>;
  readonly requestedTeams: Set<Team>;
  readonly reviews: Review[];
  maintainerCanModify: boolean;
  /** The conversation is open to people who may write, and to no app. */
  locked: boolean;
  merge: Merge | undefined;
  closedAt: Date | undefined;
  readonly createdAt: Date;
  updatedAt: Date;
}

export interface Merge {
  readonly commit: string;
  /** What the base branch had before. */
  readonly before: string;
  readonly by: Account;
  readonly at: Date;
}

export interface Comment extends Entity {
  readonly kind: 'comment';
  readonly pull: PullRequest;
  readonly author: Account;
  readonly app: App | undefined;
  body: string;
  readonly reactions: Reaction[];
  readonly createdAt: Date;
  updatedAt: Date;
}

export const reactionContents = ['+1', '-1', 'laugh', 'confused', 'heart', 'hooray', 'rocket', 'eyes'] as const;
export type ReactionContent = (typeof reactionContents)[number];

export interface Reaction extends Entity {
  readonly kind: 'reaction';
  readonly user: Account;
  readonly content: ReactionContent;
  readonly createdAt: Date;
}

export interface Review extends Entity {
  readonly kind: 'review';
  readonly pull: PullRequest;
  readonly author: Account;
  readonly body: string;
  state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED' | 'PENDING';
  readonly commit: string;
  readonly submittedAt: Date;
  readonly reactions: Reaction[];
}

export interface Annotation {
  readonly path: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly startColumn: number | undefined;
  readonly endColumn: number | undefined;
  readonly level: 'notice' | 'warning' | 'failure';
  readonly message: string;
  readonly title: string | undefined;
  readonly rawDetails: string | undefined;
}

export type CheckStatus = 'queued' | 'in_progress' | 'completed';
export type CheckConclusion =
  'success' | 'failure' | 'neutral' | 'cancelled' | 'skipped' | 'timed_out' | 'action_required' | 'stale';

export interface CheckSuite extends Entity {
  readonly kind: 'suite';
  readonly repository: Repository;
  readonly sha: string;
  readonly createdAt: Date;
}

/** A button that people see on a check. */
export interface CheckAction {
  readonly identifier: string;
  readonly label: string;
  readonly description: string;
}

export interface CheckRun extends Entity {
  readonly kind: 'check';
  readonly repository: Repository;
  readonly suite: CheckSuite;
  readonly app: App;
  name: string;
  readonly sha: string;
  status: CheckStatus;
  conclusion: CheckConclusion | undefined;
  title: string | undefined;
  summary: string | undefined;
  text: string | undefined;
  readonly annotations: Annotation[];
  detailsUrl: string | undefined;
  externalId: string | undefined;
  actions: readonly CheckAction[];
  startedAt: Date | undefined;
  completedAt: Date | undefined;
}

export type StatusState = 'error' | 'failure' | 'pending' | 'success';

export interface Status extends Entity {
  readonly kind: 'status';
  readonly repository: Repository;
  readonly sha: string;
  readonly state: StatusState;
  readonly context: string;
  readonly description: string | undefined;
  readonly targetUrl: string | undefined;
  readonly creator: Account;
  readonly createdAt: Date;
}

export interface Deployment extends Entity {
  readonly kind: 'deployment';
  readonly repository: Repository;
  readonly sha: string;
  readonly ref: string;
  readonly task: string;
  readonly environment: string;
  readonly description: string | undefined;
  readonly payload: Record<string, unknown> | string;
  readonly transient: boolean;
  readonly production: boolean;
  readonly creator: Account;
  readonly app: App | undefined;
  readonly statuses: DeploymentStatus[];
  readonly createdAt: Date;
}

export type DeploymentState = 'error' | 'failure' | 'inactive' | 'in_progress' | 'queued' | 'pending' | 'success';

export interface DeploymentStatus extends Entity {
  readonly kind: 'deployment-status';
  readonly deployment: Deployment;
  readonly state: DeploymentState;
  readonly description: string;
  readonly environment: string;
  readonly environmentUrl: string;
  readonly logUrl: string;
  readonly creator: Account;
  readonly createdAt: Date;
}

export interface Team extends Entity {
  readonly kind: 'team';
  readonly organization: Account;
  readonly slug: string;
  readonly name: string;
  readonly members: Set<Account>;
}

/** Branch protection in the older form. */
export interface Protection {
  readonly requiredChecks: readonly string[];
  /** The app that must report the required checks; undefined takes them from any source. */
  readonly checksApp: number | undefined;
  readonly requiredApprovals: number;
  readonly requiresPullRequest: boolean;
  readonly dismissesStaleReviews: boolean;
  readonly requiresCodeOwners: boolean;
  readonly enforcesAdmins: boolean;
  readonly requiresLinearHistory: boolean;
  readonly requiresSignatures: boolean;
  readonly allowsForcePushes: boolean;
  readonly allowsDeletions: boolean;
}

export interface Ruleset {
  readonly id: number;
  readonly name: string;
  readonly enforcement: 'active' | 'evaluate' | 'disabled';
  readonly source: 'Repository' | 'Organization';
  /** Full names of branches; `default` is the default branch. */
  readonly branches: readonly string[];
  readonly requiredChecks: readonly { readonly name: string; readonly appId?: number }[];
  readonly pullRequest:
    | { readonly approvals: number; readonly dismissesStale: boolean; readonly methods?: readonly MergeMethod[] }
    | undefined;
  readonly mergeQueue?: 'ALLGREEN' | 'HEADGREEN';
  readonly requiresLinearHistory: boolean;
  readonly requiresSignatures: boolean;
  readonly blocksForcePushes: boolean;
  readonly blocksDeletions: boolean;
  readonly bypass: readonly BypassActor[];
}

export interface BypassActor {
  readonly type: 'Integration' | 'OrganizationAdmin' | 'RepositoryRole' | 'Team' | 'DeployKey';
  readonly id?: number;
  readonly mode?: 'always' | 'pull_request';
}

/** What is no pull request. */
export interface Issue extends Entity {
  readonly kind: 'issue';
  readonly repository: Repository;
  readonly number: number;
  readonly author: Account;
  readonly app: App | undefined;
  title: string;
  body: string;
  state: 'open' | 'closed';
  readonly labels: Set<Label>;
  closedAt: Date | undefined;
  readonly createdAt: Date;
  updatedAt: Date;
}

export type Node =
  | Account
  | Repository
  | Label
  | PullRequest
  | Comment
  | Reaction
  | Review
  | CheckRun
  | CheckSuite
  | Status
  | Deployment
  | DeploymentStatus
  | Issue
  | Installation
  | Team
  | App;
