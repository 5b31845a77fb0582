import { createReadStream } from 'node:fs';
import path from 'node:path';
import { decoders, isSenderName } from '../intake/registry.ts';
import { paint, readStdin, type CommandRun, type EventOptions, type ExitCode, type Io } from './io.ts';

/** What GitHub sends at most. */
const BODY_LIMIT = 25 * 1024 * 1024;

/**
 * Tells what Tagalong understands of a saved webhook body: one line of JSON for each event, the same with and without
 * `--json`. Signatures are not asked for, and headers are not there.
 */
export const runEvent: CommandRun<EventOptions> = async (io, { sender, file }) => {
  if (!isSenderName(sender)) {
    return complain(io, 2, `Unknown sender ${JSON.stringify(sender)}; known: ${Object.keys(decoders).join(', ')}.`);
  }
  const read = await readBody(io, file);
  if (!read.ok) return complain(io, 1, read.reason);
  const decoded = decoders[sender]({ body: read.body, headers: {} });
  if (!decoded.ok) return complain(io, 1, `This is no event of ${sender}: ${decoded.reason}`);
  for (const event of decoded.events) io.stdout.write(`${JSON.stringify(event)}\n`);
  return 0;
};

function complain(io: Io, code: ExitCode, message: string): ExitCode {
  io.stderr.write(`${paint(io.stderr, 'red', 'error:')} ${message}\n`);
  return code;
}

type ReadBody = { readonly ok: true; readonly body: Buffer } | { readonly ok: false; readonly reason: string };

async function readBody(io: Io, file: string): Promise<ReadBody> {
  try {
    const body = await readStdin(
      file === '-' ? io : { stdin: createReadStream(path.resolve(io.cwd, file)) },
      BODY_LIMIT,
    );
    return body === undefined ? { ok: false, reason: `${file}: is larger than 25 MiB` } : { ok: true, body };
  } catch (error) {
    return { ok: false, reason: `${file}: cannot be read: ${error instanceof Error ? error.message : String(error)}` };
  }
}
