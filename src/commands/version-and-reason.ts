import type { Version } from '../domain/version.ts';
import { firstWord, reasonIn } from './arguments.ts';
import type { CommandContext } from './command.ts';
import { findVersion } from './find-version.ts';
import type { Target } from './target.ts';

export type VersionAndReason =
  | { readonly ok: true; readonly version?: Version; readonly reason?: string }
  | { readonly ok: false; readonly markdown: string };

/**
 * A version and the reason behind it, each where there is one: `1.4.1 checkout fails`, `1.4.1: checkout fails`, `because checkout fails`. A first
 * word that is no known version belongs to the reason, unless it may have been meant as one: to go somewhere else instead would be a surprise.
 */
export async function readVersionAndReason(
  context: Parameters<typeof findVersion>[0],
  target: Target,
  text: string,
): Promise<VersionAndReason> {
  const { word, rest } = firstWord(text);
  if (word === '' || isBecause(word)) return { ok: true, ...reasonOf(text) };
  const found = await findVersion(context, target, bare(word), { isMore: rest !== '' });
  if (found.ok) return { ok: true, version: found.version, ...reasonOf(rest) };
  return rest === '' || MAY_BE_VERSION.test(word) ? found : { ok: true, ...reasonOf(text) };
}

/** The version that has to be there, and the reason behind it. */
export async function readVersionThenReason(
  context: Pick<CommandContext, 'bump' | 'change' | 'index' | 'bumps' | 'standing'>,
  target: Target,
  text: string,
): Promise<VersionAndReason> {
  const { word, rest } = firstWord(text);
  const found = await findVersion(context, target, bare(word), { isMore: false });
  return found.ok ? { ok: true, version: found.version, ...reasonOf(rest) } : found;
}

export function isBecause(word: string): boolean {
  return /^because:?$/i.test(word);
}

const MAY_BE_VERSION = /[\d@:]/;

/** No tag ends in these; a sentence goes on behind them. */
function bare(word: string): string {
  return word.replace(/[,:;]+$/, '');
}

function reasonOf(text: string): { readonly reason?: string } {
  const { word, rest } = firstWord(text);
  const reason = reasonIn(isBecause(word) ? rest : text);
  return reason === undefined ? {} : { reason };
}
