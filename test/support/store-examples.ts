import { randomUUID } from 'node:crypto';
import type { ProposedBump } from '../../src/domain/bump.ts';
import type { ImagePublished } from '../../src/domain/event.ts';
import { type ImageName, parseImageName } from '../../src/domain/image.ts';
import type { RepositoryRef } from '../../src/domain/repository.ts';
import type { Subject } from '../../src/domain/subject.ts';
import type { Delivery } from '../../src/store/store.ts';

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
