import type { components } from '@octokit/openapi-webhooks-types';
import type { PublishedPackage } from '../world/events.ts';
import type { Account, Installation } from '../world/model.ts';
import type { World } from '../world/world.ts';
import { userBody } from '../bodies/accounts.ts';
import { repositoryBody } from '../bodies/repository.ts';
import { organizationBody } from './payloads.ts';

type Schemas = components['schemas'];
type RegistryPackage = Schemas['webhook-registry-package-published'];
type Package = Schemas['webhook-package-published'];

/** The description types the image's labels as an object without any, while real deliveries carry them. */
interface ImageLabels {
  readonly description: string;
  readonly source: string;
  readonly revision: string;
  readonly image_url: string;
  readonly licenses: string;
  readonly all_labels: Readonly<Record<string, string>>;
}

interface Surroundings {
  readonly installation: Installation;
  readonly sender: Account;
}

export function registryPackagePayload(world: World, published: PublishedPackage, around: Surroundings): object {
  const payload = {
    action: 'published',
    registry_package: { ...packageFields(world, published), package_version: version(world, published) },
    ...commonFields(world, published, around),
  } satisfies RegistryPackage;
  return withLabels(world, payload, 'registry_package', published);
}

export function packagePayload(world: World, published: PublishedPackage, around: Surroundings): object {
  const payload = {
    action: 'published',
    package: { ...packageFields(world, published), package_version: version(world, published) },
    ...commonFields(world, published, around),
  } satisfies Package;
  return withLabels(world, payload, 'package', published);
}

function commonFields(world: World, { repository, owner }: PublishedPackage, { installation, sender }: Surroundings) {
  return {
    ...(repository === undefined ? {} : { repository: repositoryBody(world, repository) }),
    ...(owner.type === 'Organization' ? { organization: organizationBody(world, owner) } : {}),
    sender: userBody(world, sender),
    installation: { id: installation.id, node_id: installation.nodeId },
  };
}

function packageFields(world: World, published: PublishedPackage) {
  const at = published.publishedAt.toISOString();
  const page = `${world.origin}/orgs/${published.owner.login}/packages/container/${encodeURIComponent(published.name)}`;
  return {
    id: published.id,
    name: published.name,
    namespace: published.owner.login,
    description: '',
    ecosystem: 'CONTAINER',
    package_type: 'CONTAINER',
    html_url: page,
    created_at: at,
    updated_at: at,
    owner: userBody(world, published.owner),
    registry: {
      about_url: `${world.origin}/about-packages`,
      name: 'GitHub CONTAINER registry',
      type: 'CONTAINER',
      url: 'https://ghcr.io',
      vendor: 'GitHub Inc',
    },
  };
}

function version(world: World, published: PublishedPackage) {
  const at = published.publishedAt.toISOString();
  const image = `ghcr.io/${published.owner.login}/${published.name}`.toLowerCase();
  const reference = published.tag === undefined ? `${image}@${published.digest}` : `${image}:${published.tag}`;
  return {
    id: published.versionId,
    version: published.digest,
    name: published.digest,
    summary: '',
    description: '',
    html_url: `${world.origin}/orgs/${published.owner.login}/packages/container/${published.versionId}`,
    target_commitish: published.repository?.defaultBranch ?? '',
    target_oid: published.commit ?? '',
    created_at: at,
    updated_at: at,
    metadata: [],
    container_metadata: { tag: { name: published.tag ?? '', digest: published.digest } },
    package_files: [],
    author: userBody(world, published.owner),
    installation_command: `docker pull ${reference}`,
    package_url: reference,
  };
}

function withLabels(
  world: World,
  payload: object,
  field: 'package' | 'registry_package',
  published: PublishedPackage,
): object {
  const source = published.repository === undefined ? '' : repositoryBody(world, published.repository).html_url;
  const revision = published.commit ?? '';
  const labels: ImageLabels = {
    description: '',
    source,
    revision,
    image_url: '',
    licenses: '',
    all_labels: {
      ...(source === '' ? {} : { 'org.opencontainers.image.source': source }),
      ...(revision === '' ? {} : { 'org.opencontainers.image.revision': revision }),
    },
  };
  const manifest = {
    digest: published.digest,
    media_type: 'application/vnd.oci.image.index.v1+json',
    uri: `repositories/${published.owner.login}/${published.name}/manifests/${published.digest}`,
    size: 1_609,
    config: {},
    layers: [],
  };
  const fields = packageFields(world, published);
  const described = version(world, published);
  const container_metadata = { ...described.container_metadata, labels, manifest };
  return { ...payload, [field]: { ...fields, package_version: { ...described, container_metadata } } };
}
