import { sql, type Transaction } from 'kysely';
import type { ImagePublished } from '../domain/event.ts';
import type { ImageName } from '../domain/image.ts';
import { type RepositoryRef, repositoryKey } from '../domain/repository.ts';
import { formatSubject } from '../domain/subject.ts';
import { lockCommits } from './commits.ts';
import { wakesOfHeads } from './heads.ts';
import type { Queue } from './queue.ts';
import { keepReports } from './reports.ts';
import type { Tables } from './schema.ts';
import type { AcceptOutcome, Delivery } from './store.ts';
import { toJson } from './text.ts';
import { toPublications } from './versions.ts';
import { addWakes, type NewWake } from './wakes.ts';

/**
 * Stores many deliveries at the price of one: a handful of statements, whatever their number.
 * @returns the outcome of each, in their order.
 */
export async function acceptAll(
  transaction: Transaction<Tables>,
  queue: Queue,
  deliveries: readonly Delivery[],
  now: Date,
): Promise<AcceptOutcome[]> {
  const taken = await takeIn(transaction, deliveries);
  const { mentioning } = taken;
  const fresh = deliveries.filter((_, index) => taken.fresh.has(index));
  const known = await knownKeys(transaction, fresh);
  const byHead = await wakesOfHeads(
    transaction,
    fresh.flatMap(({ heads = [] }) => heads),
  );
  const byReport = await wakesOfReports(transaction, fresh);
  const wakes = deliveries.map((delivery, index) => {
    if (!taken.fresh.has(index)) return undefined;
    const named = wakesOf(delivery, mentioning, known);
    const found = delivery.heads?.flatMap((head) => byHead.get(head) ?? []) ?? [];
    const origin = `${delivery.sender} ${delivery.id}`;
    return [...named, ...found, ...(byReport.get(delivery) ?? [])].map((wake) => ({ ...wake, delivery: origin }));
  });
  await addWakes(
    transaction,
    queue,
    wakes.flatMap((each) => each ?? []),
    now,
  );
  return deliveries.map((delivery, index) => outcome(delivery, wakes[index], mentioning));
}

type Mention = RepositoryRef & { readonly image: ImageName };
type Mentioning = ReadonlyMap<ImageName, readonly RepositoryRef[]>;

interface Taken {
  /** The positions of those that were not seen before; of two with the same id, the first was not. */
  readonly fresh: ReadonlySet<number>;
  readonly mentioning: Mentioning;
}

/**
 * Remembers which deliveries were seen and what they say of versions, and looks up who mentions the images: one statement, whose text
 * stands in the migrations.
 */
async function takeIn(transaction: Transaction<Tables>, deliveries: readonly Delivery[]): Promise<Taken> {
  const firsts = new Map(deliveries.map((delivery, index) => [keyOf(delivery), index] as const).toReversed());
  const given = deliveries.filter((delivery, index) => firsts.get(keyOf(delivery)) === index);
  const sent = given.map(({ sender, id, receivedAt }) => ({ sender, id, receivedAt }));
  const publications = given.flatMap(toPublications).map((row, position) => ({ position, ...row }));
  const { rows } = await sql<{ fresh: DeliveryId[] | null; mentions: Mention[] | null }>`
    select * from tagalong.take_in(${toJson(sent)}::text::json, ${toJson(publications)}::text::json)`.execute(
    transaction,
  );
  const mentions = rows.flatMap((row) => row.mentions ?? []);
  return {
    fresh: new Set(rows.flatMap(({ fresh }) => fresh ?? []).flatMap((delivery) => firsts.get(keyOf(delivery)) ?? [])),
    mentioning: Map.groupBy(mentions, ({ image }) => image),
  };
}

type DeliveryId = Pick<Delivery, 'sender' | 'id'>;

function keyOf({ sender, id }: DeliveryId): string {
  return JSON.stringify([sender, id]);
}

/**
 * The repositories known among those that deliveries want to wake only when known. One that is about to be looked at may become
 * known by that look, which may have begun before what the delivery tells; one statement, so that it is seen as one or the other.
 */
async function knownKeys(
  transaction: Transaction<Tables>,
  deliveries: readonly Delivery[],
): Promise<ReadonlySet<string>> {
  const asked = deliveries.flatMap(({ wakes }) =>
    wakes.filter(({ onlyIfKnown }) => onlyIfKnown).map(({ subject }) => repositoryKey(subject.repository)),
  );
  if (asked.length === 0) return new Set();
  const { rows } = await sql<{ key: string }>`
    with asked as (select json_array_elements_text(${toJson([...new Set(asked)])}::text::json) as key)
    select key from tagalong.repositories where key in (select key from asked)
    union
    select key from tagalong.subjects where key in (select key from asked)`.execute(transaction);
  return new Set(rows.map(({ key }) => key));
}

function wakesOf(delivery: Delivery, mentioning: Mentioning, known: ReadonlySet<string>): NewWake[] {
  const images = [...new Set(delivery.published.map(({ image }) => image))];
  const byImage = images.flatMap((image) =>
    (mentioning.get(image) ?? []).map(({ forge, path }): NewWake => ({
      subject: { kind: 'repository', repository: { forge, path } },
      reason: { kind: 'image-published', image },
    })),
  );
  const named = delivery.wakes.filter(
    ({ subject, onlyIfKnown }) => !onlyIfKnown || known.has(repositoryKey(subject.repository)),
  );
  return [...byImage, ...named];
}

/** Keeps the reports of deliveries. @returns the wakes of those for which there is news */
async function wakesOfReports(
  transaction: Transaction<Tables>,
  deliveries: readonly Delivery[],
): Promise<ReadonlyMap<Delivery, readonly NewWake[]>> {
  const all = deliveries.flatMap((delivery) =>
    (delivery.reports ?? []).map((report) => ({ delivery, report, receivedAt: delivery.receivedAt })),
  );
  if (all.length === 0) return new Map();
  await lockCommits(transaction);
  const news = await keepReports(transaction, all);
  const wakes = all.map(({ delivery }, position) => ({
    delivery,
    repositories: news.get(position) ?? [],
  }));
  return new Map(
    [...Map.groupBy(wakes, ({ delivery }) => delivery)].map(([delivery, of]) => [
      delivery,
      of
        .flatMap(({ repositories }) => repositories)
        .map((repository): NewWake => ({
          subject: { kind: 'deploys', repository },
          reason: { kind: 'deploy-reported' },
        })),
    ]),
  );
}

function outcome(delivery: Delivery, wakes: readonly NewWake[] | undefined, mentioning: Mentioning): AcceptOutcome {
  if (wakes === undefined) return { status: 'duplicate', woken: 0, unmentioned: [] };
  return {
    status: 'accepted',
    woken: new Set(wakes.map(({ subject }) => formatSubject(subject))).size,
    unmentioned: unmentioned(delivery.published, mentioning),
  };
}

function unmentioned(published: readonly ImagePublished[], mentioning: Mentioning): ImageName[] {
  return [...new Set(published.map(({ image }) => image))].filter((image) => !mentioning.has(image));
}
