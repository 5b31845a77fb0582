import { sql, type Transaction } from 'kysely';
import type { ImagePublished } from '../domain/event.ts';
import type { ImageName } from '../domain/image.ts';
import { type ForgeName, type RepositoryRef, repositoryKey } from '../domain/repository.ts';
import { formatSubject } from '../domain/subject.ts';
import { lockCommits } from './commits.ts';
import { wakesOfHeads } from './heads.ts';
import { holdBackIndexing } from './index-barrier.ts';
import type { Queue } from './queue.ts';
import { keepReports } from './reports.ts';
import type { Tables } from './schema.ts';
import type { AcceptOutcome, Delivery } from './store.ts';
import { rememberVersions } from './versions.ts';
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
  const isFresh = await rememberDeliveries(transaction, deliveries);
  const fresh = deliveries.filter((_, index) => isFresh[index]);
  const published = fresh.flatMap((delivery) =>
    delivery.published.map((event) => ({ event, receivedAt: delivery.receivedAt })),
  );
  await rememberVersions(transaction, published);
  const mentioning = await repositoriesMentioning(transaction, new Set(published.map(({ event }) => event.image)));
  const known = await knownKeys(transaction, fresh);
  const byHead = await wakesOfHeads(
    transaction,
    fresh.flatMap(({ heads = [] }) => heads),
  );
  const byReport = await wakesOfReports(transaction, fresh);
  const wakes = deliveries.map((delivery, index) => {
    if (isFresh[index] !== true) return undefined;
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

/** @returns for each delivery whether it was not seen before; of two with the same id, the first was not. */
async function rememberDeliveries(
  transaction: Transaction<Tables>,
  deliveries: readonly Delivery[],
): Promise<boolean[]> {
  const rows = deliveries.map(({ sender, id, receivedAt }) => ({ sender, id, receivedAt }));
  // Ordered, so that two batches with the same deliveries do not wait for each other.
  const { rows: inserted } = await sql<{ sender: string; id: string }>`
    with held as materialized (${holdBackIndexing})
    insert into tagalong.deliveries (sender, id, received_at)
    select sender, id, "receivedAt"
    from json_to_recordset(${JSON.stringify(rows)}::text::json) as delivery (sender text, id text, "receivedAt" timestamptz), held
    order by sender, id
    on conflict do nothing
    returning sender, id`.execute(transaction);
  const left = new Set(inserted.map(({ sender, id }) => deliveryKey(sender, id)));
  return deliveries.map(({ sender, id }) => left.delete(deliveryKey(sender, id)));
}

function deliveryKey(sender: string, id: string): string {
  return JSON.stringify([sender, id]);
}

type Mentioning = ReadonlyMap<ImageName, readonly RepositoryRef[]>;

async function repositoriesMentioning(
  transaction: Transaction<Tables>,
  images: ReadonlySet<ImageName>,
): Promise<Mentioning> {
  if (images.size === 0) return new Map();
  const { rows } = await sql<{ image: ImageName; forge: ForgeName; path: string }>`
    select distinct mention.image, repository.forge, repository.path
    from tagalong.mentions mention join tagalong.repositories repository on repository.key = mention.repository
    where mention.image in (select json_array_elements_text(${JSON.stringify([...images])}::text::json))`.execute(
    transaction,
  );
  return Map.groupBy(rows, ({ image }) => image);
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
    with asked as (select json_array_elements_text(${JSON.stringify([...new Set(asked)])}::text::json) as key)
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
