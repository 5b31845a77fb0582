import { familiarName, parseImageReference, type ImageReference } from '../domain/image.ts';
import { formatVersion, shortDigest } from '../domain/version.ts';
import type { DiffUnit, Note, NotedContainer, ResourceId, Risk } from '../diff/result.ts';

const RISKS: Readonly<Record<Risk, string>> = {
  'data-loss': 'deletes data',
  immutable: 'cannot be changed in place',
  stopped: 'scales to zero',
};

const MAX_CONTAINERS = 3;

/** Makes a text from a manifest harmless where it is shown. */
export type Quote = (text: string) => string;

/** One note in a few words. */
export function noteWords(note: Note, quote: Quote): string {
  switch (note.kind) {
    case 'image':
      return imageWords(note, quote);
    case 'field':
      return `${quote(note.field)} ${quote(note.from)} → ${quote(note.to)}`;
    case 'secret-values':
    case 'sealed-values':
      return `${note.kind.replace('-', ' ')}: ${counted({ added: note.added, changed: note.changed, removed: note.removed })}`;
    case 'renamed':
      return `was ${quote(note.from)}`;
    case 'metadata':
      return metadataWords(note);
    case 'hook':
      return `hook ${quote(note.hook)}`;
    case 'wave':
      return `wave ${quote(note.wave)}`;
    case 'risk':
      return `⚠️ ${note.field === undefined ? '' : `${quote(note.field)} `}${RISKS[note.risk]}`;
  }
}

/** `2 changed, 1 added`, without the kinds that there are none of. */
export function counted(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `${count} ${word}`)
    .join(', ');
}

/** `1 app`, `1,200 apps` */
export function plural(count: number, word: string): string {
  return `${count.toLocaleString('en-US')} ${word}${count === 1 ? '' : 's'}`;
}

/** What people call it: the folder, or the file; with the values files of a variant. */
export function unitTitle({ path, valuesFiles }: DiffUnit): string {
  const name = path === '' ? '.' : path;
  const values = (valuesFiles ?? []).map((file) =>
    path !== '' && file.startsWith(`${path}/`) ? file.slice(path.length + 1) : file,
  );
  return values.length === 0 ? name : `${name} (${values.join(', ')})`;
}

/** `Deployment/api`, or `shop/Deployment/api` with a namespace. */
export function resourceTitle({ kind, namespace, name }: ResourceId): string {
  return `${namespace === undefined ? '' : `${namespace}/`}${kind}/${name}`;
}

/** "`ghcr.io/acme/shop` `1.4.1` → `1.5.0` in containers `shop`, `migrate` (init)" */
function imageWords({ from, to, containers }: Extract<Note, { kind: 'image' }>, quote: Quote): string {
  return `${stepWords(from, to, quote)}${containers === undefined ? '' : ` in ${containerWords(containers, quote)}`}`;
}

function stepWords(from: string | undefined, to: string | undefined, quote: Quote): string {
  if (from === undefined) return `now runs ${quote(referenceText(to ?? ''))}`;
  if (to === undefined) return `no longer runs ${quote(referenceText(from))}`;
  const [before, after] = [parseImageReference(from), parseImageReference(to)];
  if (before !== undefined && after !== undefined && before.name === after.name) {
    const [old, now] = [versionText(before), versionText(after)];
    const isTold = old !== undefined && now !== undefined && old !== now;
    if (isTold) return `${quote(familiarName(after.name))} ${quote(old)} → ${quote(now)}`;
  }
  const [old, now] = [referenceText(from), referenceText(to)];
  return old === now ? `${quote(from)} → ${quote(to)}` : `${quote(old)} → ${quote(now)}`;
}

/** As people write it, its digest shortened. */
function referenceText(image: string): string {
  const reference = parseImageReference(image);
  if (reference === undefined) return image;
  const { name, tag, digest } = reference;
  return `${familiarName(name)}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${shortDigest(digest)}`}`;
}

function versionText({ tag, digest }: ImageReference): string | undefined {
  if (tag === undefined) return digest === undefined ? undefined : shortDigest(digest);
  return formatVersion({ tag, ...(digest !== undefined && { digest }) });
}

function containerWords(containers: readonly NotedContainer[], quote: Quote): string {
  const named = containers
    .slice(0, MAX_CONTAINERS)
    .map(({ name, role }) => `${quote(name)}${role === undefined ? '' : ` (${role})`}`);
  const more = containers.length - named.length;
  const words = more > 0 ? `${named.join(', ')} and ${more} more` : named.join(', ');
  return `${containers.length === 1 ? 'container' : 'containers'} ${words}`;
}

/** `only 2 labels and 1 annotation` */
function metadataWords({ labels, annotations }: Extract<Note, { kind: 'metadata' }>): string {
  const words = [
    ...(labels > 0 ? [plural(labels, 'label')] : []),
    ...(annotations > 0 ? [plural(annotations, 'annotation')] : []),
  ];
  return `only ${words.join(' and ')}`;
}
