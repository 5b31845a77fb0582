import { createReadStream } from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import { evaluate } from '../review/evaluate.ts';
import type { Snapshot } from '../review/snapshot.ts';
import { paint, readStdin, type CommandRun, type Io, type SimulateOptions } from './io.ts';
import { snapshotSchema } from './snapshot-schema.ts';
import { writeVerdict } from './verdict-text.ts';

/** Far more than a snapshot of a change with thousands of files takes. */
const LIMIT = 25 * 1024 * 1024;
const MAX_PROBLEMS = 20;

/** Tells what the gate says of a saved snapshot: 0 when it passes, 1 when it waits or blocks, 2 when there is no snapshot to judge. */
export const runSimulate: CommandRun<SimulateOptions> = async (io, { file, json }) => {
  const read = await readSnapshot(io, file);
  if (!read.ok) {
    for (const problem of read.problems) io.stderr.write(`${paint(io.stderr, 'red', 'error:')} ${problem}\n`);
    return 2;
  }
  const verdict = evaluate(read.snapshot);
  if (json) io.stdout.write(`${JSON.stringify(verdict, undefined, 2)}\n`);
  else writeVerdict(io.stdout, verdict);
  return verdict.outcome === 'pass' ? 0 : 1;
};

type ReadSnapshot =
  { readonly ok: true; readonly snapshot: Snapshot } | { readonly ok: false; readonly problems: readonly string[] };

async function readSnapshot(io: Io, file: string): Promise<ReadSnapshot> {
  const text = await readText(io, file);
  if (!text.ok) return { ok: false, problems: [`${file}: ${text.problem}`] };
  const value = parseJson(text.text);
  if (!value.ok) return { ok: false, problems: [`${file}: this is no JSON: ${value.problem}`] };
  const parsed = snapshotSchema.safeParse(value.value);
  if (parsed.success) return { ok: true, snapshot: parsed.data };
  const { issues } = parsed.error;
  const problems = issues.slice(0, MAX_PROBLEMS).map((issue) => `${file}: ${place(issue.path)}: ${wordsOf(issue)}`);
  const more = issues.length - MAX_PROBLEMS;
  return { ok: false, problems: more > 0 ? [...problems, `${file}: and ${more} more`] : problems };
}

/** The reader of the schema, in the words of a person where it has none of its own. */
function wordsOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('received undefined')
        ? 'is missing'
        : issue.message.replace('Invalid input: e', 'e');
    case 'invalid_value':
      return `allowed: ${issue.values.map(String).join(', ')}`;
    case 'unrecognized_keys':
      return `unknown: ${issue.keys.join(', ')}`;
    default:
      return issue.message;
  }
}

type Result<T> = ({ readonly ok: true } & T) | { readonly ok: false; readonly problem: string };

async function readText(io: Io, file: string): Promise<Result<{ readonly text: string }>> {
  try {
    const source = file === '-' ? io : { stdin: createReadStream(path.resolve(io.cwd, file)) };
    const bytes = await readStdin(source, LIMIT);
    if (bytes === undefined) return { ok: false, problem: 'is larger than 25 MiB' };
    return { ok: true, text: bytes.toString('utf8') };
  } catch (error) {
    return { ok: false, problem: `cannot be read: ${messageOf(error).replace(/, (?:open|read).*$/, '')}` };
  }
}

function parseJson(text: string): Result<{ readonly value: unknown }> {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    return { ok: false, problem: messageOf(error) };
  }
}

/** `reviews[2].at` */
function place(path: readonly PropertyKey[]): string {
  const parts = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`));
  return parts.length === 0 ? 'the snapshot' : parts.join('').replace(/^\./, '');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
