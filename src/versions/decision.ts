import type { PublishedVersion } from '../domain/version.ts';

/** What stands at a site: a tag, a digest, both, or neither. A `Version` is one of these. */
export interface StandingVersion {
  readonly tag?: string;
  readonly digest?: string;
}

export type Refusal =
  /** The newest followed version stands there. */
  | 'already-current'
  /** What was published is not what the policy follows. */
  | 'tag-not-followed'
  /** What was published is followed, and older than what stands there. */
  | 'backwards'
  /** No tag stands there, so that nothing says which ones to follow. */
  | 'no-version'
  /** A digest stands there, and that of the new version is not known. */
  | 'digest-unknown'
  | 'nothing-published'
  | 'policy-invalid';

export type Decision =
  | { readonly ok: true; readonly to: PublishedVersion }
  /** `detail` is a sentence for people, in Markdown. */
  | { readonly ok: false; readonly reason: Refusal; readonly detail: string };

export function refuse(reason: Refusal, detail: string): Decision {
  return { ok: false, reason, detail };
}

/** Later published first; of equals, the one that was told first. */
export function byPublication(a: PublishedVersion, b: PublishedVersion): number {
  return b.publishedAt.getTime() - a.publishedAt.getTime();
}

/** A tag as code in Markdown. Tags hold no backticks. */
export function code(tag: string): string {
  return `\`${tag}\``;
}

/** "`a`", "`a` and `b`", or "`a`, `b` and 12 more", of the tags of versions. */
export function listTags(versions: readonly PublishedVersion[]): string {
  const tags = [...new Set(versions.map(({ tag }) => code(tag)))];
  if (tags.length <= 1) return tags.join('');
  return tags.length === 2 ? tags.join(' and ') : `${tags.slice(0, 2).join(', ')} and ${tags.length - 2} more`;
}
