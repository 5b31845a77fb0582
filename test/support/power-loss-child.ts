import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { openStore } from '../../src/store/open-store.ts';
import { silentLog } from './silent.ts';
import { recordFiles } from './power-loss-recorder.ts';
import { delivery, imageName, published } from './store-examples.ts';

/*
 * A process whose power is cut several times, at random moments. It stores versions without end, through the store or through
 * the embedded database as its maker delivers it (`bare`), and leaves for each cut the folders `cut-<n>-nothing` and
 * `cut-<n>-some` as they could be found afterwards, and `cut-<n>.json` with the tags that were acknowledged until then.
 */
const [dataDirectory = '', template = '', out = '', count = '', mode = ''] = process.argv.slice(2);

const recorder = recordFiles(dataDirectory, template);
const acknowledged: string[] = [];
let cuts = 0;

recorder.onOperation = () => {
  if (acknowledged.length < 5 || Math.random() > 0.01) return;
  cuts += 1;
  for (const keep of ['nothing', 'some'] as const) recorder.afterPowerCut(join(out, `cut-${cuts}-${keep}`), keep);
  writeFileSync(join(out, `cut-${cuts}.json`), JSON.stringify(acknowledged));
  if (cuts === Number(count)) process.exit(0);
};

const add = mode === 'bare' ? await addBare() : await addThroughStore();
for (let number = 0; ; number += 1) await Promise.all(['a', 'b', 'c'].map((name) => addOne(`${name}${number}`)));

async function addOne(tag: string): Promise<void> {
  await add(tag);
  acknowledged.push(tag);
}

async function addThroughStore(): Promise<(tag: string) => Promise<unknown>> {
  const store = await openStore({ dataDirectory, now: () => new Date(), log: silentLog });
  return (tag) => store.inbox.accept(delivery({ id: tag, published: [published(imageName('acme/shop'), tag)] }));
}

async function addBare(): Promise<(tag: string) => Promise<unknown>> {
  const database = await PGlite.create(join(dataDirectory, 'cluster'));
  return (tag) =>
    database.query(
      `insert into tagalong.versions (image, tag, digest, published_at) values ('docker.io/acme/shop', $1, '', now())`,
      [tag],
    );
}
