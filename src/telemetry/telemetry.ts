/** Structured logging: the message is static, data goes in fields, and no secret, token or manifest value is ever a field. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** A log that adds these fields to every line. */
  child(fields: object): Log;
}

/** What is counted and timed. The names on `/metrics` and their help texts stand in the Prometheus adapter alone. */
export interface Metrics {
  /** A webhook was answered. */
  webhook(
    sender: string,
    outcome: 'accepted' | 'duplicate' | 'ignored' | 'unauthorised' | 'invalid' | 'unavailable',
  ): void;
  /** An image was published that no manifest repository mentions. */
  imageUnmentioned(): void;
  /** A subject was reconciled. */
  reconciled(kind: 'repository' | 'change' | 'deploys', outcome: 'done' | 'retry' | 'dead', seconds: number): void;
  /** A bump reached the forge: a new change, or a new version in an open one. Seconds since the event was accepted. */
  proposed(kind: 'opened' | 'updated', seconds: number): void;
  /** One HTTP request to a forge. */
  forgeRequest(forge: string, outcome: 'ok' | 'client-error' | 'server-error' | 'rate-limited' | 'network-error'): void;
  /** One run of a renderer. */
  rendered(engine: string, outcome: 'ok' | 'failed', seconds: number): void;
}
