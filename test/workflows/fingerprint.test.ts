import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChangedPath } from '../../src/git/git.ts';
import type { Renderer } from '../../src/render/render.ts';
import { createRenderer } from '../../src/render/renderer.ts';
import { FINGERPRINT_PREFIX, fingerprintOf } from '../../src/workflows/fingerprint.ts';
import { compareRendered, renderPair } from '../../src/workflows/render-diff.ts';
import { memoryTree } from '../support/memory-tree.ts';

const renderer = createRenderer({ helm: 'no-such-helm', kustomize: 'no-such-kustomize', searchPath: '' });

type Files = Readonly<Record<string, string>>;

async function fingerprint(before: Files, after: Files, commit = 'c'.repeat(40), by = renderer): Promise<string> {
  const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const changed = paths.filter((path) => before[path] !== after[path]);
  const pair = await renderPair(by, { base: memoryTree(before), head: memoryTree(after, commit), changed });
  return fingerprintOf(by, pair, await compareRendered(pair));
}

const secret = (value: string) => `apiVersion: v1
kind: Secret
metadata: { name: db }
stringData: { password: ${value} }
`;

const config = (data: string) => `apiVersion: v1
kind: ConfigMap
metadata: { name: settings }
data: ${data}
`;

const BASE: Files = { 'app.yaml': config('{ a: "1", b: "2" }'), 'README.md': 'x', 'values.txt': 'y' };
const HEAD: Files = { ...BASE, 'app.yaml': config('{ a: "1", b: "3" }') };

describe('two heads have one fingerprint', () => {
  it.each<[string, Files, Files]>([
    ['where keys stand in another order', BASE, { ...BASE, 'app.yaml': config('{ b: "3", a: "1" }') }],
    ['where a comment was added', BASE, { ...BASE, 'app.yaml': `# why\n${HEAD['app.yaml'] ?? ''}` }],
    ['where prose was changed', BASE, { ...HEAD, 'README.md': 'z', 'docs/guide.rst': 'z', LICENSE: 'MIT' }],
    [
      'where the base moved elsewhere',
      { ...BASE, 'other.yaml': config('{ c: "1" }') },
      { ...HEAD, 'other.yaml': config('{ c: "1" }') },
    ],
    ['where the resources of a file stand in another order', ...twoResources()],
  ])('%s', async (_what, before, after) => {
    expect(await fingerprint(before, after, 'd'.repeat(40))).toBe(await fingerprint(...reference(before)));
  });

  function twoResources(): [Files, Files] {
    const other = config('{ z: "1" }').replace('settings', 'second');
    return [
      { ...BASE, 'app.yaml': `${BASE['app.yaml'] ?? ''}---\n${other}` },
      { ...BASE, 'app.yaml': `${other}---\n${HEAD['app.yaml'] ?? ''}` },
    ];
  }

  /** The plain way to the same effect on the same base. */
  function reference(before: Files): [Files, Files] {
    return [before, { ...before, 'app.yaml': (before['app.yaml'] ?? '').replace('b: "2"', 'b: "3"') }];
  }
});

describe('values of a chart that nobody here renders', () => {
  const chart = (values: string) => ({ 'shop/Chart.yaml': 'name: shop\n', 'shop/env/production.yaml': values });
  const alike: Renderer = {
    ...renderer,
    render: (_tree, units) => Promise.resolve(units.map((unit) => ({ ok: true, unit, yaml: config('{}') }))),
  };
  const of = (before: string, after: string) => fingerprint(chart(before), chart(after), undefined, alike);

  it.each([
    ['another change beside it', 'a: 1\nb: 8\n', 'a: 2\nb: 8\n'],
    ['a remark', 'a: 1\nb: 7\n', '# Why\na: 2\nb: 7\n'],
    ['another order', 'a: 1\nb: 7\n', 'b: 7\na: 2\n'],
  ])('count alike with %s', async (_what, before, after) => {
    expect(await of(before, after)).toBe(await of('a: 1\nb: 7\n', 'a: 2\nb: 7\n'));
  });

  it.each([
    ['another value', 'a: 1\nb: 7\n', 'a: 3\nb: 7\n'],
    ['one more value', 'a: 1\nb: 7\n', 'a: 2\nb: 8\n'],
    ['the same value elsewhere', 'a: 1\nb: 7\n', 'a: 1\nb: 7\nc: { a: 2 }\n'],
    ['a text in the place of a number', 'a: 1\nb: 7\n', 'a: "2"\nb: 7\n'],
    ['a template', 'a: 1\nb: 7\n', '# {{ x }}\na: 2\nb: 7\n'],
    ['an emptied list', 'a: 1\nb: []\n', 'a: 2\nb: {}\n'],
    ['a file that is gone', 'a: 1\nb: 7\n', ''],
  ])('do not with %s', async (_what, before, after) => {
    expect(await of(before, after)).not.toBe(await of('a: 1\nb: 7\n', 'a: 2\nb: 7\n'));
  });

  it('count whole where they are a bomb', async () => {
    const bomb = Array.from({ length: 12 }, (_, n) => `k${n + 1}: &k${n + 1} [${`*k${n},`.repeat(9)}]\n`).join('');
    const of9 = (last: string) => of('a: 1\n', `k0: &k0 x\n${bomb}a: ${last}\n`);
    expect(await of9('1')).not.toBe(await of9('2'));
  });
});

describe('two heads have different fingerprints', () => {
  it.each<[string, Files]>([
    ['where another value stands', { ...BASE, 'app.yaml': config('{ a: "1", b: "4" }') }],
    ['where a number stands in the place of a text', { ...BASE, 'app.yaml': config('{ a: "1", b: 3 }') }],
    ['where one more file is rendered', { ...HEAD, 'more.yaml': config('{ c: "1" }').replace('settings', 'more') }],
    ['where the configuration differs', { ...HEAD, '.tagalong.yml': 'version: 1\n' }],
    ['where code owners differ', { ...HEAD, CODEOWNERS: '* @acme/sre\n' }],
    ['where prose of the forge’s own folder differs', { ...HEAD, '.github/pull_request_template.md': 'x' }],
    ['where a deploy tool is steered beside what is rendered', { ...HEAD, '.argocd-source-shop.yaml': 'helm: {}\n' }],
    ['where a file that nothing renders differs', { ...HEAD, 'scripts/run.sh': 'true\n' }],
    ['where YAML that is no resource differs', { ...HEAD, 'app.yaml': `${HEAD['app.yaml'] ?? ''}---\nreplicas: 3\n` }],
    ['where a manifest is broken', { ...HEAD, 'app.yaml': 'apiVersion: v1\nkind: Pod\nspec: [\n' }],
    ['where a file was deleted', without(HEAD, 'app.yaml')],
  ])('%s', async (_what, after) => {
    expect(await fingerprint(BASE, after)).not.toBe(await fingerprint(BASE, HEAD));
  });

  it('where the value of a Secret differs, which no diff shows', async () => {
    const [one, two] = [{ 'db.yaml': secret('tiger') }, { 'db.yaml': secret('lion') }];
    expect(await fingerprint({}, one)).not.toBe(await fingerprint({}, two));
  });

  it('where rendering fails, and any file that takes part in it differs', async () => {
    const kustomization = 'resources: [pod.yaml]\n';
    const files = (tag: string) => ({ 'kustomization.yaml': kustomization, 'pod.yaml': config(`{ a: "${tag}" }`) });
    const [before, one, two] = [files('1'), files('2'), files('3')];
    expect(await fingerprint(before, one)).not.toBe(await fingerprint(before, two));
    expect(await fingerprint(before, one)).toBe(await fingerprint(before, one, 'e'.repeat(40)));
  });

  it.each([
    ['values that some deploy tool may give a chart', 'shop/env/production.yaml', 'a: '],
    ['what only values of some deploy tool bring out of a chart', 'shop/templates/pod.yaml', '# {{ if .Values.x }}'],
    ['a base, which may be deployed by itself too', 'base/pod.yaml', 'a: '],
  ])('where %s differ, though it is rendered alike', async (_what, path, text) => {
    const files = (content: string) => ({
      'shop/Chart.yaml': 'name: shop\n',
      'base/kustomization.yaml': 'resources: [pod.yaml]\n',
      'overlays/production/kustomization.yaml': 'resources: [../../base]\n',
      [path]: `${text}${content}\n`,
    });
    const alike: Renderer = {
      ...renderer,
      render: (_tree, units) => Promise.resolve(units.map((unit) => ({ ok: true, unit, yaml: config('{}') }))),
    };
    const of = (content: string) => fingerprint(files('1'), files(content), undefined, alike);
    expect(await of('2')).not.toBe(await of('3'));
    expect(await of('2')).toBe(await of('2'));
  });

  it('where what stood before differs', async () => {
    const other = { ...BASE, 'app.yaml': config('{ a: "1", b: "9" }') };
    expect(await fingerprint(other, HEAD)).not.toBe(await fingerprint(BASE, HEAD));
  });

  it('where the content of a changed path is in neither tree, as with submodules', async () => {
    const changed: ChangedPath[] = [{ path: 'vendored', status: 'modified' }];
    const of = async (commit: string) => {
      const trees = { base: memoryTree(BASE), head: memoryTree(BASE, commit) };
      const pair = await renderPair(renderer, { ...trees, changed: changed.map(({ path }) => path) });
      return fingerprintOf(renderer, pair, await compareRendered(pair));
    };
    expect(await of('a'.repeat(40))).not.toBe(await of('b'.repeat(40)));
  });
});

describe('a fingerprint', () => {
  it('says which way it was made, and nothing of what it was made of', async () => {
    const made = await fingerprint({}, { 'db.yaml': secret('tiger') });
    expect(made).toMatch(new RegExp(`^${FINGERPRINT_PREFIX}[0-9a-f]{64}$`));
  });

  it('is always another one for another data', async () => {
    const data = fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), fc.string({ maxLength: 5 }), { maxKeys: 3 });
    await fc.assert(
      fc.asyncProperty(data, data, async (one, two) => {
        const [a, b] = [{ 'app.yaml': config(JSON.stringify(one)) }, { 'app.yaml': config(JSON.stringify(two)) }];
        const isSame = sorted(one) === sorted(two);
        expect((await fingerprint(BASE, a)) === (await fingerprint(BASE, b))).toBe(isSame);
      }),
      { numRuns: 50 },
    );
  });

  it('counts every path by its content where more were changed than can be asked about', async () => {
    const many = Object.fromEntries(Array.from({ length: 201 }, (_none, index) => [`docs/${index}.md`, 'a']));
    expect(await fingerprint({}, many)).not.toBe(await fingerprint({}, { ...many, 'docs/0.md': 'b' }));
  });
});

function sorted(data: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(data).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function without(files: Files, path: string): Files {
  return Object.fromEntries(Object.entries(files).filter(([name]) => name !== path));
}
