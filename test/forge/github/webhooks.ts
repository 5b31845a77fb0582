import { createHmac } from 'node:crypto';
import type { RawRequest } from '../../../src/intake/receiver.ts';

export const BEFORE = 'a'.repeat(40);
export const AFTER = 'b'.repeat(40);
export const NOTHING = '0'.repeat(40);
export const DIGEST = `sha256:${'c0ffee'.repeat(10)}abcd`;

const repository = { full_name: 'Acme/deploy', node_id: 'R_deploy', default_branch: 'main' };

/** A request as GitHub sends it. */
export function webhook(event: string, payload: unknown, secret?: string): RawRequest {
  const body = Buffer.from(JSON.stringify(payload));
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'x-github-event': event,
      'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
      ...(secret !== undefined && { 'x-hub-signature-256': sign(body, secret) }),
    },
  };
}

export function sign(body: Buffer, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

export function push(changes: object = {}): object {
  return {
    ref: 'refs/heads/main',
    before: BEFORE,
    after: AFTER,
    forced: false,
    repository,
    commits: [
      { added: ['b.yaml'], removed: [], modified: ['a.yaml'] },
      { added: [], removed: ['c.yaml'], modified: ['a.yaml'] },
    ],
    installation: { id: 7 },
    ...changes,
  };
}

export function pullRequest(action: string, pull: object = {}, changes: object = {}): object {
  return {
    action,
    number: 12,
    pull_request: {
      state: 'open',
      merged: false,
      head: { sha: AFTER, ref: 'tagalong/staging/shop' },
      base: { ref: 'main' },
      ...pull,
    },
    repository,
    ...changes,
  };
}

export function container(changes: object = {}, version: object = {}): object {
  return {
    name: 'Shop',
    namespace: 'Acme',
    ecosystem: 'CONTAINER',
    package_type: 'CONTAINER',
    owner: { login: 'Acme' },
    package_version: {
      name: DIGEST,
      version: DIGEST,
      package_url: 'ghcr.io/acme/shop:V1.4.2',
      target_commitish: 'main',
      target_oid: AFTER,
      created_at: '2026-01-02T03:04:05Z',
      updated_at: '2026-01-02T03:04:06Z',
      container_metadata: {
        tag: { name: 'V1.4.2', digest: DIGEST },
        labels: { source: '', revision: '' },
        manifest: { digest: DIGEST },
      },
      ...version,
    },
    ...changes,
  };
}
