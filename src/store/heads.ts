import { sql, type Transaction } from 'kysely';
import { type ForgeName, repositoryKey } from '../domain/repository.ts';
import type { Tables } from './schema.ts';
import type { Delivery } from './store.ts';
import { toJson } from './text.ts';
import type { NewWake } from './wakes.ts';

type HeadNews = NonNullable<Delivery['heads']>[number];

/**
 * The changes that have a commit for their head, for each piece of news: by the last verdict, or by what a change was woken for and is
 * perhaps being looked at now, since that look may have begun before the news and its verdict is not there yet. One statement, so
 * that a change is seen as one or the other.
 */
export async function wakesOfHeads(
  transaction: Transaction<Tables>,
  news: readonly HeadNews[],
): Promise<ReadonlyMap<HeadNews, readonly NewWake[]>> {
  if (news.length === 0) return new Map();
  const asked = news.map(({ repository, commit }, position) => ({
    position,
    repository: repositoryKey(repository),
    commit: commit.toLowerCase(),
  }));
  const { rows } = await sql<{ position: number; forge: ForgeName; path: string; number: number }>`
    with asked as materialized (
      select * from json_to_recordset(${toJson(asked)}::text::json)
        as asked (position integer, repository text, commit text)
    )
    select asked.position, verdict.forge, verdict.path, verdict.number
    from asked join tagalong.verdicts verdict
      on verdict.repository = asked.repository and verdict.head_commit = asked.commit
    union
    select asked.position, subject.forge, subject.path, subject.number
    from asked
    join tagalong.subjects subject
      on subject.forge || ':' || lower(subject.path) = asked.repository and subject.number is not null
    join tagalong.wakes wake on wake.subject = subject.key and wake.reason ->> 'headCommit' = asked.commit`.execute(
    transaction,
  );
  const found = Map.groupBy(rows, ({ position }) => position);
  return new Map(
    news.map((each, position) => [
      each,
      (found.get(position) ?? []).map(({ forge, path, number }): NewWake => ({
        subject: { kind: 'change', repository: { forge, path }, number },
        reason: each.reason,
      })),
    ]),
  );
}
