/** Which published versions of an image are followed. See `docs/config.md`, `images[].tags`. */
export type TagPolicy =
  /** A tag of the shape of the one that stands there, and newer. The default. */
  | { readonly kind: 'same-shape' }
  /** Semantic versions within a range, as npm reads ranges. */
  | { readonly kind: 'semver'; readonly range: string }
  /** Tags that match a regular expression; the one published last wins. */
  | { readonly kind: 'pattern'; readonly pattern: string }
  /** One moving tag, of which the newest digest is followed. */
  | { readonly kind: 'digest'; readonly tag: string };

/** A further field that is written together with a version, in the documents that hold the version. */
export interface SetField {
  /**
   * Mapping keys joined by dots. Matches wherever the YAML path of a field ends in it, so `metadata.labels.commitHash` means the
   * labels of a Deployment and those of its pod template.
   */
  readonly path: string;
  /** Text with placeholders: `{commit}`, `{commit.short}`, `{date}`, `{branch}`, `{tag}`, `{name}`, `{digest}`. */
  readonly value: string;
}

/** Who must approve a change before it merges, and what must not be in it. */
export interface ReviewPolicy {
  /**
   * How many people. Left out: one, and none for a bump of the bot that nobody else has touched where `merge: auto` stands.
   */
  readonly approvals?: number;
  /** Whose approvals count: people and teams, with `@` in front. Left out: anybody who may write. */
  readonly from?: readonly string[];
  /** Whether code owners of the touched paths must approve too. */
  readonly codeowners?: boolean;
  /** Findings of the rendered diff that block. */
  readonly forbid: readonly ForbiddenFinding[];
}

/** What the diff finds and a policy may forbid. */
export type ForbiddenFinding = 'plain-secret';

/** A part of every week, in minutes since Monday 00:00 in `zone`. It may reach over the end of the week. */
export interface WeeklyFreeze {
  readonly from: number;
  readonly to: number;
  /** IANA name. */
  readonly zone: string;
  readonly reason?: string;
}

/** What an environment asks of a change that touches it. */
export interface EnvironmentPolicy {
  /** undefined: paths that belong to no environment. */
  readonly environment?: string;
  readonly merge: 'auto' | 'manual';
  readonly review: ReviewPolicy;
  readonly freeze: readonly WeeklyFreeze[];
}
