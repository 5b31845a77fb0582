import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStore, type StoreLocation } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { silentLog } from './silent.ts';
import { delivery, imageName, published } from './store-examples.ts';

/*
 * A process of its own, to be killed: opens a store at the location given as JSON, prints `open`, and does what it is
 * told:
 *
 * accept  stores deliveries without end, several at a time, and prints the tag of each when it was acknowledged
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

/** Written at once: what was told is told, whatever happens next. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}
