import { mkdirSync, readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import { startChild } from '../support/child.ts';
import { temporaryDirectory } from '../support/database.ts';
import { silentLog } from '../support/silent.ts';
import { imageName } from '../support/store-examples.ts';

const child = join(import.meta.dirname, '../support/power-loss-child.ts');
const shop = imageName('acme/shop');

describe('when the power is cut', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  const at = (...names: string[]) => join(directory.path, ...names);

  beforeAll(async () => {
    directory = await temporaryDirectory();
    await (await openStore({ dataDirectory: at('made'), now: () => new Date(), log: silentLog })).close();
    mkdirSync(at('empty'));
  });

  afterAll(() => directory.remove());

  /** @returns for each cut and variant, the acknowledged versions that are gone */
  async function cutPower(template: string, cuts: number, mode: 'store' | 'bare'): Promise<Record<string, string[]>> {
    const out = at(`${template}-${mode}`);
    mkdirSync(out);
    await cp(at(template), join(out, 'data'), { recursive: true });
    const machine = startChild(child, [join(out, 'data'), at(template), out, `${cuts}`, mode]);
    expect(await machine.ended()).toEqual({ code: 0, complaints: '' });
    const lost: Record<string, string[]> = {};
    for (let cut = 1; cut <= cuts; cut += 1) {
      const acknowledged = JSON.parse(readFileSync(join(out, `cut-${cut}.json`), 'utf8')) as string[];
      for (const keep of ['nothing', 'some']) {
        const read = storedTags(join(out, `cut-${cut}-${keep}`));
        // Without fsync, what is left may not even be a database any more: then everything is lost.
        const stored = await (mode === 'bare' ? read.catch((): string[] => []) : read);
        lost[`${cut} ${keep}`] = acknowledged.filter((tag) => !stored.includes(tag));
      }
    }
    return lost;
  }

  async function storedTags(dataDirectory: string): Promise<string[]> {
    const store = await openStore({ dataDirectory, now: () => new Date(), log: silentLog });
    const versions = await store.published([shop], 1_000_000);
    await store.close();
    return (versions.get(shop) ?? []).map(({ tag }) => tag);
  }

  test('no acknowledged delivery is lost', { timeout: 60_000 }, async () => {
    const lost = await cutPower('made', 3, 'store');
    expect(lost).toEqual(Object.fromEntries(Object.keys(lost).map((cut) => [cut, []])));
  });

  test('nor soon after the very first start', { timeout: 60_000 }, async () => {
    expect(await cutPower('empty', 1, 'store')).toEqual({ '1 nothing': [], '1 some': [] });
  });

  test('without the fsync that we add, this very test finds losses', { timeout: 60_000 }, async () => {
    const lost = await cutPower('made', 1, 'bare');
    expect(Object.values(lost).flat()).not.toEqual([]);
  });
});
