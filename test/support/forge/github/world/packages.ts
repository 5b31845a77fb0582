import { account } from './accounts.ts';
import type { PublishedPackage } from './events.ts';
import type { Repository } from './model.ts';
import type { World } from './world.ts';

export interface NewPackage {
  readonly owner: string;
  readonly name: string;
  readonly tag?: string;
  readonly digest: string;
  /** The repository that the image is linked to. */
  readonly repository?: Repository;
  readonly commit?: string;
}

/** An image reaches the container registry: GitHub tells of it by two events with much the same content. */
export function publishPackage(world: World, wanted: NewPackage): PublishedPackage {
  const owner = account(world, wanted.owner, 'Organization');
  const published: PublishedPackage = {
    id: world.nextId(),
    versionId: world.nextId(),
    owner,
    name: wanted.name,
    tag: wanted.tag,
    digest: wanted.digest,
    repository: wanted.repository,
    commit: wanted.commit,
    publishedAt: world.now(),
  };
  world.emit({ name: 'registry_package', action: 'published', package: published, sender: owner });
  world.emit({ name: 'package', action: 'published', package: published, sender: owner });
  return published;
}
