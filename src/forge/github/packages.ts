import { z } from 'zod';
import type { Event } from '../../domain/event.ts';
import { isDigest, isTag, parseImageReference, type ImageName } from '../../domain/image.ts';
import type { Provenance } from '../../domain/version.ts';

const text = z.string().nullish();

const packageVersion = z.object({
  name: text,
  version: text,
  package_url: text,
  target_oid: text,
  target_commitish: text,
  created_at: text,
  updated_at: text,
  container_metadata: z
    .object({
      tag: z.object({ name: text, digest: text }).nullish(),
      labels: z.object({ source: text, revision: text }).nullish(),
      manifest: z.object({ digest: text }).nullish(),
    })
    .nullish(),
});

const registryPackage = z.object({
  name: z.string(),
  namespace: text,
  owner: z.object({ login: z.string() }).nullish(),
  ecosystem: text,
  package_type: text,
  package_version: packageVersion.nullish(),
});

const repository = z.object({ full_name: z.string() }).nullish();

/** `registry_package` and `package` say the same of a package, each under its own name. */
export const registryPackageEvent = z.object({ action: z.string(), registry_package: registryPackage, repository });

export const packageEvent = z
  .object({ action: z.string(), package: registryPackage, repository })
  .transform(({ package: published, ...event }) => ({ ...event, registry_package: published }));

type PackageEvent = z.infer<typeof registryPackageEvent>;
type PackageVersion = z.infer<typeof packageVersion>;

/** GitHub says `published` and `updated`; `create` is what it said when the container registry was new. */
const PUBLISHING = ['published', 'updated', 'create', 'created'];

export function decodePackage(event: PackageEvent, { webUrl }: { webUrl: string }): readonly Event[] {
  const { action, registry_package: published } = event;
  const type = published.package_type ?? published.ecosystem ?? 'unknown';
  if (type.toLowerCase() !== 'container') return [ignored(`a package of type ${type} is no container image`)];
  if (!PUBLISHING.includes(action)) return [ignored(`nothing follows from a package that is ${action}`)];
  const version = published.package_version ?? {};
  const tag = version.container_metadata?.tag?.name ?? '';
  if (tag === '') return [ignored('an image without a tag was pushed')];
  const image = imageOf(published, version, webUrl);
  if (image === undefined || !isTag(tag)) return [ignored('the package has no name that an image can have')];
  const [digest, publishedAt] = [digestOf(version), publishedAtOf(version)];
  const provenance = provenanceOf(version, event.repository?.full_name, webUrl);
  return [
    {
      kind: 'image-published',
      image,
      tag,
      ...(digest !== undefined && { digest }),
      ...(publishedAt !== undefined && { publishedAt }),
      ...(provenance !== undefined && { provenance }),
    },
  ];
}

function ignored(reason: string): Event {
  return { kind: 'ignored', reason };
}

/**
 * The name under which the image is pulled. Owners and names arrive in any case and are lower case in the registry; the address that
 * GitHub gives ends in a bare colon where there is no tag.
 */
function imageOf(
  { name, namespace, owner }: z.infer<typeof registryPackage>,
  { package_url: url }: PackageVersion,
  webUrl: string,
): ImageName | undefined {
  const address = (url ?? '').replace(/^https?:\/\//, '').replace(/:$/, '');
  const addressed = address.includes('/') ? parseImageReference(lowerName(address))?.name : undefined;
  if (addressed !== undefined) return addressed;
  const account = owner?.login ?? namespace?.split('/')[0] ?? '';
  return parseImageReference(`${registryHost(webUrl)}/${account}/${name}`.toLowerCase())?.name;
}

/** Tags keep their case. */
function lowerName(reference: string): string {
  return reference.replace(/^[^@]*?(?=$|@|:[^/]*$)/, (name) => name.toLowerCase());
}

/** `ghcr.io` for github.com; the container registry of any other GitHub is its subdomain `containers`. */
function registryHost(webUrl: string): string {
  const { host } = new URL(webUrl);
  return host === 'github.com' ? 'ghcr.io' : `containers.${host}`;
}

function digestOf({ container_metadata: container, name, version }: PackageVersion): string | undefined {
  const candidates = [container?.tag?.digest, container?.manifest?.digest, version, name];
  return candidates.find((each): each is string => typeof each === 'string' && isDigest(each));
}

/** GitHub writes the year 1 where it does not know. */
function publishedAtOf({ updated_at: updated, created_at: created }: PackageVersion): string | undefined {
  const time = [updated, created].map((each) => Date.parse(each ?? '')).find((each) => each > 0);
  return time === undefined ? undefined : new Date(time).toISOString();
}

/** The labels of the image say which commit it was built from; the package says only which commit its repository was at. */
function provenanceOf(
  { container_metadata: container, target_oid: target, target_commitish: branch }: PackageVersion,
  path: string | undefined,
  webUrl: string,
): Provenance | undefined {
  const labelled = container?.labels?.revision ?? '';
  const source = sourceOf(container?.labels?.source ?? '', webUrl) ?? path;
  const from = source === undefined ? {} : { repository: source };
  if (COMMIT.test(labelled)) return { commit: labelled.toLowerCase(), ...from };
  if (!COMMIT.test(target ?? '') || path === undefined) return undefined;
  return { commit: target ?? '', repository: path, ...(branch ? { branch } : {}) };
}

const COMMIT = /^[0-9a-f]{7,64}$/i;

/** `owner/name` for a repository of this GitHub, the address for any other; undefined when it is no address. */
function sourceOf(source: string, webUrl: string): string | undefined {
  if (!URL.canParse(source)) return undefined;
  const { origin, pathname } = new URL(source);
  if (origin !== new URL(webUrl).origin) return source;
  const [, path] = /^\/([^/]+\/[^/]+?)(?:\.git)?\/?$/.exec(pathname) ?? [];
  return path ?? source;
}
