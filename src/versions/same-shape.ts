import type { PublishedVersion } from '../domain/version.ts';
import { byPublication, code, listTags, refuse, type Decision, type StandingVersion } from './decision.ts';
import { followDigest } from './moving-tag.ts';
import { compareShapes, describeShape, hasHash, readAs, readShape, type Shape } from './shape.ts';

/**
 * Follows tags of the shape of the one that stands there. Versions and dates are ordered by what they say, commit hashes by when
 * they were published; a hash that stands there and whose publication is unknown is taken to be older than any other. Where no
 * newer tag is, the tag that stands there may have moved to another digest.
 */
export function followShape(standing: StandingVersion, published: readonly PublishedVersion[]): Decision {
  const { tag } = standing;
  if (tag === undefined) return refuse('no-version', 'No tag stands there, so nothing says which tags to follow.');
  const shape = readShape(tag);
  const alike = published.flatMap((version) => {
    const read = version.tag === tag ? undefined : readAs(shape, version.tag);
    return read !== undefined && mayFollow(shape, read) ? [{ version, shape: read }] : [];
  });
  const since = published.filter((version) => version.tag === tag).sort(byPublication)[0]?.publishedAt;
  const newer = alike.filter((candidate) => isNewer(candidate.shape, candidate.version, shape, since));
  const [best] = newer.sort((a, b) => compareShapes(b.shape, a.shape) || byPublication(a.version, b.version));
  if (best !== undefined) return { ok: true, to: best.version };

  const moved = followDigest({ ...standing, tag }, published);
  if (moved.ok || moved.reason !== 'tag-not-followed') return moved;
  if (alike.length > 0) {
    const older = listTags(alike.map(({ version }) => version));
    return refuse(
      'backwards',
      `${code(tag)} stands there, and ${older} ${alike.length === 1 ? 'is' : 'are'} not newer.`,
    );
  }
  return refuse(
    'tag-not-followed',
    `${code(tag)} stands there, which is ${describeShape(shape)}; nothing of that shape was published, only ${listTags(published)}.`,
  );
}

/** A pre-release is followed only where one stands. */
function mayFollow(standing: Shape, candidate: Shape): boolean {
  if (standing.kind !== 'version' || candidate.kind !== 'version') return true;
  return candidate.preRelease === '' || standing.preRelease !== '';
}

function isNewer(candidate: Shape, version: PublishedVersion, standing: Shape, since: Date | undefined): boolean {
  const order = compareShapes(candidate, standing);
  if (order !== 0 || !hasHash(standing)) return order > 0;
  return since === undefined || version.publishedAt > since;
}
