import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import { familiarName, type ImageName } from '../domain/image.ts';
import type { FileEdit } from '../domain/site.ts';
import { formatVersion, type PublishedVersion } from '../domain/version.ts';
import type { FoundSite } from '../manifests/find-sites.ts';
import type { FilePlan } from '../manifests/plan-file-edits.ts';
import type { Refusal } from '../versions/decide.ts';
import { paint, type Io, type Output } from './io.ts';
import { formatPlace, formatPointer, siteJson } from './site-text.ts';

/** A site that the bump leaves as it is, and why. */
export interface StayingSite {
  readonly site: FoundSite;
  readonly reason: Refusal | 'ignored' | 'no-environment';
  readonly detail: string;
}

export interface BumpOutcome {
  readonly image: ImageName;
  readonly to: PublishedVersion;
  readonly plan: FilePlan;
  readonly stays: readonly StayingSite[];
  readonly written: boolean;
}

/**
 * The diff on `stdout`, ready for `git apply`, and what else is to be known on `stderr`. Where there is no diff, the reasons are
 * the answer and stand on `stdout`.
 */
export function tellBump(io: Io, { image, to, plan, stays, written }: BumpOutcome): void {
  if (!plan.ok) {
    io.stderr.write(`${formatPlace(plan.site)}: ${paint(io.stderr, 'red', 'error:')} ${plan.detail}\n`);
    return;
  }
  for (const edit of plan.edits) io.stdout.write(coloured(io.stdout, unifiedDiff(edit)));
  const output = plan.edits.length === 0 ? io.stdout : io.stderr;
  const name = familiarName(image);
  if (plan.edits.length === 0) output.write(`Nothing to do for ${name}:${formatVersion(to)}.\n`);
  if (plan.edits.length === 0 && stays.length === 0) output.write(`No file here mentions ${name}.\n`);
  for (const { site, detail } of stays) output.write(`${formatPlace(site)}: ${detail}\n`);
  for (const { path } of plan.unmatchedSet) {
    output.write(`\`${path}\` is to be set, and stands in none of the documents that change.\n`);
  }
  if (written) output.write(`Written: ${plan.edits.map(({ path }) => path).join(', ')}\n`);
}

/** The same as programs read it. `refused` is null unless nothing could be written. */
export function bumpJson({ image, to, plan, stays, written }: BumpOutcome): object {
  const edited = plan.ok ? plan : { edits: [], changes: [], setChanges: [] };
  return {
    image,
    tag: to.tag,
    digest: to.digest ?? null,
    written,
    files: edited.edits.map((edit) => ({ file: edit.path, diff: unifiedDiff(edit) })),
    changes: edited.changes.map(({ site, from, to: target }) => ({
      file: site.path,
      line: site.line,
      column: site.column,
      format: site.format,
      path: formatPointer(site.pointer),
      from: { tag: from.tag ?? null, digest: from.digest ?? null },
      to: { tag: target.tag ?? null, digest: target.digest ?? null },
    })),
    set: edited.setChanges.map(({ path, line, pointer, from, to: value }) => ({
      file: path,
      line,
      path: formatPointer(pointer),
      from,
      to: value,
    })),
    unchanged: stays.map(({ site, reason, detail }) => ({ ...siteJson(site), reason, detail })),
    refused: plan.ok ? null : { reason: plan.reason, detail: plan.detail, ...siteJson(plan.site) },
  };
}

function unifiedDiff({ path, before, after }: FileEdit): string {
  return createTwoFilesPatch(`a/${path}`, `b/${path}`, before, after, undefined, undefined, {
    context: 3,
    headerOptions: FILE_HEADERS_ONLY,
  });
}

function coloured(output: Output, patch: string): string {
  if (!output.color) return patch;
  return patch
    .split('\n')
    .map((line) => {
      if (/^(?:---|\+\+\+) /.test(line)) return paint(output, 'bold', line);
      if (line.startsWith('@@')) return paint(output, 'cyan', line);
      if (line.startsWith('+')) return paint(output, 'green', line);
      return line.startsWith('-') ? paint(output, 'red', line) : line;
    })
    .join('\n');
}
