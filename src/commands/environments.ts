import { nearestWord } from '../config/nearest.ts';
import { unknownEnvironment } from '../markdown/replies-refusals.ts';
import type { CommandContext } from './command.ts';

/** The environments of the repository, in the order of its configuration; empty when that is not valid. */
export function environmentNames({ config, known }: Pick<CommandContext, 'config' | 'known'>): readonly string[] {
  if (config === undefined) return [];
  return config.environments.length === 0 ? [known.defaultBranch] : config.environments.map(({ name }) => name);
}

export type FoundEnvironment =
  { readonly ok: true; readonly name: string } | { readonly ok: false; readonly markdown: string };

/** The environment that a word names; case does not count. */
export function findEnvironment(context: Pick<CommandContext, 'config' | 'known'>, word: string): FoundEnvironment {
  const names = environmentNames(context);
  const name = environmentCalled(names, word);
  if (name !== undefined) return { ok: true, name };
  return { ok: false, markdown: unknownEnvironment(word, { names, nearest: nearestWord(word, names) }) };
}

export function environmentCalled(names: readonly string[], word: string): string | undefined {
  return names.find((name) => name === word) ?? names.find((name) => name.toLowerCase() === word.toLowerCase());
}
