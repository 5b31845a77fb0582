import { nearestWord } from './nearest.ts';
import { alternatives } from './problem.ts';

/** What a field of `set` may say. */
export const setPlaceholders = ['commit', 'commit.short', 'date', 'branch', 'tag', 'name', 'digest'] as const;
/** What the tag of a push may say: all that is known before the image is built. */
export const tagPlaceholders = ['commit', 'commit.short', 'date', 'branch', 'name'] as const;
/** What the repository of an image may say. */
export const sourcePlaceholders = ['name'] as const;

export interface TemplateFault {
  readonly found: string;
  readonly allowed: string;
  readonly nearest?: string | undefined;
}

const PLACEHOLDER = /\{([^{}]*)\}/g;

/** What is wrong with the placeholders of a template, or undefined when each is one of `words`. */
export function templateFault(template: string, words: readonly string[]): TemplateFault | undefined {
  const allowed = `the placeholders ${alternatives(words.map((word) => `{${word}}`))}`;
  for (const [placeholder, word = ''] of template.matchAll(PLACEHOLDER)) {
    if (words.includes(word)) continue;
    const nearest = nearestWord(word, words);
    return { found: `the placeholder \`${placeholder}\``, allowed, nearest: nearest && `{${nearest}}` };
  }
  if (/[{}]/.test(template.replaceAll(PLACEHOLDER, ''))) return { found: 'a bracket on its own', allowed };
  return undefined;
}

/** The text between the placeholders. */
export function literalParts(template: string): string {
  return template.replaceAll(PLACEHOLDER, '');
}
