import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RepositoryRef } from '../../src/domain/repository.ts';
import type { Pin } from '../../src/domain/steering.ts';
import { openStore, type StoreLocation } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { silentLog } from './silent.ts';
import { auditEntry, delivery, imageName, newRepository, published } from './store-examples.ts';

/*
 * A process of its own, to be killed: opens a store at the location given as JSON, prints `open`, and does what it is
 * told:
 *
 * accept  stores deliveries without end, several at a time, and prints the tag of each when it was acknowledged
 * steer   pins versions without end, several at a time, and prints each when it was acknowledged
 * alarm   sets an alarm that is due in a moment, and prints its subject
 * hold    takes subjects and never lets go, printing each
 * nothing keeps the store open
 */
const [location = '', task, name = ''] = process.argv.slice(2);
const store = await openStore({
  ...(JSON.parse(location) as StoreLocation),
  now: () => new Date(),
  log: silentLog,
});
say('open');
if (task === 'accept')
  await Promise.all(Array.from({ length: 4 }, (_, index) => acceptForever(store, `${name}-${index}`)));
if (task === 'steer')
  await Promise.all(Array.from({ length: 4 }, (_, index) => steerForever(store, `${name}-${index}`)));
if (task === 'alarm') {
  const repository = newRepository();
  await store.inbox.wakeAt({ kind: 'deploys', repository }, { kind: 'due', what: 'rollout' }, soon());
  say(repository.path);
}
if (task === 'hold')
  await store.workers.start(async (subject) => {
    say(subject.repository.path);
    await sleep(600_000);
  });
await sleep(600_000);

async function acceptForever(to: Store, prefix: string): Promise<void> {
  for (let count = 0; ; count += 1) {
    const tag = `${prefix}-${count}`;
    await to.inbox.accept(delivery({ id: tag, published: [published(imageName('acme/shop'), tag)] }));
    say(tag);
  }
}

async function steerForever(to: Store, prefix: string): Promise<void> {
  const repository: RepositoryRef = { forge: 'github', path: 'acme/deploy' };
  const subject = { kind: 'repository', repository } as const;
  for (let count = 0; ; count += 1) {
    const environment = `${prefix}-${count}`;
    const decided = { by: 'ada', at: new Date(), version: { tag: '1' }, origin: 'pin' } as const;
    const pin: Pin = { repository, environment, image: imageName('acme/shop'), ...decided };
    const entry = auditEntry({ key: environment, repository, environment });
    await to.steering.apply(repository, { kind: 'pin', pin }, entry, [{ subject, reason: { kind: 'steered' } }]);
    say(environment);
  }
}

function soon(): Date {
  return new Date(Date.now() + 1_500);
}

/** Written at once: what was told is told, whatever happens next. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}
