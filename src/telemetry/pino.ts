import { destination, pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import { prettyLine } from './pretty.ts';
import { redactFields } from './redact.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export interface LogOptions {
  readonly level: LogLevel;
  /** One JSON object a line, or lines for people. */
  readonly format: 'json' | 'pretty';
  /** Colors in the lines for people. */
  readonly color?: boolean;
  /** Default: standard output, written at once so that the last line before an end is not lost. */
  readonly stream?: DestinationStream;
}

/** A log that fulfils the port `Log`; Probot takes it too. Errors go into the field `err`. */
export function createLog({ level, format, color = false, stream }: LogOptions): Logger {
  const sink = stream ?? destination({ dest: 1, sync: true });
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => redactFields(fields),
        bindings: (fields) => redactFields(fields),
      },
    },
    format === 'json' ? sink : prettyStream(sink, color),
  );
}

function prettyStream(sink: DestinationStream, color: boolean): DestinationStream {
  return {
    write: (line) => {
      sink.write(prettyLine(line, color));
    },
  };
}
