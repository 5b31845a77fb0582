import { changeName, moment, stateWords, type DeployText, type OtherBump } from './deploy-words.ts';

/** What GitHub shows of the description of a deployment or a status. */
const LIMIT = 140;

/** What a deployment shows, in plain text of at most 140 characters: where each image is now. */
export function deployDescription(texts: readonly DeployText[]): string {
  return described(texts, plain, stateWords);
}

/**
 * What a commit status shows, in as many: what became of each image, in words that stay true. A status that says when a version went live, that it
 * failed, or which version was merged after it, need not be written again when another version takes its place.
 */
export function statusDescription(texts: readonly DeployText[]): string {
  return described(texts, lasting, (text) => LASTING_WORDS[lastingState(text)]);
}

/** Where a version is, as far as it will not be otherwise because of another one. */
export type LastingState = 'live' | 'failed' | 'overtaken' | 'queued' | 'in-progress' | 'unknown';

export function lastingState({ state, ended, followedBy }: DeployText): LastingState {
  if (state === 'live' || state === 'failed') return state;
  if (state === 'superseded') return ended?.state ?? 'overtaken';
  return followedBy === undefined ? state : 'overtaken';
}

const LASTING_WORDS: Readonly<Record<LastingState, string>> = {
  live: 'went live',
  failed: 'failed',
  overtaken: 'followed by another before live',
  queued: 'merged, waiting for the deploy tool',
  'in-progress': 'being deployed',
  unknown: 'unknown, no end reported',
};

function described(
  texts: readonly DeployText[],
  ofOne: (text: DeployText) => string,
  ofMany: (text: DeployText) => string,
): string {
  const [only, ...others] = texts;
  if (only === undefined) return '';
  const words = others.length === 0 ? `${only.version}: ${ofOne(only)}` : counted(texts, ofMany);
  const characters = Array.from(words);
  return characters.length <= LIMIT ? words : `${characters.slice(0, LIMIT - 1).join('')}…`;
}

/** The states of several images, the most frequent first. */
function counted(texts: readonly DeployText[], words: (text: DeployText) => string): string {
  const groups = [...Map.groupBy(texts, words)].toSorted(([, a], [, b]) => b.length - a.length);
  return groups.map(([state, { length }]) => `${length} of ${texts.length} images ${state}`).join(', ');
}

function plain(text: DeployText): string {
  const words = stateWords(text);
  const at = moment(text.since);
  switch (text.state) {
    case 'queued':
      return words;
    case 'failed':
      return failure(text);
    case 'unknown':
      return `${words} by ${at}`;
    case 'superseded':
      return `${words}${text.replacedBy === undefined ? '' : ` by ${named(text, text.replacedBy)}`} at ${at}`;
    default:
      return `${words} since ${at}`;
  }
}

function lasting(text: DeployText): string {
  const state = lastingState(text);
  switch (state) {
    case 'live':
      return `${LASTING_WORDS.live} ${moment(text.ended?.since ?? text.since)}`;
    case 'failed':
      return failure(text);
    case 'overtaken':
      return overtaken(text);
    default:
      return LASTING_WORDS[state];
  }
}

function failure({ message }: DeployText): string {
  const [first = ''] = message?.split('\n') ?? [];
  return first === '' ? 'failed' : `failed: ${first}`;
}

function overtaken(text: DeployText): string {
  const { followedBy } = text;
  return followedBy === undefined
    ? LASTING_WORDS.overtaken
    : `followed by ${named(text, followedBy)} before it was live`;
}

function named({ change }: DeployText, { number, version }: OtherBump): string {
  return `${version} (${changeName({ ...change, number })})`;
}
