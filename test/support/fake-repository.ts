import { createHash } from 'node:crypto';

/** A commit of a fake repository: all its files, and who wrote it. */
export interface FakeCommit {
  readonly oid: string;
  readonly parent: string | undefined;
  /** Of a merge commit: what was merged. */
  readonly merged: string | undefined;
  /** A login; `Name <address>` for somebody whom the forge does not know. */
  readonly author: string;
  readonly message: string;
  readonly files: ReadonlyMap<string, string>;
}

/** Commits and branches in memory, as much of git as a forge shows. */
export class FakeRepository {
  readonly branches = new Map<string, string>();
  readonly #commits = new Map<string, FakeCommit>();

  commit(oid: string): FakeCommit {
    const commit = this.#commits.get(oid);
    if (commit === undefined) throw new Error(`no commit ${oid}`);
    return commit;
  }

  has(oid: string): boolean {
    return this.#commits.has(oid);
  }

  /** The one commit that begins so. */
  resolve(short: string): string | undefined {
    const [found, ...others] = [...this.#commits.keys()].filter((oid) => oid.startsWith(short));
    return others.length === 0 ? found : undefined;
  }

  /** @param revision a branch or a commit */
  files(revision: string): ReadonlyMap<string, string> {
    return this.commit(this.branches.get(revision) ?? revision).files;
  }

  /** Makes a commit without moving a branch; an undefined content deletes the file. */
  write(
    parent: string | undefined,
    changes: Readonly<Record<string, string | undefined>>,
    { author, message, merged }: { author: string; message: string; merged?: string },
  ): string {
    const files = new Map(parent === undefined ? [] : this.commit(parent).files);
    for (const [path, content] of Object.entries(changes)) {
      if (content === undefined) files.delete(path);
      else files.set(path, content);
    }
    const said = JSON.stringify([parent, [...files].sort(), author, message, this.#commits.size]);
    const oid = createHash('sha1').update(said).digest('hex');
    this.#commits.set(oid, { oid, parent, merged, author, message, files });
    return oid;
  }

  /** The commits that `head` has and `base` has not, newest first. */
  ahead(base: string, head: string): readonly FakeCommit[] {
    const known = new Set(this.history(base).map(({ oid }) => oid));
    return this.history(head).filter(({ oid }) => !known.has(oid));
  }

  mergeBase(a: string, b: string): string | undefined {
    const ofA = new Set(this.history(a).map(({ oid }) => oid));
    return this.history(b).find(({ oid }) => ofA.has(oid))?.oid;
  }

  /** What a three-way merge of `head` changes in `base`; undefined when both changed a file, each in its own way. */
  mergeChanges(base: string, head: string): Record<string, string | undefined> | undefined {
    const origin = this.mergeBase(base, head);
    const before = origin === undefined ? new Map<string, string>() : this.files(origin);
    const [ours, theirs] = [this.files(base), this.files(head)];
    const changes: Record<string, string | undefined> = {};
    for (const path of new Set([...before.keys(), ...theirs.keys()])) {
      if (before.get(path) === theirs.get(path) || ours.get(path) === theirs.get(path)) continue;
      if (before.get(path) !== ours.get(path)) return undefined;
      changes[path] = theirs.get(path);
    }
    return changes;
  }

  /** The commit and everything before it, what it merged included, newest first. */
  history(oid: string): readonly FakeCommit[] {
    const seen = new Map<string, FakeCommit>();
    const waiting = [oid];
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (seen.has(next)) continue;
      const commit = this.commit(next);
      seen.set(next, commit);
      for (const parent of [commit.parent, commit.merged]) if (parent !== undefined) waiting.push(parent);
    }
    return [...seen.values()];
  }
}
