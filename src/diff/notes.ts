import { imageNotes } from './images.ts';
import { metadataNotes } from './metadata.ts';
import type { Note, Risk } from './result.ts';
import { at, canonical, isMapping, stringAt, type Mapping } from './value.ts';

/** What a person wants to know of a resource's change without reading the diff. The two states are redacted already. */
export function notesOf(base: Mapping | undefined, head: Mapping | undefined): Note[] {
  const notes = [
    ...riskNotes(base, head),
    ...imageNotes(base, head),
    ...fieldNotes(base, head),
    ...orderNotes(head ?? base),
  ];
  return notes.length > 0 || base === undefined || head === undefined ? notes : metadataNotes(base, head);
}

/** Kinds whose removal makes the cluster delete what cannot be rendered again. */
const HOLDS_DATA = new Set([
  'CustomResourceDefinition',
  'Namespace',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'StatefulSet',
]);

/** Fields that the API server refuses to change (its validation of updates), by kind. */
const IMMUTABLE: Readonly<Record<string, readonly (readonly string[])[]>> = {
  DaemonSet: [['spec', 'selector']],
  Deployment: [['spec', 'selector']],
  Job: [
    ['spec', 'selector'],
    ['spec', 'template'],
  ],
  PersistentVolumeClaim: [
    ['spec', 'storageClassName'],
    ['spec', 'accessModes'],
    ['spec', 'volumeName'],
  ],
  ReplicaSet: [['spec', 'selector']],
  RoleBinding: [['roleRef']],
  ClusterRoleBinding: [['roleRef']],
  StatefulSet: [
    ['spec', 'selector'],
    ['spec', 'serviceName'],
    ['spec', 'podManagementPolicy'],
    ['spec', 'volumeClaimTemplates'],
  ],
  StorageClass: [['provisioner'], ['parameters'], ['reclaimPolicy']],
};

const SHOWN_FIELDS: readonly (readonly string[])[] = [
  ['spec', 'replicas'],
  ['spec', 'minReplicas'],
  ['spec', 'maxReplicas'],
  ['spec', 'schedule'],
  ['spec', 'suspend'],
  ['spec', 'type'],
  ['spec', 'ingressClassName'],
];

function riskNotes(base: Mapping | undefined, head: Mapping | undefined): Note[] {
  const kind = stringAt(head ?? base, 'kind') ?? '';
  if (head === undefined) return HOLDS_DATA.has(kind) ? [risk('data-loss')] : [];
  if (base === undefined) return [];
  const immutable = (IMMUTABLE[kind] ?? []).filter(
    (path) => at(base, ...path) !== undefined && canonical(at(base, ...path)) !== canonical(at(head, ...path)),
  );
  const stopped = at(head, 'spec', 'replicas') === 0 && at(base, 'spec', 'replicas') !== 0;
  return [...immutable.map((path) => risk('immutable', path.join('.'))), ...(stopped ? [risk('stopped')] : [])];
}

function risk(name: Risk, field?: string): Note {
  return { kind: 'risk', risk: name, ...(field !== undefined && { field }) };
}

function fieldNotes(base: Mapping | undefined, head: Mapping | undefined): Note[] {
  if (base === undefined || head === undefined) return [];
  return SHOWN_FIELDS.flatMap((path) => {
    const [from, to] = [scalar(at(base, ...path)), scalar(at(head, ...path))];
    const field = path.at(-1) ?? '';
    return from === to ? [] : [{ kind: 'field' as const, field, from: from ?? 'unset', to: to ?? 'unset' }];
  });
}

/** When the deploy tool applies it, where that is not the usual: Helm and Argo CD hooks, sync waves. */
function orderNotes(object: Mapping | undefined): Note[] {
  const annotation = (name: string): string | undefined => stringAt(object, 'metadata', 'annotations', name);
  const hook = annotation('argocd.argoproj.io/hook') ?? annotation('helm.sh/hook');
  const wave = annotation('argocd.argoproj.io/sync-wave');
  return [
    ...(hook === undefined ? [] : [{ kind: 'hook' as const, hook }]),
    ...(wave === undefined || wave === '0' ? [] : [{ kind: 'wave' as const, wave }]),
  ];
}

function scalar(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : undefined;
}

/** True for a Secret with at least one value that is neither encrypted by SOPS nor a placeholder of a vault plugin (`<name>`). */
export function isPlainSecret(object: Mapping): boolean {
  if (object['kind'] !== 'Secret') return false;
  const values = [at(object, 'data'), at(object, 'stringData')].flatMap((map) =>
    isMapping(map) ? Object.values(map) : [],
  );
  return values.some(
    (value) => !isNothing(value) && !(typeof value === 'string' && /^(?:ENC\[|<[^<>]+>$)/.test(value)),
  );
}

/** A number or anything else is no way to write a value, and stands there for all to read. */
function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}
