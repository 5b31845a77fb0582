import path from 'node:path';
import { familiarName } from '../domain/image.ts';
import type { FileProblem, Site } from '../domain/site.ts';
import { findSites } from '../manifests/find-sites.ts';
import { mayMentionImage } from '../manifests/pre-scan.ts';
import { paint, type ExitCode, type Io, type ScanOptions } from './io.ts';
import { readManifests } from './manifest-files.ts';
import { formatPlace, siteJson, tellProblem } from './site-text.ts';

/** Lists every site of a directory. Files that cannot be read are told on `stderr`, and are no failure: the others are listed. */
export async function runScan(io: Io, { directory, json }: ScanOptions): Promise<ExitCode> {
  const problems: FileProblem[] = [];
  const sites: Site[] = [];
  for await (const file of readManifests(path.resolve(io.cwd, directory), (problem) => problems.push(problem))) {
    // YAML is read even where it mentions no image, to tell whether it can be read at all.
    if (file.path.endsWith('.json') && !mayMentionImage(file.path, file.text)) continue;
    const found = findSites(file.path, file.text);
    sites.push(...found.sites);
    problems.push(...found.problems);
  }
  for (const problem of problems) tellProblem(io.stderr, problem);
  if (json) io.stdout.write(`${JSON.stringify(sites.map(siteJson), undefined, 2)}\n`);
  else if (sites.length > 0) io.stdout.write(table(io, sites));
  else io.stdout.write('No image is mentioned here.\n');
  return 0;
}

function table(io: Io, sites: readonly Site[]): string {
  const rows = sites.map((site) => [formatPlace(site), site.format, reference(site)] as const);
  const width = (column: 0 | 1) => rows.reduce((most, row) => Math.max(most, row[column].length), 0);
  const [places, formats] = [width(0), width(1)];
  return rows
    .map(([place, format, image]) => {
      return `${place.padEnd(places)}  ${paint(io.stdout, 'dim', format.padEnd(formats))}  ${image}\n`;
    })
    .join('');
}

function reference({ image, tag, digest }: Site): string {
  const version = (tag === undefined ? '' : `:${tag}`) + (digest === undefined ? '' : `@${digest}`);
  return familiarName(image) + version;
}
