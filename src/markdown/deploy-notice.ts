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
  const { image, version, environment, state, since, afterMerge, application, tool, message, url, change } = text;
  const how = state === 'live' && afterMerge !== undefined ? ` (${span(afterMerge)} after its merge)` : '';
  const name = changeName(change);
  const lines = [
    `${stateWords(text)} since ${moment(since)}${how}`,
    ...(text.replacedBy === undefined ? [] : [`by ${text.replacedBy.version} in #${text.replacedBy.number}`]),
    ...(application === undefined ? [] : [`${toolName(tool ?? '')}: ${application}`]),
    ...(state === 'failed' && message !== undefined ? [message.slice(0, MAX_MESSAGE)] : []),
    state === 'failed' ? `To put the version before it back, comment /rollback on ${name}` : name,
  ];
  const title = `${shortImage(image)} ${version} in ${environment}: ${stateWords(text)}`;
  return { tone: toneOf(text), title, lines, ...(url !== undefined && { url }) };
}

function toneOf({ state }: DeployText): DeployNotice['tone'] {
  return state === 'live' ? 'good' : state === 'failed' ? 'bad' : 'neutral';
}
