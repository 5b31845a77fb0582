import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { operations } from '../../support/forge/github/rest/operations.ts';
import { appManifest } from './telling-world.ts';

const page = readFileSync(new URL('../../../docs/github-api.md', import.meta.url), 'utf8');
const adapter = new URL('../../../src/forge/github/', import.meta.url);
const code = readdirSync(adapter)
  .map((file) => readFileSync(new URL(file, adapter), 'utf8'))
  .join('\n');

/** The rows of the table: permission, what for, calls, without it. */
const rows = [...page.matchAll(/^\| `(\w+): (read|write)` +\|(.*?)\|(.*?)\|(.*?)\|$/gm)].map(
  ([, permission = '', level = '', , calls = '']) => ({ permission, level, calls }),
);
const words = (text: string, form: RegExp) => [...text.matchAll(form)].map(([, word = '']) => word);

describe('docs/github-api.md', () => {
  test('asks for what app.yml asks for', () => {
    const asked = Object.fromEntries(rows.map(({ permission, level }) => [permission, level]));
    expect(asked).toEqual(appManifest.default_permissions);
  });

  test('names every REST call of the code, and no other', () => {
    const used = [...code.matchAll(/octokit\.rest\.(\w+)\.(\w+)/g)].map(
      ([, room = '', call = '']) => `${room}/${call.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    );
    expect(words(page, /`([a-z]+\/[a-z-]+)`/g).sort()).toEqual([...new Set(used)].sort());
  });

  test('names each call in the row of a permission that opens it', () => {
    for (const { permission, level, calls } of rows) {
      for (const name of words(calls, /`([a-z]+\/[a-z-]+)`/g)) {
        const { access } = operations.find(({ id }) => id === name) ?? expect.unreachable(name);
        expect(access, name).toHaveProperty(permission);
        if (level === 'read') expect(access, name).toHaveProperty(permission, 'read');
      }
    }
  });

  test('names every mutation of the code', () => {
    const mutations = words(code, /^ {2}(\w+)\(input: \$/gm);
    expect(mutations).toContain('createCommitOnBranch');
    for (const name of mutations) expect(page).toContain(`\`${name}\``);
  });

  test('names every event that app.yml subscribes to', () => {
    const events = rows.flatMap(({ calls }) => words(calls, /(?<= )_(\w+)_(?= )/g));
    expect([...new Set(events)].sort()).toEqual([...appManifest.default_events].sort());
  });
});
