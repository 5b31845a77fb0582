import type { ImageName } from '../domain/image.ts';
import type { FileProblem } from '../domain/site.ts';
import { type Mirrors, readInParts, type Tree } from '../git/git.ts';
import { findSites } from '../manifests/find-sites.ts';
import { isManifestPath, mayMentionImage } from '../manifests/pre-scan.ts';
import { decodeText } from '../manifests/text.ts';
import type { KnownRepository } from '../store/store.ts';

/** How many files are asked for at once. */
const BATCH = 500;

/** Reading takes a second for a megabyte, on a busy machine, and much memory. The bundles of large operators have less. */
const LARGEST_BYTES = 4 * 1024 * 1024;

/** What the index should say of the files that differ from the commit that it describes. */
export interface IndexChanges {
  readonly mentions: ReadonlyMap<string, readonly ImageName[]>;
  /** True when every file was read, not only those that changed. */
  readonly complete: boolean;
  readonly problems: readonly FileProblem[];
}

/**
 * Reads the files of a manifest repository that changed between the commit that is indexed and `head`, so that the cost follows the
 * push and not the size of the repository. Writes nothing: the caller updates the index once it has told of the problems.
 */
export async function scanChanges(
  mirrors: Pick<Mirrors, 'changedPaths' | 'tree'>,
  known: KnownRepository,
  head: string,
): Promise<IndexChanges> {
  if (known.indexedCommit === head) return { mentions: new Map(), complete: false, problems: [] };
  const tree = await mirrors.tree(known.repository, head);
  const changed = await changedSince(mirrors, known, head);
  const paths = changed ?? (await tree.list()).map(({ path }) => path);
  return { ...(await readMentions(tree, paths)), complete: changed === undefined };
}

/** undefined when the indexed commit is not there to compare with: everything has to be read. */
async function changedSince(
  mirrors: Pick<Mirrors, 'changedPaths'>,
  known: KnownRepository,
  head: string,
): Promise<string[] | undefined> {
  if (known.indexedCommit === undefined) return undefined;
  try {
    const changed = await mirrors.changedPaths(known.repository, known.indexedCommit, head);
    return changed.map(({ path }) => path);
  } catch {
    return undefined;
  }
}

async function readMentions(
  tree: Tree,
  paths: readonly string[],
): Promise<{ mentions: Map<string, readonly ImageName[]>; problems: FileProblem[] }> {
  const mentions = new Map<string, readonly ImageName[]>(paths.map((path) => [path, []]));
  const problems: FileProblem[] = [];
  for (let start = 0; start < paths.length; start += BATCH) {
    const batch = paths.slice(start, start + BATCH).filter(isManifestPath);
    for await (const part of readInParts(tree, batch)) {
      for (const [path, bytes] of part) {
        const found = imagesIn(path, bytes);
        mentions.set(path, found.images);
        problems.push(...found.problems);
      }
    }
  }
  return { mentions, problems };
}

function imagesIn(
  path: string,
  bytes: Buffer,
): { readonly images: readonly ImageName[]; readonly problems: readonly FileProblem[] } {
  const text = decodeText(bytes);
  if (text === undefined) return { images: [], problems: [{ path, message: 'The file is not valid UTF-8.' }] };
  if (!mayMentionImage(path, text)) return { images: [], problems: [] };
  if (bytes.length > LARGEST_BYTES) {
    return {
      images: [],
      problems: [{ path, message: 'The file is too large for a manifest: its images are not followed.' }],
    };
  }
  const { sites, problems } = findSites(path, text);
  return { images: [...new Set(sites.map(({ image }) => image))], problems };
}
