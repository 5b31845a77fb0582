import type { RepositoryRef } from '../domain/repository.ts';
import type { Subject } from '../domain/subject.ts';
import type { WakeReason } from '../store/store.ts';
import type { CommandContext } from './command.ts';

export interface SubjectWake {
  readonly subject: Subject;
  readonly reason: WakeReason;
}

/** Has what is proposed in the repository decided anew. */
export function repositorySteered(repository: RepositoryRef): SubjectWake {
  return { subject: { kind: 'repository', repository }, reason: { kind: 'steered' } };
}

/** Has the gate look at every other open change again. The one that the command stands on is looked at by the run that carries it out. */
export async function otherChangesSteered({
  forge,
  change,
  known,
}: Pick<CommandContext, 'forge' | 'change' | 'known'>): Promise<readonly SubjectWake[]> {
  const { repository, number } = change;
  const open = await forge.openChanges(repository, known.defaultBranch);
  return open
    .filter((other) => other.number !== number)
    .map((other) => ({
      subject: { kind: 'change', repository, number: other.number },
      reason: { kind: 'change-touched', what: 'steering' },
    }));
}
