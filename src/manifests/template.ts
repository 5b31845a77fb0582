/** What placeholders stand for. What is absent is not known. */
export interface TemplateValues {
  /** At least 7 hex digits; `{commit}` is all that is known of it. */
  readonly commit?: string | undefined;
  /** `YYYY-MM-DD` */
  readonly date?: string | undefined;
  readonly branch?: string | undefined;
  readonly tag?: string | undefined;
  /** The last part of the image's name. */
  readonly name?: string | undefined;
  readonly digest?: string | undefined;
}

export type FilledTemplate =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: 'placeholder-unknown' | 'value-unknown'; readonly placeholder: string };

const placeholders = {
  commit: ({ commit }) => commit,
  'commit.short': ({ commit }) => (commit !== undefined && commit.length >= 7 ? commit.slice(0, 7) : undefined),
  date: ({ date }) => date,
  branch: ({ branch }) => branch,
  tag: ({ tag }) => tag,
  name: ({ name }) => name,
  digest: ({ digest }) => digest,
} as const satisfies Record<string, (values: TemplateValues) => string | undefined>;

/** The words that may stand in braces. */
export const placeholderNames = Object.keys(placeholders);

/** Replaces every `{placeholder}`. Refuses words that are none, first; then those whose value is not known. */
export function fillTemplate(template: string, values: TemplateValues): FilledTemplate {
  const unknown = unknownPlaceholder(template);
  if (unknown !== undefined) return { ok: false, reason: 'placeholder-unknown', placeholder: unknown };
  let missing: string | undefined;
  const text = template.replaceAll(/\{([^{}]*)\}/g, (_, word: string) => {
    const value = isPlaceholder(word) ? placeholders[word](values) : undefined;
    if (value === undefined) missing ??= word;
    return value ?? '';
  });
  return missing === undefined ? { ok: true, text } : { ok: false, reason: 'value-unknown', placeholder: missing };
}

/** The first word in braces that is no placeholder. */
export function unknownPlaceholder(template: string): string | undefined {
  return [...template.matchAll(/\{([^{}]*)\}/g)].map(([, word = '']) => word).find((word) => !isPlaceholder(word));
}

function isPlaceholder(word: string): word is keyof typeof placeholders {
  return Object.hasOwn(placeholders, word);
}
