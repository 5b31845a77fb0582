import type { Change, Person } from '../domain/change.ts';
import type { WrittenCommand } from '../domain/command.ts';
import type { TagalongError } from '../domain/errors.ts';
import type { RepositoryRef } from '../domain/repository.ts';
import { formatVersion, type Version } from '../domain/version.ts';
import { escapeInline, inlineCode } from './escape.ts';
import { listed, quoted, writtenLine } from './replies.ts';

/** A word that is no command. @param usage of the command that was probably meant */
export function unknownWord(command: WrittenCommand, usage: string | undefined): string {
  const word = `There is no ${inlineCode(writtenLine({ name: command.name, text: '' }))}.`;
  const guess = usage === undefined ? '' : ` Did you mean ${inlineCode(usage)}?`;
  return `${word}${guess} Write it in a new comment; \`/help\` lists what there is.`;
}

export function tooMany(most: number): string {
  return `From this line on nothing was done: a comment may hold ${most} commands. Give the others in a new one.`;
}

export interface MissingPermission {
  readonly command: Pick<WrittenCommand, 'name'>;
  readonly needs: 'read' | 'write' | 'admin';
  readonly by: Person;
  readonly repository: RepositoryRef;
}

const RIGHTS = { read: 'read access', write: 'write access', admin: 'admin access' } as const;

export function mayNot({ command, needs, by, repository }: MissingPermission): string {
  return (
    `Sorry, **${escapeInline(by.login)}**: \`/${command.name}\` needs ${RIGHTS[needs]} to ${inlineCode(repository.path)}. ` +
    'Nothing was done. Ask somebody who has it to write the same line.'
  );
}

export function afterTheEnd({ name }: Pick<WrittenCommand, 'name'>, state: Exclude<Change['state'], 'open'>): string {
  const next =
    state === 'merged'
      ? '`/status` tells where it runs, `/rollback` takes it back.'
      : '`/bump` proposes a version by hand.';
  return `This change is ${state}, so there is nothing for \`/${name}\` to do. ${next}`;
}

/** The gate looks at changes into one branch alone. */
export function outsideTheGate(
  { name }: Pick<WrittenCommand, 'name'>,
  { target, base }: { readonly target: string; readonly base: string },
): string {
  return `This change goes into ${quoted(target)}, and the gate is about ${quoted(base)} alone, so there is nothing for \`/${name}\` to do. The buttons of the forge do what they say.`;
}

/** A failure that does not pass by itself. Only errors of ours are quoted: their messages are made for people. */
export function failedCommand(error: TagalongError | undefined): string {
  if (error === undefined) return 'This failed for a reason that only the log of the bot tells. Try it once more.';
  return `This failed (${inlineCode(error.code)}): ${quoted(error.message)}`;
}

/** The bot wrote another version into the change about when the comment was written. */
export function versionMoved(name: string, to: Version): string {
  return `This change went on to ${quoted(formatVersion(to))} while you wrote. Nothing was done: look at it as it is now, and write \`/${name}\` again.`;
}

/** How a command is written, where it cannot be read. */
export function wrongUsage(problem: string, usage: string): string {
  return `${problem} It is written ${inlineCode(usage)}. Nothing was done.`;
}

export function unknownEnvironment(
  word: string,
  { names, nearest }: { readonly names: readonly string[]; readonly nearest: string | undefined },
): string {
  const hint =
    nearest !== undefined
      ? `Did you mean ${quoted(nearest)}?`
      : names.length === 0
        ? 'The configuration names none that can be read.'
        : `There is ${listed(names)}.`;
  return `There is no environment ${quoted(word)}. ${hint} Nothing was done.`;
}

/** @param isOpen of a change that has ended nobody looks any more at what it touched */
export function unclearEnvironment(names: readonly string[], { isOpen }: { readonly isOpen: boolean }): string {
  if (!isOpen)
    return 'This change is no bump, so it is not clear which image is meant. Nothing was done. Write it on the pull request of a bump.';
  const touched = names.length === 0 ? 'no environment' : listed(names);
  return `It is not clear which environment is meant: this change touches ${touched}. Nothing was done. Write it on the pull request of a bump.`;
}

export interface RecentBump {
  readonly number: number;
  readonly image: string;
}

export function unclearImage(environment: string, recent: readonly RecentBump[]): string {
  const where = recent.map(({ number, image }) => `#${number} (${quoted(image)})`).join(', ');
  const hint = where === '' ? '' : ` The last ones: ${where}.`;
  return `It is not clear which image of **${escapeInline(environment)}** is meant. Nothing was done. Write it on the pull request of one of its bumps.${hint}`;
}

/** @param known.isMore whether more words followed, which may have been meant as a reason */
export function unknownVersion(
  text: string,
  image: string,
  { nearest, isMore }: { readonly nearest: readonly string[]; readonly isMore: boolean },
): string {
  const hint = nearest.length === 0 ? 'None is known.' : `Known are, for instance, ${listed(nearest)}.`;
  const grammar = isMore ? ' Put `because` in front of a reason.' : '';
  return `No version ${quoted(text)} of ${quoted(image)} was published or stood there, as far as is known. ${hint}${grammar} Nothing was done.`;
}
