import type { ImageName } from '../domain/image.ts';
import { familiarName, parseImageName } from '../domain/image.ts';
import { formatVersion, type Version } from '../domain/version.ts';
import { commentJson, escapeInline, inlineCode, tableCode } from './escape.ts';
import { moment, quoted } from './replies.ts';

/** The text of a pull request that bumps one image in one environment. */
export interface ProposalText {
  readonly environment: string;
  readonly image: ImageName;
  readonly from: readonly Version[];
  readonly to: Version;
  /** Versions that this change proposed before, oldest first. */
  readonly history: readonly Version[];
  readonly places: readonly ProposalPlace[];
  /** Where the image was built, as far as it is known. */
  readonly source?: ProposalSource;
  /** The wish of a person that this change fulfils. */
  readonly asked?: ProposalWish;
  /** Fields of `set` that stay as they are, because what they should say is not known for this version. */
  readonly left?: readonly string[];
}

export interface ProposalWish {
  readonly kind: 'rollback' | 'pin' | 'request';
  readonly by: string;
  readonly reason?: string;
  /** When the pin ends by itself. */
  readonly until?: Date;
}

export interface ProposalPlace {
  readonly path: string;
  readonly line: number;
  /** What is written there: the image, or a field of `set`. */
  readonly what: string;
}

export interface ProposalSource {
  readonly repository?: string;
  readonly commit: string;
  readonly commitUrl?: string;
  readonly compareUrl?: string;
}

/** What a machine reads back from the body: enough to rebuild what the bot remembers of the change. */
export interface ProposalMark {
  readonly environment: string;
  readonly image: ImageName;
  readonly to: Version;
  readonly history: readonly Version[];
}

const MARK = /^<!-- tagalong:bump (\{.*\}) -->$/m;
const MAX_PLACES = 20;

/** GitHub takes 256 characters, GitLab 255. */
const MAX_TITLE = 255;

/** `Bump acme/shop from 1.4.1 to 1.4.2 in staging`, `Roll back acme/shop to 1.4.1 in staging` */
export function proposalTitle(text: ProposalText): string {
  const whole = wholeTitle(text);
  const title = whole.length <= MAX_TITLE ? whole : wholeTitle({ ...text, from: [] });
  return title.length <= MAX_TITLE ? title : `${title.slice(0, MAX_TITLE - 1)}…`;
}

function wholeTitle({ image, from, to, environment, asked }: ProposalText): string {
  const [only, ...others] = from;
  if (asked !== undefined && asked.kind !== 'request') {
    return `${asked.kind === 'rollback' ? 'Roll back' : 'Pin'} ${shortName(image)} to ${shortVersion(to, only)} in ${environment}`;
  }
  const origin = only !== undefined && others.length === 0 ? ` from ${shortVersion(only, to)}` : '';
  return `Bump ${shortName(image)}${origin} to ${shortVersion(to, only)} in ${environment}`;
}

/** The commit message of a bump: the headline is the title, the body names the whole reference. */
export function proposalMessage(text: ProposalText): { headline: string; body: string } {
  const lines = [`Image: ${text.image}`, `Version: ${text.to.tag}`];
  if (text.to.digest !== undefined) lines.push(`Digest: ${text.to.digest}`);
  if (text.asked !== undefined) lines.push(`Asked for by: ${text.asked.by}`);
  if (text.source !== undefined)
    lines.push(`Source: ${[text.source.repository, text.source.commit].filter(Boolean).join('@')}`);
  return { headline: proposalTitle(text), body: lines.join('\n') };
}

/** The body of the change: what goes from where to where, what it was built from, which places are written. */
export function proposalBody(text: ProposalText): string {
  const blocks = [
    mark(text),
    wish(text),
    `${inlineCode(text.image)} in **${escapeInline(text.environment)}**: ${origins(text)} → **${inlineCode(written(text.to, text.from))}**`,
    table(text),
    earlier(text),
    `---\n<sub>${whatNext(text)}</sub>`,
  ];
  return blocks.filter((block) => block !== '').join('\n\n');
}

/** The reverse of the mark that {@link proposalBody} writes. @returns undefined when a person has damaged or removed it. */
export function parseProposalMark(body: string): ProposalMark | undefined {
  const json = MARK.exec(body.replaceAll('\r', ''))?.[1];
  if (json === undefined) return undefined;
  try {
    return toMark(JSON.parse(json));
  } catch {
    return undefined;
  }
}

/** The labels of a bump's change. */
export function proposalLabels(environment: string): readonly string[] {
  return ['tagalong', `env: ${environment}`.slice(0, 50)];
}

function mark({ environment, image, to, history }: ProposalText): string {
  const versions = [to, ...history].map(({ tag, digest }) => (digest === undefined ? { tag } : { tag, digest }));
  return `<!-- tagalong:bump ${commentJson({ environment, image, to: versions[0], history: versions.slice(1) })} -->`;
}

/** What to do comes first: this is read when something is broken. */
function wish({ asked, to, environment }: ProposalText): string {
  if (asked === undefined) return '';
  const reason = asked.reason === undefined ? '.' : `: ${quoted(asked.reason)}`;
  const by = `Asked for by **${escapeInline(asked.by)}**${reason}`;
  if (asked.kind === 'request') return by;
  const version = inlineCode(formatVersion(to));
  const verb = asked.kind === 'rollback' ? 'go back to' : 'have';
  const end = asked.until === undefined ? 'until `/unpin`' : `until ${moment(asked.until)} or \`/unpin\``;
  return [
    `**Merge this to ${verb} ${version}.** ${by}`,
    `${version} is pinned in **${escapeInline(environment)}** ${end}: no other version is proposed here before that.`,
  ].join('\n\n');
}

function whatNext({ asked }: ProposalText): string {
  switch (asked?.kind) {
    case 'rollback':
    case 'pin':
      return 'Close it to leave what stands as it is; the pin stays until `/unpin`.';
    case 'request':
      return 'Proposed whatever the tag policy says. Close it to decline this version.';
    case undefined:
      return 'One pull request per image and environment: a newer version is written into this one. Close it to decline this version.';
  }
}

function origins({ from, to }: ProposalText): string {
  return from.length === 0 ? 'no version' : from.map((version) => inlineCode(written(version, [to]))).join(', ');
}

/** A version as it is written in the manifests: with a digest only where digests are written, or the tag says nothing. */
function written(version: Version, others: readonly Version[]): string {
  const isTold = others.some(({ tag, digest }) => digest !== undefined && tag === version.tag);
  return isTold ? formatVersion(version) : version.tag;
}

function table(text: ProposalText): string {
  const rows = [];
  if (text.to.digest !== undefined && isPinned(text)) rows.push(['Digest', tableCode(text.to.digest)]);
  if (text.source !== undefined) rows.push(['Built from', builtFrom(text.source)]);
  rows.push(['Written in', places(text.places)]);
  if (text.left !== undefined && text.left.length > 0) rows.push(['Left as it is', leftAsItIs(text.left)]);
  return [['Image', tableCode(text.image)], ['---', '---'], ...rows]
    .map(([name, value]) => `| ${name ?? ''} | ${value ?? ''} |`)
    .join('\n');
}

/** Whether digests are written beside tags; elsewhere naming one would look as if it were deployed. */
function isPinned({ from }: ProposalText): boolean {
  return from.some(({ digest }) => digest !== undefined);
}

function builtFrom({ repository, commit, commitUrl, compareUrl }: ProposalSource): string {
  const name = tableCode(`${repository === undefined ? '' : `${repository}@`}${commit.slice(0, 7)}`);
  const linked = commitUrl === undefined ? name : `[${name}](${commitUrl})`;
  return compareUrl === undefined ? linked : `${linked} · [what changed](${compareUrl})`;
}

function places(all: readonly ProposalPlace[]): string {
  const shown = all
    .slice(0, MAX_PLACES)
    .map(({ path, line, what }) => `${tableCode(`${path}:${line}`)} ${escapeInline(what)}`.trimEnd());
  const rest = all.length - shown.length;
  return [...shown, ...(rest > 0 ? [`and ${rest} more`] : [])].join('<br>');
}

function leftAsItIs(fields: readonly string[]): string {
  return `${fields.map((field) => tableCode(field)).join(', ')}: what to write is not known for this version`;
}

function earlier({ history }: ProposalText): string {
  if (history.length === 0) return '';
  return `Proposed here before: ${history.map((version) => inlineCode(formatVersion(version))).join(' → ')}`;
}

/** The digest is named only where the tag alone does not tell the two apart. */
function shortVersion(version: Version, other: Version | undefined): string {
  return version.tag === other?.tag && version.digest !== undefined
    ? `${version.tag} (${version.digest.slice(7, 19)})`
    : version.tag;
}

/** `acme/shop` of `ghcr.io/acme/shop`. */
function shortName(image: ImageName): string {
  const familiar = familiarName(image);
  return familiar === image ? image.slice(image.indexOf('/') + 1) : familiar;
}

function toMark(value: unknown): ProposalMark | undefined {
  if (!isRecord(value) || typeof value.environment !== 'string' || typeof value.image !== 'string') return undefined;
  const image = parseImageName(value.image);
  const to = toVersion(value.to);
  const history = Array.isArray(value.history) ? value.history.map(toVersion) : [];
  if (image === undefined || to === undefined) return undefined;
  return { environment: value.environment, image, to, history: history.filter((version) => version !== undefined) };
}

function toVersion(value: unknown): Version | undefined {
  if (!isRecord(value) || typeof value.tag !== 'string') return undefined;
  return typeof value.digest === 'string' ? { tag: value.tag, digest: value.digest } : { tag: value.tag };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
