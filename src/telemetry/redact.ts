const SECRET_KEY =
  /secret|token|passw|authori[sz]ation|cookie|credential|signature|(?:private|api|access|signing)[-_]?key|(?:database|connection)[-_]?(?:url|string)|^pem$/i;

const SECRET_TEXT: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, '[redacted]'],
  // The prefixes that GitHub and GitLab give to their tokens, so that scanners can find them.
  [/\b(?:gh[opsur]_[A-Za-z0-9_.-]{16,}|github_pat_[A-Za-z0-9_]{20,}|gl[a-z]{2,5}-[A-Za-z0-9_.-]{16,})/g, '[redacted]'],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+/g, '[redacted]'],
  [/\b(bearer|basic|token) +[A-Za-z0-9+/_.~=-]{8,}/gi, '$1 [redacted]'],
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, '$1[redacted]@'],
];

const MAX_DEPTH = 6;

/**
 * A copy of `value` fit for a log: fields whose names look secret are replaced, text loses tokens, keys and credentials in
 * URLs, errors become plain objects of type, code, message, stack and cause. A net below the rule that no secret is ever a
 * field, not a replacement for it.
 */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (depth >= MAX_DEPTH) return '[deep]';
  if (value instanceof Error) return redactError(value, depth);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.map((each) => redact(each, depth + 1));
  if (value instanceof Map || value instanceof Set) return redact([...value], depth);
  return redactFields(value, depth);
}

/** The text without what looks like a token, a private key, or credentials in a URL. */
export function redactText(text: string): string {
  return SECRET_TEXT.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), text);
}

export function redactFields(fields: object, depth = 0): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]: [string, unknown]) => [
      key,
      SECRET_KEY.test(key) && value !== undefined && value !== null ? '[redacted]' : redact(value, depth + 1),
    ]),
  );
}

/** No other fields: those of HTTP clients and database drivers carry whole requests. */
function redactError(error: Error, depth: number): Record<string, unknown> {
  const code: unknown = Reflect.get(error, 'code');
  const errors: unknown = error instanceof AggregateError ? error.errors : undefined;
  return {
    type: error.name,
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    message: redactText(error.message),
    ...(error.stack !== undefined && { stack: redactText(error.stack) }),
    ...(error.cause !== undefined && { cause: redact(error.cause, depth + 1) }),
    ...(errors !== undefined && { errors: redact(errors, depth + 1) }),
  };
}
