import { createHash } from 'node:crypto';

/** A commit of a fake repository: all its files, and who wrote it. */
export interface FakeCommit {
  readonly oid: string;
  readonly parent: string | undefined;
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

  /** @param revision a branch or a commit */
  files(revision: string): ReadonlyMap<string, string> {
    return this.commit(this.branches.get(revision) ?? revision).files;
  }

  /** Makes a commit without moving a branch; an undefined content deletes the file. */
  write(
    parent: string | undefined,
    changes: Readonly<Record<string, string | undefined>>,
    { author, message }: { author: string; message: string },
  ): string {
    const files = new Map(parent === undefined ? [] : this.commit(parent).files);
    for (const [path, content] of Object.entries(changes)) {
      if (content === undefined) files.delete(path);
      else files.set(path, content);
    }
    const said = JSON.stringify([parent, [...files].sort(), author, message, this.#commits.size]);
    const oid = createHash('sha1').update(said).digest('hex');
    this.#commits.set(oid, { oid, parent, author, message, files });
    return oid;
  }

  /** The commits that `head` has and `base` has not, newest first. */
  ahead(base: string, head: string): readonly FakeCommit[] {
    const known = new Set(this.#history(base).map(({ oid }) => oid));
    return this.#history(head).filter(({ oid }) => !known.has(oid));
  }

  #history(oid: string): FakeCommit[] {
    const commits: FakeCommit[] = [];
    for (let next: string | undefined = oid; next !== undefined;) {
      const commit: FakeCommit = this.commit(next);
      commits.push(commit);
      next = commit.parent;
    }
    return commits;
  }
}
