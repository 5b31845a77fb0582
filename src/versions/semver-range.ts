import semver from 'semver';
import type { PublishedVersion } from '../domain/version.ts';
import { byPublication, code, listTags, refuse, type Decision, type StandingVersion } from './decision.ts';
import { followDigest } from './moving-tag.ts';
import { readVersion } from './shape.ts';

type VersionShape = NonNullable<ReturnType<typeof readVersion>>;

/**
 * Follows the greatest semantic version within a range, as npm reads ranges: a pre-release only where the range names one of the
 * same version. What stands around the version (`v1.4.2`, `1.4.2-alpine`) and its precision stay as they are. Where no version
 * stands (`latest`), whole ones without anything around them, save a `v`, are taken up.
 */
export function followRange(
  range: string,
  standing: StandingVersion,
  published: readonly PublishedVersion[],
): Decision {
  if (semver.validRange(range) === null)
    return refuse('policy-invalid', `${code(range)} is no range of semantic versions.`);
  const { tag } = standing;
  if (tag === undefined) return refuse('no-version', 'No tag stands there, so there is nothing to move.');
  const current = readVersion(tag);
  const from = current && semverOf(current);
  const fitting = published
    .map((version) => ({ version, semver: comparable(version.tag, current) }))
    .filter((candidate) => candidate.semver !== undefined && semver.satisfies(candidate.semver, range));
  const newer = fitting.filter((candidate) => isNewer(candidate.semver, from));
  const [best] = newer.sort(
    (a, b) => semver.compare(b.semver ?? '0.0.0', a.semver ?? '0.0.0') || byPublication(a.version, b.version),
  );
  if (best !== undefined) return { ok: true, to: best.version };

  const moved = followDigest({ ...standing, tag }, published);
  if (moved.ok || moved.reason !== 'tag-not-followed') return moved;
  const reason = fitting.length > 0 ? 'backwards' : 'tag-not-followed';
  const found = listTags(published);
  return refuse(
    reason,
    reason === 'backwards'
      ? `${code(tag)} stands there, and nothing greater is within ${code(range)}.`
      : `Nothing within ${code(range)} that is written like ${code(tag)} was published, only ${found}.`,
  );
}

/** The semantic version of a published tag, if it is written like the one that stands there. */
function comparable(tag: string, current: VersionShape | undefined): string | undefined {
  const shape = readVersion(tag);
  if (shape === undefined) return undefined;
  if (current !== undefined) return shape.template === current.template ? semverOf(shape) : undefined;
  return /^v?n\.n\.n$/i.test(shape.template) ? semverOf(shape) : undefined;
}

function semverOf({ numbers, preRelease }: VersionShape): string | undefined {
  if (numbers.length > 3) return undefined;
  const [major = 0, minor = 0, patch = 0] = numbers;
  return semver.valid(`${major}.${minor}.${patch}${preRelease === '' ? '' : `-${preRelease}`}`) ?? undefined;
}

function isNewer(candidate: string | undefined, from: string | undefined): boolean {
  return candidate !== undefined && (from === undefined || semver.gt(candidate, from));
}
