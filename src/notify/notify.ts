/** The port to chat. */
export interface Notifier {
  /** `message-per-rollout`: a message can be written over as the rollout goes on. `once`: only an end is told. `off`: nothing is set up. */
  readonly mode: 'message-per-rollout' | 'once' | 'off';
  /**
   * Writes a message, or over the one that `known` names.
   * @returns what to hand over as `known` next time
   * @throws TagalongError `notify-failed`
   */
  notify(notice: Notice, known?: string): Promise<string | undefined>;
}

/** Neutral words; the adapter makes its own markup of them and escapes what people wrote. */
export interface Notice {
  /** `#deploys` or an id; undefined: where the set-up points to. */
  readonly channel?: string;
  readonly tone: 'neutral' | 'good' | 'bad';
  readonly title: string;
  readonly url?: string;
  /** Plain text. */
  readonly lines: readonly string[];
}
