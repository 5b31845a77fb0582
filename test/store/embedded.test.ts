import fs, { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { openStore, type StoreSettings } from '../../src/store/open-store.ts';
import { type Child, startChild } from '../support/child.ts';
import { embeddedBackend, temporaryDirectory } from '../support/database.ts';
import { silentLog } from '../support/silent.ts';
import { delivery, imageName, published, repositorySubject } from '../support/store-examples.ts';

const backend = await embeddedBackend();
const childFile = join(import.meta.dirname, '../support/store-child.ts');
const shop = imageName('acme/shop');

afterAll(() => backend.close());

describe('an embedded store', () => {
  const open = (location: { dataDirectory: string }, settings: Partial<StoreSettings> = {}) =>
    openStore({ ...location, now: () => new Date(), log: silentLog, ...settings });

  async function newLocation(): Promise<{ dataDirectory: string }> {
    const location = await backend.newLocation();
    if (!('dataDirectory' in location)) throw new Error('That is no directory.');
    return location;
  }

  function startStoreChild(location: object, ...parameters: string[]): Child {
    return startChild(childFile, [JSON.stringify(location), ...parameters]);
  }

  test('refuses a directory that another process uses, and takes it when that process was killed', async () => {
    const location = await newLocation();
    const other = startStoreChild(location, 'nothing');
    await other.untilLines(1);
    await expect(open(location)).rejects.toMatchObject({ code: 'data-directory-locked' });
    await other.kill();
    const store = await open(location);
    await expect(open(location)).rejects.toMatchObject({ code: 'data-directory-locked' });
    await store.close();
    await (await open(location)).close();
  });

  test('starts over when the machine stopped while the database was being made', async () => {
    const directory = await temporaryDirectory();
    const dataDirectory = join(directory.path, 'not', 'there', 'yet');
    await mkdir(join(dataDirectory, 'cluster.unfinished', 'base'), { recursive: true });
    const store = await open({ dataDirectory });
    await store.ping();
    await store.close();
    expect(existsSync(join(dataDirectory, 'cluster.unfinished'))).toBe(false);
    await directory.remove();
  });

  test('has every delivery that it acknowledged, however often it is killed', { timeout: 120_000 }, async () => {
    const location = await newLocation();
    const acknowledged: string[] = [];
    for (let kill = 0; kill < 10; kill += 1) {
      const child = startStoreChild(location, 'accept', `${kill}`);
      await child.untilLines(2 + Math.floor(Math.random() * 60));
      await child.kill();
      acknowledged.push(...child.lines.filter((line) => line !== 'open'));
    }
    const store = await open(location);
    const stored = (await store.published([shop], 1_000_000)).get(shop)?.map(({ tag }) => tag);
    await store.close();
    expect(acknowledged.length).toBeGreaterThan(10);
    expect(acknowledged.filter((tag) => stored?.includes(tag) !== true)).toEqual([]);
  });

  test.each([
    ['an fsync fails', 'fsyncSync', 'EIO'],
    ['the disk is full', 'writeSync', 'ENOSPC'],
  ] as const)('stops when %s, and has all that it acknowledged when started again', async (_, name, code) => {
    const location = await newLocation();
    const broken: Error[] = [];
    const store = await open(location, { onBroken: (error) => broken.push(error) });
    await store.inbox.accept(delivery({ published: [published(shop, 'before')] }));
    const repair = breakFiles(name, code);
    const during = Array.from({ length: 5 }, () =>
      store.inbox.accept(delivery({ published: [published(shop, 'no')] })),
    );
    const outcomes = await Promise.allSettled(during);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: { code: 'store-unavailable' } });
    repair();
    expect(broken).toHaveLength(1);
    await expect(store.ping()).rejects.toMatchObject({ code: 'store-unavailable' });
    await expect(store.inbox.accept(delivery())).rejects.toMatchObject({ code: 'store-unavailable' });
    await store.close();
    const again = await open(location);
    expect((await again.published([shop])).get(shop)?.map(({ tag }) => tag)).toContain('before');
    await again.close();
  });

  test('takes up at once what a killed process held', async () => {
    const location = await newLocation();
    const first = await open(location);
    const subject = repositorySubject();
    await first.inbox.wake(subject, { kind: 'installed' });
    await first.close();
    const killed = startStoreChild(location, 'hold');
    await killed.untilLines(2);
    await killed.kill();
    expect(killed.lines).toEqual(['open', subject.repository.path]);
    const second = await open(location);
    const taken: string[] = [];
    await second.workers.start(({ repository }) => {
      taken.push(repository.path);
      return Promise.resolve();
    });
    await vi.waitFor(() => expect(taken).toEqual([subject.repository.path]), { timeout: 5_000, interval: 20 });
    await second.workers.stop(1_000);
    await second.close();
  });
});

/** Makes a function of the file system fail, in this process, until repaired. */
function breakFiles(name: 'fsyncSync' | 'writeSync', code: string): () => void {
  const whole = fs[name];
  const put = (value: unknown): void => {
    Object.assign(fs, { [name]: value });
    syncBuiltinESMExports();
  };
  put(() => {
    throw Object.assign(new Error(`${code}: as a broken disk says`), { code });
  });
  return () => put(whole);
}
