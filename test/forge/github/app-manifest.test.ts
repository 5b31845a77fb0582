import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { decodedEvents, unsubscribableEvents } from '../../../src/forge/github/events.ts';

const manifest = z
  .strictObject({
    name: z.string(),
    description: z.string(),
    public: z.boolean(),
    default_permissions: z.record(z.string(), z.enum(['read', 'write'])),
    default_events: z.array(z.string()),
  })
  .parse(parse(readFileSync(new URL('../../../app.yml', import.meta.url), 'utf8')));

describe('app.yml', () => {
  test('subscribes to every event that is decoded, and to no other', () => {
    const always: readonly string[] = unsubscribableEvents;
    const wanted = decodedEvents.filter((name) => !always.includes(name));
    expect([...manifest.default_events].sort()).toEqual([...wanted].sort());
  });

  test('asks for no more than the job needs', () => {
    expect(manifest.default_permissions).toEqual({
      metadata: 'read',
      administration: 'read',
      checks: 'write',
      contents: 'write',
      deployments: 'write',
      issues: 'write',
      members: 'read',
      merge_queues: 'read',
      packages: 'read',
      pull_requests: 'write',
      statuses: 'write',
    });
  });
});
