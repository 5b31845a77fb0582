import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { mergeCommits } from './merge.ts';
import { ObjectStore } from './object-store.ts';
import {
  type Commit,
  type CommitData,
  type TreeEntry,
  formatCommit,
  gitObject,
  parseCommit,
  parseTree,
} from './objects.ts';
import { RefStore } from './ref-store.ts';
import { type PathChange, type TreeFile, buildTree, diffTrees, findInTree, listTree } from './trees.ts';

/** New bytes of a file, or undefined to delete it. */
export type FileEdits = ReadonlyMap<string, Buffer | undefined>;

/** A real bare repository on disk, whose small operations run in process. */
export class BareRepository {
  readonly directory: string;
  readonly refs: RefStore;
  readonly objects: ObjectStore;
  readonly #commits = new Map<string, Commit>();

  private constructor(directory: string, objects: ObjectStore) {
    this.directory = directory;
    this.refs = new RefStore(directory);
    this.objects = objects;
  }

  /** @param network a repository whose objects are shared, as forges do within the network of a fork */
  static create(directory: string, options: { defaultBranch: string; network?: BareRepository }): BareRepository {
    const { defaultBranch, network } = options;
    mkdirSync(join(directory, 'refs', 'heads'), { recursive: true });
    mkdirSync(join(directory, 'refs', 'tags'));
    if (network === undefined) mkdirSync(join(directory, 'objects', 'pack'), { recursive: true });
    else symlinkSync(resolve(network.directory, 'objects'), join(directory, 'objects'));
    writeFileSync(join(directory, 'HEAD'), `ref: refs/heads/${defaultBranch}\n`);
    writeFileSync(join(directory, 'config'), '[core]\n\trepositoryformatversion = 0\n\tbare = true\n');
    return new BareRepository(directory, network?.objects ?? new ObjectStore(directory));
  }

  /** undefined when there is no such commit; a tag is not followed. */
  commit(oid: string): Commit | undefined {
    const known = this.#commits.get(oid);
    if (known !== undefined) return known;
    const object = this.objects.read(oid);
    if (object?.type !== 'commit') return undefined;
    const commit = parseCommit(oid, object.content);
    this.#commits.set(oid, commit);
    return commit;
  }

  /** @throws when the caller's belief that the commit exists is wrong */
  existingCommit(oid: string): Commit {
    const commit = this.commit(oid);
    if (commit === undefined) throw new Error(`no commit ${oid} in ${this.directory}`);
    return commit;
  }

  tree(oid: string): readonly TreeEntry[] {
    const object = this.objects.read(oid);
    return object?.type === 'tree' ? parseTree(object.content) : [];
  }

  blob(oid: string): Buffer | undefined {
    const object = this.objects.read(oid);
    return object?.type === 'blob' ? object.content : undefined;
  }

  /** The entry at `path` below a tree; '' is the tree itself. */
  find(tree: string, path: string): TreeEntry | undefined {
    return findInTree(this, tree, path);
  }

  files(tree: string): readonly TreeFile[] {
    return listTree(this, tree);
  }

  changes(before: string | undefined, after: string | undefined): readonly PathChange[] {
    return diffTrees(this, before, after);
  }

  /** A tree that differs from `base` in the edited files alone. */
  editTree(base: string | undefined, edits: FileEdits): string {
    const built = buildTree(this, base, edits);
    this.objects.add(built.objects);
    return built.oid;
  }

  writeCommit(commit: CommitData): string {
    const object = gitObject('commit', formatCommit(commit));
    this.objects.add([object]);
    return object.oid;
  }

  isAncestor(ancestor: string, descendant: string): boolean {
    if (ancestor === descendant) return true;
    for (const commit of this.history([descendant])) if (commit.parents.includes(ancestor)) return true;
    return false;
  }

  /** A common ancestor that no other one follows on the first path found; undefined when the histories are unrelated. */
  mergeBase(a: string, b: string): string | undefined {
    if (this.existingCommit(b).parents.includes(a)) return a;
    const ofA = new Set([...this.history([a])].map(({ oid }) => oid));
    for (const commit of this.history([b])) if (ofA.has(commit.oid)) return commit.oid;
    return undefined;
  }

  /** Newest first by breadth: `from` and all that it follows, without `excluding` and all that that follows. */
  *history(from: readonly string[], excluding: readonly string[] = []): Generator<Commit> {
    const seen = new Set(excluding.length === 0 ? [] : [...this.history(excluding)].map(({ oid }) => oid));
    const queue = from.filter((oid) => !seen.has(oid));
    for (const oid of queue) {
      if (seen.has(oid)) continue;
      seen.add(oid);
      const commit = this.existingCommit(oid);
      yield commit;
      queue.push(...commit.parents);
    }
  }

  /** The tree of a three-way merge, or undefined when there are conflicts or the histories are unrelated. */
  mergeTree(ours: string, theirs: string): string | undefined {
    if (this.isAncestor(ours, theirs)) return this.existingCommit(theirs).tree;
    if (this.isAncestor(theirs, ours)) return this.existingCommit(ours).tree;
    return mergeCommits(this.directory, ours, theirs);
  }
}
