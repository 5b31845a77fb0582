import { destination, pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import { prettyLine } from './pretty.ts';
import { redact, redactFields } from './redact.ts';
import type { Log } from './telemetry.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export interface LogOptions {
  readonly level: LogLevel;
  /** One JSON object a line, or lines for people. */
  readonly format: 'json' | 'pretty';
  /** Colors in the lines for people. */
  readonly color?: boolean;
  /** Default: standard output. Nobody waits for it: lines are written while the process goes on, and the last ones when it ends. */
  readonly stream?: DestinationStream;
}

/** The log of the process. Errors go into the field `err`. */
export function createLog(options: LogOptions): Log {
  return portOf(createPino(options));
}

/** The same for libraries that want Pino itself; what they bind to children is not looked through for secrets. */
export function createPino({ level, format, color = false, stream }: LogOptions): Logger {
  const sink = stream ?? destination({ dest: 1, sync: false, maxLength: MOST_UNREAD_BYTES });
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => redactFields(fields),
      },
      serializers: { err: (error: unknown) => redact(error) },
    },
    format === 'json' ? sink : prettyStream(sink, color),
  );
}

/** Where nobody reads the log any more, lines are dropped rather than kept for ever. */
const MOST_UNREAD_BYTES = 16 * 1024 ** 2;

/** Pino's formatters do not see the fields of children, so they are redacted here. */
function portOf(logger: Logger): Log {
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    child: (fields) => portOf(logger.child(redactFields(fields))),
  };
}

function prettyStream(sink: DestinationStream, color: boolean): DestinationStream {
  return {
    write: (line) => {
      sink.write(prettyLine(line, color));
    },
  };
}
