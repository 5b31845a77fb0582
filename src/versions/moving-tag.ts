import type { PublishedVersion } from '../domain/version.ts';
import { byPublication, code, listTags, refuse, type Decision, type StandingVersion } from './decision.ts';

/** Follows one tag by its digest: what was published under it last. Where no digest stands, there is nothing to write. */
export function followDigest(
  standing: StandingVersion & { readonly tag: string },
  published: readonly PublishedVersion[],
): Decision {
  const { tag, digest } = standing;
  const [newest] = published.filter((version) => version.tag === tag).sort(byPublication);
  if (newest === undefined) {
    return refuse(
      'tag-not-followed',
      `${code(tag)} stands there and is followed by its digest; published: ${listTags(published)}.`,
    );
  }
  if (digest === undefined)
    return refuse('already-current', `${code(tag)} stands there already, without a digest that could move.`);
  if (newest.digest === undefined) {
    return refuse(
      'digest-unknown',
      `${code(tag)} stands there with a digest, and which one was published last is not known.`,
    );
  }
  if (newest.digest === digest)
    return refuse('already-current', `${code(tag)} stands there already, with the digest published last.`);
  return { ok: true, to: newest };
}
