import { approve } from './approve.ts';
import { bump } from './bump.ts';
import type { Command } from './command.ts';
import { diff } from './diff.ts';
import { freeze } from './freeze.ts';
import { helpFor } from './help.ts';
import { hold } from './hold.ts';
import { merge } from './merge.ts';
import { override } from './override.ts';
import { pin } from './pin.ts';
import { rebase } from './rebase.ts';
import { retry } from './retry.ts';
import { rollback } from './rollback.ts';
import { skip } from './skip.ts';
import { status } from './status.ts';
import { unapprove } from './unapprove.ts';
import { unfreeze } from './unfreeze.ts';
import { unhold } from './unhold.ts';
import { unpin } from './unpin.ts';
import { why } from './why.ts';

const others: readonly Command[] = [
  status,
  why,
  diff,
  hold,
  unhold,
  retry,
  rebase,
  approve,
  unapprove,
  merge,
  skip,
  pin,
  unpin,
  bump,
  rollback,
  freeze,
  unfreeze,
  override,
];

/** Every command, in the order in which help tells them. */
export const commands: readonly Command[] = [helpFor(others), ...others];

/** The command of this name, in lower case. */
export function commandNamed(name: string): Command | undefined {
  return commands.find((command) => command.name === name);
}
