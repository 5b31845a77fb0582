import type { Config } from './config.ts';
import { examplesOf, matchesImage, matchesPath } from './glob.ts';
import type { DocumentPath } from './problem.ts';

export interface Unreachable {
  readonly path: DocumentPath;
  readonly message: string;
}

/** More globs than this are not compared, each with each. */
const MAX_GLOBS = 200;

/** Globs that nothing is left for, because an earlier one takes all that they match. */
export function unreachable(config: Config): Unreachable[] {
  const paths = config.environments.flatMap(({ paths }) => paths);
  if (paths.length + config.images.length > MAX_GLOBS) return [];
  return [...unreachablePaths(config), ...unreachableImages(config)];
}

function unreachablePaths({ environments }: Config): Unreachable[] {
  return environments.flatMap(({ name, paths }, index) =>
    paths.flatMap((glob, at) => {
      const taker = environments
        .slice(0, index)
        .find((earlier) => takesAll(glob, (text) => matchesPath(earlier.paths, text)));
      if (taker === undefined) return [];
      const message = `\`${glob}\` is never reached: \`${taker.name}\` stands before it and matches the same files. A file belongs to the first environment that matches it.`;
      return [{ path: ['environments', name, 'paths', at], message }];
    }),
  );
}

function unreachableImages({ images }: Config): Unreachable[] {
  return images.flatMap(({ match }, index) => {
    const taker = images.slice(0, index).find((earlier) => takesAll(match, (name) => matchesImage(earlier, name)));
    if (taker === undefined) return [];
    const message = `\`${match}\` is never reached: \`${taker.match}\` stands before it and matches the same images. An image takes the first entry that matches it.`;
    return [{ path: ['images', index, 'match'], message }];
  });
}

function takesAll(glob: string, matches: (text: string) => boolean): boolean {
  return examplesOf(glob).every(matches);
}
