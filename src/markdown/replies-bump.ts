import type { Version } from '../domain/version.ts';
import { escapeInline } from './escape.ts';
import { listed, quoted } from './replies.ts';
import { placeWords, versionCode, type Place } from './replies-steering.ts';

export function configBroken(): string {
  return 'The configuration of the base branch is not valid, so nothing is proposed. The check on its newest commit says what to mend.';
}

export function ignoredImage(image: string): string {
  return `${quoted(image)} is not followed: \`.tagalong.yml\` says \`tags: ignore\`. Nothing was done.`;
}

/** @param candidates those that the name may stand for */
export function unmentionedImage(image: string, candidates: readonly string[]): string {
  const hint = candidates.length === 0 ? '' : ` Did you mean ${listed(candidates, 'or')}?`;
  return `This repository mentions no image ${quoted(image)}${candidates.length > 1 ? ' that is the only one of its name' : ''}.${hint} Nothing was done.`;
}

export function notInEnvironment(image: string, environment: string, names: readonly string[]): string {
  const hint = names.length === 0 ? 'It is in no environment.' : `It is in ${listed(names)}.`;
  return `${quoted(image)} is not written in **${escapeInline(environment)}**. ${hint} Nothing was done.`;
}

export function whichEnvironment(image: string, names: readonly string[]): string {
  if (names.length === 0) return `${quoted(image)} is written in no environment. Nothing was done.`;
  return `${quoted(image)} is in ${listed(names)}: name one of them at the end. Nothing was done.`;
}

export function alreadyStands(place: Place, version: Version): string {
  return `${versionCode(version)} of ${placeWords(place)} stands there already. Nothing was done.`;
}

/** Of what is written nowhere in the environment, nothing can be proposed. */
export function notWritten(place: Place): string {
  return `${placeWords(place)} is not written anywhere any more, so there is nothing to move. Nothing was done.`;
}
