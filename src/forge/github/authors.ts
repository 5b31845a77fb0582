import { z } from 'zod';
import type { Person } from '../../domain/change.ts';
import type { ReviewState } from '../reviews.ts';

/** Who wrote commits, as told by {@link AUTHORED} of each. */
export type Authors = ReviewState['authors'];

/** What a GraphQL document asks of a commit. Its `authors` are the git author and everybody named by a `Co-authored-by` line. */
export const AUTHORED = `fragment Authored on Commit {
  oid
  authors(first: 20) { totalCount nodes { name email user { login } } }
  committer { name email user { login } }
  signature { isValid wasSignedByGitHub }
}`;

/**
 * Who pushed a commit, for those that a push ended in: GitHub makes a check suite for each push and app. Git lets everybody write any
 * author into a commit; who pushed it is GitHub's own knowledge. Nothing is known of what was pushed to a fork.
 */
export const PUSHED = `fragment Pushed on Commit {
  checkSuites(first: 5) { nodes { push { pusher { __typename login } } } }
}`;

const gitActor = z.object({
  name: z.string().nullish(),
  email: z.string().nullish(),
  user: z.object({ login: z.string() }).nullish(),
});

export const authored = z.object({
  oid: z.string(),
  authors: z.object({ totalCount: z.number(), nodes: z.array(gitActor) }),
  committer: gitActor.nullish(),
  signature: z.object({ isValid: z.boolean(), wasSignedByGitHub: z.boolean() }).nullish(),
  checkSuites: z
    .object({
      nodes: z.array(
        z.object({ push: z.object({ pusher: z.object({ __typename: z.string(), login: z.string() }) }).nullish() }),
      ),
    })
    .nullish(),
});

export type AuthoredCommit = z.infer<typeof authored>;

/**
 * People, bots, and those who are unknown to GitHub; those who pushed among them, where that was asked.
 * @param signs whether GitHub signs what bots commit. Then a commit in the name of a bot without that signature is by somebody who wrote the
 * name, as git lets everybody: it counts as unknown.
 */
export function authorsOf(commits: readonly AuthoredCommit[], signs: boolean): Authors {
  const people = new Map<string, Person>();
  const unknown = new Set<string>();
  for (const commit of commits) {
    const isGenuine = !signs || (commit.signature?.isValid === true && commit.signature.wasSignedByGitHub);
    const { committer } = commit;
    const isByWeb = committer && isGitHub(committer);
    for (const actor of [...commit.authors.nodes, ...(committer && !isByWeb ? [committer] : [])]) {
      const person = personOf(actor, isGenuine);
      if (person === undefined) unknown.add(`${actor.name ?? ''} <${actor.email ?? ''}>`);
      else people.set(person.login.toLowerCase(), person);
    }
    for (const pusher of pushersOf(commit)) people.set(pusher.login.toLowerCase(), pusher);
  }
  return {
    people: [...people.values()],
    unknown: [...unknown],
    isComplete: commits.every(({ authors }) => authors.totalCount <= authors.nodes.length),
  };
}

/** Apps push too, the bot itself among them; nobody counts as an approver by that. */
function pushersOf({ checkSuites }: AuthoredCommit): readonly Person[] {
  const pushers = checkSuites?.nodes.flatMap(({ push }) => push?.pusher ?? []) ?? [];
  return pushers.filter(({ __typename }) => __typename === 'User').map(({ login }) => ({ login, isBot: false }));
}

/** GitHub signs what it commits for its users: github.com and its data residencies do, an Enterprise Server only where it is told to. */
export function signsCommits(webUrl: string): boolean {
  const { hostname } = new URL(webUrl);
  return hostname === 'github.com' || hostname.endsWith('.ghe.com');
}

type GitActor = z.infer<typeof gitActor>;

function personOf({ user, email }: GitActor, isGenuine: boolean): Person | undefined {
  if (user) return { login: user.login, isBot: false };
  const [, bot] = BOT_ADDRESS.exec(email ?? '') ?? [];
  return bot !== undefined && isGenuine ? { login: bot, isBot: true } : undefined;
}

/** The address that GitHub gives to the account of an app. GraphQL knows no user behind it. */
const BOT_ADDRESS = /^(?:\d+\+)?([\w-]+\[bot\])@users\.noreply\.[\w.-]+$/i;

/**
 * The committer of what is committed, merged or rebased through the web or the API, beside its author; what is rebased so has no signature.
 * As an author the name hides nobody: anybody can write it.
 */
function isGitHub({ name, email, user }: GitActor): boolean {
  return user?.login === 'web-flow' || (name === 'GitHub' && /^noreply@[\w.-]+$/.test(email ?? ''));
}
