import { expect, test } from 'vitest';
import type { Note } from '../../src/diff/result.ts';
import { noteWords } from '../../src/markdown/diff-notes.ts';

const SHA_A = `sha256:${'a1'.repeat(32)}`;
const SHA_B = `sha256:${'b2'.repeat(32)}`;

const image = (note: Omit<Extract<Note, { kind: 'image' }>, 'kind'>): Note => ({ kind: 'image', ...note });

test.each<[string, Note]>([
  ['`ghcr.io/acme/shop` `1.4.1` → `1.5.0`', image({ from: 'ghcr.io/acme/shop:1.4.1', to: 'ghcr.io/acme/shop:1.5.0' })],
  [
    '`acme/shop` `1` → `2` in containers `shop`, `migrate` (init)',
    image({
      from: 'docker.io/acme/shop:1',
      to: 'acme/shop:2',
      containers: [{ name: 'shop' }, { name: 'migrate', role: 'init' }],
    }),
  ],
  [
    '`nginx` `1` → `2` in container `web` (ephemeral)',
    image({ from: 'nginx:1', to: 'nginx:2', containers: [{ name: 'web', role: 'ephemeral' }] }),
  ],
  [
    '`a` `1` → `2` in containers `0`, `1`, `2` and 2 more',
    image({ from: 'a:1', to: 'a:2', containers: ['0', '1', '2', '3', '4'].map((name) => ({ name })) }),
  ],
  [
    '`a` `main@sha256:a1a1a1a1a1a1…` → `main@sha256:b2b2b2b2b2b2…`',
    image({ from: `a:main@${SHA_A}`, to: `a:main@${SHA_B}` }),
  ],
  ['`a` `sha256:a1a1a1a1a1a1…` → `sha256:b2b2b2b2b2b2…`', image({ from: `a@${SHA_A}`, to: `a@${SHA_B}` })],
  [
    '`acme/shop:1` → `ghcr.io/acme/shop:1@sha256:b2b2b2b2b2b2…`',
    image({ from: 'docker.io/acme/shop:1', to: `ghcr.io/acme/shop:1@${SHA_B}` }),
  ],
  ['`nginx` → `nginx:1.27`', image({ from: 'nginx', to: 'nginx:1.27' })],
  ['`nginx:1` → `docker.io/library/nginx:1`', image({ from: 'nginx:1', to: 'docker.io/library/nginx:1' })],
  ['`$(IMAGE)` → `nginx:1`', image({ from: '$(IMAGE)', to: 'nginx:1' })],
  ['now runs `redis:7` in container `cache`', image({ to: 'library/redis:7', containers: [{ name: 'cache' }] })],
  ['no longer runs `redis:7`', image({ from: 'redis:7' })],
  ['only 2 labels', { kind: 'metadata', labels: 2, annotations: 0 }],
  ['only 1 annotation', { kind: 'metadata', labels: 0, annotations: 1 }],
  ['only 1 label and 2 annotations', { kind: 'metadata', labels: 1, annotations: 2 }],
])('%s', (words, note) => {
  expect(noteWords(note, (text) => `\`${text}\``)).toBe(words);
});
