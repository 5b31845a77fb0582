import type { Transaction } from 'kysely';
import { type RepositoryRef, repositoryKey } from '../domain/repository.ts';
import type { SteeringAction } from '../domain/steering.ts';
import { appendAudit } from './audit.ts';
import type { Database } from './database.ts';
import {
  type DecisionRow,
  fromApproval,
  fromFreeze,
  fromMergeRequest,
  fromOverride,
  fromPin,
  fromRequest,
  fromSkip,
  personKey,
  toChangeSteering,
  toRepositorySteering,
} from './decisions.ts';
import type { Queue } from './queue.ts';
import type { DecisionKind, Tables } from './schema.ts';
import type { Steering } from './store.ts';
import { addWakes } from './wakes.ts';

export function openSteering(database: Database, queue: Queue, now: () => Date): Steering {
  return {
    async ofRepository(repository, at) {
      const rows = await database.run((db) =>
        db
          .selectFrom('tagalong.decisions')
          .selectAll()
          .where('repository', '=', repositoryKey(repository))
          .where('number', '=', 0)
          .where((is) => is.or([is('ends_at', 'is', null), is('ends_at', '>', at)]))
          .orderBy('decided_at')
          .execute(),
      );
      return toRepositorySteering(rows);
    },
    async ofChange(repository, number) {
      const rows = await database.run((db) =>
        db
          .selectFrom('tagalong.decisions')
          .selectAll()
          .where('repository', '=', repositoryKey(repository))
          .where('number', '=', number)
          .orderBy('decided_at')
          .execute(),
      );
      return toChangeSteering(rows);
    },
    apply: (repository, action, entry, wakes) =>
      database.transaction(async (transaction) => {
        const added = await appendAudit(transaction, [entry]);
        if (added.has(entry.key)) await carryOut(transaction, repository, action);
        await addWakes(transaction, queue, wakes, now());
      }),
  };
}

async function carryOut(
  transaction: Transaction<Tables>,
  repository: RepositoryRef,
  action: SteeringAction,
): Promise<void> {
  const save = (row: DecisionRow) => saveDecision(transaction, repository, row);
  const end = (kind: DecisionKind, key: Partial<DecisionRow>) => endDecisions(transaction, repository, kind, key);
  switch (action.kind) {
    case 'pin':
      return save(fromPin(action.pin));
    case 'unpin':
      return end('pin', { environment: action.environment, image: action.image });
    case 'freeze':
      return save(fromFreeze(action.freeze));
    case 'unfreeze':
      return end('freeze', action.environment === undefined ? {} : { environment: action.environment });
    case 'skip':
      return save(fromSkip(action.skip));
    case 'request':
      return save(fromRequest(action.request));
    case 'fulfil':
      return end('request', { environment: action.environment, image: action.image });
    case 'approve':
      return save(fromApproval(action.number, action.approval));
    case 'unapprove':
      return end('approval', { number: action.number, what: personKey(action.by) });
    case 'override':
      return save(fromOverride(action.number, action.override));
    case 'request-merge':
      return save(fromMergeRequest(action.number, action.request));
    case 'withdraw-merge':
      return end('merge', { number: action.number });
  }
}

/** A later decision about the same takes the place of an earlier one. */
async function saveDecision(
  transaction: Transaction<Tables>,
  repository: RepositoryRef,
  row: DecisionRow,
): Promise<void> {
  const { kind, number, environment, image, what, ...decided } = row;
  const values = { forge: repository.forge, path: repository.path, ...decided };
  await transaction
    .insertInto('tagalong.decisions')
    .values({ repository: repositoryKey(repository), kind, number, environment, image, what, ...values })
    .onConflict((conflict) =>
      conflict.columns(['repository', 'number', 'kind', 'environment', 'image', 'what']).doUpdateSet(values),
    )
    .execute();
}

/** Ends the decisions of a kind that have all parts of the key. */
async function endDecisions(
  transaction: Transaction<Tables>,
  repository: RepositoryRef,
  kind: DecisionKind,
  { number = 0, environment, image, what }: Partial<DecisionRow>,
): Promise<void> {
  let query = transaction
    .deleteFrom('tagalong.decisions')
    .where('repository', '=', repositoryKey(repository))
    .where('number', '=', number)
    .where('kind', '=', kind);
  if (environment !== undefined) query = query.where('environment', '=', environment);
  if (image !== undefined) query = query.where('image', '=', image);
  if (what !== undefined) query = query.where('what', '=', what);
  await query.execute();
}
