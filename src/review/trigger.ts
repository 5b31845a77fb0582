/** What can have changed since the gate looked last. A rule says which of these can change its answer. */
export type Trigger =
  /** The commits of the change. */
  | 'head'
  /** The target branch: its files, configuration and code owners. */
  | 'base'
  /** Reviews and `/approve`. */
  | 'reviews'
  /** Labels, draft or ready, title, target. */
  | 'attributes'
  /** Checks and statuses of other parties. */
  | 'checks'
  /** Freezes, pins and overrides. */
  | 'steering'
  /** Time alone. */
  | 'time';
