import leven from 'leven';
import { nearestWord } from '../config/nearest.ts';
import type { WrittenCommand } from '../domain/command.ts';
import { textLines, type TextLine } from './markdown-lines.ts';
import { commands } from './registry.ts';

/** The commands of one comment that are carried out. */
export const MAX_COMMANDS = 20;

/** The word in front that makes every command plain; on GitLab, which has words such as `/merge` of its own, the only form. */
const PREFIX = 'tagalong';

const names: readonly string[] = commands.map(({ name }) => name);

/** Words that people bring from other tools, and what comes nearest to them here. */
const fromElsewhere: Readonly<Record<string, string>> = { promote: 'bump' };

/**
 * The commands in a comment, and the lines that look like one: a bare word only where a known one is near, since other bots listen too.
 * At most one more than {@link MAX_COMMANDS}: where there is one, the comment has too many.
 */
export function parseCommands(body: string): readonly WrittenCommand[] {
  const found: WrittenCommand[] = [];
  for (const line of textLines(body)) {
    const command = parseLine(line);
    if (command !== undefined) found.push(command);
    if (found.length > MAX_COMMANDS) break;
  }
  return found;
}

function parseLine({ text, line }: TextLine): WrittenCommand | undefined {
  const [, written = '', rest = ''] = /^ {0,3}\/(\S{1,64})(?:\s(.*))?$/s.exec(text) ?? [];
  const word = written.toLowerCase();
  if (word === '') return undefined;
  if (word === PREFIX) return prefixed(rest.trim(), line);
  const argument = rest.trim();
  if (names.includes(word)) return { name: word, text: argument, isKnown: true, line };
  const nearest = nearestBare(word);
  return nearest === undefined ? undefined : { name: word, text: argument, isKnown: false, nearest, line };
}

/** `/tagalong hold reason`; alone it asks for help. */
function prefixed(rest: string, line: number): WrittenCommand {
  const [, written = '', argument = ''] = /^\/?(\S*)(.*)$/s.exec(rest) ?? [];
  const word = written.toLowerCase();
  if (word === '') return { name: 'help', text: '', isKnown: true, line };
  const text = argument.trim();
  if (names.includes(word)) return { name: word, text, isKnown: true, line };
  const nearest = fromElsewhere[word] ?? nearestWord(word, names);
  return { name: word, text, isKnown: false, ...(nearest !== undefined && { nearest }), line };
}

/**
 * The command that a bare word was meant for. Nearer than elsewhere: one slip of a finger, so that `/kind` and `/plan` of other bots
 * stay theirs. Whatever has a second slash or a dot is a path.
 */
function nearestBare(word: string): string | undefined {
  const bare = word.replace(/[.,:;!?]+$/, '');
  if (!/^[a-z][a-z-]*$/.test(bare)) return undefined;
  return fromElsewhere[bare] ?? names.find((name) => isSlip(bare, name));
}

/**
 * Letters in another order; of a longer word also one too few, too many or wrong. The shorter the word, the more of its neighbours are words:
 * of `/pin` that is `/ping`, of `/help` it is `/helm`, of `/skip` it is `/ship`. Fingers seldom miss the first letter.
 */
function isSlip(word: string, name: string): boolean {
  if (word[0] !== name[0]) return false;
  if (sorted(word) === sorted(name)) return true;
  if (name.length < 4 || leven(word, name) > 1) return false;
  return name.length > 4 || word.length !== name.length;
}

function sorted(text: string): string {
  return Array.from(text).toSorted().join('');
}
