import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { configPaths, DEFAULT_CONFIG, environmentOf, imageRule, type Config } from '../config/config.ts';
import { readConfig } from '../config/read-config.ts';
import { familiarName, parseImageReference, type ImageName } from '../domain/image.ts';
import type { FileProblem, Site } from '../domain/site.ts';
import type { PublishedVersion } from '../domain/version.ts';
import { findSites, type FoundSite } from '../manifests/find-sites.ts';
import { planFileEdits, type FilePlan } from '../manifests/plan-file-edits.ts';
import { mayMentionImage } from '../manifests/pre-scan.ts';
import { decideSites } from '../versions/decide.ts';
import { bumpJson, tellBump, type BumpOutcome, type StayingSite } from './bump-text.ts';
import { paint, type BumpOptions, type ExitCode, type Io } from './io.ts';
import { readManifests } from './manifest-files.ts';
import { tellProblem } from './site-text.ts';

/**
 * Plans the bump of one image in a directory as the bot would, and with `--write` does it. Exit code 0 also when there is nothing
 * to do, and then the reason of each site is told; 1 when the configuration is broken or an edit is refused; 2 for no version.
 */
export async function runBump(io: Io, options: BumpOptions): Promise<ExitCode> {
  const wanted = parseImageReference(options.image);
  if (wanted?.tag === undefined) {
    const what = wanted === undefined ? 'is no image' : 'has no tag';
    io.stderr.write(
      `${paint(io.stderr, 'red', 'error:')} '${options.image}' ${what}; wanted: ghcr.io/acme/shop:1.4.3\n`,
    );
    return 2;
  }
  const directory = path.resolve(io.cwd, options.directory);
  const config = await loadConfig(io, directory);
  if (config === undefined) return 1;

  const now = new Date();
  const { name: image, tag, digest } = wanted;
  const to: PublishedVersion = {
    tag,
    ...(digest !== undefined && { digest }),
    publishedAt: now,
    ...(options.commit !== undefined && { provenance: { commit: options.commit } }),
  };
  const { files, sites } = await findMentions(io, directory, image);
  const date = options.date ?? now.toISOString().slice(0, 10);
  const { plan, stays } = planBump(config, { image, to, date, files, sites });
  const outcome: BumpOutcome = { image, to, plan, stays, written: options.write && plan.ok && plan.edits.length > 0 };
  if (outcome.written && plan.ok) await writeFiles(directory, plan);
  if (options.json) io.stdout.write(`${JSON.stringify(bumpJson(outcome), undefined, 2)}\n`);
  else tellBump(io, outcome);
  return plan.ok ? 0 : 1;
}

interface Mentions {
  readonly files: ReadonlyMap<string, string>;
  readonly sites: readonly FoundSite[];
}

/** @returns undefined when the configuration is broken, which has been told then */
async function loadConfig(io: Io, directory: string): Promise<Config | undefined> {
  const files = new Map<string, string>();
  for (const file of configPaths) {
    const text = await readFile(path.join(directory, file), 'utf8').catch(() => undefined);
    if (text !== undefined) files.set(file, text);
  }
  const read = readConfig(files);
  switch (read.kind) {
    case 'absent':
      return DEFAULT_CONFIG;
    case 'valid':
      return read.config;
    case 'invalid':
      for (const { file, line, column, message } of read.problems) {
        io.stderr.write(`${file}:${line}:${column}: ${paint(io.stderr, 'red', 'error:')} ${message}\n`);
      }
      return undefined;
  }
}

async function findMentions(io: Io, directory: string, image: ImageName): Promise<Mentions> {
  const files = new Map<string, string>();
  const sites: FoundSite[] = [];
  const report = (problem: FileProblem) => tellProblem(io.stderr, problem);
  const lastPart = image.slice(image.lastIndexOf('/') + 1);
  for await (const { path: file, text } of readManifests(directory, report)) {
    if (!text.includes(lastPart) || !mayMentionImage(file, text)) continue;
    const found = findSites(file, text);
    found.problems.forEach(report);
    const ofImage = found.sites.filter((site) => site.image === image);
    if (ofImage.length === 0) continue;
    files.set(file, text);
    sites.push(...ofImage);
  }
  return { files, sites };
}

interface Wanted extends Mentions {
  readonly image: ImageName;
  readonly to: PublishedVersion;
  readonly date: string;
}

function planBump(
  config: Config,
  { image, to, date, files, sites }: Wanted,
): { plan: FilePlan; stays: readonly StayingSite[] } {
  const rule = imageRule(config, image);
  if (rule === undefined) {
    const detail = `The configuration says not to follow \`${familiarName(image)}\`.`;
    return { plan: NOTHING, stays: sites.map((site) => ({ site, reason: 'ignored', detail })) };
  }
  const isFollowed = ({ path: file }: Site) => environmentOf(config, file, 'main') !== undefined;
  const { moves, stays } = decideSites(rule.tags, sites.filter(isFollowed), [to]);
  const values = { commit: to.provenance?.commit, date };
  const wanted = moves.flatMap((move) => move.sites.map((site) => ({ site, to: move.to, set: rule.set, values })));
  return {
    plan: planFileEdits(files, wanted),
    stays: [
      ...stays.map(({ site, decision: { reason, detail } }) => ({ site, reason, detail })),
      ...sites
        .filter((site) => !isFollowed(site))
        .map((site) => ({ site, reason: 'no-environment' as const, detail: 'The file belongs to no environment.' })),
    ],
  };
}

const NOTHING: FilePlan = { ok: true, edits: [], changes: [], setChanges: [], unmatchedSet: [] };

async function writeFiles(directory: string, { edits }: Extract<FilePlan, { ok: true }>): Promise<void> {
  for (const edit of edits) await writeFile(path.join(directory, edit.path), edit.after);
}
