#!/usr/bin/env node
import { CommanderError } from 'commander';
import { USAGE } from './cli/arguments.ts';
import { paint, processIo, type ExitCode, type Io } from './cli/io.ts';
import { buildProgram } from './cli/program.ts';
import { errorCodes, TagalongError } from './domain/errors.ts';

/** Runs one command line, without the program's own name in front. Never throws: whatever happens is told on `stderr`. */
export async function runCli(args: readonly string[], io: Io): Promise<ExitCode> {
  let code: ExitCode = 0;
  const program = buildProgram(io, (result) => (code = result));
  try {
    await program.parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    tellError(io, error);
    return 1;
  }
}

/** Errors of ours say what to do; of others the stack is told, because it is a defect. */
function tellError({ stderr }: Io, error: unknown): void {
  const label = paint(stderr, 'red', 'error:');
  if (error instanceof TagalongError) {
    stderr.write(`${label} ${error.message} (${error.code})\n${errorCodes[error.code].remedy}\n`);
    return;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  stderr.write(`${label} ${text}\n`);
}

/** A reader that has seen enough (`tagalong scan . | head`) ends the program, and is no error. */
function tolerateClosedPipe(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
}

if (import.meta.main) {
  tolerateClosedPipe(process.stdout);
  tolerateClosedPipe(process.stderr);
  process.exitCode = await runCli(process.argv.slice(2), processIo(process));
}
