import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

export type Body =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly status: 400 | 413 | 415; readonly reason: string };

/**
 * The bytes of a body, decompressed where the sender says that it compressed. Signatures are over these bytes.
 * @param body what arrived; undefined for none
 * @param limit bytes after decompression, so that a small body cannot become a large one
 */
export async function readBody(body: unknown, encoding: string | undefined, limit: number): Promise<Body> {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  switch (encoding?.trim().toLowerCase()) {
    case undefined:
    case '':
    case 'identity':
      return { ok: true, bytes };
    case 'gzip':
    case 'x-gzip':
      return decompress(bytes, limit);
    default:
      return { ok: false, status: 415, reason: 'content-encoding must be gzip or absent' };
  }
}

async function decompress(bytes: Buffer, limit: number): Promise<Body> {
  try {
    return { ok: true, bytes: await promisify(gunzip)(bytes, { maxOutputLength: limit }) };
  } catch (error) {
    return error instanceof RangeError
      ? { ok: false, status: 413, reason: 'body is too large' }
      : { ok: false, status: 400, reason: 'body is not gzip, though content-encoding says so' };
  }
}
