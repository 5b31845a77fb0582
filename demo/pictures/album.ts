import { execFile } from 'node:child_process';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser } from './browser.ts';

/** Where pictures and texts are kept. */
export interface Album {
  /** @param selectors what is shown of the page */
  picture(name: string, url: string, selectors: readonly string[]): Promise<void>;
  text(name: string, text: string): Promise<void>;
}

export async function openAlbum(directory: string, browser: Browser): Promise<Album> {
  await mkdir(directory, { recursive: true });
  return {
    async picture(name, url, selectors) {
      const file = join(directory, `${name}.png`);
      await writeFile(file, await browser.photograph(url, selectors));
      await shrink(file);
      process.stdout.write(`${file}  ${Math.ceil((await stat(file)).size / 1024)} KiB\n`);
    },
    async text(name, text) {
      const file = join(directory, `${name}.txt`);
      await writeFile(file, text);
      process.stdout.write(`${file}\n`);
    },
  };
}

/** In bytes. */
const LARGEST = 60 * 1024;

/** Few colours are enough for text, and fewer where it is much. Without pngquant the picture stays as it is. */
async function shrink(file: string): Promise<void> {
  try {
    for (const colours of ['32', '16', '8']) {
      await promisify(execFile)('pngquant', ['--force', '--speed=1', '--strip', '--output', file, colours, file]);
      if ((await stat(file)).size <= LARGEST) return;
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    process.stderr.write('pngquant is not on PATH: the pictures stay large.\n');
  }
}
