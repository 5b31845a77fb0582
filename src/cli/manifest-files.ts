import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { FileProblem } from '../domain/site.ts';
import { isManifestPath } from '../manifests/pre-scan.ts';
import { decodeText } from '../manifests/text.ts';

/** How many files are read at once. */
const BATCH = 64;
/** Larger files are no manifests that people or tools write; in bytes. */
const MAX_SIZE = 16 * 1024 * 1024;

export interface ManifestFile {
  /** Relative to the directory, with `/`. */
  readonly path: string;
  readonly text: string;
}

/**
 * Reads the files of a directory that can hold sites, in the order of their paths. What cannot be read is told to `report`, and
 * the rest goes on. Hidden entries, `node_modules` and symbolic links are left out.
 */
export async function* readManifests(
  directory: string,
  report: (problem: FileProblem) => void,
): AsyncGenerator<ManifestFile> {
  const paths = (await listFiles(directory, '')).filter(isManifestPath);
  for (let start = 0; start < paths.length; start += BATCH) {
    const batch = paths.slice(start, start + BATCH);
    for (const read of await Promise.all(batch.map((file) => readManifest(directory, file)))) {
      if ('text' in read) yield read;
      else report(read);
    }
  }
}

async function listFiles(directory: string, folder: string): Promise<string[]> {
  const entries = await readdir(path.join(directory, folder), { withFileTypes: true });
  const files: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) files.push(...(await listFiles(directory, name)));
    else if (entry.isFile()) files.push(name);
  }
  return files;
}

async function readManifest(directory: string, file: string): Promise<ManifestFile | FileProblem> {
  const location = path.join(directory, file);
  try {
    if ((await stat(location)).size > MAX_SIZE)
      return { path: file, message: 'This file is too large for a manifest.' };
    const text = decodeText(await readFile(location));
    return text === undefined ? { path: file, message: 'This is not UTF-8 text.' } : { path: file, text };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    return { path: file, message: `This file cannot be read (${code}).` };
  }
}
