import { parseImageReference, type ImageReference } from '../domain/image.ts';
import type { TextRange } from '../domain/site.ts';

/** An image reference and where in its text the tag and the digest stand, without `:` and `@`. */
export interface ReferenceParts {
  readonly reference: ImageReference;
  readonly tag?: TextRange;
  readonly digest?: TextRange;
}

/** @returns undefined when the text is no image reference */
export function splitReference(text: string): ReferenceParts | undefined {
  const reference = parseImageReference(text);
  if (reference === undefined) return undefined;
  const at = text.indexOf('@');
  const nameAndTagEnd = at === -1 ? text.length : at;
  const { tag, digest } = reference;
  return {
    reference,
    ...(tag !== undefined && { tag: [nameAndTagEnd - tag.length, nameAndTagEnd] as const }),
    ...(digest !== undefined && { digest: [at + 1, text.length] as const }),
  };
}
