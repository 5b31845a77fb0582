export interface GitObject {
  readonly type: string;
  readonly size: number;
  /** undefined when the reader did not take it, because it is too large or too much was taken before. */
  readonly bytes?: Buffer;
}

interface ObjectUnderWay {
  readonly type: string;
  readonly size: number;
  readonly bytes: Buffer | undefined;
  received: number;
}

/**
 * Cuts the output of `git cat-file --batch` into objects, whatever pieces it arrives in. The format is
 * `<oid> <type> <size>\n<bytes>\n`, or `<what was asked> missing\n`: https://git-scm.com/docs/git-cat-file#_batch_output
 * What is asked must be a full object id, so that no answer holds a line break.
 */
export class BatchParser {
  readonly #takes: (size: number) => boolean;
  readonly #emit: (object: GitObject | undefined) => void;
  /** The unfinished header line. */
  #line: Buffer = Buffer.alloc(0);
  #current: ObjectUnderWay | undefined;

  /** @param takes whether the bytes of the next object, of this size, are wanted */
  constructor(takes: (size: number) => boolean, emit: (object: GitObject | undefined) => void) {
    this.#takes = takes;
    this.#emit = emit;
  }

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      at = this.#current === undefined ? this.#readHeader(chunk, at) : this.#readBody(this.#current, chunk, at);
    }
  }

  #readHeader(chunk: Buffer, start: number): number {
    const end = chunk.indexOf(LINE_FEED, start);
    const part = chunk.subarray(start, end === -1 ? chunk.length : end);
    const line = this.#line.length === 0 ? part : Buffer.concat([this.#line, part]);
    if (end === -1) {
      this.#line = Buffer.from(line);
      return chunk.length;
    }
    this.#line = Buffer.alloc(0);
    const [, type, digits] = HEADER.exec(line.toString('latin1')) ?? [];
    if (type === undefined) {
      this.#emit(undefined);
      return end + 1;
    }
    const size = Number(digits);
    const bytes = this.#takes(size) ? Buffer.allocUnsafeSlow(size) : undefined;
    this.#current = { type, size, bytes, received: 0 };
    return end + 1;
  }

  #readBody(current: ObjectUnderWay, chunk: Buffer, start: number): number {
    const end = Math.min(chunk.length, start + current.size - current.received);
    if (current.bytes !== undefined) chunk.copy(current.bytes, current.received, start, end);
    current.received += end - start;
    if (end === chunk.length) return end;
    const { type, size, bytes } = current;
    this.#current = undefined;
    this.#emit({ type, size, ...(bytes !== undefined && { bytes }) });
    return end + 1;
  }
}

const LINE_FEED = 0x0a;
const HEADER = /^[0-9a-f]{40,64} ([a-z]+) (\d+)$/;
