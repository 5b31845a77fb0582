import { createPrivateKey } from 'node:crypto';
import { TagalongError } from '../../domain/errors.ts';
import type { Receiver } from '../../intake/receiver.ts';
import type { Forge } from '../forge.ts';
import { createChanges } from './changes.ts';
import { createChecks } from './checks.ts';
import { createClient, type ClientOptions } from './client.ts';
import { createComments } from './comments.ts';
import { redeliverFailed } from './deliveries.ts';
import { createDeployments } from './deployments.ts';
import { createFiles } from './files.ts';
import { inspectApp, type AppInspection } from './inspection.ts';
import { createIssues } from './issues.ts';
import { createMergeQueue } from './merge-queue.ts';
import { createMerging } from './merging.ts';
import { createPeople } from './people.ts';
import { createProtection } from './protection.ts';
import { createReactions } from './reactions.ts';
import { createReceiver, type ReceiverOptions } from './receiver.ts';
import { createRepositories } from './repositories.ts';
import { createReviews } from './reviews.ts';

export interface GitHubOptions extends ClientOptions, Pick<ReceiverOptions, 'webUrl' | 'webhookSecret'> {}

/** GitHub, or a GitHub Enterprise Server, as seen by one GitHub App. */
export interface GitHub extends Forge {
  /** Takes the app's webhooks, and remembers the ids in them, so that writing needs no look-ups. */
  readonly receiver: Receiver;
  /** Asks GitHub to repeat the webhooks since then that never arrived. @returns how many. */
  redeliverFailed(since: Date): Promise<number>;
  /** How the app is registered and where it is installed, for `tagalong doctor`. */
  inspect(): Promise<AppInspection>;
}

/** @throws TagalongError `settings-invalid` for a key or secret that cannot be used. Nothing is requested yet. */
export function createGitHub(options: GitHubOptions): GitHub {
  insistOnKey(options.privateKey);
  const client = createClient(options);
  const appId = Number(options.appId);
  return {
    ...createRepositories(client, options),
    ...createFiles(client),
    ...createChanges(client),
    ...createComments(client, options.log),
    ...createChecks(client, appId),
    ...createReviews(client, { appId, webUrl: options.webUrl }),
    ...createMerging(client),
    ...createMergeQueue(client),
    ...createPeople(client),
    ...createReactions(client),
    ...createProtection(client, appId),
    ...createIssues(client),
    ...createDeployments(client),
    receiver: createReceiver({ ...options, appId, learn: (payload) => client.known.learn(payload) }),
    redeliverFailed: (since) => redeliverFailed(client, since),
    inspect: () => inspectApp(client),
  };
}

function insistOnKey(pem: string): void {
  try {
    createPrivateKey(pem);
  } catch {
    throw new TagalongError('settings-invalid', 'The private key of the GitHub App is not a PEM private key.');
  }
}
