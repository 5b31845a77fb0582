import { environmentOf, imageRule, type Config, type ImageRule } from '../config/config.ts';
import { bumpKey, type ProposedBump } from '../domain/bump.ts';
import type { ImageName } from '../domain/image.ts';
import { readInParts, type Tree } from '../git/git.ts';
import { findSites, type FoundSite } from '../manifests/find-sites.ts';
import { decodeText } from '../manifests/text.ts';
import type { Bumps, ImageIndex, KnownRepository, Steering } from '../store/store.ts';
import { firstEnd, steeringOf } from './bump-steering.ts';
import type { BumpSituation } from './plan-bumps.ts';

/** A situation with what an edit needs. */
export interface EditableSituation extends BumpSituation {
  readonly rule: ImageRule;
  readonly sites: readonly FoundSite[];
  /** The texts of the files that hold the sites, by path. */
  readonly files: ReadonlyMap<string, string>;
}

export interface ReadSituationsOptions {
  readonly known: KnownRepository;
  readonly config: Config;
  /** The files of the base branch. */
  readonly tree: Tree;
  /** Only these; undefined: every image that the repository mentions. */
  readonly images?: readonly ImageName[];
  readonly now: Date;
}

export interface Situations {
  readonly situations: readonly EditableSituation[];
  /** Open bumps of an image that is written nowhere in their environment any more. */
  readonly orphans: readonly ProposedBump[];
  /** When a pin or a freeze ends by itself, and has to be looked at again. */
  readonly nextEnd?: Date;
}

/** Reads, for each image in each environment, all that a decision about it needs: at one commit, in one round trip each. */
export async function readSituations(
  store: Pick<ImageIndex, 'files' | 'published'> & {
    readonly bumps: Pick<Bumps, 'ofRepository'>;
    readonly steering: Pick<Steering, 'ofRepository'>;
  },
  { known, config, tree, images, now }: ReadSituationsOptions,
): Promise<Situations> {
  const mentions = await store.files(known.repository, images);
  const [published, proposed, steering, texts] = await Promise.all([
    store.published([...mentions.keys()]),
    store.bumps.ofRepository(known.repository, images),
    store.steering.ofRepository(known.repository, now),
    readTexts(tree, new Set([...mentions.values()].flat())),
  ]);
  const groups = new Map<string, EditableSituation & { sites: FoundSite[] }>();
  for (const site of sitesIn(texts, new Set(mentions.keys()))) {
    const environment = environmentOf(config, site.path, known.defaultBranch)?.name;
    const rule = imageRule(config, site.image);
    if (environment === undefined || rule === undefined) continue;
    const key = { environment, image: site.image };
    const group = groups.get(bumpKey(key)) ?? {
      ...key,
      repository: known.repository,
      policy: rule.tags,
      current: [],
      published: published.get(site.image) ?? [],
      proposed: proposed.filter((bump) => bumpKey(bump) === bumpKey(key)),
      ...steeringOf(steering, key, now),
      rule,
      sites: [],
      files: texts,
    };
    group.sites.push(site);
    groups.set(bumpKey(key), group);
  }
  const orphans = proposed.filter((bump) => bump.state === 'open' && !groups.has(bumpKey(bump)));
  const nextEnd = firstEnd(steering, now);
  return {
    situations: [...groups.values()].map((group) => ({ ...group, current: group.sites })),
    orphans,
    ...(nextEnd !== undefined && { nextEnd }),
  };
}

/** The texts of those files that exist and are UTF-8. */
export async function readTexts(tree: Tree, paths: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for await (const part of readInParts(tree, [...paths])) {
    for (const [path, bytes] of part) {
      const text = decodeText(bytes);
      if (text !== undefined) texts.set(path, text);
    }
  }
  return texts;
}

function sitesIn(texts: ReadonlyMap<string, string>, images: ReadonlySet<ImageName>): FoundSite[] {
  return [...texts].flatMap(([path, text]) => findSites(path, text).sites.filter(({ image }) => images.has(image)));
}
