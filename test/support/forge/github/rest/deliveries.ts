import type { Attempt, Delivery, Outbox } from '../webhooks/outbox.ts';
import { notFound } from '../world/refusal.ts';
import { operation } from './operation.ts';

export const deliveryOperations = [
  operation('apps/get-webhook-config-for-app', 'app', ({ services }) => {
    const { target } = services.outbox;
    const secret = target === undefined || target.secret === '' ? {} : { secret: '********' };
    return { status: 200, body: { url: target?.url ?? '', content_type: 'json', insecure_ssl: '0', ...secret } };
  }),
  operation('apps/list-webhook-deliveries', 'app', ({ services, query, url }) => {
    const all = attempts(services.outbox).reverse();
    const start = query.cursor === undefined ? 0 : all.findIndex(({ attempt }) => String(attempt.id) === query.cursor);
    const size = query.per_page ?? 30;
    const page = start < 0 ? [] : all.slice(start, start + size);
    const next = start < 0 ? undefined : all[start + size];
    const address = new URL(url);
    if (next !== undefined) address.searchParams.set('cursor', String(next.attempt.id));
    const headers: Record<string, string> = next === undefined ? {} : { link: `<${address.href}>; rel="next"` };
    return { status: 200, body: page.map(itemBody), headers };
  }),
  operation('apps/get-webhook-delivery', 'app', ({ services, path }) => {
    const found = attempts(services.outbox).find(({ attempt }) => attempt.id === path.delivery_id);
    if (found === undefined) throw notFound();
    const { delivery, attempt } = found;
    const payload = record(JSON.parse(delivery.body));
    return {
      status: 200,
      body: {
        ...itemBody(found),
        url: services.outbox.target?.url ?? '',
        request: { headers: { 'X-GitHub-Delivery': delivery.guid, 'X-GitHub-Event': delivery.event }, payload },
        response: { headers: {}, payload: attempt.response },
      },
    };
  }),
  operation('apps/redeliver-webhook-delivery', 'app', ({ services, path }) => {
    const found = attempts(services.outbox).find(({ attempt }) => attempt.id === path.delivery_id);
    if (found === undefined) throw notFound();
    services.outbox.redeliver(found.delivery);
    return { status: 202, body: {} };
  }),
];

interface Tried {
  readonly delivery: Delivery;
  readonly attempt: Attempt;
}

/** Oldest first. */
function attempts(outbox: Outbox): Tried[] {
  const tried = outbox.deliveries.flatMap((delivery) => delivery.attempts.map((attempt) => ({ delivery, attempt })));
  return tried.sort((a, b) => a.attempt.id - b.attempt.id);
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function itemBody({ delivery, attempt }: Tried) {
  return {
    id: attempt.id,
    guid: delivery.guid,
    delivered_at: attempt.at.toISOString(),
    redelivery: attempt.redelivery,
    duration: attempt.durationMs / 1000,
    status: attempt.status,
    status_code: attempt.statusCode,
    event: delivery.event,
    action: delivery.action ?? null,
    installation_id: delivery.installationId ?? null,
    repository_id: delivery.repositoryId ?? null,
    throttled_at: null,
  };
}
