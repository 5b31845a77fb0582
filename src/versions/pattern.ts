import { RE2JS } from 're2js';
import type { PublishedVersion } from '../domain/version.ts';
import { byPublication, code, listTags, refuse, type Decision, type StandingVersion } from './decision.ts';
import { followDigest } from './moving-tag.ts';

/**
 * Follows what was published last among the tags that match a regular expression. The expression is searched for (write `^…$` for
 * the whole tag) and is of RE2, whose time is linear in the length of the tag: a repository's pattern can never make the bot hang.
 */
export function followPattern(
  pattern: string,
  standing: StandingVersion,
  published: readonly PublishedVersion[],
): Decision {
  const compiled = compilePattern(pattern);
  if (!compiled.ok)
    return refuse('policy-invalid', `The pattern ${code(pattern)} cannot be read: ${compiled.message}.`);
  const { tag } = standing;
  if (tag === undefined) return refuse('no-version', 'No tag stands there, so there is nothing to move.');
  const matching = published.filter((version) => compiled.matches(version.tag)).sort(byPublication);
  const since = matching.find((version) => version.tag === tag)?.publishedAt;
  const newest = matching.find(
    (version) => version.tag !== tag && (since === undefined || version.publishedAt > since),
  );
  if (newest !== undefined) return { ok: true, to: newest };

  const moved = followDigest({ ...standing, tag }, published);
  if (moved.ok || moved.reason !== 'tag-not-followed') return moved;
  return refuse(
    'tag-not-followed',
    `Nothing newer that matches ${code(pattern)} was published, only ${listTags(published)}.`,
  );
}

export type CompiledPattern =
  { readonly ok: true; matches(tag: string): boolean } | { readonly ok: false; readonly message: string };

/** Compiles a pattern of RE2: no look-around and no back-references. */
export function compilePattern(pattern: string): CompiledPattern {
  try {
    const regex = RE2JS.compile(pattern);
    return { ok: true, matches: (tag) => regex.matcher(tag).find() };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : 'it is no regular expression' };
  }
}
