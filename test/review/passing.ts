import type { Person } from '../../src/domain/change.ts';
import type { EnvironmentPolicy, ReviewPolicy } from '../../src/domain/policy.ts';
import type {
  Snapshot,
  SnapshotBump,
  SnapshotChange,
  SnapshotOverride,
  SnapshotReview,
} from '../../src/review/snapshot.ts';

/** A Wednesday. */
export const AT = '2024-11-06T12:00:00Z';
export const HEAD = 'a'.repeat(40);
export const BOT: Person = { login: 'tagalong[bot]', isBot: true };

type Parts = Partial<Omit<Snapshot, 'change'>> & { readonly change?: Partial<SnapshotChange> };

export const BUMP: SnapshotBump = {
  environment: 'production',
  image: 'ghcr.io/acme/shop',
  from: ['1.4.2'],
  to: '1.5.0',
  isUntouched: true,
};

/**
 * A snapshot that passes: the bot's own bump of `ghcr.io/acme/shop` in production, whose image alice has written, approved by bob. Each
 * case of the tables differs from it in one thing.
 */
export function passing(parts: Parts = {}): Snapshot {
  return untold({ applicationAuthors: { people: [person('alice')], unknown: [], isComplete: true }, ...parts });
}

/** The same, of an image that does not tell what it was built from. */
export function untold(parts: Parts = {}): Snapshot {
  return approved({ bump: BUMP, ...parts });
}

/** A pull request that alice has opened and pushed to, approved by bob. */
export function byPerson(parts: Parts = {}): Snapshot {
  return approved({
    authors: { people: [person('alice')], unknown: [], isComplete: true },
    ...parts,
    change: { author: person('alice'), title: 'Give the shop more memory', ...parts.change },
  });
}

function approved({ change, ...parts }: Parts): Snapshot {
  return {
    version: 1,
    at: AT,
    repository: { forge: 'github', path: 'acme/deploy' },
    change: {
      number: 12,
      url: 'https://github.com/acme/deploy/pull/12',
      state: 'open',
      title: 'shop 1.4.2 → 1.5.0 in production',
      author: BOT,
      isDraft: false,
      fromFork: false,
      headCommit: HEAD,
      baseCommit: 'b'.repeat(40),
      targetBranch: 'main',
      labels: [],
      mergeable: 'yes',
      ...change,
    },
    paths: ['apps/shop/production/kustomization.yaml'],
    config: { kind: 'valid', policies: [policy()] },
    authors: { people: [], unknown: [], isComplete: true },
    reviews: [review('bob')],
    teams: { '@acme/sre': ['bob', 'carol'], '@acme/shop': ['alice', 'dave'] },
    checks: { required: ['ci/lint'], reported: [{ name: 'ci/lint', state: 'success' }] },
    render: { kind: 'rendered', findings: [], failures: [] },
    freezes: [],
    overrides: [],
    ...parts,
  };
}

export function person(login: string): Person {
  return { login, isBot: login.endsWith('[bot]') };
}

let reviews = 0;

/** An approval of the present head, unless `parts` says otherwise; each later than the one before. */
export function review(login: string, parts: Partial<SnapshotReview> = {}): SnapshotReview {
  reviews += 1;
  return {
    id: String(reviews),
    by: person(login),
    state: 'approved',
    at: new Date(Date.UTC(2024, 10, 5) + reviews * 1000).toISOString(),
    commit: HEAD,
    rendersAlike: true,
    mayWrite: true,
    ...parts,
  };
}

export function override(rule: string, parts: Partial<SnapshotOverride> = {}): SnapshotOverride {
  return { rule, by: 'root', reason: 'the shop is down', rendersAlike: true, isAdmin: true, ...parts };
}

type PolicyParts = Partial<Omit<EnvironmentPolicy, 'review'>> & {
  readonly review?: Partial<ReviewPolicy>;
  readonly paths?: readonly string[];
};

export function policy({ review, ...parts }: PolicyParts = {}): EnvironmentPolicy & { paths: readonly string[] } {
  return {
    environment: 'production',
    merge: 'manual',
    freeze: [],
    paths: ['apps/shop/production/kustomization.yaml'],
    review: { forbid: ['plain-secret'], ...review },
    ...parts,
  };
}

export function asking(review: Partial<ReviewPolicy>): Pick<Snapshot, 'config'> {
  return { config: { kind: 'valid', policies: [policy({ review })] } };
}
