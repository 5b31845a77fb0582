import { randomBytes, randomUUID } from 'node:crypto';
import type { AuditEntry } from '../../src/domain/audit.ts';
import type { ProposedBump } from '../../src/domain/bump.ts';
import type { DeployReport } from '../../src/domain/deploy.ts';
import type { ImagePublished } from '../../src/domain/event.ts';
import { type ImageName, parseImageName } from '../../src/domain/image.ts';
import type { RepositoryRef } from '../../src/domain/repository.ts';
import type { Subject } from '../../src/domain/subject.ts';
import type { Delivery, RememberedVerdict } from '../../src/store/store.ts';

/** A repository that no other test has. */
export function newRepository(): RepositoryRef {
  return { forge: 'github', path: `Acme/deploy-${randomUUID()}` };
}

/** An image that no other test has. */
export function newImage(): ImageName {
  return imageName(`ghcr.io/acme/${randomUUID()}`);
}

export function imageName(text: string): ImageName {
  const name = parseImageName(text);
  if (name === undefined) throw new Error(`${text} is no image.`);
  return name;
}

export function repositorySubject(repository = newRepository()): Subject {
  return { kind: 'repository', repository };
}

export function published(image: ImageName, tag: string, more: Partial<ImagePublished> = {}): ImagePublished {
  return { kind: 'image-published', image, tag, ...more };
}

/** A delivery with an id of its own. */
export function delivery(parts: Partial<Delivery> = {}): Delivery {
  return { id: randomUUID(), sender: 'test', receivedAt: new Date(), published: [], wakes: [], ...parts };
}

export function proposedBump(parts: Partial<ProposedBump> = {}): ProposedBump {
  return {
    repository: newRepository(),
    environment: 'staging',
    image: newImage(),
    from: [{ tag: '1.4.1' }, { tag: '1.4.0', digest: 'sha256:aa' }],
    to: { tag: '1.4.2', publishedAt: new Date('2025-03-01T12:00:00Z') },
    change: 7,
    branch: 'tagalong/shop',
    headCommit: 'a'.repeat(40),
    baseCommit: 'b'.repeat(40),
    state: 'open',
    history: [],
    proposedAt: new Date('2025-03-01T12:01:00Z'),
    ...parts,
  };
}

export function verdictOf(parts: Partial<RememberedVerdict> = {}): RememberedVerdict {
  return {
    repository: newRepository(),
    number: 7,
    headCommit: newCommit(),
    baseCommit: 'b'.repeat(40),
    outcome: 'wait',
    verdict: { reason: 'One more approval is wanted.' },
    requiredChecks: ['build'],
    decidedAt: new Date('2025-03-10T12:00:00Z'),
    ...parts,
  };
}

/** A commit that no other test has. */
export function newCommit(): string {
  return randomBytes(20).toString('hex');
}

export function deployReport(parts: Partial<DeployReport> = {}): DeployReport {
  return { tool: 'argo-cd', application: 'shop-production', state: 'succeeded', revision: newCommit(), ...parts };
}

/** A line with a key of its own. */
export function auditEntry(parts: Partial<AuditEntry> = {}): AuditEntry {
  return {
    key: randomUUID(),
    at: new Date('2025-03-10T12:00:00Z'),
    actor: { kind: 'person', name: 'ada' },
    action: 'pin',
    repository: newRepository(),
    event: 'comment 1',
    details: {},
    ...parts,
  };
}
