import { createHash } from 'node:crypto';
import type { Config } from '../config/config.ts';
import type { Command, CommandAnswer, CommandContext } from '../commands/command.ts';
import { MAX_COMMANDS } from '../commands/parse.ts';
import { commandNamed } from '../commands/registry.ts';
import type { ProposedBump } from '../domain/bump.ts';
import type { Change } from '../domain/change.ts';
import type { CommandComment, WrittenCommand } from '../domain/command.ts';
import { TagalongError } from '../domain/errors.ts';
import { formatSubject } from '../domain/subject.ts';
import type { Forge } from '../forge/forge.ts';
import type { Permission } from '../forge/reviews.ts';
import type { Mirrors } from '../git/git.ts';
import { replyBody, replyMarker, type Answer } from '../markdown/replies.ts';
import {
  afterTheEnd,
  failedCommand,
  mayNot,
  outsideTheGate,
  tooMany,
  unknownWord,
} from '../markdown/replies-refusals.ts';
import type { Renderer } from '../render/render.ts';
import type { CommentMemory, KnownRepository, Wake } from '../store/store.ts';
import type { Log } from '../telemetry/telemetry.ts';
import { standingIn, stoodSince } from './standing.ts';
import { diffForReply } from './diff-for-reply.ts';

export interface RunCommandsDeps {
  readonly forge: CommandContext['forge'] & Pick<Forge, 'permission' | 'react' | 'upsertComment' | 'headRef'>;
  readonly mirrors: Pick<Mirrors, 'fetch' | 'mergeBase' | 'changedPaths' | 'tree' | 'commits'>;
  readonly renderer: Renderer;
  readonly store: CommandContext['index'] & {
    readonly steering: CommandContext['steering'];
    readonly audit: CommandContext['audit'];
    readonly inbox: CommandContext['inbox'];
    readonly bumps: CommandContext['bumps'];
    readonly verdicts: CommandContext['verdicts'];
    readonly renders: CommandContext['renders'];
    readonly deploys: CommandContext['deploys'];
    readonly comments: CommentMemory;
  };
  readonly log: Log;
  /** The characters that fit into one comment of the forge. */
  readonly commentLimit: number;
  readonly now: () => Date;
}

/** The change that the comments stand on, as the forge has it now. */
export interface CommandedChange {
  readonly change: Change;
  readonly bump?: ProposedBump;
  /** The environments that the change touches, by name. */
  readonly environments: readonly string[];
  readonly known: KnownRepository;
  /** Of the base branch; undefined when it is not valid. */
  readonly config: Config | undefined;
}

export interface CommandsOutcome {
  /** The change is not as it was given any more (labels, commits, or that it is open): it has to be read again. */
  readonly isTouched: boolean;
}

/**
 * Carries out what people wrote in comments on one change, in order. Each comment is marked as seen before the work, gets at most one reply, and is never
 * carried out again once that is written. Refusals and lasting failures are told in the reply, and the next command goes on.
 * @throws TagalongError a transient one: nothing is lost and nothing doubled when the same wakes come again.
 */
export async function runCommands(
  deps: RunCommandsDeps,
  state: CommandedChange,
  wakes: readonly Wake[],
): Promise<CommandsOutcome> {
  const comments = commentsIn(wakes);
  const run: Run = { deps, state, permissions: new Map(), isTouched: false };
  run.deps = { ...deps, forge: watched(run, deps.forge) };
  for (const comment of comments) await answerComment(run, comment);
  return { isTouched: run.isTouched };
}

interface Run {
  deps: RunCommandsDeps;
  /** As the commands so far have left it, as far as that decides which others may act. */
  state: CommandedChange;
  isTouched: boolean;
  /** By login, so that the forge is asked once. */
  readonly permissions: Map<string, Permission>;
}

/** Comments of people, each once, oldest first. */
function commentsIn(wakes: readonly Wake[]): readonly CommandComment[] {
  const comments = wakes.flatMap(({ reason }) => (reason.kind === 'commanded' ? [reason.comment] : []));
  const byMarker = new Map(comments.map((each) => [replyMarker(each.comment), each]));
  return [...byMarker.values()]
    .filter(({ by, commands }) => !by.isBot && commands.length > 0)
    .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/** Once its end is remembered a comment is never carried out again, so that a later decision of somebody else stays. */
async function answerComment(run: Run, comment: CommandComment): Promise<void> {
  const { deps, state } = run;
  const { repository, number } = state.change;
  const remembered = await deps.store.comments.comment(repository, number, replyMarker(comment.comment));
  if (typeof remembered === 'object') return;
  await deps.forge.react(state.change, comment.comment, 'seen');
  const outcomes: Outcome[] = [];
  for (const command of comment.commands.slice(0, MAX_COMMANDS)) outcomes.push(await answerLine(run, comment, command));
  const excess = comment.commands[MAX_COMMANDS];
  if (excess !== undefined) outcomes.push({ command: excess, kind: 'refused', markdown: tooMany(MAX_COMMANDS) });
  await deps.forge.react(state.change, comment.comment, worst(outcomes));
  await reply(deps, state.change, comment, outcomes, remembered === 'unknown');
}

interface Outcome {
  readonly command: WrittenCommand;
  readonly kind: 'done' | 'refused' | 'confused';
  readonly markdown?: string;
}

function worst(outcomes: readonly Outcome[]): Outcome['kind'] {
  const kinds = new Set(outcomes.map(({ kind }) => kind));
  if (kinds.has('refused')) return 'refused';
  return kinds.has('confused') ? 'confused' : 'done';
}

async function answerLine(run: Run, comment: CommandComment, written: WrittenCommand): Promise<Outcome> {
  const command = written.isKnown ? commandNamed(written.name) : undefined;
  if (command === undefined) {
    const usage = commandNamed(written.nearest ?? '')?.usage;
    return { command: written, kind: 'confused', markdown: unknownWord(written, usage) };
  }
  const { change } = run.state;
  const permission = await permissionOf(run, comment.by.login);
  if (!includes(permission, command.needs)) {
    const { needs } = command;
    const markdown = mayNot({ command: written, needs, by: comment.by, repository: change.repository });
    return { command: written, kind: 'refused', markdown };
  }
  if (change.state !== 'open' && !worksAfter(command, change.state)) {
    return { command: written, kind: 'refused', markdown: afterTheEnd(written, change.state) };
  }
  const base = run.state.known.defaultBranch;
  if (command.ofGate === true && change.targetBranch !== base) {
    return {
      command: written,
      kind: 'refused',
      markdown: outsideTheGate(written, { target: change.targetBranch, base }),
    };
  }
  const context = contextOf(run, comment, written, permission);
  return { command: written, ...(await carryOut(run.deps, command, context, written)) };
}

function worksAfter({ afterEnd }: Command, end: 'merged' | 'closed'): boolean {
  return afterEnd === 'merged-or-closed' || afterEnd === end;
}

async function permissionOf({ deps, state, permissions }: Run, login: string): Promise<Permission> {
  const key = login.toLowerCase();
  const permission = permissions.get(key) ?? (await deps.forge.permission(state.change.repository, login));
  permissions.set(key, permission);
  return permission;
}

const LEVELS: readonly Permission[] = ['none', 'read', 'write', 'admin'];

function includes(permission: Permission, needs: Permission): boolean {
  return LEVELS.indexOf(permission) >= LEVELS.indexOf(needs);
}

async function carryOut(
  deps: RunCommandsDeps,
  command: Command,
  context: CommandContext,
  written: WrittenCommand,
): Promise<Omit<Outcome, 'command'>> {
  const { change, origin, by } = context;
  const fields = { subject: formatSubject({ kind: 'change', ...change }), origin, command: command.name, by: by.login };
  try {
    const answer: CommandAnswer = await command.run(context, written);
    deps.log.info({ ...fields, outcome: answer.kind }, 'command answered');
    return answer;
  } catch (error) {
    if (error instanceof TagalongError && error.transient) throw error;
    deps.log.error({ ...fields, err: error }, 'command failed');
    return { kind: 'confused', markdown: failedCommand(error instanceof TagalongError ? error : undefined) };
  }
}

function contextOf(
  { deps, state }: Run,
  { comment, by, at }: CommandComment,
  { line }: WrittenCommand,
  permission: Permission,
): CommandContext {
  const { steering, audit, inbox, bumps, verdicts, renders, deploys } = deps.store;
  return {
    ...state,
    by,
    permission,
    origin: `${comment.kind} ${comment.id} line ${line}`,
    now: deps.now(),
    at: new Date(at),
    forge: deps.forge,
    steering,
    audit,
    inbox,
    bumps,
    index: deps.store,
    verdicts,
    renders,
    deploys,
    renderedDiff: (full) => diffForReply(deps, state, full),
    standing: (environment) => standingIn(deps, state, environment),
    stoodSince: (place, since) => stoodSince(deps, state, { ...place, ...(since !== undefined && { since }) }),
  };
}

/** The id under which it is remembered that a comment needed no reply. */
const NO_REPLY = 'none';

async function reply(
  deps: RunCommandsDeps,
  change: Change,
  { comment, commands }: CommandComment,
  outcomes: readonly Outcome[],
  wasBegun: boolean,
): Promise<void> {
  const { repository, number } = change;
  const marker = replyMarker(comment);
  const answers = outcomes.flatMap(({ command, markdown }): Answer[] =>
    markdown === undefined ? [] : [{ command, markdown }],
  );
  const body = replyBody(comment, answers, { limit: deps.commentLimit, isSeveral: commands.length > 1 });
  const bodyHash = createHash('sha256').update(body).digest('hex');
  await deps.store.comments.begin(repository, number, marker);
  const id = answers.length === 0 ? NO_REPLY : (await upsert(deps, change, { marker, body, wasBegun })).id;
  await deps.store.comments.finish(repository, number, marker, { id, bodyHash });
}

/** Only where an interrupted attempt may have left a reply does the forge have to search for it. */
function upsert(
  { forge }: RunCommandsDeps,
  change: Change,
  { marker, body, wasBegun }: { marker: string; body: string; wasBegun: boolean },
): Promise<{ readonly id: string }> {
  return forge.upsertComment(change, { marker, body, ...(!wasBegun && { known: 'none' }) });
}

/** The forge, which notes when a command writes to the change. */
function watched(run: Run, forge: RunCommandsDeps['forge']): RunCommandsDeps['forge'] {
  return {
    openChanges: (...args) => forge.openChanges(...args),
    permission: (...args) => forge.permission(...args),
    react: (...args) => forge.react(...args),
    upsertComment: (...args) => forge.upsertComment(...args),
    headRef: (number) => forge.headRef(number),
    setLabels(...args) {
      run.isTouched = true;
      return forge.setLabels(...args);
    },
    async close(...args) {
      run.isTouched = true;
      const end = await forge.close(...args);
      run.state = { ...run.state, change: { ...run.state.change, state: end } };
      return end;
    },
    updateBranch(...args) {
      run.isTouched = true;
      return forge.updateBranch(...args);
    },
  };
}
