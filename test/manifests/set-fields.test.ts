import { describe, expect, test } from 'vitest';
import { setPlaceholders } from '../../src/config/template.ts';
import { isAtPath } from '../../src/manifests/set-fields.ts';
import { fillTemplate, placeholderNames } from '../../src/manifests/template.ts';

describe('a path means every field whose YAML path ends in it', () => {
  test.each([
    ['metadata.labels.commit', ['metadata', 'labels', 'commit'], true],
    ['metadata.labels.commit', ['spec', 'template', 'metadata', 'labels', 'commit'], true],
    ['labels.commit', ['metadata', 'labels', 'commit'], true],
    ['commit', ['metadata', 'labels', 'commit'], true],
    ['bels.commit', ['metadata', 'labels', 'commit'], false],
    ['metadata.labels', ['metadata', 'labels', 'commit'], false],
    ['x.metadata.labels.commit', ['metadata', 'labels', 'commit'], false],
    ['labels.app.kubernetes.io/version', ['metadata', 'labels', 'app.kubernetes.io/version'], true],
    ['kubernetes.io/version', ['metadata', 'labels', 'app.kubernetes.io/version'], false],
    ['containers.0.env', ['spec', 'containers', 0, 'env'], true],
    ['containers.1.env', ['spec', 'containers', 0, 'env'], false],
  ])('%s at %j: %s', (path, pointer, expected) => {
    expect(isAtPath(pointer, path)).toBe(expected);
  });
});

describe('templates', () => {
  const values = {
    commit: '3f2a91c0ffee',
    date: '2024-11-02',
    branch: 'main',
    tag: '1.4.2',
    name: 'shop',
    digest: `sha256:${'0'.repeat(64)}`,
  };

  test.each([
    ['{commit}', '3f2a91c0ffee'],
    ['{commit.short}', '3f2a91c'],
    ['{date}', '2024-11-02'],
    ['{branch}-{commit.short}', 'main-3f2a91c'],
    ['{name}:{tag}', 'shop:1.4.2'],
    ['{digest}', values.digest],
    ['plain } text {', 'plain } text {'],
  ])('%s → %s', (template, text) => {
    expect(fillTemplate(template, values)).toEqual({ ok: true, text });
  });

  test.each([
    ['{sha}', {}, 'placeholder-unknown', 'sha'],
    ['{}', {}, 'placeholder-unknown', ''],
    ['{ commit }', {}, 'placeholder-unknown', ' commit '],
    ['{toString}', {}, 'placeholder-unknown', 'toString'],
    ['{commit}-{sha}', {}, 'placeholder-unknown', 'sha'],
    ['{tag}-{commit}', { tag: '1' }, 'value-unknown', 'commit'],
    ['{commit.short}', { commit: '3f2a91' }, 'value-unknown', 'commit.short'],
  ])('%s is refused', (template, known, reason, placeholder) => {
    expect(fillTemplate(template, known)).toEqual({ ok: false, reason, placeholder });
  });

  test('a value is never read as a template', () => {
    expect(fillTemplate('{branch}', { branch: '{commit}$&' })).toEqual({ ok: true, text: '{commit}$&' });
  });

  test('the configuration allows the placeholders that can be filled', () => {
    expect(placeholderNames.toSorted()).toEqual(setPlaceholders.toSorted());
  });
});
