import type { Insertable, Selectable } from 'kysely';
import type { ImageName } from '../domain/image.ts';
import type {
  BumpRequest,
  ChangeSteering,
  CommandApproval,
  Decision,
  Freeze,
  MergeRequest,
  Override,
  Pin,
  RepositorySteering,
  Skip,
} from '../domain/steering.ts';
import type { Tables } from './schema.ts';
import { toJson } from './text.ts';

/*
 * Decisions as rows and back. What makes two of them the same decision, so that the later takes the place of the earlier, is the key
 * of the row: kind, number, environment, image and `what`.
 */

/** A row but for the repository, which is that of the action. */
export type DecisionRow = Omit<Insertable<Tables['tagalong.decisions']>, 'repository' | 'forge' | 'path'>;

export function fromPin(pin: Pin): DecisionRow {
  const { environment, image, origin } = pin;
  return { ...row('pin', pin), environment, image, origin, version: toJson(pin.version), ...until(pin) };
}

export function fromFreeze(freeze: Freeze): DecisionRow {
  return { ...row('freeze', freeze), environment: freeze.environment ?? '', ...until(freeze) };
}

export function fromSkip(skip: Skip): DecisionRow {
  const { environment, image, version } = skip;
  const what = toJson([version.tag, version.digest]);
  return { ...row('skip', skip), environment, image, what, version: toJson(version) };
}

export function fromRequest(request: BumpRequest): DecisionRow {
  const { environment, image } = request;
  return { ...row('request', request), environment, image, version: toJson(request.version) };
}

export function fromApproval(number: number, approval: CommandApproval): DecisionRow {
  return { ...row('approval', approval), number, what: personKey(approval.by), head_commit: approval.headCommit };
}

export function fromOverride(number: number, override: Override): DecisionRow {
  return { ...row('override', override), number, what: override.rule, head_commit: override.headCommit };
}

export function fromMergeRequest(number: number, request: MergeRequest): DecisionRow {
  return { ...row('merge', request), number, head_commit: request.headCommit };
}

/** A person as part of a key: logins compare without case. */
export function personKey(login: string): string {
  return login.toLowerCase();
}

type StoredDecision = Selectable<Tables['tagalong.decisions']>;

export function toRepositorySteering(rows: readonly StoredDecision[]): RepositorySteering {
  const of = (kind: StoredDecision['kind']) => rows.filter((each) => each.kind === kind);
  return {
    pins: of('pin').map((each) => ({
      ...place(each),
      version: versionOf(each),
      origin: each.origin ?? 'pin',
      ...decision(each),
      ...(each.ends_at !== null && { until: each.ends_at }),
    })),
    freezes: of('freeze').map((each) => ({
      repository: { forge: each.forge, path: each.path },
      ...(each.environment !== '' && { environment: each.environment }),
      ...decision(each),
      ...(each.ends_at !== null && { until: each.ends_at }),
    })),
    skips: of('skip').map((each) => ({ ...place(each), version: versionOf(each), ...decision(each) })),
    requests: of('request').map((each) => ({
      ...place(each),
      version: { ...versionOf(each), publishedAt: new Date(versionOf(each).publishedAt ?? each.decided_at) },
      ...decision(each),
    })),
  };
}

export function toChangeSteering(rows: readonly StoredDecision[]): ChangeSteering {
  const of = (kind: StoredDecision['kind']) => rows.filter((each) => each.kind === kind);
  const [mergeRequest] = of('merge').map(ofHead);
  return {
    approvals: of('approval').map(ofHead),
    overrides: of('override').map((each) => ({ ...ofHead(each), rule: each.what })),
    ...(mergeRequest !== undefined && { mergeRequest }),
  };
}

function row(kind: DecisionRow['kind'], { by, at, reason }: Decision) {
  return {
    kind,
    number: 0,
    environment: '',
    image: '' as const,
    what: '',
    version: null,
    origin: null,
    head_commit: null,
    decided_by: by,
    decided_at: at,
    reason: reason ?? null,
    ends_at: null,
  };
}

function until({ until: end }: Pin | Freeze): { ends_at: Date | null } {
  return { ends_at: end ?? null };
}

function decision({ decided_by, decided_at, reason }: StoredDecision): Decision {
  return { by: decided_by, at: decided_at, ...(reason !== null && { reason }) };
}

function ofHead(stored: StoredDecision): Decision & { readonly headCommit: string } {
  return { ...decision(stored), headCommit: stored.head_commit ?? '' };
}

function place({ forge, path, environment, image }: StoredDecision) {
  return { repository: { forge, path }, environment, image: named(image) };
}

function named(image: ImageName | ''): ImageName {
  if (image === '') throw new Error('A decision about an image names none.');
  return image;
}

function versionOf({ version }: StoredDecision): NonNullable<StoredDecision['version']> {
  if (version === null) throw new Error('A decision about a version names none.');
  return version;
}
