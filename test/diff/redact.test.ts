import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { diffRendered } from '../../src/diff/rendered.ts';
import type { ResourceDiff } from '../../src/diff/result.ts';

function diff(base: object | undefined, head: object | undefined): ResourceDiff[] {
  const text = (object: object | undefined): string => (object === undefined ? '' : stringify(object));
  const compared = diffRendered(text(base), text(head));
  if (!compared.ok) throw new Error(compared.message);
  return [...compared.resources];
}

function secret(stringData: Record<string, unknown>): object {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' }, stringData };
}

test('a Secret shows which values change and never what they are', () => {
  const [resource] = diff(
    secret({ user: 'app', password: 'old', gone: 'x' }),
    secret({ user: 'app', password: 'new', extra: 'y' }),
  );
  expect(resource?.patch?.split('\n').slice(2)).toEqual([
    ' stringData:',
    '   user: •••',
    '-  password: •••',
    '-  gone: •••',
    '+  password: ••• (changed)',
    '+  extra: •••',
  ]);
  expect(resource?.notes).toEqual([{ kind: 'secret-values', added: 1, changed: 1, removed: 1 }]);
});

const sensitive = 'correct-horse-battery';
const encoded = Buffer.from(sensitive).toString('base64');

describe.each<[string, (value: string) => object]>([
  [
    'data',
    (value) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'a' },
      data: { k: Buffer.from(value).toString('base64') },
    }),
  ],
  [
    'a field in the wrong place',
    (value) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, password: value }),
  ],
  [
    'data that is no mapping',
    (value) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, data: [value] }),
  ],
  ['a number', (value) => secret({ pin: value.length > 0 ? value : 1 })],
  [
    'last-applied-configuration',
    (value) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'a',
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(secret({ k: value })) },
      },
    }),
  ],
  [
    'a Secret inside another object',
    (value) => ({
      apiVersion: 'template.openshift.io/v1',
      kind: 'Template',
      metadata: { name: 'a' },
      objects: [secret({ k: value })],
    }),
  ],
  [
    'a Secret as text in a ConfigMap',
    (value) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a' },
      data: { 'secret.yaml': stringify(secret({ k: value })) },
    }),
  ],
  [
    'SealedSecret',
    (value) => ({
      apiVersion: 'bitnami.com/v1alpha1',
      kind: 'SealedSecret',
      metadata: { name: 'a' },
      spec: { encryptedData: { k: value }, template: { metadata: { name: 'a' }, data: { t: value } } },
    }),
  ],
  [
    'KamusSecret',
    (value) => ({
      apiVersion: 'soluto.com/v1alpha2',
      kind: 'KamusSecret',
      metadata: { name: 'a' },
      data: { k: value },
    }),
  ],
  [
    'SOPS',
    (value) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a' },
      data: { k: `ENC[AES256_GCM,data:${value}]` },
      sops: { mac: value },
    }),
  ],
])('%s', (_name, object) => {
  test('the value is masked, and its change seen', () => {
    const both = JSON.stringify([
      diff(undefined, object(sensitive)),
      diff(object(sensitive), object('another-value')),
      diff(object(sensitive), undefined),
    ]);
    expect(both).not.toContain(sensitive);
    expect(both).not.toContain(encoded);
    expect(diff(object(sensitive), object('another-value'))).toMatchObject([{ change: 'changed' }]);
    expect(diff(object(sensitive), object(sensitive))).toEqual([]);
  });
});

test('a sealed value is told from a secret one, and the rest of a SealedSecret is shown', () => {
  const sealed = (value: string): object => ({
    apiVersion: 'bitnami.com/v1alpha1',
    kind: 'SealedSecret',
    metadata: { name: 'a' },
    spec: { encryptedData: { token: value }, template: { type: 'Opaque' } },
  });
  expect(diff(sealed('AgA1'), sealed('AgB2'))[0]?.patch).toContain('token: sealed value changed');
  expect(diff(sealed('AgA1'), sealed('AgB2'))[0]?.patch).toContain('type: Opaque');
});

test('references to Secrets are shown', () => {
  const external = (key: string): object => ({
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name: 'a' },
    spec: { data: [{ secretKey: 'password', remoteRef: { key } }] },
  });
  expect(diff(external('prod/old'), external('prod/new'))[0]?.patch).toContain('+        key: prod/new');
});

describe('the finding that a Secret is written in plain text', () => {
  test.each<[string, object, number]>([
    ['a value', secret({ k: 'v' }), 1],
    ['a value that is no text', { ...secret({}), stringData: { pin: 4711 } }, 1],
    ['no value', secret({}), 0],
    ['an empty value', { ...secret({}), stringData: { a: '', b: null } }, 0],
    ['encrypted by SOPS', secret({ k: 'ENC[AES256_GCM,data:x]' }), 0],
    ['a placeholder of a vault plugin', secret({ k: '<path:kv/data/app#password>' }), 0],
  ])('%s', (_name, object, count) => {
    const compared = diffRendered('', stringify(object));
    expect(compared).toMatchObject({ ok: true, findings: { length: count } });
  });

  test('one that was there before and stays is no finding', () => {
    const other = stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } });
    expect(diffRendered(stringify(secret({ k: 'v' })), `${stringify(secret({ k: 'v' }))}---\n${other}`)).toMatchObject({
      findings: [],
    });
  });
});

test('no value of a Secret is ever in a difference, raw or in base64', () => {
  const value = fc
    .string({ minLength: 8, unit: 'grapheme' })
    .filter((text) => text.trim().length >= 8 && !/^[•() a-z]*$/.test(text));
  const data = fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), value, { minKeys: 1, maxKeys: 4 });
  fc.assert(
    fc.property(data, data, fc.boolean(), (before, after, plain) => {
      const object = (values: Record<string, string>): object =>
        plain
          ? secret(values)
          : {
              apiVersion: 'v1',
              kind: 'Secret',
              metadata: { name: 'db' },
              data: Object.fromEntries(
                Object.entries(values).map(([key, text]) => [key, Buffer.from(text).toString('base64')]),
              ),
            };
      const shown = JSON.stringify([
        diff(undefined, object(before)),
        diff(object(before), object(after)),
        diff(object(after), undefined),
      ]);
      for (const text of [...Object.values(before), ...Object.values(after)]) {
        expect(shown).not.toContain(JSON.stringify(text).slice(1, -1));
        expect(shown).not.toContain(Buffer.from(text).toString('base64'));
      }
    }),
  );
});
