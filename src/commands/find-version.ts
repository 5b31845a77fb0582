import leven from 'leven';
import { familiarName, isDigest, isTag, parseImageReference } from '../domain/image.ts';
import type { Version } from '../domain/version.ts';
import { unknownVersion } from '../markdown/replies-refusals.ts';
import type { CommandContext } from './command.ts';
import type { Target } from './target.ts';
import { standingHistory } from './version-history.ts';

export type FoundVersion =
  { readonly ok: true; readonly version: Version } | { readonly ok: false; readonly markdown: string };

type Asked = Pick<CommandContext, 'bump' | 'change' | 'index' | 'bumps' | 'standing'>;

/** Bumps that are looked back at. */
export const HISTORY_LIMIT = 100;
const MAX_CANDIDATES = 4;

/**
 * The version that a text names (`1.4.2`, `latest@sha256:…`, or with the image in front), provided that it is known: published, standing there now, or
 * having stood there before. A slip of the finger would be proposed, and would not start.
 * @param options.isMore whether more words follow, which a refusal then tells how to write
 */
export async function findVersion(
  context: Asked,
  target: Target,
  text: string,
  { isMore }: { readonly isMore: boolean },
): Promise<FoundVersion> {
  const candidates = await knownVersions(context, target);
  const wanted = readVersion(text, target);
  const version = wanted && candidates.find((candidate) => isNamed(candidate, wanted));
  if (version !== undefined) return { ok: true, version };
  const nearest = nearestTags(wanted?.tag ?? text, candidates);
  return { ok: false, markdown: unknownVersion(text, familiarName(target.image), { nearest, isMore }) };
}

/** Those that stand or stood there first, then what was published, newest first. */
async function knownVersions(
  { bump, change, index, bumps, standing }: Asked,
  target: Target,
): Promise<readonly Version[]> {
  const { environment, image } = target;
  const merged = await bumps.merged(change.repository, { environment, image, limit: HISTORY_LIMIT });
  const stands = (await standing(environment)).get(image) ?? [];
  const published = (await index.published([image])).get(image) ?? [];
  const own = bump === undefined ? [] : [bump.to, ...bump.from];
  return [
    ...stands,
    ...standingHistory(merged).toReversed(),
    ...merged.flatMap(({ from }) => from),
    ...own,
    ...published,
  ].map(({ tag, digest }) => (digest === undefined ? { tag } : { tag, digest }));
}

function readVersion(text: string, { image }: Target): Version | undefined {
  const [tag = '', digest, ...more] = text.split('@');
  if (isTag(tag) && more.length === 0 && (digest === undefined || isDigest(digest))) {
    return digest === undefined ? { tag } : { tag, digest };
  }
  const reference = parseImageReference(text);
  if (reference?.name !== image || reference.tag === undefined) return undefined;
  return reference.digest === undefined ? { tag: reference.tag } : { tag: reference.tag, digest: reference.digest };
}

/** A digest that somebody names must be known as such, and not only its tag. */
function isNamed(candidate: Version, wanted: Version): boolean {
  return candidate.tag === wanted.tag && (wanted.digest === undefined || candidate.digest === wanted.digest);
}

/** The few tags that are most like the text; among equals, those that come first. */
function nearestTags(text: string, candidates: readonly Version[]): readonly string[] {
  const tags = [...new Set(candidates.map(({ tag }) => tag))];
  const word = text.slice(0, 128);
  return tags.toSorted((a, b) => leven(a, word) - leven(b, word)).slice(0, MAX_CANDIDATES);
}
