import type { CommandContext } from './command.ts';

/**
 * The head that the author of the comment can have looked at: what was pushed while they wrote must not be approved by it. It is the one that
 * the gate had looked at before the comment was written.
 * @returns undefined when that cannot be told, because the gate has looked in between and the change has had several heads
 */
export async function headThatWasSeen({
  change,
  verdicts,
  renders,
  at,
}: Pick<CommandContext, 'change' | 'verdicts' | 'renders' | 'at'>): Promise<string | undefined> {
  const { repository, number, headCommit } = change;
  const last = await verdicts.verdict(repository, number);
  if (last === undefined) return headCommit;
  if (last.decidedAt <= at) return last.headCommit;
  const heads = [last, ...(await renders.renders(repository, number))];
  return heads.every((each) => each.headCommit === headCommit) ? headCommit : undefined;
}
