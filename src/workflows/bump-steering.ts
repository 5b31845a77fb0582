import { bumpKey, type Bump } from '../domain/bump.ts';
import type { BumpRequest, Decision, Pin, RepositorySteering, Skip } from '../domain/steering.ts';
import { sameVersion, type Version } from '../domain/version.ts';

/** What people have decided about one image in one environment. */
export interface BumpSteering {
  readonly pin?: Pin;
  readonly request?: BumpRequest;
  readonly skips: readonly Skip[];
}

/** The decisions about one image in one environment that are in force; of several pins or requests the newest. */
export function steeringOf(
  { pins, requests, skips }: RepositorySteering,
  key: Pick<Bump, 'environment' | 'image'>,
  now: Date,
): BumpSteering {
  const isHere = (each: Pick<Bump, 'environment' | 'image'>) => bumpKey(each) === bumpKey(key);
  const pin = newest(pins.filter((each) => isHere(each) && isInForce(each, now)));
  const request = newest(requests.filter(isHere));
  return {
    ...(pin !== undefined && { pin }),
    ...(request !== undefined && { request }),
    skips: skips.filter(isHere),
  };
}

/** The moment at which the first of the decisions ends by itself. */
export function firstEnd({ pins, freezes }: RepositorySteering, now: Date): Date | undefined {
  const ends = [...pins, ...freezes].flatMap(({ until }) => (until !== undefined && until > now ? [until] : []));
  return ends.toSorted((a, b) => a.getTime() - b.getTime())[0];
}

/** The skip that keeps a version away. A pin of it or a wish for it that came later (`asked`) is the newer word of a person, and wins. */
export function skipOf(skips: readonly Skip[], version: Version, asked?: Decision): Skip | undefined {
  return skips.find((skip) => sameVersion(skip.version, version) && (asked === undefined || skip.at >= asked.at));
}

/** Why a person wants a version that may not be the next one. */
export function causeOf({ pin, request }: BumpSteering, to: Version): Pin | BumpRequest | undefined {
  const cause = pin ?? request;
  return cause !== undefined && sameVersion(cause.version, to) ? cause : undefined;
}

function isInForce({ until }: Pin, now: Date): boolean {
  return until === undefined || until > now;
}

function newest<T extends Decision>(decisions: readonly T[]): T | undefined {
  return decisions.toSorted((a, b) => b.at.getTime() - a.at.getTime())[0];
}
