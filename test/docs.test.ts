import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../src/config/read-config.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const pages = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'],
  ...['docs', 'docs/adr'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  ),
];

const read = (page: string) => readFileSync(join(root, page), 'utf8');
const withoutCode = (text: string) => text.replaceAll(/^```[^]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, 'code');

describe('the documents', () => {
  it.each(pages)('%s leads only to what is there', (page) => {
    const links = [...withoutCode(read(page)).matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)/g)];
    const broken = links.filter(([, path = '', anchor]) => {
      const target = path === '' ? page : join(dirname(page), path);
      return !existsSync(join(root, target)) || (anchor !== undefined && !anchorsOf(target).has(anchor));
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });

  it('show every picture that there is, and say what is seen on it', () => {
    const shown = pages.flatMap((page) => [...read(page).matchAll(/!\[([^\]]*)\]\((?:docs\/)?images\/([^)]+)\)/g)]);
    const pictures = readdirSync(join(root, 'docs/images')).filter((name) => name.endsWith('.png'));
    expect(shown.map(([, , name]) => name).sort()).toEqual(pictures.sort());
    expect(shown.filter(([, alternative = '']) => alternative.length < 40)).toEqual([]);
  });

  it.each(pages)('%s has only valid configuration in it', (page) => {
    const examples = [...read(page).matchAll(/^( *)```ya?ml\n( *version: 1\n[^]*?)^ *```/gm)];
    const problems = examples.map(([, indent = '', text = '']) => {
      const config = readConfig(new Map([['.tagalong.yml', text.replaceAll(new RegExp(`^${indent}`, 'gm'), '')]]));
      return config.kind === 'invalid' ? config.problems : [];
    });
    expect(problems.flat()).toEqual([]);
  });
});

/** As GitHub makes them of headings, and those that are written out. */
function anchorsOf(page: string): ReadonlySet<string> {
  if (!page.endsWith('.md')) return new Set();
  const text = read(page);
  const headings = [...text.replaceAll(/^```[^]*?^```/gm, '').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
  return new Set([...headings, ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id)]);
}
