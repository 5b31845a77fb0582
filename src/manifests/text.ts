/**
 * The text of a file. A byte order mark is kept, so that encoding the text again gives the same bytes.
 * @returns undefined when the bytes are not UTF-8
 */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
