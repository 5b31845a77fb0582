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

const pod = (spec: object): Record<string, unknown> => ({ kind: 'Pod', spec });

const labelled = (labels: object, annotations: object, ofPods: object = {}): Record<string, unknown> => ({
  kind: 'Deployment',
  metadata: { name: 'api', labels, annotations },
  spec: { template: { metadata: { labels: ofPods } } },
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
      [{ kind: 'image', containers: [{ name: 'api' }], from: 'acme/api:1', to: 'acme/api:2' }],
    ],
    [
      'one image in several containers, however it is written',
      pod({
        containers: [{ name: 'shop', image: 'shop:1' }],
        initContainers: [{ name: 'migrate', image: 'library/shop:1' }],
      }),
      pod({ containers: [{ name: 'shop', image: 'shop:2' }], initContainers: [{ name: 'migrate', image: 'shop:2' }] }),
      [
        {
          kind: 'image',
          from: 'shop:1',
          to: 'shop:2',
          containers: [{ name: 'shop' }, { name: 'migrate', role: 'init' }],
        },
      ],
    ],
    [
      'an image that takes two different steps',
      pod({ containers: [{ name: 'a', image: 'shop:1' }], ephemeralContainers: [{ name: 'b', image: 'shop:0' }] }),
      pod({ containers: [{ name: 'a', image: 'shop:2' }], ephemeralContainers: [{ name: 'b', image: 'shop:2' }] }),
      [
        { kind: 'image', from: 'shop:1', to: 'shop:2', containers: [{ name: 'a' }] },
        { kind: 'image', from: 'shop:0', to: 'shop:2', containers: [{ name: 'b', role: 'ephemeral' }] },
      ],
    ],
    [
      'a container that is new, and one that is gone',
      pod({ containers: [{ name: 'a', image: 'a:1' }] }),
      pod({ containers: [{ name: 'b', image: 'b:1' }] }),
      [
        { kind: 'image', to: 'b:1', containers: [{ name: 'b' }] },
        { kind: 'image', from: 'a:1', containers: [{ name: 'a' }] },
      ],
    ],
    [
      'the same container of two pods is named once',
      {
        roles: [pod({ containers: [{ name: 'a', image: 'a:1' }] }), pod({ containers: [{ name: 'a', image: 'a:1' }] })],
      },
      {
        roles: [pod({ containers: [{ name: 'a', image: 'a:2' }] }), pod({ containers: [{ name: 'a', image: 'a:2' }] })],
      },
      [{ kind: 'image', from: 'a:1', to: 'a:2', containers: [{ name: 'a' }] }],
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
        { kind: 'image', from: 'i:1', to: 'i:2' },
        { kind: 'field', field: 'schedule', from: '1 * * * *', to: '2 * * * *' },
      ],
    ],
    [
      'an added workload names its images',
      undefined,
      workload('Deployment', {}, [{ name: 'api', image: 'a:1' }]),
      [{ kind: 'image', to: 'a:1' }],
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
    [
      'labels and annotations alone, each name once',
      labelled({ app: 'api', commit: 'a1', date: '2024-11-01' }, { owner: 'a' }, { commit: 'a1' }),
      labelled({ date: '2024-11-02', commit: 'b2', app: 'api' }, {}, { commit: 'b2' }),
      [{ kind: 'metadata', labels: 2, annotations: 1 }],
    ],
    [
      'labels beside something else',
      { ...labelled({ a: '1' }, {}), data: { key: '1' } },
      { ...labelled({ a: '2' }, {}), data: { key: '2' } },
      [],
    ],
    [
      'labels beside an image',
      { ...workload('Deployment', {}, [{ name: 'a', image: 'a:1' }]), metadata: { labels: { a: '1' } } },
      { ...workload('Deployment', {}, [{ name: 'a', image: 'a:2' }]), metadata: { labels: { a: '2' } } },
      [{ kind: 'image', from: 'a:1', to: 'a:2' }],
    ],
    ['labels in another order', labelled({ a: '1', b: '2' }, {}), labelled({ b: '2', a: '1' }, {}), []],
    ['what a resource has labelled from the start', undefined, labelled({ a: '1' }, { b: '2' }), []],
    ['a Helm hook', undefined, annotated({ 'helm.sh/hook': 'pre-upgrade' }), [{ kind: 'hook', hook: 'pre-upgrade' }]],
  ])('%s', (_name, base, head, expected) => {
    expect(notesOf(base, head)).toEqual(expected);
  });
});
