import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';
import type { Metrics } from './telemetry.ts';

/** What a Prometheus server reads. */
export interface Exposition {
  readonly contentType: string;
  readonly text: string;
}

export interface PrometheusMetrics extends Metrics {
  exposition(): Promise<Exposition>;
}

const FAST_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const SLOW_SECONDS = [0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200];

/**
 * Metrics in a registry of their own, with those of the process. Label values come from closed sets alone, never from
 * what a sender wrote, so that nobody can grow the registry from outside.
 */
export function createMetrics(): PrometheusMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const webhooks = new Counter({
    name: 'tagalong_webhooks_total',
    help: 'Webhooks answered, by sender and outcome.',
    labelNames: ['sender', 'outcome'],
    registers,
  });
  const unmentioned = new Counter({
    name: 'tagalong_images_unmentioned_total',
    help: 'Published images that no manifest repository mentions.',
    registers,
  });
  const reconciliations = new Histogram({
    name: 'tagalong_reconciliation_seconds',
    help: 'Time one reconciliation of a subject took, by kind of subject and outcome.',
    labelNames: ['kind', 'outcome'],
    buckets: FAST_SECONDS,
    registers,
  });
  const proposals = new Histogram({
    name: 'tagalong_proposal_delay_seconds',
    help: 'Time from the acceptance of an event to the change that proposes it, opened or updated.',
    labelNames: ['kind'],
    buckets: SLOW_SECONDS,
    registers,
  });
  const forgeRequests = new Counter({
    name: 'tagalong_forge_requests_total',
    help: 'HTTP requests to forges, by forge and outcome.',
    labelNames: ['forge', 'outcome'],
    registers,
  });
  const renders = new Histogram({
    name: 'tagalong_render_seconds',
    help: 'Time one run of a renderer took, by engine and outcome.',
    labelNames: ['engine', 'outcome'],
    buckets: FAST_SECONDS,
    registers,
  });
  return {
    webhook: (sender, outcome) => webhooks.inc({ sender, outcome }),
    imageUnmentioned: () => unmentioned.inc(),
    reconciled: (kind, outcome, seconds) => reconciliations.observe({ kind, outcome }, seconds),
    proposed: (kind, seconds) => proposals.observe({ kind }, seconds),
    forgeRequest: (forge, outcome) => forgeRequests.inc({ forge, outcome }),
    rendered: (engine, outcome, seconds) => renders.observe({ engine, outcome }, seconds),
    exposition: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}
