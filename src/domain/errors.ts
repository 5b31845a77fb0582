/** Every error a person can meet, with what it means and what to do. `docs/errors.md` is generated from this table. */
export const errorCodes = {
  'settings-invalid': {
    transient: false,
    meaning: 'A setting in the environment is missing or has a wrong value.',
    remedy: 'Set it as the message says; `docs/settings.md` lists every setting.',
  },
  'data-directory-locked': {
    transient: false,
    meaning: 'Another process uses the data directory.',
    remedy: 'Stop the other process, or give each its own `TAGALONG_DATA`; several replicas need `DATABASE_URL`.',
  },
  'store-not-durable': {
    transient: false,
    meaning: 'The embedded database could not prove that its commits reach the disk.',
    remedy: 'Put `TAGALONG_DATA` on a local file system that supports fsync, or use PostgreSQL with `DATABASE_URL`.',
  },
  'store-newer': {
    transient: false,
    meaning: 'A newer release of Tagalong has changed the tables of the database, and this one does not know how.',
    remedy: 'Run that release or a newer one; to go back, restore the backup that was made before the update.',
  },
  'store-unavailable': {
    transient: true,
    meaning: 'The database did not answer.',
    remedy: 'Nothing is lost: senders are told to deliver again, and work resumes when the database is back.',
  },
  'run-timeout': {
    transient: false,
    meaning: 'Work on one repository or change did not end in time, and was given up.',
    remedy:
      'It is tried again. When it comes back, look at what the log says before it: a hanging disk, network or renderer.',
  },
  'forge-unavailable': {
    transient: true,
    meaning: 'The forge did not answer, or answered with a server error.',
    remedy: 'Nothing to do: it is retried until the forge is back.',
  },
  'forge-rate-limited': {
    transient: true,
    meaning: 'The forge asked us to wait.',
    remedy: 'Nothing to do: it is retried when the limit is reset.',
  },
  'forge-refused': {
    transient: false,
    meaning: 'The forge refused a request: a missing permission, a protected branch, a repository that is gone.',
    remedy: 'The message quotes the forge. Check the permissions of the app and the rules of the branch.',
  },
  'forge-conflict': {
    transient: true,
    meaning: 'Something moved on the forge while we wrote to it.',
    remedy: 'Nothing to do: the subject is reconciled again from the new state.',
  },
  'notify-failed': {
    transient: true,
    meaning: 'The chat did not take a message.',
    remedy: 'The message quotes the chat. It is tried again; the forge is told all the same.',
  },
  'git-failed': {
    transient: true,
    meaning: 'A git command failed.',
    remedy: 'The message quotes git. It is retried; a damaged mirror is made anew.',
  },
  'render-failed': {
    transient: false,
    meaning: 'A renderer (kustomize, helm) refused its input.',
    remedy: 'The message quotes the renderer; mend the manifests.',
  },
  'tool-missing': {
    transient: false,
    meaning: 'A renderer is not installed.',
    remedy: 'Install the named tool, or set the path to it; the container image brings both.',
  },
} as const satisfies Record<string, { transient: boolean; meaning: string; remedy: string }>;

export type ErrorCode = keyof typeof errorCodes;

/**
 * An error with a code of {@link errorCodes}. The message is for people and holds no secret and no manifest value.
 * Transient ones are retried until they pass; others are retried a few times and then kept as dead letters.
 */
export class TagalongError extends Error {
  readonly code: ErrorCode;
  /** The earliest moment at which a retry makes sense, where the other side said it. */
  readonly retryAt?: Date;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; retryAt?: Date } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'TagalongError';
    this.code = code;
    if (options.retryAt !== undefined) this.retryAt = options.retryAt;
  }

  get transient(): boolean {
    return errorCodes[this.code].transient;
  }
}

/** The code of an error, or undefined for one that we did not make. */
export function errorCode(error: unknown): ErrorCode | undefined {
  return error instanceof TagalongError ? error.code : undefined;
}
