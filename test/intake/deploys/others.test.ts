import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeArgoRollouts } from '../../../src/intake/deploys/argo-rollouts.ts';
import { createGenericDeployReceiver, decodeGenericDeploy } from '../../../src/intake/deploys/generic.ts';
import { createSpinnakerReceiver, decodeSpinnaker } from '../../../src/intake/deploys/spinnaker.ts';
import { decoders } from '../../../src/intake/registry.ts';
import { commit, onlyEvent, reportOf, request } from './sent.ts';

describe('Argo Rollouts', () => {
  const body = (changes: object = {}) => ({
    event: 'completed',
    rollout: 'shop',
    namespace: 'shop-production',
    revision: commit,
    repository: 'https://github.com/acme/deploy',
    path: null,
    environment: 'production',
    environmentUrl: null,
    message: null,
    at: '2026-11-21T12:00:00Z',
    ...changes,
  });

  test('a rollout that is complete', () => {
    expect(reportOf(decodeArgoRollouts, body())).toEqual({
      tool: 'argo-rollouts',
      application: 'Rollout/shop-production/shop',
      state: 'succeeded',
      revision: commit,
      repository: { forge: 'github', path: 'acme/deploy' },
      environment: 'production',
      at: '2026-11-21T12:00:00.000Z',
    });
  });

  test.each([
    ['updated', 'in-progress'],
    ['paused', 'in-progress'],
    ['aborted', 'failed'],
    ['degraded', 'failed'],
    ['analysis-run-failed', 'failed'],
    ['analysis-run-error', 'failed'],
  ])('%s is %s', (event, state) => {
    expect(reportOf(decodeArgoRollouts, body({ event }))).toMatchObject({ state });
  });

  test.each([
    [{ event: 'scaling-replica-set' }, 'scaling-replica-set says nothing about a deployment'],
    [{ event: 'toString' }, 'toString says nothing about a deployment'],
    [{ revision: null }, 'its annotation tagalong/revision holds no commit of the manifest repository'],
    [{ revision: '4' }, 'its annotation tagalong/revision holds no commit of the manifest repository'],
  ])('%j is ignored', (changes, reason) => {
    expect(onlyEvent(decodeArgoRollouts, body(changes))).toEqual({
      kind: 'ignored',
      reason: `Rollout/shop-production/shop: ${reason}`,
    });
  });
});

describe('Spinnaker', () => {
  const execution = (changes: object = {}) => ({
    id: '01JCZ4',
    type: 'PIPELINE',
    application: 'shop',
    name: 'Deploy to production',
    status: 'SUCCEEDED',
    startTime: 1_795_262_000_000,
    endTime: 1_795_262_400_000,
    trigger: {
      type: 'git',
      source: 'github',
      project: 'acme',
      slug: 'deploy',
      branch: 'main',
      hash: commit,
      parameters: {},
    },
    stages: [],
    ...changes,
  });
  const event = (type: string, changes: object = {}) => ({
    details: { source: 'orca', type, application: 'shop' },
    content: { executionId: '01JCZ4', execution: execution(changes) },
  });

  test('a pipeline that came to its end', () => {
    expect(reportOf(decodeSpinnaker, event('orca:pipeline:complete'))).toEqual({
      tool: 'spinnaker',
      application: 'shop/Deploy to production',
      state: 'succeeded',
      revision: commit,
      repository: { forge: 'github', path: 'acme/deploy' },
      at: new Date(1_795_262_400_000).toISOString(),
    });
  });

  test('an event that is wrapped', () => {
    const wrapped = { eventName: 'spinnaker_events', payload: event('orca:pipeline:starting', { endTime: null }) };
    expect(reportOf(decodeSpinnaker, wrapped)).toMatchObject({
      state: 'in-progress',
      at: new Date(1_795_262_000_000).toISOString(),
    });
  });

  test('a failure tells the words of the stage that failed', () => {
    const stages = [
      { name: 'Bake', status: 'SUCCEEDED', context: {} },
      { name: 'Deploy', status: 'TERMINAL', context: { exception: { details: { errors: ['Insufficient quota'] } } } },
    ];
    expect(reportOf(decodeSpinnaker, event('orca:pipeline:failed', { status: 'TERMINAL', stages }))).toMatchObject({
      state: 'failed',
      message: 'Deploy: Insufficient quota',
    });
    expect(reportOf(decodeSpinnaker, event('orca:pipeline:failed', { status: 'CANCELED' })).message).toBe(
      'The pipeline ended as CANCELED.',
    );
  });

  test.each([
    [
      { parameters: { revision: commit, environment: 'staging' }, hash: 'f'.repeat(40) },
      { revision: commit, environment: 'staging' },
    ],
    [
      { artifacts: [{ type: 'git/repo', reference: 'https://github.com/acme/deploy', version: commit }] },
      { repository: { forge: 'github', path: 'acme/deploy' } },
    ],
    [
      { resolvedExpectedArtifacts: [{ boundArtifact: { type: 'github/file', version: commit } }] },
      { revision: commit },
    ],
  ])('the commit of %j', (trigger, expected) => {
    expect(reportOf(decodeSpinnaker, event('orca:pipeline:complete', { trigger }))).toMatchObject({
      revision: commit,
      ...expected,
    });
  });

  test.each([
    [event('orca:stage:complete')],
    [event('orca:task:failed')],
    [event('orca:pipeline:complete', { trigger: { type: 'manual', parameters: { revision: 'main' } } })],
    [event('orca:pipeline:complete', { trigger: { artifacts: [{ type: 'docker/image', version: commit }] } })],
    [{ details: { type: 'orca:pipeline:complete' }, content: null }],
  ])('is ignored where no commit is deployed', (value) => {
    expect(onlyEvent(decodeSpinnaker, value)).toMatchObject({ kind: 'ignored' });
  });

  test('must bear a secret', async () => {
    const receiver = createSpinnakerReceiver(['s3cret']);
    expect(await receiver.authenticate(request({}), new Date(0))).toMatchObject({ ok: false });
    expect(await receiver.authenticate(request({}, { authorization: 'Bearer s3cret' }), new Date(0))).toEqual({
      ok: true,
    });
  });
});

describe('any script', () => {
  const body = (changes: object = {}) => ({ application: 'shop', state: 'succeeded', revision: commit, ...changes });

  test('says no more than it must', () => {
    expect(reportOf(decodeGenericDeploy, body())).toEqual({
      tool: 'generic',
      application: 'shop',
      state: 'succeeded',
      revision: commit,
    });
  });

  test('says all that it may', () => {
    const all = {
      revision: 'ABCDEF1',
      environment: 'production',
      repository: 'acme/deploy',
      path: 'apps/shop/',
      message: 'done',
      url: 'https://ci.example.com/42',
      environmentUrl: 'https://shop.example.com',
      at: '2026-11-21T13:00:00+01:00',
    };
    expect(reportOf(decodeGenericDeploy, body(all))).toMatchObject({
      revision: 'abcdef1',
      repository: { forge: 'github', path: 'acme/deploy' },
      path: 'apps/shop',
      environmentUrl: 'https://shop.example.com/',
      at: '2026-11-21T12:00:00.000Z',
    });
  });

  test('empty fields are as if they were left out', () => {
    const empty = { environment: '', repository: '', path: '', message: '', url: '', environmentUrl: '', at: '' };
    expect(reportOf(decodeGenericDeploy, body(empty))).toEqual(reportOf(decodeGenericDeploy, body()));
  });

  test.each([
    [{ state: 'success' }, 'state: '],
    [{ revision: 'main' }, 'revision: is no commit hash'],
    [{ revision: 'abc' }, 'revision: is no commit hash'],
    [{ application: ' ' }, 'application: is missing'],
    [{ url: 'javascript:alert(1)' }, 'url: is no address'],
    [{ at: 'yesterday' }, 'at: is no time'],
    [{ enviroment: 'production' }, '"enviroment"'],
  ])('%j is refused: %s', (changes, reason) => {
    expect(decodeGenericDeploy(request(body(changes)))).toEqual({
      ok: false,
      reason: expect.stringContaining(reason) as unknown,
    });
  });

  test('must be signed', async () => {
    const receiver = createGenericDeployReceiver(['s3cret']);
    const bearer = request(body(), { authorization: 'Bearer s3cret' });
    expect(await receiver.authenticate(bearer, new Date(0))).toMatchObject({ ok: false });
  });
});

test.each(Object.entries(decoders))('%s decodes or refuses anything at all, and never throws', (_, decode) => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(decode(request(value))).toHaveProperty('ok');
    }),
  );
});
