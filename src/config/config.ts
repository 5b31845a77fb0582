import { familiarName, type ImageName } from '../domain/image.ts';
import type { ReviewPolicy, SetField, TagPolicy, WeeklyFreeze } from '../domain/policy.ts';
import { matchesImage, matchesPath } from './glob.ts';

/** Where a configuration may stand in a repository. Two of them at once are a mistake. */
export const configPaths: readonly string[] = ['.tagalong.yml', '.github/tagalong.yml', '.gitlab/tagalong.yml'];

/** What a repository says about itself, with every default filled in but those that depend on its default branch. */
export interface Config {
  /** In the order of the file; empty when the file names none. */
  readonly environments: readonly Environment[];
  readonly images: readonly ImageEntry[];
  /** `within`: milliseconds after which the silence of deploy tools is told as silence. */
  readonly deploys: { readonly within: number };
  /** Where a commit that went around the gate is told; the audit log always has it. */
  readonly bypass: { readonly tell: readonly BypassTelling[] };
  readonly notify?: NotifyTarget;
}

export type BypassTelling = 'check' | 'issue' | 'chat';

export interface NotifyTarget {
  /** `#deploys`, or the id of a channel. */
  readonly slack?: string;
}

export interface Environment {
  readonly name: string;
  /** Globs over repository-relative paths. */
  readonly paths: readonly string[];
  readonly merge: 'auto' | 'manual';
  readonly after?: string;
  /** Milliseconds. */
  readonly soak?: number;
  readonly review: ReviewPolicy;
  readonly freeze: readonly WeeklyFreeze[];
  /** Globs over names of applications, for `matchesPath`; empty when the file names none. */
  readonly deploys: readonly string[];
  /** Where what is deployed here is reached. */
  readonly url?: string;
  /** Instead of the one of the whole file. */
  readonly notify?: NotifyTarget;
}

export interface ImageEntry {
  /** A glob over names of images. */
  readonly match: string;
  /** undefined for `tags: ignore`. */
  readonly rule: ImageRule | undefined;
}

/** How versions of an image are followed and written. */
export interface ImageRule {
  readonly tags: TagPolicy;
  /** The application repository, as a template with `{name}`. */
  readonly source?: string;
  readonly on: 'push' | 'publish';
  /** The tag that a push will publish, as a template; present with `on: 'push'`. */
  readonly tag?: string;
  readonly set: readonly SetField[];
}

/**
 * The rule for an image: the first entry that matches, else the default, which follows tags of the same shape.
 * @returns undefined when the image is not followed (`tags: ignore`)
 */
export function imageRule(config: Config, image: ImageName): ImageRule | undefined {
  const names = [image, familiarName(image)];
  const entry = config.images.find((rule) => names.some((name) => matchesImage(rule, name)));
  return entry === undefined ? DEFAULT_RULE : entry.rule;
}

/**
 * The environment of a file: the first that matches its path. Where the configuration names none, all files belong to one that
 * is named after the default branch.
 * @returns undefined when the file belongs to no environment, and is left alone
 */
export function environmentOf(config: Config, path: string, defaultBranch: string): Environment | undefined {
  if (config.environments.length === 0) return { name: defaultBranch, ...DEFAULT_ENVIRONMENT };
  return config.environments.find(({ paths }) => matchesPath(paths, path));
}

/** That of an empty file. */
export const DEFAULT_CONFIG: Config = {
  environments: [],
  images: [],
  deploys: { within: 30 * 60 * 1000 },
  bypass: { tell: ['check'] },
};

/** What a change needs where no `review` stands. */
export const DEFAULT_REVIEW: ReviewPolicy = { forbid: ['plain-secret'] };

const DEFAULT_ENVIRONMENT: Omit<Environment, 'name'> = {
  paths: ['**'],
  merge: 'manual',
  review: DEFAULT_REVIEW,
  freeze: [],
  deploys: [],
};

const DEFAULT_RULE: ImageRule = { tags: { kind: 'same-shape' }, on: 'publish', set: [] };
