/**
 * A normalised repository reference without tag or digest, such as `docker.io/library/nginx` or
 * `ghcr.io/acme/shop`. Two references to one repository have one `ImageName`.
 */
export type ImageName = string & { readonly __imageName: unique symbol };

export interface ImageReference {
  readonly name: ImageName;
  readonly tag?: string;
  readonly digest?: string;
}

const DEFAULT_REGISTRY = 'docker.io';
const DIGEST = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-fA-F]{32,}$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const HOST =
  /^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?$/;
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;

/**
 * Parses an image reference as container runtimes read it. The grammar and the Docker Hub defaults are those of
 * the distribution reference package (`reference.ParseNormalizedNamed`). Upper case in a path is refused, as there.
 * @returns undefined when the text is no image reference.
 */
export function parseImageReference(text: string): ImageReference | undefined {
  const at = text.indexOf('@');
  const digest = at === -1 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !DIGEST.test(digest)) return undefined;
  const rest = at === -1 ? text : text.slice(0, at);
  const colon = rest.lastIndexOf(':');
  const tag = colon > rest.lastIndexOf('/') ? rest.slice(colon + 1) : undefined;
  if (tag !== undefined && !TAG.test(tag)) return undefined;
  const name = normalise(tag === undefined ? rest : rest.slice(0, colon));
  if (name === undefined) return undefined;
  return { name, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

/** Like {@link parseImageReference}, for text that must be a name alone: a tag or digest makes it undefined. */
export function parseImageName(text: string): ImageName | undefined {
  const reference = parseImageReference(text);
  return reference?.tag === undefined && reference?.digest === undefined ? reference?.name : undefined;
}

export function isTag(text: string): boolean {
  return TAG.test(text);
}

export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}

/** `ghcr.io/acme/shop:1.2.3@sha256:…` */
export function formatImageReference({ name, tag, digest }: ImageReference): string {
  return name + (tag === undefined ? '' : `:${tag}`) + (digest === undefined ? '' : `@${digest}`);
}

/** The name as people write it: without Docker Hub's implied host and `library/`. */
export function familiarName(name: ImageName): string {
  return name.replace(/^docker\.io\/(?:library\/)?/, '');
}

function normalise(name: string): ImageName | undefined {
  const slash = name.indexOf('/');
  const first = slash === -1 ? '' : name.slice(0, slash);
  const hasHost = first.includes('.') || first.includes(':') || first === 'localhost' || first !== first.toLowerCase();
  const host = hasHost ? first.toLowerCase() : DEFAULT_REGISTRY;
  let path = hasHost ? name.slice(slash + 1) : name;
  if (!HOST.test(host) || !path.split('/').every((component) => COMPONENT.test(component))) return undefined;
  const registry = host === 'index.docker.io' || host === 'registry-1.docker.io' ? DEFAULT_REGISTRY : host;
  if (registry === DEFAULT_REGISTRY && !path.includes('/')) path = `library/${path}`;
  return `${registry}/${path}` as ImageName;
}
