import type { Log, Metrics } from '../../src/telemetry/telemetry.ts';

/** A log that nobody reads. */
export const silentLog: Log = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLog,
};

/** Metrics that nobody reads. */
export const silentMetrics: Metrics = {
  webhook() {},
  imageUnmentioned() {},
  reconciled() {},
  proposed() {},
  forgeRequest() {},
  rendered() {},
};
