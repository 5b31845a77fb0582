import { expect, test } from 'vitest';
import { createMetrics } from '../../src/telemetry/prometheus.ts';

test('every metric is on the page, with its unit in its name', async () => {
  const metrics = createMetrics();
  metrics.webhook('github', 'accepted');
  metrics.webhook('github', 'accepted');
  metrics.webhook('generic', 'unauthorised');
  metrics.imageUnmentioned();
  metrics.reconciled('repository', 'done', 0.2);
  metrics.proposed('opened', 3);
  metrics.forgeRequest('github', 'ok');
  metrics.rendered('helm', 'failed', 1.5);

  const { contentType, text } = await metrics.exposition();
  expect(contentType).toContain('text/plain');
  expect(text.split('\n')).toEqual(
    expect.arrayContaining([
      'tagalong_webhooks_total{sender="github",outcome="accepted"} 2',
      'tagalong_webhooks_total{sender="generic",outcome="unauthorised"} 1',
      'tagalong_images_unmentioned_total 1',
      'tagalong_reconciliation_seconds_sum{kind="repository",outcome="done"} 0.2',
      'tagalong_proposal_delay_seconds_sum{kind="opened"} 3',
      'tagalong_forge_requests_total{forge="github",outcome="ok"} 1',
      'tagalong_render_seconds_bucket{le="1",engine="helm",outcome="failed"} 0',
      'tagalong_render_seconds_bucket{le="2.5",engine="helm",outcome="failed"} 1',
    ]),
  );
  expect(text).toContain('process_resident_memory_bytes');
});

test('two bots in one process do not count for each other', async () => {
  const [one, other] = [createMetrics(), createMetrics()];
  one.imageUnmentioned();
  expect((await other.exposition()).text).toContain('tagalong_images_unmentioned_total 0');
});
