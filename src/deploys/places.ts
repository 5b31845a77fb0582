import type { DeployReport } from '../domain/deploy.ts';
import { indexOfRun, wordsOf } from './words.ts';

/** Whether an application deploys what a bump wrote in one of its environments. */
export type Deploys = (places: readonly string[]) => boolean;

/**
 * Which of the bumps of an environment an application deploys, told by where they are written. A folder in the report decides, where it is
 * one. Else the words of the application's name (without those of the environment) are looked for among the folders: the
 * application deploys what lies in the folders that share the most words with it. An application that shares none with any folder of
 * the environment deploys all of it.
 * @param folders every folder of the environment
 */
export function deploysPlaces(
  report: Pick<DeployReport, 'tool' | 'application' | 'path'>,
  environment: string,
  folders: readonly string[],
): Deploys {
  const { path } = report;
  if (path !== undefined) return (places) => places.some((place) => isWithin(place, path));
  const words = identity(report, environment);
  const most = Math.max(0, ...folders.map((folder) => sharedWords(folder, words)));
  return most === 0
    ? () => true
    : (places) =>
        places.some((place) => sharedWords(parentOf(place), words) === most || sharedWords(place, words) === most);
}

/** Whether a file or folder is at or below a folder; '' is the root. */
export function isWithin(place: string, folder: string): boolean {
  return folder === '' || place === folder || place.startsWith(`${folder}/`);
}

/** The words that say which application it is: of `Kustomization/flux-system/shop-staging`, `shop`. */
function identity({ tool, application }: Pick<DeployReport, 'tool' | 'application'>, environment: string): string[] {
  const parts = application.split('/');
  const name =
    tool === 'flux' || tool === 'argo-rollouts' ? parts.at(-1) : tool === 'spinnaker' ? parts[0] : application;
  const words = [...wordsOf(name ?? '')];
  const run = wordsOf(environment);
  const at = indexOfRun(words, run);
  if (at !== -1) words.splice(at, run.length);
  return words;
}

/** How many of the words are names of folders on the path, or parts of such names that stand together. */
function sharedWords(path: string, words: readonly string[]): number {
  const shared = new Set<number>();
  for (const segment of path.split('/')) {
    const run = wordsOf(segment);
    const at = indexOfRun(words, run);
    if (at !== -1) run.forEach((_, offset) => shared.add(at + offset));
  }
  return shared.size;
}

function parentOf(path: string): string {
  const end = path.lastIndexOf('/');
  return end === -1 ? '' : path.slice(0, end);
}
