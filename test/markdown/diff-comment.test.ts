import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diffComment, DIFF_MARKER } from '../../src/markdown/diff-comment.ts';
import type { Note, RenderedDiff, ResourceDiff, UnitDiff } from '../../src/diff/result.ts';

const GITHUB = 65_536;
const golden = join(import.meta.dirname, '../golden/diff-comment');

function rendered(units: UnitDiff[]): RenderedDiff {
  return { base: 'a'.repeat(40), head: 'b'.repeat(40), units };
}

function unit(path: string, resources: ResourceDiff[], total = resources.length): UnitDiff {
  return { unit: { engine: 'kustomize', path }, ok: true, total, resources, findings: [] };
}

function resource(name: string, change: Partial<ResourceDiff> = {}): ResourceDiff {
  return {
    id: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name },
    change: 'changed',
    added: 1,
    removed: 1,
    patch: `@@ -9,3 +9,3 @@ spec.template.spec.containers\n         - name: ${name}\n-          image: ghcr.io/acme/${name}:1.4.1\n+          image: ghcr.io/acme/${name}:1.4.2`,
    notes: [{ kind: 'image', from: `ghcr.io/acme/${name}:1.4.1`, to: `ghcr.io/acme/${name}:1.4.2` }],
    ...change,
  };
}

const failed: UnitDiff = {
  unit: { engine: 'helm', path: 'charts/api', valuesFiles: ['charts/api/values-staging.yaml'] },
  ok: false,
  code: 'render-failed',
  side: 'head',
  message: 'execution error at (api/templates/cm.yaml:3:4): color is required',
};

const hostile = '`|@everyone #1 <img src=x>\n</details>\n```\n| **x**';

const cases: Record<string, RenderedDiff> = {
  bump: rendered([unit('apps/api/overlays/staging', [resource('api')], 12), unit('apps/web', [], 2)]),
  nothing: rendered([unit('apps/web', [], 2)]),
  failure: rendered([failed, unit('apps/api/overlays/staging', [resource('api')], 3)]),
  'only-failure': rendered([{ ...failed, code: 'tool-missing', side: 'both', message: 'helm is not installed.' }]),
  dangers: rendered([
    unit('data', [
      {
        id: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: 'data' },
        change: 'removed',
        added: 0,
        removed: 2,
        patch: '-apiVersion: v1\n-kind: PersistentVolumeClaim',
        notes: [{ kind: 'risk', risk: 'data-loss' }],
      },
      resource('api', {
        change: 'changed',
        notes: [
          { kind: 'risk', risk: 'immutable', field: 'spec.selector' },
          { kind: 'field', field: 'replicas', from: '2', to: '0' },
          { kind: 'secret-values', added: 1, changed: 2, removed: 0 },
          { kind: 'hook', hook: 'PreSync' },
          { kind: 'wave', wave: '-1' },
        ],
      }),
      {
        id: { apiVersion: 'v1', kind: 'ConfigMap', name: 'big' },
        change: 'changed',
        added: 9000,
        removed: 4000,
        notes: [],
      },
    ]),
  ]),
  containers: rendered([
    unit('apps/shop/overlays/staging', [
      resource('shop', {
        notes: [
          {
            kind: 'image',
            from: 'ghcr.io/acme/shop:1.4.1',
            to: 'ghcr.io/acme/shop:1.5.0',
            containers: [{ name: 'shop' }, { name: 'migrate', role: 'init' }],
          },
          { kind: 'image', to: 'docker.io/library/redis:7', containers: [{ name: 'cache' }] },
        ],
      }),
      resource('web', { notes: [{ kind: 'metadata', labels: 2, annotations: 0 }] }),
    ]),
  ]),
  hostile: rendered([
    unit(hostile, [
      resource(hostile, {
        notes: [
          {
            kind: 'image',
            from: hostile,
            to: `${hostile}2`,
            containers: [{ name: hostile }, { name: hostile, role: 'init' }],
          },
        ],
        patch: `+${hostile.replaceAll('\n', '\n+')}\n+\`\`\`\``,
      }),
    ]),
    { ...failed, message: `\`\`\`\n</details> ${hostile}` },
  ]),
};

describe('golden comments', () => {
  test.each(Object.keys(cases))('%s', async (name) => {
    const diff = cases[name];
    if (diff === undefined) throw new Error('unknown case');
    await expect(`${diffComment(diff, { limit: GITHUB })}\n`).toMatchFileSnapshot(join(golden, `${name}.md`));
  });

  test('a diff that does not fit is cut between resources, and the rest is counted', async () => {
    const many = Array.from({ length: 40 }, (_, index) => resource(`svc-${index}`));
    const comment = diffComment(rendered([unit('apps', many, 50)]), { limit: 6_000 });
    await expect(`${comment}\n`).toMatchFileSnapshot(join(golden, 'cut.md'));
  });

  test('every golden file is of a case', () => {
    const names = [...Object.keys(cases), 'cut'].map((name) => `${name}.md`);
    expect(readdirSync(golden).toSorted()).toEqual(names.toSorted());
  });

  test('the first line is the marker', () => {
    expect(diffComment(rendered([]), { limit: GITHUB }).split('\n')[0]).toBe(DIFF_MARKER);
  });
});

test('a single resource is named once, by the table', () => {
  const comment = diffComment(cases['bump'] ?? rendered([]), { limit: GITHUB });
  expect(comment.split('shop/Deployment/api')).toHaveLength(2);
  expect(comment).toContain('· 1 changed</summary>\n\n```diff\n');
});

test('a single resource is named before its diff where the table has no room for it', () => {
  const long = resource('x'.repeat(110), { patch: '+a: b' });
  const comment = diffComment(rendered([unit('apps/api', [long])]), { limit: 700 });
  expect(comment).toMatch(/^`shop\/Deployment\/x+…` changed\n\n```diff\n\+a: b\n/m);
});

test('a single resource too different to compare says so', () => {
  const { id, change, notes } = resource('api');
  const diff = rendered([unit('apps', [{ id, change, notes, removed: 1, added: 9000 }])]);
  expect(diffComment(diff, { limit: GITHUB })).toContain(
    '</summary>\n\nToo different to compare, 1 line before, 9,000 after\n\n</details>',
  );
});

test('a cell has at most five lines', () => {
  const notesOf = (count: number): Note[] =>
    Array.from({ length: count }, (_, index) => ({ kind: 'field', field: `f${index}`, from: '1', to: '2' }));
  const cell = (count: number): string[] => {
    const comment = diffComment(rendered([unit('a', [resource('a', { notes: notesOf(count) })])]), { limit: GITHUB });
    return (/changed \| (.*) \|/.exec(comment)?.[1] ?? '').split('<br>');
  };
  expect(cell(5)).toHaveLength(5);
  expect(cell(5).at(-1)).toBe('`f4` `1` → `2`');
  expect(cell(9)).toHaveLength(5);
  expect(cell(9).at(-1)).toBe('5 more');
});

test('smaller diffs are kept before larger ones', () => {
  const large = resource('large', { patch: `+${'x'.repeat(5_000)}` });
  const comment = diffComment(rendered([unit('apps', [large, resource('small')])]), { limit: 3_000 });
  expect(comment).toContain('acme/small:1.4.2');
  expect(comment).not.toContain('xxxxx');
  expect(comment).toContain('1 more resource');
});

test('small diffs are open, large ones folded', () => {
  expect(diffComment(rendered([unit('a', [resource('a')])]), { limit: GITHUB })).toContain('<details open>');
  expect(diffComment(rendered([unit('a', [resource('a', { added: 500 })])]), { limit: GITHUB })).not.toContain(
    '<details open>',
  );
});

test('a work tree is named as such', () => {
  expect(diffComment({ base: 'c'.repeat(40), head: 'worktree', units: [] }, { limit: GITHUB })).toContain(
    '<sub>Compared: `ccccccc` → the work tree</sub>',
  );
});

describe('properties', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.constantFrom(hostile, '```', '````diff', '@acme/sre', 'fixes #12', '</details>', DIFF_MARKER),
    fc.stringMatching(/^[`~|\n]{0,12}$/),
  );
  const note: fc.Arbitrary<Note> = fc.oneof(
    fc.record({
      kind: fc.constant('image' as const),
      from: text,
      to: text,
      containers: fc.array(fc.record({ name: text, role: fc.constantFrom('init' as const, 'ephemeral' as const) })),
    }),
    fc.record({ kind: fc.constant('metadata' as const), labels: fc.nat(9), annotations: fc.nat(9) }),
    fc.record({ kind: fc.constant('field' as const), field: text, from: text, to: text }),
    fc.record({ kind: fc.constant('risk' as const), risk: fc.constantFrom('data-loss' as const, 'stopped' as const) }),
  );
  const anyResource: fc.Arbitrary<ResourceDiff> = fc.record(
    {
      id: fc.record({ apiVersion: text, kind: text, namespace: text, name: text }),
      change: fc.constantFrom('added' as const, 'changed' as const, 'removed' as const),
      added: fc.nat(9_999),
      removed: fc.nat(9_999),
      patch: fc.oneof(
        fc.array(text, { maxLength: 30 }).map((lines) => lines.join('\n')),
        fc.constant('+x\n'.repeat(900)),
      ),
      notes: fc.array(note, { maxLength: 6 }),
    },
    { requiredKeys: ['id', 'change', 'added', 'removed', 'notes'] },
  );
  const anyUnit: fc.Arbitrary<UnitDiff> = fc.oneof(
    fc
      .record({ path: text, resources: fc.array(anyResource, { maxLength: 12 }) })
      .map(({ path, resources }) => unit(path, resources, resources.length + 3)),
    fc
      .record({ path: text, message: text })
      .map(({ path, message }) => ({ ...failed, unit: { engine: 'plain' as const, path }, message })),
  );
  const anyDiff = fc.array(anyUnit, { maxLength: 12 }).map(rendered);

  test('never longer than the limit, whatever the limit', () => {
    fc.assert(
      fc.property(anyDiff, fc.integer({ min: 0, max: 20_000 }), (diff, limit) => {
        expect(diffComment(diff, { limit }).length).toBeLessThanOrEqual(limit);
      }),
    );
  });

  test('every fence and every fold is closed, and nothing outside of code mentions anybody', () => {
    fc.assert(
      fc.property(anyDiff, fc.integer({ min: 400, max: 20_000 }), (diff, limit) => {
        const prose = withoutFences(diffComment(diff, { limit })).replace(/(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, '');
        expect(prose.match(/<details/g)?.length).toBe(prose.match(/<\/details>/g)?.length);
        expect(prose).not.toMatch(/@(?:acme|everyone)|(?<!&)#\d|<img/);
        expect(prose.split('\n').slice(1).join('\n')).not.toContain('<!--');
      }),
    );
  });

  test('every resource is shown or counted', () => {
    fc.assert(
      fc.property(anyDiff, fc.integer({ min: 4_000, max: 20_000 }), (diff, limit) => {
        const comment = diffComment(diff, { limit });
        const all = diff.units.flatMap((each) => (each.ok ? each.resources : [])).length;
        const outside = withoutFences(comment);
        const lines = (pattern: RegExp): number => outside.split('\n').filter((line) => pattern.test(line)).length;
        const shown = lines(/^<diff>$/) + lines(/^(?:`.*` \w+: t|T)oo different to compare, \d/);
        if (all > 1) expect(lines(HEADING)).toBe(shown);
        const counted = Number(/^…and ([\d,]+) more resource/m.exec(outside)?.[1]?.replaceAll(',', '') ?? 0);
        expect(shown + counted).toBe(all);
      }),
    );
  });
});

/** What stands before the diff of a resource, unless it is the only one. */
const HEADING = /^`.*` (?:added|changed|removed)(?:: too different.*)?$/;

/** The text with `<language>` for each of its fenced blocks. @throws when one is not closed */
function withoutFences(markdown: string): string {
  const kept: string[] = [];
  let fence: string | undefined;
  for (const line of markdown.split('\n')) {
    if (fence === undefined) {
      const [, opened, language = ''] = /^(`{3,})([a-z]*)$/.exec(line) ?? [];
      fence = opened;
      kept.push(fence === undefined ? line : `<${language}>`);
    } else if (line === fence) {
      fence = undefined;
    }
  }
  if (fence !== undefined) throw new Error(`the fence ${fence} is not closed`);
  return kept.join('\n');
}
