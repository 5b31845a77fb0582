import type { ChangeRef } from '../domain/change.ts';
import type { ImageName } from '../domain/image.ts';
import { repositoryKey, type RepositoryRef } from '../domain/repository.ts';
import { changeName, moment, shortImage, span, stateWords, toolName, type DeployText } from './deploy-words.ts';
import { escapeInline, inlineCode } from './escape.ts';
import { fenced } from './fences.ts';

export type { DeployText } from './deploy-words.ts';

/** The comment on a bump's own change. */
export const ROLLOUT_MARKER = '<!-- tagalong:rollout -->';

/** The comment on the application's change; several manifest repositories may deploy one application. */
export function deploysMarker(manifests: RepositoryRef): string {
  return `<!-- tagalong:deploys ${repositoryKey(manifests)} -->`;
}

/** A bump that is proposed and not merged. */
export interface WaitingText {
  readonly environment: string;
  readonly image: ImageName;
  readonly version: string;
  readonly change: ChangeRef;
}

/** At most this much of a tool's message; the rest stands where its link leads. */
const MAX_MESSAGE = 2000;

/**
 * What became of a bump, on its own change: the state, the tool's own words, and on failure what to do next.
 * @param text.message already free of control characters
 */
export function rolloutComment(text: DeployText): string {
  const head = `**${escapeInline(text.environment)}**: ${inlineCode(text.version)} ${sentence(text, text.change.repository)}`;
  return [ROLLOUT_MARKER, head, message(text), advice(text)].filter((block) => block !== '').join('\n\n');
}

/** Where an application's commit runs, one line: `**staging**: live since … · **production**: waiting for review acme/deploy#42`. */
export function deploysComment(
  manifests: RepositoryRef,
  on: ChangeRef,
  {
    commit,
    rollouts,
    waiting,
  }: {
    readonly commit: string;
    readonly rollouts: readonly DeployText[];
    readonly waiting: readonly WaitingText[];
  },
): string {
  const images = new Set([...rollouts, ...waiting].map(({ image }) => image));
  const name = (image: ImageName) => (images.size > 1 ? ` (${inlineCode(shortImage(image))})` : '');
  const entries = [
    ...rollouts.map((text) => ({
      text,
      line: `${sentence(text, on.repository)} in ${changeName(text.change, on.repository)}`,
    })),
    ...waiting.map((text) => ({ text, line: `waiting for review ${changeName(text.change, on.repository)}` })),
  ];
  const lines = entries.map(({ text, line }) => `**${escapeInline(text.environment)}**${name(text.image)}: ${line}`);
  const failed = rollouts.filter(({ state }) => state === 'failed').map(message);
  return [deploysMarker(manifests), `${inlineCode(commit.slice(0, 7))} · ${lines.join(' · ')}`, ...failed]
    .filter((block) => block !== '')
    .join('\n\n');
}

/** At most 140 characters, plain text: what a deployment or a status shows. */
export function deployDescription(texts: readonly DeployText[]): string {
  const [only, ...others] = texts;
  if (only === undefined) return '';
  const words = others.length === 0 ? `${only.version}: ${plain(only)}` : several(texts);
  return words.length <= 140 ? words : `${words.slice(0, 139)}…`;
}

/** The states of several images, the most frequent first. */
function several(texts: readonly DeployText[]): string {
  const groups = [...Map.groupBy(texts, stateWords)].toSorted(([, a], [, b]) => b.length - a.length);
  return groups.map(([words, { length }]) => `${length} of ${texts.length} images ${words}`).join(', ');
}

function plain(text: DeployText): string {
  if (text.state === 'superseded') return `${stateWords(text)} by ${text.replacedBy?.version ?? 'a later version'}`;
  if (text.state === 'failed' && text.message !== undefined) return `failed: ${text.message.split('\n')[0] ?? ''}`;
  return `${stateWords(text)} since ${moment(text.since)}`;
}

function sentence(text: DeployText, from: RepositoryRef): string {
  const words = stateWords(text);
  const since = ` since ${moment(text.since)}`;
  const after = text.afterMerge === undefined ? '' : `, ${span(text.afterMerge)} after its merge`;
  switch (text.state) {
    case 'queued':
      return words;
    case 'in-progress':
      return `${words}${by(text)}${since}`;
    case 'live':
      return `${linked(words, text.environmentUrl)}${since}${after}${by(text)}`;
    case 'failed':
      return `**${words}**${by(text)}${since}`;
    case 'superseded':
      return `${words}${replacement(text, from)}${since}`;
    case 'unknown':
      return `**unknown**: no deploy tool has reported an end by ${moment(text.since)}`;
  }
}

/** What a tool calls its application stands in no link: backticks and brackets of the two would get into each other. */
function by({ tool, application, url }: DeployText): string {
  if (application === undefined) return '';
  const name = `${tool === undefined ? '' : `${toolName(tool)} `}${inlineCode(application)}`;
  return ` (${url === undefined ? name : `${name}, ${linked('details', url)}`})`;
}

function linked(words: string, address: string | undefined): string {
  return address === undefined ? words : `[${words}](<${address.replace(/[<>\\\s]/g, encodeURIComponent)}>)`;
}

function replacement({ replacedBy, change }: DeployText, from: RepositoryRef): string {
  if (replacedBy === undefined) return '';
  const name = changeName({ repository: change.repository, number: replacedBy.number }, from);
  return ` by ${inlineCode(replacedBy.version)} in ${name}`;
}

function message({ state, message: words }: DeployText): string {
  return state !== 'failed' || words === undefined ? '' : fenced('', words.slice(0, MAX_MESSAGE));
}

function advice({ state, application, tool }: DeployText): string {
  switch (state) {
    case 'failed':
      return `To put the version before it back, comment here:\n\n${fenced('', '/rollback')}`;
    case 'unknown':
      return application === undefined
        ? 'It may be live all the same. Look at the deploy tool, and whether it is set up to report.'
        : `Look at ${toolName(tool ?? '')} ${inlineCode(application)}: it began and told no end.`;
    default:
      return '';
  }
}
