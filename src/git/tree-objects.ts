import { createHash } from 'node:crypto';
import { TagalongError } from '../domain/errors.ts';

/** One line of a tree object: a file, a symbolic link, a folder or a submodule. */
export interface TreeItem {
  readonly name: string;
  /** `100644`, `100755`, or one of the modes below. */
  readonly mode: string;
  readonly oid: string;
}

export const FOLDER = '40000';
export const SUBMODULE = '160000';
export const LINK = '120000';

/**
 * The lines of a tree object, each `<mode> <name>\0<20 or 32 bytes of object id>`. A name that is not UTF-8 has replacement characters, and
 * a hash of its bytes before the extension, so that two files never have one path and globs for the folder match it; so has one that is
 * UTF-8 and holds such a character.
 */
export function parseTree(bytes: Buffer, oidBytes: number): TreeItem[] {
  const items: TreeItem[] = [];
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(SPACE, at);
    const zero = bytes.indexOf(0, space);
    const end = zero + 1 + oidBytes;
    if (space === -1 || zero === -1 || end > bytes.length)
      throw new TagalongError('git-failed', 'A tree object is cut short.');
    items.push({
      mode: normaliseMode(bytes.toString('latin1', at, space)),
      name: nameOf(bytes.subarray(space + 1, zero)),
      oid: bytes.toString('hex', zero + 1, end),
    });
    at = end;
  }
  return items;
}

/** The root folder of a commit object. */
export function parseCommitTree(bytes: Buffer): string | undefined {
  return /^tree ([0-9a-f]{40,64})\n/.exec(bytes.toString('latin1', 0, 80))?.[1];
}

const SPACE = 0x20;

function nameOf(bytes: Buffer): string {
  const name = bytes.toString('utf8');
  if (!name.includes('\ufffd')) return name;
  const dot = name.lastIndexOf('.');
  const stem = dot > 0 ? name.slice(0, dot) : name;
  const mark = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
  return `${stem}\ufffd${mark}${name.slice(stem.length)}`;
}

/** Old tools wrote `040000` and `100664`; git reads them as `40000` and `100644`. */
function normaliseMode(mode: string): string {
  if (!mode.startsWith('100')) return mode.replace(/^0+/, '');
  return (Number.parseInt(mode, 8) & 0o100) === 0 ? '100644' : '100755';
}
