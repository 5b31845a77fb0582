import { z } from 'zod';
import type { Snapshot } from '../review/snapshot.ts';

const moment = z.iso.datetime({ offset: true, error: 'a moment is wanted, such as 2024-11-06T12:00:00Z' });
const commit = z.string().regex(/^[0-9a-f]{40,64}$/, 'a full commit hash is wanted');
const person = z.strictObject({ login: z.string().min(1), isBot: z.boolean() });
const alike = z.union([z.boolean(), z.literal('unknown')], 'true, false or "unknown" is wanted');
const text = z.string();

const authors = z.strictObject({ people: z.array(person), unknown: z.array(text), isComplete: z.boolean() });

const policy = z.strictObject({
  environment: text.exactOptional(),
  merge: z.enum(['auto', 'manual']),
  review: z.strictObject({
    approvals: z.int().min(0).exactOptional(),
    from: z.array(text).exactOptional(),
    codeowners: z.boolean().exactOptional(),
    forbid: z.array(z.enum(['plain-secret'])),
  }),
  freeze: z.array(
    z.strictObject({
      from: z.int().min(0).max(10_079),
      to: z.int().min(0).max(10_079),
      zone: text,
      reason: text.exactOptional(),
    }),
  ),
  paths: z.array(text),
});

const change = z.strictObject({
  number: z.int().min(1),
  url: text,
  state: z.enum(['open', 'merged', 'closed']),
  title: text,
  author: person,
  isDraft: z.boolean(),
  fromFork: z.boolean(),
  headCommit: commit,
  baseCommit: commit,
  targetBranch: text,
  labels: z.array(text),
  mergeable: z.enum(['yes', 'conflicting', 'unknown']),
  hold: z.strictObject({ by: text, reason: text.exactOptional() }).exactOptional(),
});

const review = z.strictObject({
  id: text,
  by: person,
  state: z.enum(['approved', 'changes-requested', 'commented', 'dismissed']),
  at: moment,
  commit: commit.exactOptional(),
  rendersAlike: alike,
  mayWrite: z.boolean(),
});

const config = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('valid'), policies: z.array(policy) }),
  z.strictObject({ kind: z.literal('invalid'), file: text, problems: z.array(text) }),
  z.strictObject({ kind: z.literal('absent') }),
]);

const render = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('rendered'),
    findings: z.array(z.strictObject({ rule: z.enum(['plain-secret']), resource: text })),
    failures: z.array(z.strictObject({ unit: text, message: text })),
  }),
  z.strictObject({ kind: z.literal('failed'), message: text }),
]);

const others = z.array(z.strictObject({ number: z.int().min(1), outcome: z.enum(['pass', 'wait', 'block']) }));

/** A saved snapshot: every field of the type, and no other, so that a misspelt one is not passed over. */
export const snapshotSchema: z.ZodType<Snapshot> = z.strictObject({
  version: z.literal(1),
  at: moment,
  repository: z.strictObject({ forge: z.enum(['github', 'gitlab']), path: text }),
  change,
  mergeGroup: z
    .strictObject({ headCommit: commit, rendersAlike: alike, before: others.exactOptional() })
    .exactOptional(),
  bump: z
    .strictObject({ environment: text, image: text, from: z.array(text), to: text, isUntouched: z.boolean() })
    .exactOptional(),
  paths: z.array(text),
  config,
  authors,
  requestedBy: z.array(text).exactOptional(),
  applicationAuthors: authors.exactOptional(),
  reviews: z.array(review),
  teams: z.record(text, z.array(text).nullable()),
  codeowners: z.strictObject({ path: text, text }).exactOptional(),
  checks: z.strictObject({
    required: z.union([z.array(text), z.literal('unknown')], 'names of checks or "unknown" are wanted'),
    reported: z.array(z.strictObject({ name: text, state: z.enum(['success', 'failure', 'pending']) })),
  }),
  render,
  freezes: z.array(
    z.strictObject({
      environment: text.exactOptional(),
      by: text,
      reason: text.exactOptional(),
      until: moment.exactOptional(),
    }),
  ),
  pin: z
    .strictObject({ version: text, by: text, reason: text.exactOptional(), until: moment.exactOptional() })
    .exactOptional(),
  overrides: z.array(z.strictObject({ rule: text, by: text, reason: text, rendersAlike: alike, isAdmin: z.boolean() })),
  twins: others.exactOptional(),
});
