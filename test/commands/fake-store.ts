import type { AuditEntry } from '../../src/domain/audit.ts';
import type { ProposedBump } from '../../src/domain/bump.ts';
import type { ImageName } from '../../src/domain/image.ts';
import type {
  BumpRequest,
  CommandApproval,
  Freeze,
  MergeRequest,
  Override,
  Pin,
  Skip,
  SteeringAction,
} from '../../src/domain/steering.ts';
import { formatSubject } from '../../src/domain/subject.ts';
import type { PublishedVersion } from '../../src/domain/version.ts';
import type { RememberedRender, RememberedVerdict, Rollout, Steering } from '../../src/store/store.ts';
import type { RunCommandsDeps } from '../../src/workflows/run-commands.ts';

/** What a test puts in, and looks at afterwards: one repository, one change. */
export interface Kept {
  pins: Pin[];
  freezes: Freeze[];
  skips: Skip[];
  requests: BumpRequest[];
  approvals: CommandApproval[];
  overrides: Override[];
  mergeRequest: MergeRequest | undefined;
  audit: AuditEntry[];
  /** As `subject reason`. */
  wakes: string[];
  bumps: ProposedBump[];
  /** Newest merge first. */
  merged: ProposedBump[];
  files: Map<ImageName, string[]>;
  published: Map<ImageName, PublishedVersion[]>;
  verdict: RememberedVerdict | undefined;
  renders: RememberedRender[];
  rollouts: Rollout[];
  comments: Map<string, { id: string; bodyHash: string } | 'unknown'>;
}

export function nothingKept(): Kept {
  return {
    pins: [],
    freezes: [],
    skips: [],
    requests: [],
    approvals: [],
    overrides: [],
    mergeRequest: undefined,
    audit: [],
    wakes: [],
    bumps: [],
    merged: [],
    files: new Map(),
    published: new Map(),
    verdict: undefined,
    renders: [],
    rollouts: [],
    comments: new Map(),
  };
}

/** The part of the store that commands see, in memory. */
export function fakeStore(kept: Kept): RunCommandsDeps['store'] {
  return {
    steering: fakeSteering(kept),
    audit: {
      append(entries) {
        kept.audit.push(...entries.filter(({ key }) => !kept.audit.some((each) => each.key === key)));
        return Promise.resolve();
      },
      entries: ({ change, limit }) =>
        Promise.resolve(
          kept.audit
            .filter((entry) => change === undefined || entry.change === change)
            .toReversed()
            .slice(0, limit),
        ),
    },
    inbox: {
      wake(subject, reason) {
        kept.wakes.push(`${formatSubject(subject)} ${reason.kind}`);
        return Promise.resolve();
      },
    },
    bumps: {
      ofRepository: (_, images) =>
        Promise.resolve(kept.bumps.filter(({ image }) => images === undefined || images.includes(image))),
      setState(_, number, state) {
        kept.bumps = kept.bumps.map((bump) => (bump.change === number ? { ...bump, state } : bump));
        return Promise.resolve();
      },
      merged: (_, { environment, image, limit }) =>
        Promise.resolve(
          kept.merged
            .filter((bump) => environment === undefined || bump.environment === environment)
            .filter((bump) => image === undefined || bump.image === image)
            .slice(0, limit),
        ),
    },
    files: (_, images) =>
      Promise.resolve(new Map([...kept.files].filter(([image]) => images === undefined || images.includes(image)))),
    published: (images) => Promise.resolve(new Map([...kept.published].filter(([image]) => images.includes(image)))),
    verdicts: { verdict: () => Promise.resolve(kept.verdict) },
    renders: { renders: () => Promise.resolve(kept.renders) },
    deploys: {
      rollouts: () => Promise.resolve(kept.rollouts),
      rolloutsOf: (_, number) => Promise.resolve(kept.rollouts.filter((rollout) => rollout.number === number)),
    },
    comments: {
      comment: (_, number, marker) => Promise.resolve(kept.comments.get(`${number} ${marker}`)),
      begin(_, number, marker) {
        const key = `${number} ${marker}`;
        if (!kept.comments.has(key)) kept.comments.set(key, 'unknown');
        return Promise.resolve();
      },
      finish(_, number, marker, comment) {
        kept.comments.set(`${number} ${marker}`, comment);
        return Promise.resolve();
      },
    },
  };
}

function fakeSteering(kept: Kept): Steering {
  return {
    ofRepository(_, now) {
      const isInForce = ({ until }: { readonly until?: Date }) => until === undefined || until > now;
      const { pins, freezes, skips, requests } = kept;
      return Promise.resolve({ pins: pins.filter(isInForce), freezes: freezes.filter(isInForce), skips, requests });
    },
    ofChange() {
      const { approvals, overrides, mergeRequest } = kept;
      return Promise.resolve({ approvals, overrides, ...(mergeRequest !== undefined && { mergeRequest }) });
    },
    apply(_, action, entry, wakes) {
      if (!kept.audit.some(({ key }) => key === entry.key)) {
        kept.audit.push(entry);
        carryOut(kept, action);
      }
      kept.wakes.push(...wakes.map(({ subject, reason }) => `${formatSubject(subject)} ${reason.kind}`));
      return Promise.resolve();
    },
  };
}

type Placed = { readonly environment: string; readonly image: ImageName };

function carryOut(kept: Kept, action: SteeringAction): void {
  const isElsewhere = (of: Placed) => (each: Placed) => each.environment !== of.environment || each.image !== of.image;
  switch (action.kind) {
    case 'pin':
      kept.pins = [...kept.pins.filter(isElsewhere(action.pin)), action.pin];
      return;
    case 'unpin':
      kept.pins = kept.pins.filter(isElsewhere(action));
      return;
    case 'freeze':
      kept.freezes = [
        ...kept.freezes.filter(({ environment }) => environment !== action.freeze.environment),
        action.freeze,
      ];
      return;
    case 'unfreeze':
      kept.freezes =
        action.environment === undefined
          ? []
          : kept.freezes.filter(({ environment }) => environment !== action.environment);
      return;
    case 'skip':
      kept.skips.push(action.skip);
      return;
    case 'request':
      kept.requests = [...kept.requests.filter(isElsewhere(action.request)), action.request];
      return;
    case 'fulfil':
      kept.requests = kept.requests.filter(isElsewhere(action));
      return;
    case 'approve':
      kept.approvals = [...kept.approvals.filter(({ by }) => by !== action.approval.by), action.approval];
      return;
    case 'unapprove':
      kept.approvals = kept.approvals.filter(({ by }) => by !== action.by);
      return;
    case 'override':
      kept.overrides.push(action.override);
      return;
    case 'request-merge':
      kept.mergeRequest = action.request;
      return;
    case 'withdraw-merge':
      kept.mergeRequest = undefined;
      return;
  }
}
