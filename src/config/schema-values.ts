import { RE2JS } from 're2js';
import { z } from 'zod';
import { durationAllowed, durationPattern, parseDuration } from './duration.ts';
import { nearestWord } from './nearest.ts';
import { literalParts, templateFault } from './template.ts';
import { isTimeZone, weekMomentAllowed, weekMomentPattern } from './week.ts';

/** Longer than any value that a person writes. What is longer is looked at no further. */
const MAX_TEXT = 1000;
const TOO_LONG = { error: `at most ${MAX_TEXT} characters`, abort: true };

/** More about why a text is not allowed; merged into the problem. */
export interface Fault {
  readonly found?: string;
  readonly allowed?: string;
  readonly nearest?: string | undefined;
  /** Why, where `allowed` alone does not say it. */
  readonly because?: string;
}

export function text(allowed: string, faultOf: (text: string) => Fault | undefined = () => undefined) {
  const quoted = `${allowed}, in quotes where YAML would read a number or a boolean`;
  const error = ({ input }: { input: unknown }) => (isScalar(input) ? quoted : allowed);
  return z
    .string({ error })
    .max(MAX_TEXT, TOO_LONG)
    .superRefine((value, context) => {
      const params = faultOf(value);
      if (params !== undefined) context.addIssue({ code: 'custom', message: allowed, params: { ...params } });
    });
}

function isScalar(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}

/** Text with a regular expression that editors can check too. */
export function matching(pattern: RegExp, allowed: string) {
  return z.string(allowed).max(MAX_TEXT, TOO_LONG).regex(pattern, allowed);
}

export function duration() {
  return matching(new RegExp(durationPattern), durationAllowed).transform((text) => parseDuration(text) ?? 0);
}

export function webAddress(allowed: string) {
  return text(allowed, (address) =>
    ['http:', 'https:'].includes(URL.parse(address)?.protocol ?? '') ? undefined : {},
  );
}

export function weekMoment() {
  return matching(new RegExp(weekMomentPattern), weekMomentAllowed);
}

export function timeZone() {
  const allowed = 'a time zone by its IANA name, such as `Asia/Tokyo`';
  return text(allowed, (zone) =>
    isTimeZone(zone) ? undefined : { nearest: nearestWord(zone, Intl.supportedValuesOf('timeZone')) },
  );
}

export function template(allowed: string, words: readonly string[], isLiteral: (text: string) => boolean = () => true) {
  return text(allowed, (template) => {
    const fault = templateFault(template, words);
    if (fault !== undefined) return fault;
    return isLiteral(literalParts(template)) ? undefined : { because: 'it has characters that cannot stand there' };
  });
}

/** Patterns are of RE2, so that no pattern can make the bot hang: no look-around, no back-references. */
export function patternFault(pattern: string): Fault | undefined {
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    return because(error instanceof Error ? error.message : 'it is no regular expression');
  }
}

export function because(reason: string | undefined): Fault | undefined {
  return reason === undefined ? undefined : { because: reason };
}
