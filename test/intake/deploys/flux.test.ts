import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFluxReceiver, decodeFlux } from '../../../src/intake/deploys/flux.ts';
import { commit, hmac, onlyEvent, reportOf, request, secrets } from './sent.ts';

const now = new Date('2026-11-21T12:00:00Z');
const receiver = createFluxReceiver(secrets);

const event = (changes: object = {}, metadata: Record<string, string> = { revision: `main@sha1:${commit}` }) => ({
  involvedObject: {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    name: 'shop-staging',
    namespace: 'flux-system',
    uid: '6f6a6c7e-6b0b-4a53-8d5f-3f1f0d0f2a10',
  },
  severity: 'info',
  reason: 'ReconciliationSucceeded',
  message: 'Reconciliation finished in 1.2s, next run in 10m0s',
  reportingController: 'kustomize-controller',
  timestamp: '2026-11-21T11:59:58Z',
  metadata,
  ...changes,
});

describe('who sent it', () => {
  const body = Buffer.from(JSON.stringify(event()));

  test.each([
    ['sha256', 'new secret'],
    ['sha256', 'old secret'],
    ['sha384', 'new secret'],
    ['sha512', 'new secret'],
  ])('is proved by %s with the %s', async (hash, secret) => {
    const headers = { 'x-signature': hmac(hash, secret, body) };
    expect(await receiver.authenticate({ body, headers }, now)).toEqual({ ok: true });
  });

  test.each([
    ['another secret', { 'x-signature': hmac('sha256', 'other', body) }, 'the signature fits no secret'],
    [
      'another body',
      { 'x-signature': hmac('sha256', 'new secret', Buffer.from('{}')) },
      'the signature fits no secret',
    ],
    ['the hash of another length', { 'x-signature': `sha512=${'ab'.repeat(32)}` }, 'the signature fits no secret'],
    ['sha1', { 'x-signature': hmac('sha1', 'new secret', body) }, 'made with sha1; accepted: sha256, sha384, sha512'],
    ['sha224', { 'x-signature': hmac('sha224', 'new secret', body) }, 'made with sha224'],
    ['md5', { 'x-signature': hmac('md5', 'new secret', body) }, 'made with md5'],
    ['no hash', { 'x-signature': 'ab'.repeat(32) }, 'made with no hash'],
    ['an empty signature', { 'x-signature': '' }, 'made with no hash'],
    ['nothing at all', {}, 'neither x-signature'],
    ['a bearer of another secret', { authorization: 'Bearer other' }, 'fits no secret'],
    ['a bearer beside a wrong signature', { 'x-signature': 'sha1=ab', authorization: 'Bearer new secret' }, 'sha1'],
  ])('is not proved by %s', async (_, headers, reason) => {
    expect(await receiver.authenticate({ body, headers }, now)).toEqual({
      ok: false,
      reason: expect.stringContaining(reason) as unknown,
    });
  });

  test('is never believed when one bit of the body is different', async () => {
    const headers = { 'x-signature': hmac('sha256', 'new secret', body) };
    await fc.assert(
      fc.asyncProperty(fc.nat(body.length - 1), fc.nat(7), async (at, bit) => {
        const changed = Buffer.from(body);
        changed.writeUInt8(changed.readUInt8(at) ^ (1 << bit), at);
        expect(await receiver.authenticate({ body: changed, headers }, now)).toMatchObject({ ok: false });
      }),
    );
  });

  test('is proved by the header of the unsigned provider', async () => {
    const bearers = createFluxReceiver(['first', 'second']);
    const headers = { authorization: 'Bearer second' };
    expect(await bearers.authenticate({ body, headers }, now)).toEqual({ ok: true });
  });
});

describe('what it says', () => {
  test('a Kustomization that was applied', () => {
    expect(reportOf(decodeFlux, event())).toEqual({
      tool: 'flux',
      application: 'Kustomization/flux-system/shop-staging',
      state: 'succeeded',
      revision: commit,
      message: 'Reconciliation finished in 1.2s, next run in 10m0s',
      at: '2026-11-21T11:59:58.000Z',
    });
  });

  test.each([
    ['error', 'ReconciliationFailed', 'failed'],
    ['error', 'HealthCheckFailed', 'failed'],
    ['error', 'BuildFailed', 'failed'],
    ['error', 'ValidationFailed', 'failed'],
    ['error', 'ArtifactFailed', 'failed'],
    ['error', 'SomethingNew', 'failed'],
    ['error', 'ReconciliationSucceeded', 'failed'],
    ['info', 'Progressing', 'in-progress'],
    ['info', 'ProgressingWithRetry', 'in-progress'],
    ['info', 'DependencyNotReady', 'queued'],
    ['info', 'InstallSucceeded', 'succeeded'],
    ['info', 'UpgradeSucceeded', 'succeeded'],
    ['info', 'TestSucceeded', 'succeeded'],
    ['error', 'UpgradeFailed', 'failed'],
    ['info', 'TestFailed', 'failed'],
    ['info', 'RollbackSucceeded', 'failed'],
    ['info', 'UninstallSucceeded', 'failed'],
  ])('%s %s is %s', (severity, reason, state) => {
    expect(reportOf(decodeFlux, event({ severity, reason }))).toMatchObject({ state });
  });

  test('health checks that passed are a success, whatever the reason says at that moment', () => {
    const passed = event({ reason: 'Progressing', message: 'Health check passed in 5.02s' });
    expect(reportOf(decodeFlux, passed)).toMatchObject({ state: 'succeeded' });
  });

  test.each([
    [`main@sha1:${commit}`, commit],
    [`feature/x@sha1:${commit}`, commit],
    [`sha1:${commit}`, commit],
    [`main/${commit}`, commit],
    [commit.toUpperCase(), commit],
    ['v1.2.0/731f7ea', '731f7ea'],
    ['0.4.1+731f7eaddfb6', '731f7eaddfb6'],
    ['0.4.1-rc.1+731f7eaddfb6.2', '731f7eaddfb6'],
  ])('the commit of %s', (revision, expected) => {
    expect(reportOf(decodeFlux, event({}, { revision }))).toMatchObject({ revision: expected });
  });

  test('the key of the revision is understood with the group in front, too', () => {
    const metadata = { 'kustomize.toolkit.fluxcd.io/revision': `main/${commit}` };
    expect(reportOf(decodeFlux, event({}, metadata))).toMatchObject({ revision: commit });
  });

  test('an OCI artifact is told by the commit that it was made from', () => {
    const metadata = { revision: `latest@sha256:${'ab'.repeat(32)}`, originRevision: `main@sha1:${commit}` };
    expect(reportOf(decodeFlux, event({}, metadata))).toMatchObject({ revision: commit });
  });

  test('keys of one’s own say more', () => {
    const metadata = {
      revision: `main@sha1:${commit}`,
      environment: 'staging',
      path: './apps/shop/overlays/staging',
      repository: 'ssh://git@github.com/acme/deploy.git',
      environmentUrl: 'https://staging.acme.example/',
      url: 'javascript:alert(1)',
    };
    const report = reportOf(decodeFlux, event({}, metadata));
    expect(report).toMatchObject({
      environment: 'staging',
      path: 'apps/shop/overlays/staging',
      repository: { forge: 'github', path: 'acme/deploy' },
      environmentUrl: 'https://staging.acme.example/',
    });
    expect(report).not.toHaveProperty('url');
  });

  test.each([
    ['6.5.0', 'a revision that names no git commit'],
    [`latest@sha256:${'ab'.repeat(32)}`, 'a revision that names no git commit'],
    ['main', 'a revision that names no git commit'],
    ['', 'no revision'],
  ])('%j is ignored: %s', (revision, reason) => {
    expect(onlyEvent(decodeFlux, event({}, { revision }))).toEqual({
      kind: 'ignored',
      reason: `Kustomization/flux-system/shop-staging: ${reason}`,
    });
  });

  test.each([['GitRepository'], ['OCIRepository'], ['HelmChart'], ['ImagePolicy'], ['Receiver']])(
    'a %s is ignored',
    (kind) => {
      const about = event({ involvedObject: { kind, name: 'deploy', namespace: 'flux-system' } });
      expect(onlyEvent(decodeFlux, about)).toEqual({ kind: 'ignored', reason: `a ${kind} deploys nothing itself` });
    },
  );

  test('news of unknown meaning is ignored', () => {
    expect(onlyEvent(decodeFlux, event({ reason: 'HealthCheckCanceled' }))).toMatchObject({ kind: 'ignored' });
  });

  test('a message is cut and cleaned', () => {
    const message = `\u001b[31mno\u0000\u202e\r\n${'x'.repeat(5000)}`;
    const report = reportOf(decodeFlux, event({ severity: 'error', message }));
    expect(report.message).toHaveLength(2000);
    expect(report.message).toMatch(/^\[31mno\nx+…$/);
  });

  test.each([
    ['', 'the body is empty'],
    ['{', 'the body is not JSON'],
    ['[]', 'expected object'],
    ['{"severity":"info"}', 'involvedObject'],
  ])('%j is refused: %s', (body, reason) => {
    expect(decodeFlux(request(body))).toEqual({ ok: false, reason: expect.stringContaining(reason) as unknown });
  });

  test('anything at all is decoded or refused, and never thrown', () => {
    const shaped = fc.record({
      involvedObject: fc.record({ kind: fc.constant('Kustomization'), name: fc.string() }),
      severity: fc.string(),
      reason: fc.string(),
      metadata: fc.dictionary(fc.string(), fc.string()),
    });
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), shaped), (value) => {
        expect(decodeFlux(request(value))).toHaveProperty('ok');
      }),
    );
  });
});
