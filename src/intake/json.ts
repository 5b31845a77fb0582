import type { z } from 'zod';

export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

/** Reads a body as JSON of a shape. The reason names the field that is wrong and quotes no value. */
export function parseJson<T>(body: Buffer, schema: z.ZodType<T>): Parsed<T> {
  const json = readJson(body);
  if (!json.ok) return json;
  const parsed = schema.safeParse(json.value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const reasons = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  );
  return { ok: false, reason: reasons.join('; ') };
}

function readJson(body: Buffer): Parsed<unknown> {
  try {
    return { ok: true, value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) };
  } catch {
    return { ok: false, reason: body.length === 0 ? 'the body is empty' : 'the body is not JSON' };
  }
}
