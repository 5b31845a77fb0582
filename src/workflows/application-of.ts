import { imageRule, type Config } from '../config/config.ts';
import type { ProposedBump } from '../domain/bump.ts';
import type { RepositoryRef } from '../domain/repository.ts';
import type { Forge } from '../forge/forge.ts';

/**
 * The repository that a bump's image was built from. `elsewhere`: the sender or a label of the image names one of another owner, and the
 * configuration does not: anybody can write that name, and it would lead the bot into a repository that has nothing to do with these
 * manifests. `untold`: nobody names one, or one on another forge, where the bot is nobody.
 */
export type Application =
  | { readonly kind: 'known'; readonly repository: RepositoryRef }
  | { readonly kind: 'elsewhere' }
  | { readonly kind: 'untold' };

/** What the configuration says counts for more than what was sent: it was reviewed. */
export function applicationOf(
  forge: Pick<Forge, 'commitUrl'>,
  config: Config,
  { repository: manifests, image, to: { provenance } }: Pick<ProposedBump, 'repository' | 'image' | 'to'>,
): Application {
  const configured = imageRule(config, image)?.source?.replaceAll('{name}', image.slice(image.lastIndexOf('/') + 1));
  const named = configured ?? provenance?.repository;
  const path = named === undefined ? undefined : pathOnForge(forge, manifests, named);
  if (path === undefined) return { kind: 'untold' };
  if (configured === undefined && ownerOf(path) !== ownerOf(manifests.path)) return { kind: 'elsewhere' };
  return { kind: 'known', repository: { forge: manifests.forge, path } };
}

const PATH = /^[\w.-]+(?:\/[\w.-]+)+$/;

/** What git takes for an address over SSH besides `ssh://` (git-clone, "GIT URLS"): `git@host:owner/name.git`. */
const SCP = /^(?:[\w.-]+@)?([\w.-]+):(?!\/\/|\d+\/)\/?/;

/** `owner/name`, or the address of a clone on the forge of the manifests, or of a page of the repository there. */
function pathOnForge(forge: Pick<Forge, 'commitUrl'>, manifests: RepositoryRef, named: string): string | undefined {
  if (PATH.test(named)) return named;
  const address = named.replace(SCP, 'ssh://$1/');
  if (!URL.canParse(address)) return undefined;
  const { protocol, host, hostname, pathname } = new URL(address);
  const own = new URL(forge.commitUrl(manifests, 'HEAD'));
  const path = pathname
    .replace(/(?<=\/[^/]+\/[^/]+)\/(?:-\/)?(?:tree|blob|commit)\/.*$/, '')
    .replace(/^\/+/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '');
  // Pages and clones over SSH have ports of their own.
  const isOurs = protocol === 'ssh:' ? hostname === own.hostname : host === own.host;
  return isOurs && PATH.test(path) ? path : undefined;
}

function ownerOf(path: string): string {
  return path.slice(0, path.indexOf('/')).toLowerCase();
}
