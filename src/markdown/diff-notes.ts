import { parseImageReference, type ImageReference } from '../domain/image.ts';
import { formatVersion } from '../domain/version.ts';
import type { DiffUnit, Note, ResourceId, Risk } from '../diff/result.ts';

const RISKS: Readonly<Record<Risk, string>> = {
  'data-loss': 'deletes data',
  immutable: 'cannot be changed in place',
  stopped: 'scales to zero',
};

/** One note in a few words. `quote` makes a text from a manifest harmless where the words are shown. */
export function noteWords(note: Note, quote: (text: string) => string): string {
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

function imageWords(
  { container, from, to }: Extract<Note, { kind: 'image' }>,
  quote: (text: string) => string,
): string {
  if (from === undefined) return `new image ${quote(container)} ${quote(to ?? '')}`;
  if (to === undefined) return `no more image ${quote(container)} ${quote(from)}`;
  const [before, after] = [parseImageReference(from), parseImageReference(to)];
  const short = before !== undefined && after !== undefined && before.name === after.name;
  return `image ${quote(container)} ${quote(short ? version(before) : from)} → ${quote(short ? version(after) : to)}`;
}

function version({ tag = 'latest', digest }: ImageReference): string {
  return formatVersion({ tag, ...(digest !== undefined && { digest }) });
}
