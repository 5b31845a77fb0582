import type { Notice } from './notify.ts';

/** Slack's own green and red, and a grey. */
const COLOURS = { good: '#2eb67d', bad: '#e01e5a', neutral: '#868686' } as const;

const MAX_TITLE = 300;
/** Of the text of one section: https://docs.slack.dev/reference/block-kit/blocks/section-block */
const MAX_SECTION = 3000;

/** A message as `chat.postMessage`, `chat.update` and incoming webhooks take it. */
export interface SlackMessage {
  readonly text: string;
  readonly attachments: {
    readonly color: string;
    readonly fallback: string;
    readonly blocks: {
      readonly type: 'section';
      readonly text: { readonly type: 'plain_text'; readonly text: string; readonly emoji: false };
    }[];
  }[];
}

/**
 * The title as a link, and the lines as plain text, in which Slack looks for no markup and no mentions. A cut through a character leaves U+FFFD, since
 * half of one cannot be sent.
 */
export function slackMessage({ title, url, tone, lines }: Notice): SlackMessage {
  const words = escapeSlack(title.replace(/\s+/g, ' ').slice(0, MAX_TITLE).toWellFormed());
  const body = lines.join('\n').trim().slice(0, MAX_SECTION).toWellFormed();
  const section = {
    type: 'section' as const,
    text: { type: 'plain_text' as const, text: body, emoji: false as const },
  };
  return {
    text: `*${url === undefined ? words : `<${linkTarget(url)}|${words.replaceAll('|', '¦')}>`}*`,
    attachments: [{ color: COLOURS[tone], fallback: words, blocks: body === '' ? [] : [section] }],
  };
}

/** The three characters that have a meaning to Slack: without them there is no mention, no link and no command in a text. */
export function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function linkTarget(url: string): string {
  return url.replace(/[<>|\s]/g, (character) => encodeURIComponent(character)).replaceAll('&', '&amp;');
}
