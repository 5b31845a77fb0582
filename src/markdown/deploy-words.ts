import type { RolloutState } from '../domain/deploy.ts';
import type { ChangeRef } from '../domain/change.ts';
import type { ImageName } from '../domain/image.ts';
import { familiarName } from '../domain/image.ts';
import type { RepositoryRef } from '../domain/repository.ts';
import { repositoryKey } from '../domain/repository.ts';

/** Where a bump is, with all that is told about it. */
export interface DeployText {
  readonly environment: string;
  readonly image: ImageName;
  readonly version: string;
  /** The change of the bump. */
  readonly change: ChangeRef;
  readonly state: RolloutState;
  readonly since: Date;
  /** How long after its merge it came into this state, in milliseconds, as far as that is known. */
  readonly afterMerge?: number;
  readonly tool?: string;
  readonly application?: string;
  readonly message?: string;
  readonly url?: string;
  readonly environmentUrl?: string;
  /** The later bump that took its place. */
  readonly replacedBy?: OtherBump;
  /** Of one that was replaced: what had become of it before, if anything. */
  readonly ended?: { readonly state: 'live' | 'failed'; readonly since: Date };
  /** The next bump of its image in its environment. */
  readonly followedBy?: OtherBump;
}

/** A bump in the same manifest repository. */
export interface OtherBump {
  readonly number: number;
  readonly version: string;
}

/** `live`, `failed` …, for people. */
export function stateWords(text: DeployText): string {
  switch (text.state) {
    case 'queued':
      return 'merged, waiting for the deploy tool';
    case 'in-progress':
      return 'being deployed';
    case 'live':
      return 'live';
    case 'failed':
      return 'failed';
    case 'superseded':
      return supersededWords(text);
    case 'unknown':
      return 'unknown, no end reported';
  }
}

function supersededWords({ ended }: DeployText): string {
  if (ended === undefined) return 'replaced before it was live';
  return ended.state === 'live' ? 'was live, replaced' : 'failed, replaced';
}

/** `2026-11-21 12:04 UTC`: the times in comments do not grow old. */
export function moment(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** `3 min`, `2 h 5 min`, `4 d`; less than a minute in seconds. */
export function span(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d`;
}

/** `acme/shop` of `ghcr.io/acme/shop`. */
export function shortImage(image: ImageName): string {
  const familiar = familiarName(image);
  return familiar === image ? image.slice(image.indexOf('/') + 1) : familiar;
}

/** `#42`, or `acme/deploy#42` where people do not read it in that repository. */
export function changeName({ repository, number }: ChangeRef, from?: RepositoryRef): string {
  const isThere = from !== undefined && repositoryKey(repository) === repositoryKey(from);
  return isThere ? `#${number}` : `${repository.path}#${number}`;
}

/** The name that the tool's makers write. */
export function toolName(tool: string): string {
  const names = new Map([
    ['argo-cd', 'Argo CD'],
    ['flux', 'Flux'],
    ['argo-rollouts', 'Argo Rollouts'],
    ['spinnaker', 'Spinnaker'],
    ['generic', 'the deploy tool'],
  ]);
  return names.get(tool) ?? 'the deploy tool';
}
