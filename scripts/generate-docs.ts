/** Writes the pages of `docs/` that are generated from code; with `--check`, only tells which are not up to date. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { generatedPages } from './docs/pages.ts';

const root = path.resolve(import.meta.dirname, '..');
const isCheck = process.argv.includes('--check');

for (const [name, text] of generatedPages()) {
  const file = path.join(root, name);
  const present = await readFile(file, 'utf8').catch(() => undefined);
  if (present === text) continue;
  if (isCheck) {
    process.stderr.write(`${name} is not what the code says; run \`npm run docs\`.\n`);
    process.exitCode = 1;
  } else {
    await writeFile(file, text);
    process.stdout.write(`${name} written\n`);
  }
}
