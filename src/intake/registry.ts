import { decodeGitHub } from '../forge/github/events.ts';
import { createArgoCdReceiver, decodeArgoCd } from './deploys/argo-cd.ts';
import { createArgoRolloutsReceiver, decodeArgoRollouts } from './deploys/argo-rollouts.ts';
import { createFluxReceiver, decodeFlux } from './deploys/flux.ts';
import { createGenericDeployReceiver, decodeGenericDeploy } from './deploys/generic.ts';
import { createSpinnakerReceiver, decodeSpinnaker } from './deploys/spinnaker.ts';
import { createGenericReceiver, decodeGeneric } from './images/generic.ts';
import type { Decoder, Receiver } from './receiver.ts';
import type { Secrets } from './signature.ts';

/** Every sender whose bodies are understood, by the name that `tagalong event` takes. */
export const decoders = {
  generic: decodeGeneric,
  github: (request) => decodeGitHub(request),
  flux: decodeFlux,
  'argo-cd': decodeArgoCd,
  'argo-rollouts': decodeArgoRollouts,
  spinnaker: decodeSpinnaker,
  'generic-deploy': decodeGenericDeploy,
} as const satisfies Record<string, Decoder>;

export type SenderName = keyof typeof decoders;

export function isSenderName(name: string): name is SenderName {
  return Object.hasOwn(decoders, name);
}

export interface ReceiverSettings {
  /** Secrets of the generic endpoint for images; it does not exist without one. */
  readonly generic: readonly string[];
  /** Secrets of the endpoints for deploy tools; they do not exist without one. */
  readonly deploys?: readonly string[];
}

const ofDeploys = [
  createFluxReceiver,
  createArgoCdReceiver,
  createArgoRolloutsReceiver,
  createSpinnakerReceiver,
  createGenericDeployReceiver,
];

/** The receivers that the settings open, besides those of the forges, which come with their adapters. */
export function createReceivers({ generic, deploys = [] }: ReceiverSettings): readonly Receiver[] {
  return [
    ...behind(generic, (secrets) => [createGenericReceiver({ secrets })]),
    ...behind(deploys, (secrets) => ofDeploys.map((create) => create(secrets))),
  ];
}

function behind([first, ...others]: readonly string[], open: (secrets: Secrets) => Receiver[]): Receiver[] {
  return first === undefined ? [] : open([first, ...others]);
}
