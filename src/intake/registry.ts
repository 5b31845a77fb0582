import { decodeGitHub } from '../forge/github/events.ts';
import { createGenericReceiver, decodeGeneric } from './images/generic.ts';
import type { Decoder, Receiver } from './receiver.ts';

/** Every sender whose bodies are understood, by the name that `tagalong event` takes. */
export const decoders = {
  generic: decodeGeneric,
  github: (request) => decodeGitHub(request),
} as const satisfies Record<string, Decoder>;

export type SenderName = keyof typeof decoders;

export function isSenderName(name: string): name is SenderName {
  return Object.hasOwn(decoders, name);
}

export interface ReceiverSettings {
  /** Secrets of the generic endpoint; it does not exist without one. */
  readonly generic: readonly string[];
}

/** The receivers that the settings open, besides those of the forges, which come with their adapters. */
export function createReceivers({ generic: [first, ...others] }: ReceiverSettings): readonly Receiver[] {
  return first === undefined ? [] : [createGenericReceiver({ secrets: [first, ...others] })];
}
