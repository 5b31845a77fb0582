import { durationAllowed, parseDuration } from '../config/duration.ts';
import type { Decision } from '../domain/steering.ts';
import type { CommandContext } from './command.ts';

/** Longer reasons are cut: they are shown in tables, checks and titles. */
const LONGEST_REASON = 300;
const LONGEST_DURATION = parseDuration('365d') ?? 0;

/** A reason in one line, without what would make it look like something else. @returns undefined where there is none */
export function reasonIn(text: string): string | undefined {
  const reason = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029\s]+/gu, ' ').trim();
  if (reason === '') return undefined;
  return reason.length <= LONGEST_REASON ? reason : `${reason.slice(0, LONGEST_REASON - 1)}…`;
}

/** Who decided, and when: by the forge's clock, so that a repeated run decides the same. */
export function decision({ by, at }: Pick<CommandContext, 'by' | 'at'>, reason?: string): Decision {
  return { by: by.login, at, ...(reason !== undefined && { reason }) };
}

export const DURATION_WANTED = `\`for\` wants ${durationAllowed}.`;

/** A text without its `for 2h`, and the milliseconds that it says. */
export type Timed =
  | { readonly ok: true; readonly rest: string; readonly duration?: number }
  | { readonly ok: false; readonly problem: string };

/**
 * Takes `for 2h` from the beginning or the end of a text. Where no digit follows, `for` is a word like any other (`for maintenance`).
 */
export function takeDuration(text: string): Timed {
  const [, atStart, afterStart = ''] = /^for\s+(\d\S*)(?:\s+(.*))?$/is.exec(text) ?? [];
  const [, beforeEnd = '', atEnd] = atStart === undefined ? (/^(.*\s|)for\s+(\d\S*)$/is.exec(text) ?? []) : [];
  const written = atStart ?? atEnd;
  if (written === undefined) return { ok: true, rest: text };
  const duration = parseDuration(written.toLowerCase());
  if (duration === undefined) return { ok: false, problem: DURATION_WANTED };
  if (duration === 0) return { ok: false, problem: '`for` wants more than no time at all.' };
  if (duration > LONGEST_DURATION) {
    return { ok: false, problem: '`for` takes `365d` at most; without it, there is no end.' };
  }
  return { ok: true, rest: (atStart === undefined ? beforeEnd : afterStart).trim(), duration };
}

/** The moment that lies this many milliseconds after the comment. */
export function untilOf(
  { at }: Pick<CommandContext, 'at'>,
  { duration }: { readonly duration?: number },
): { readonly until?: Date } {
  return duration === undefined ? {} : { until: new Date(at.getTime() + duration) };
}

/** The first word of a text, and what follows it. */
export function firstWord(text: string): { readonly word: string; readonly rest: string } {
  const [, word = '', rest = ''] = /^(\S*)(.*)$/s.exec(text.trim()) ?? [];
  return { word, rest: rest.trim() };
}
