import type { Rule } from './rule.ts';
import { approvals } from './rules/approvals.ts';
import { changesRequested } from './rules/changes-requested.ts';
import { checks } from './rules/checks.ts';
import { codeowners } from './rules/codeowners.ts';
import { config } from './rules/config.ts';
import { findings } from './rules/findings.ts';
import { fourEyes } from './rules/four-eyes.ts';
import { freeze } from './rules/freeze.ts';
import { hold } from './rules/hold.ts';
import { mergeable } from './rules/mergeable.ts';
import { pin } from './rules/pin.ts';
import { render } from './rules/render.ts';

/** All that the gate asks, in the order in which a verdict lists it. */
export const rules = [
  config,
  mergeable,
  approvals,
  codeowners,
  fourEyes,
  changesRequested,
  hold,
  freeze,
  pin,
  checks,
  findings,
  render,
] as const satisfies readonly Rule[];
