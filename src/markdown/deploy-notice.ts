import { changeName, moment, shortImage, span, stateWords, toolName, type DeployText } from './deploy-words.ts';

/** What a chat is told of a rollout, in neutral words: its adapter makes its own markup of them. */
export interface DeployNotice {
  readonly tone: 'neutral' | 'good' | 'bad';
  readonly title: string;
  readonly url?: string;
  readonly lines: readonly string[];
}

/** A chat shows no more of a message without folding it. */
const MAX_MESSAGE = 500;

export function deployNotice(text: DeployText): DeployNotice {
  const { image, version, environment, state, ended, application, tool, message, url, change } = text;
  const isFailed = state === 'failed' || (state === 'superseded' && ended?.state === 'failed');
  const name = changeName(change);
  const lines = [
    momentLine(text),
    ...(application === undefined ? [] : [`${toolName(tool ?? '')}: ${application}`]),
    ...(isFailed && message !== undefined ? [message.slice(0, MAX_MESSAGE)] : []),
    state === 'failed' ? `To go back to the version before it, comment /rollback on ${name}` : name,
  ];
  const title = `${shortImage(image)} ${version} in ${environment}: ${stateWords(text)}`;
  return { tone: toneOf(text), title, lines, ...(url !== undefined && { url }) };
}

/** Goes on where the title ends. */
function momentLine({ state, since, afterMerge, replacedBy, change }: DeployText): string {
  const at = moment(since);
  switch (state) {
    case 'live':
      return `since ${at}${afterMerge === undefined ? '' : `, ${span(afterMerge)} after its merge`}`;
    case 'failed':
      return `at ${at}`;
    case 'unknown':
      return `by ${at}`;
    case 'superseded':
      return replacedBy === undefined
        ? `at ${at}`
        : `by ${replacedBy.version} (${changeName({ ...change, number: replacedBy.number })}) at ${at}`;
    default:
      return `since ${at}`;
  }
}

function toneOf({ state }: DeployText): DeployNotice['tone'] {
  return state === 'live' ? 'good' : state === 'failed' ? 'bad' : 'neutral';
}
