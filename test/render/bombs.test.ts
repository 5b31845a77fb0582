import { describe, expect, it } from 'vitest';
import { readResources, readYaml } from '../../src/diff/resources.ts';
import { chartParser, findCharts } from '../../src/render/charts.ts';
import { cleanMessage } from '../../src/render/failure.ts';
import { parseKustomization, pluginReferences } from '../../src/render/kustomization.ts';
import { secretTexts } from '../../src/render/secrets.ts';
import { indexTree } from '../../src/render/tree-index.ts';
import { memoryTree } from '../support/memory-tree.ts';

/** Nine to the thirtieth power of texts in a thousand bytes: whoever unfolds it does not come back. */
const laughs = Array.from({ length: 30 }, (_, n) => `k${n + 1}: &k${n + 1} [${`*k${n},`.repeat(9)}]\n`).join('');
const bomb = `resources: [a.yaml]\nkind: Secret\nk0: &k0 hunter2\n${laughs}`;
const large = `kind: Secret\nstringData:\n${'  password: "hunter2"\n'.repeat(150_000)}`;
const deep = `kind: Secret\npassword: hunter2\na: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n`;

describe.each([
  ['of aliases', bomb],
  ['of size', large],
  ['of depth', deep],
])('a bomb %s', (_what, text) => {
  it('is no kustomization that is built', () => {
    expect(parseKustomization(text)).toMatchObject({ isBroken: true });
    expect(pluginReferences(`${text}\n# https://example.com/x\n`)).not.toContain('a.yaml');
  });

  it('says nothing of the chart that it is in', async () => {
    const index = await indexTree(memoryTree({ 'shop/Chart.yaml': text }));
    expect((await findCharts(index, chartParser())).get('shop')).toMatchObject({ dependencies: [] });
  });

  it('is no resource that is compared', () => {
    expect(readResources([{ text, line: 1 }]).ok).toBe(false);
    expect(readYaml(text)).toBeUndefined();
  });

  it('keeps no secret from being masked', () => {
    const secrets = secretTexts(new Map([['a.yaml', Buffer.from(text)]]));
    expect(cleanMessage('Error: bad "hunter2"', { root: '/r', home: '/h' }, secrets)).not.toContain('hunter2');
  });
});

it('many documents are compared as long as they are not too much together', () => {
  const document = { text: `kind: ConfigMap\napiVersion: v1\ndata: { a: "${'x'.repeat(1_000_000)}" }`, line: 1 };
  expect(readResources([document]).ok).toBe(true);
  expect(readResources(Array.from({ length: 9 }, () => document))).toMatchObject({
    ok: false,
    message: 'There is too much of it to be compared: 9.0 MB.',
  });
});

describe('a complaint', () => {
  const workspace = { root: '/r', home: '/h' };

  it('is left out where there is too much to look for in it', () => {
    const secrets = Array.from({ length: 50_001 }, (_, n) => `secret-${n}`);
    expect(cleanMessage('bad: secret-7', workspace, secrets)).not.toContain('secret-7');
  });

  it('ends before a secret that does not fit into it whole', () => {
    const filler = `${'hunter2 '.repeat(2_499)}\n`;
    expect(cleanMessage(`${filler}password hunter2`, workspace, ['hunter2 '.repeat(2_499), 'hunter2'])).not.toMatch(
      /hunt/,
    );
  });
});
