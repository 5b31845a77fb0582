import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, inflateSync } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import { gitEnvironment } from './environment.ts';
import { type GitObject, type ObjectType, gitObject, objectHeader } from './objects.ts';

/** How many objects are written one file each before a pack is made of them: a pack costs one git process. */
const packThreshold = 300;

/**
 * The object database of a bare repository. It is read and written in process and synchronously, because a loose object costs
 * a tenth of a millisecond and a git process costs three; git itself is asked only for what lies in packs.
 */
export class ObjectStore {
  readonly #repository: string;
  readonly #cache = new LRUCache<string, GitObject>({
    maxSize: 128 * 1024 * 1024,
    sizeCalculation: ({ content }) => content.length + 200,
  });

  /** @param repository the directory that holds `objects/` */
  constructor(repository: string) {
    this.#repository = repository;
  }

  /** Makes objects durable and readable for every git process; those that exist already are left alone. */
  add(objects: readonly GitObject[]): void {
    const fresh = objects.filter(({ oid }) => !this.#cache.has(oid) && !existsSync(this.#looseFile(oid)));
    if (fresh.length > packThreshold) this.#writePack(fresh);
    else for (const object of fresh) this.#writeLoose(object);
    for (const object of fresh) this.#cache.set(object.oid, object);
  }

  has(oid: string): boolean {
    return this.read(oid) !== undefined;
  }

  read(oid: string): GitObject | undefined {
    const known = this.#cache.get(oid) ?? this.#readLoose(oid) ?? this.#readPacked(oid);
    if (known !== undefined) this.#cache.set(oid, known);
    return known;
  }

  #looseFile(oid: string): string {
    return join(this.#repository, 'objects', oid.slice(0, 2), oid.slice(2));
  }

  #writeLoose({ oid, type, content }: GitObject): void {
    const file = this.#looseFile(oid);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(`${file}.new`, deflateSync(Buffer.concat([objectHeader(type, content), content]), { level: 1 }));
    renameSync(`${file}.new`, file);
  }

  #writePack(objects: readonly GitObject[]): void {
    const unique = new Map(objects.map((object) => [object.oid, object]));
    execFileSync('git', ['index-pack', '--stdin'], {
      cwd: this.#repository,
      env: gitEnvironment(),
      input: formatPack([...unique.values()]),
      stdio: ['pipe', 'ignore', 'pipe'],
    });
  }

  #readLoose(oid: string): GitObject | undefined {
    const file = this.#looseFile(oid);
    if (!existsSync(file)) return undefined;
    const framed = inflateSync(readFileSync(file));
    const end = framed.indexOf(0);
    return parsedObject(framed.toString('utf8', 0, end).split(' ')[0], framed.subarray(end + 1));
  }

  #readPacked(oid: string): GitObject | undefined {
    const output = execFileSync('git', ['cat-file', '--batch'], {
      cwd: this.#repository,
      env: gitEnvironment(),
      input: `${oid}\n`,
      maxBuffer: 1024 * 1024 * 1024,
    });
    const end = output.indexOf(0x0a);
    const [, type, size] = output.toString('utf8', 0, end).split(' ');
    return parsedObject(type, output.subarray(end + 1, end + 1 + Number(size ?? 0)));
  }
}

function parsedObject(type: string | undefined, content: Buffer): GitObject | undefined {
  return isObjectType(type) ? gitObject(type, content) : undefined;
}

function isObjectType(type: string | undefined): type is ObjectType {
  return type === 'blob' || type === 'tree' || type === 'commit' || type === 'tag';
}

const packTypes: Readonly<Record<ObjectType, number>> = { commit: 1, tree: 2, blob: 3, tag: 4 };

/** https://git-scm.com/docs/pack-format: no deltas. */
function formatPack(objects: readonly GitObject[]): Buffer {
  const header = Buffer.alloc(12);
  header.write('PACK');
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(objects.length, 8);
  const entries = objects.flatMap(({ type, content }) => [
    packEntryHeader(packTypes[type], content.length),
    deflateSync(content, { level: 1 }),
  ]);
  const pack = Buffer.concat([header, ...entries]);
  return Buffer.concat([pack, createHash('sha1').update(pack).digest()]);
}

function packEntryHeader(type: number, size: number): Buffer {
  const bytes: number[] = [];
  let byte = (type << 4) | (size & 0x0f);
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push(byte | 0x80);
    byte = rest & 0x7f;
  }
  return Buffer.from([...bytes, byte]);
}
