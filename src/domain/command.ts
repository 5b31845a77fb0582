import type { Person } from './change.ts';
import type { CommentRef } from './event.ts';

/** One command line of a comment, as its author wrote it. */
export interface WrittenCommand {
  /** The known name, or what stands in its place. */
  readonly name: string;
  /** What follows the name on the line, trimmed. */
  readonly text: string;
  /** False: no command has this name, and the line looks like one all the same. */
  readonly isKnown: boolean;
  /** Of an unknown one: the known name that was probably meant. */
  readonly nearest?: string;
  /** One-based, in the comment. */
  readonly line: number;
}

/** The commands of one comment, in the order of its lines. */
export interface CommandComment {
  readonly comment: CommentRef;
  readonly by: Person;
  /** ISO 8601, as the forge says. */
  readonly at: string;
  readonly commands: readonly WrittenCommand[];
}
