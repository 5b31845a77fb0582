import { createHash } from 'node:crypto';

/** Git's object formats, read and written in process: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects */
export type ObjectType = 'blob' | 'tree' | 'commit' | 'tag';

export interface GitObject {
  readonly oid: string;
  readonly type: ObjectType;
  readonly content: Buffer;
}

export interface TreeEntry {
  readonly name: string;
  /** As git writes it: `40000` is a tree, `160000` a submodule. */
  readonly mode: string;
  readonly oid: string;
}

export interface Signature {
  readonly name: string;
  readonly email: string;
  readonly date: Date;
}

export interface CommitData {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Signature;
  readonly committer: Signature;
  readonly message: string;
  /** Carries the signature that the forge puts on commits which it makes itself. */
  readonly signed: boolean;
}

export interface Commit extends CommitData {
  readonly oid: string;
}

export const treeMode = '40000';
export const fileMode = '100644';
export const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

export function gitObject(type: ObjectType, content: Buffer): GitObject {
  const oid = createHash('sha1').update(objectHeader(type, content)).update(content).digest('hex');
  return { oid, type, content };
}

export function objectHeader(type: ObjectType, content: Buffer): Buffer {
  return Buffer.from(`${type} ${content.length}\0`);
}

export function parseTree(content: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at);
    const zero = content.indexOf(0, space);
    const oid = content.toString('hex', zero + 1, zero + 21);
    entries.push({ mode: content.toString('utf8', at, space), name: content.toString('utf8', space + 1, zero), oid });
    at = zero + 21;
  }
  return entries;
}

/** Entries in git's order, where a tree sorts as if its name ended in a slash. */
export function formatTree(entries: Iterable<TreeEntry>): Buffer {
  const sorted = [...entries].sort((a, b) => Buffer.compare(sortKey(a), sortKey(b)));
  const parts = sorted.flatMap(({ mode, name, oid }) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(oid, 'hex')]);
  return Buffer.concat(parts);
}

function sortKey(entry: TreeEntry): Buffer {
  return Buffer.from(entry.mode === treeMode ? `${entry.name}/` : entry.name);
}

export function parseCommit(oid: string, content: Buffer): Commit {
  const text = content.toString('utf8');
  const end = text.indexOf('\n\n');
  const lines = text.slice(0, end).split('\n');
  const values = (name: string) =>
    lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
  return {
    oid,
    tree: values('tree')[0] ?? emptyTree,
    parents: values('parent'),
    author: parseSignature(values('author')[0] ?? ''),
    committer: parseSignature(values('committer')[0] ?? ''),
    message: text.slice(end + 2),
    signed: values('gpgsig').length > 0,
  };
}

function parseSignature(line: string): Signature {
  const match = /^(.*?) ?<([^>]*)> (\d+)/.exec(line);
  return { name: match?.[1] ?? '', email: match?.[2] ?? '', date: new Date(Number(match?.[3] ?? 0) * 1000) };
}

const forgeSignature = ['-----BEGIN PGP SIGNATURE-----', '', 'c2ltdWxhdGVk', '-----END PGP SIGNATURE-----'];

export function formatCommit(commit: CommitData): Buffer {
  const lines = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${formatSignature(commit.author)}`,
    `committer ${formatSignature(commit.committer)}`,
    ...(commit.signed ? [`gpgsig ${forgeSignature.join('\n ')}`] : []),
  ];
  return Buffer.from(`${lines.join('\n')}\n\n${commit.message}`);
}

function formatSignature({ name, email, date }: Signature): string {
  return `${name} <${email}> ${Math.floor(date.getTime() / 1000)} +0000`;
}
