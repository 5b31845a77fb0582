const MANIFEST = /\.(?:ya?ml|json)$/i;
const KUSTOMIZATION = /^(?:kustomization\.ya?ml|Kustomization)$/;
/** YAML that is written for other tools, and holds images that no cluster runs from here. */
const OF_OTHER_TOOLS =
  /^(?:(?:docker-)?compose(?:[.-].*)?\.ya?ml|(?:azure|bitbucket)-pipelines\.ya?ml|(?:package|package-lock|tsconfig|Chart|skaffold)\.(?:json|ya?ml|lock))$/i;

const IMAGE_KEY = /\bimage["']?[ \t]*:/;
const REPOSITORY_KEY = /\brepository["']?[ \t]*:/;
const VERSION_KEY = /\b(?:tag|digest)["']?[ \t]*:/;
const IMAGES_KEY = /\bimages["']?[ \t]*:/;

/**
 * Whether a file can hold sites, by its name alone. Hidden files and folders (`.github`, `.gitlab-ci.yml`) hold none: they
 * configure CI, and their images run there.
 * @param path repository-relative, with `/`
 */
export function isManifestPath(path: string): boolean {
  const segments = path.split('/');
  const name = segments.at(-1) ?? '';
  if (segments.some((segment) => segment.startsWith('.'))) return false;
  return (MANIFEST.test(name) || KUSTOMIZATION.test(name)) && !OF_OTHER_TOOLS.test(name);
}

/** Whether kustomize would read this file as a kustomization. */
export function isKustomization(path: string): boolean {
  return KUSTOMIZATION.test(path.slice(path.lastIndexOf('/') + 1));
}

/**
 * A cheap look (about 2 ms/MB) that spares most files from being parsed (about 300 ms/MB). Never false for a file in which
 * `findSites` finds something, except for YAML's explicit keys (`? image`), which no tool writes.
 */
export function mayMentionImage(path: string, text: string): boolean {
  if (!isManifestPath(path)) return false;
  if (isKustomization(path)) return IMAGES_KEY.test(text);
  return IMAGE_KEY.test(text) || (REPOSITORY_KEY.test(text) && VERSION_KEY.test(text));
}
