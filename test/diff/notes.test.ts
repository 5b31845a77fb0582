import { describe, expect, test } from 'vitest';
import { notesOf } from '../../src/diff/notes.ts';
import type { Note } from '../../src/diff/result.ts';

function workload(kind: string, spec: object, containers: object[] = []): Record<string, unknown> {
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'api' },
    spec: { ...spec, template: { spec: { containers } } },
  };
}

const annotated = (annotations: Record<string, string>): Record<string, unknown> => ({
  kind: 'Job',
  metadata: { name: 'migrate', annotations },
});

describe('notes', () => {
  test.each<[string, Record<string, unknown> | undefined, Record<string, unknown> | undefined, Note[]]>([
    [
      'an image',
      workload('Deployment', {}, [
        { name: 'api', image: 'acme/api:1' },
        { name: 'side', image: 'side:1' },
      ]),
      workload('Deployment', {}, [
        { name: 'api', image: 'acme/api:2' },
        { name: 'side', image: 'side:1' },
      ]),
      [{ kind: 'image', container: 'api', from: 'acme/api:1', to: 'acme/api:2' }],
    ],
    [
      'containers that change places say nothing',
      workload('Rollout', {}, [
        { name: 'a', image: 'a:1' },
        { name: 'b', image: 'b:1' },
      ]),
      workload('Rollout', {}, [
        { name: 'b', image: 'b:1' },
        { name: 'a', image: 'a:1' },
      ]),
      [],
    ],
    [
      'the pod of a CronJob lies deeper',
      {
        kind: 'CronJob',
        spec: {
          schedule: '1 * * * *',
          jobTemplate: { spec: { template: { spec: { initContainers: [{ name: 'i', image: 'i:1' }] } } } },
        },
      },
      {
        kind: 'CronJob',
        spec: {
          schedule: '2 * * * *',
          jobTemplate: { spec: { template: { spec: { initContainers: [{ name: 'i', image: 'i:2' }] } } } },
        },
      },
      [
        { kind: 'image', container: 'i', from: 'i:1', to: 'i:2' },
        { kind: 'field', field: 'schedule', from: '1 * * * *', to: '2 * * * *' },
      ],
    ],
    [
      'an added workload names its images',
      undefined,
      workload('Deployment', {}, [{ name: 'api', image: 'a:1' }]),
      [{ kind: 'image', container: 'api', to: 'a:1' }],
    ],
    [
      'replicas',
      workload('Deployment', { replicas: 2 }),
      workload('Deployment', { replicas: 5 }),
      [{ kind: 'field', field: 'replicas', from: '2', to: '5' }],
    ],
    [
      'none left',
      workload('Deployment', { replicas: 2 }),
      workload('Deployment', { replicas: 0 }),
      [
        { kind: 'risk', risk: 'stopped' },
        { kind: 'field', field: 'replicas', from: '2', to: '0' },
      ],
    ],
    ['a removed volume claim', { kind: 'PersistentVolumeClaim' }, undefined, [{ kind: 'risk', risk: 'data-loss' }]],
    ['a removed service is nothing to fear', { kind: 'Service' }, undefined, []],
    [
      'a selector',
      workload('Deployment', { selector: { matchLabels: { app: 'a' } } }),
      workload('Deployment', { selector: { matchLabels: { app: 'b' } } }),
      [{ kind: 'risk', risk: 'immutable', field: 'spec.selector' }],
    ],
    [
      'a selector in another order',
      workload('Deployment', { selector: { matchLabels: { app: 'a', tier: 'b' } } }),
      workload('Deployment', { selector: { matchLabels: { tier: 'b', app: 'a' } } }),
      [],
    ],
    [
      'hooks and waves',
      annotated({ 'argocd.argoproj.io/hook': 'PreSync', 'argocd.argoproj.io/sync-wave': '-1' }),
      annotated({ 'argocd.argoproj.io/hook': 'PreSync', 'argocd.argoproj.io/sync-wave': '-1' }),
      [
        { kind: 'hook', hook: 'PreSync' },
        { kind: 'wave', wave: '-1' },
      ],
    ],
    ['a Helm hook', undefined, annotated({ 'helm.sh/hook': 'pre-upgrade' }), [{ kind: 'hook', hook: 'pre-upgrade' }]],
  ])('%s', (_name, base, head, expected) => {
    expect(notesOf(base, head)).toEqual(expected);
  });
});
