/** A tag with, where known, the digest that it pointed to. */
export interface Version {
  readonly tag: string;
  readonly digest?: string;
}

/** The commit and repository that an image was built from. */
export interface Provenance {
  /** Full commit hash, or as much of it as the sender knows (at least 7 hex digits). */
  readonly commit: string;
  /** Where the commit is: `owner/name` on the forge of the manifest repository, or a URL. */
  readonly repository?: string;
  readonly branch?: string;
}

/** A version that a registry or CI has told us of. */
export interface PublishedVersion extends Version {
  /** When it was published as the sender says, else when we first heard of it. */
  readonly publishedAt: Date;
  readonly provenance?: Provenance;
}

/** Same tag, and no contradiction between the digests. */
export function sameVersion(a: Version, b: Version): boolean {
  return a.tag === b.tag && (a.digest === undefined || b.digest === undefined || a.digest === b.digest);
}

/** `1.4.2`, or `latest@sha256:3f2a91c0…` where the digest is what tells versions apart. */
export function formatVersion({ tag, digest }: Version): string {
  return digest === undefined ? tag : `${tag}@${shortDigest(digest)}`;
}

/** `sha256:3f2a91c04b5d…`, enough to tell two builds apart. */
export function shortDigest(digest: string): string {
  return `${digest.slice(0, 19)}…`;
}
