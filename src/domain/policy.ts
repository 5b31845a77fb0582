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
