import { expect } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import type { ConfigProblem, ConfigWarning } from '../../src/config/problem.ts';
import { readConfig } from '../../src/config/read-config.ts';

const FILE = '.tagalong.yml';

/** The configuration and warnings of a text that must be valid. */
export function valid(text: string): { config: Config; warnings: readonly ConfigWarning[] } {
  const read = readConfig(new Map([[FILE, text]]));
  expect(read).toMatchObject({ kind: 'valid', file: FILE });
  if (read.kind !== 'valid') throw new Error('not valid');
  return read;
}

/** The problems of a text that must be broken. */
export function problemsOf(text: string): readonly ConfigProblem[] {
  const read = readConfig(new Map([[FILE, text]]));
  expect(read).toMatchObject({ kind: 'invalid', file: FILE });
  return read.kind === 'invalid' ? read.problems : [];
}

/** `line:column path` of each. */
export function places(entries: readonly { line: number; column: number; path: string }[]): string[] {
  return entries.map(({ line, column, path }) => `${line}:${column} ${path}`);
}
