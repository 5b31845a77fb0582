/** `wait`: something that people or time can still bring. `block`: something is wrong. */
export type Outcome = 'pass' | 'wait' | 'block';

/** One reason, with those that it follows from. */
export interface VerdictNode {
  /** The rule's name as `/override` takes it; absent on nodes that merely group. */
  readonly rule?: string;
  /** The environment that asks for it, where only one does. */
  readonly environment?: string;
  readonly outcome: Outcome;
  /** One sentence in plain text, with names as they are; escaped where it is shown. */
  readonly reason: string;
  /**
   * What would make it pass, in plain text, one way a line; a line that ends in `: /command …` ends in what to type. Absent when it
   * passes.
   */
  readonly remedy?: string;
  /** It passes only because an administrator said so. */
  readonly override?: { readonly by: string; readonly reason: string };
  readonly children: readonly VerdictNode[];
}

/** The gate's answer. `outcome` is the worst of its nodes: block, then wait, then pass. */
export interface Verdict {
  readonly outcome: Outcome;
  readonly nodes: readonly VerdictNode[];
  /** ISO 8601: the earliest moment at which time alone changes the answer. */
  readonly recheckAt?: string;
  /** Reviews that counted once and do not any more, because the rendered result is another one. */
  readonly stale: readonly { readonly id: string; readonly by: string }[];
}
