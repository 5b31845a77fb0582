import { type Command, InvalidArgumentError } from 'commander';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Io } from './io.ts';

/** The exit code of wrong usage, told apart from that of a finding. */
export const USAGE = 2;

export function directoryArgument(text: string): string {
  if (text === '') throw new InvalidArgumentError('A directory is wanted.');
  return text;
}

export function repositoryArgument(text: string): string {
  if (!/^[\w.-]+\/[\w.-]+$/.test(text)) throw new InvalidArgumentError('A repository is wanted, such as acme/deploy.');
  return text;
}

export function countArgument(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('A whole number from 1 on is wanted.');
  return Number(text);
}

export function commitArgument(text: string): string {
  if (!/^[0-9a-f]{7,64}$/i.test(text)) throw new InvalidArgumentError('A commit hash is wanted, of 7 digits or more.');
  return text.toLowerCase();
}

export function dateArgument(text: string): string {
  const date = new Date(`${text}T00:00:00Z`);
  const isDate = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text) && text.length === 10;
  if (!isDate) throw new InvalidArgumentError('A date is wanted, such as 2024-11-02.');
  return text;
}

/** Ends as wrong usage where the argument names no directory. */
export async function requireDirectory(program: Command, io: Io, directory: string): Promise<void> {
  const entry = await stat(path.resolve(io.cwd, directory)).catch(() => undefined);
  if (entry?.isDirectory() === true) return;
  const reason = entry === undefined ? 'does not exist' : 'is no directory';
  program.error(`error: '${directory}' ${reason}`, { exitCode: USAGE });
}
