import { generateKeyPairSync } from 'node:crypto';
import nock from 'nock';
import { afterEach, beforeEach, expect } from 'vitest';
import { createGitHub, type GitHub, type GitHubOptions } from '../../../src/forge/github/github.ts';
import type { Log, Metrics } from '../../../src/telemetry/telemetry.ts';
import { push, webhook } from './webhooks.ts';

export const API = 'https://api.github.com';
export const TOKEN = `ghs_${'T0ken'.repeat(8)}`;
export const WEBHOOK_SECRET = 'the secret of the webhooks';
export const NOW = new Date('2026-03-04T05:06:07Z');
export const DEPLOY = { forge: 'github', path: 'Acme/deploy' } as const;

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
export const PRIVATE_KEY = privateKey;

export interface Nocked {
  readonly github: GitHub;
  readonly outcomes: Parameters<Metrics['forgeRequest']>[1][];
  readonly logged: object[];
  /** Moves the clock of the adapter. */
  readonly wait: (seconds: number) => void;
}

/** A GitHub adapter that has learnt from a webhook of `Acme/deploy`, and whose every request must be expected. */
export function createNocked(changes: Partial<GitHubOptions> = {}): Nocked {
  const outcomes: Nocked['outcomes'] = [];
  const logged: object[] = [];
  let now = NOW;
  const github = createGitHub({
    appId: 42,
    privateKey,
    webhookSecret: WEBHOOK_SECRET,
    apiUrl: API,
    webUrl: 'https://github.com',
    log: listLog(logged),
    metrics: { forgeRequest: (_forge, outcome) => void outcomes.push(outcome) },
    now: () => now,
    ...changes,
  });
  github.receiver.decode(webhook('push', push()));
  return { github, outcomes, logged, wait: (seconds) => void (now = new Date(now.getTime() + seconds * 1000)) };
}

/** No request goes out, and every expected one must have come. */
export function useStrictNock(): void {
  beforeEach(() => nock.disableNetConnect());
  afterEach(() => {
    const unused = nock.pendingMocks();
    nock.cleanAll();
    nock.enableNetConnect();
    expect(unused, 'requests that were expected and never came').toEqual([]);
  });
}

export function expectToken(api = API): void {
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  nock(api)
    .post('/app/installations/7/access_tokens')
    .reply(201, { token: TOKEN, expires_at: expiresAt, permissions: { contents: 'write' } });
}

function listLog(lines: object[]): Log {
  const add = (fields: object, message: string) => void lines.push({ ...fields, message });
  return { debug: add, info: add, warn: add, error: add, child: () => listLog(lines) };
}
