import { describe, expect, test } from 'vitest';
import { findSites } from '../../src/manifests/find-sites.ts';
import { isManifestPath, mayMentionImage } from '../../src/manifests/pre-scan.ts';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

/** `format image:tag@digest line:column pointer` of every site. */
function sites(path: string, text: string): string[] {
  return findSites(path, text).sites.map(({ format, image, tag, digest, line, column, pointer }) => {
    const version = (tag === undefined ? '' : `:${tag}`) + (digest === undefined ? '' : `@${digest}`);
    return `${format} ${image}${version} ${line}:${column} ${pointer.join('.')}`;
  });
}

function problems(path: string, text: string): string[] {
  return findSites(path, text).problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

const object = (kind: string, rest: string) => `apiVersion: example.com/v1\nkind: ${kind}\n${rest}\n`;

describe('pod specs', () => {
  test.each([
    [
      'containers with and without a version',
      'Pod',
      'spec:\n  containers:\n  - image: nginx\n  - image: a/b:1',
      [
        'pod-spec docker.io/library/nginx 5:12 spec.containers.0.image',
        'pod-spec docker.io/a/b:1 6:16 spec.containers.1.image',
      ],
    ],
    [
      'containers of a template at any depth',
      'CronJob',
      'spec: {jobTemplate: {spec: {template: {spec: {initContainers: [{image: "a/b:1"}]}}}}}',
      ['pod-spec docker.io/a/b:1 3:77 spec.jobTemplate.spec.template.spec.initContainers.0.image'],
    ],
    [
      'custom resources, where there is a version',
      'Prometheus',
      'spec:\n  image: quay.io/prometheus/prometheus:v2.1.0\n  logo: {image: logo.png, name: x}',
      ['pod-spec quay.io/prometheus/prometheus:v2.1.0 4:40 spec.image'],
    ],
    [
      'a digest without a tag',
      'Pod',
      `spec:\n  containers:\n  - image: a/b@${DIGEST}`,
      [`pod-spec docker.io/a/b@${DIGEST} 5:16 spec.containers.0.image`],
    ],
    [
      'image volumes',
      'Pod',
      'spec:\n  volumes:\n  - name: v\n    image:\n      reference: a/b:1',
      ['pod-spec docker.io/a/b:1 7:22 spec.volumes.0.image.reference'],
    ],
    [
      'Tekton steps and Argo containers',
      'Workflow',
      'spec:\n  steps: [{image: alpine}]\n  templates:\n  - container: {image: busybox}',
      [
        'pod-spec docker.io/library/alpine 4:19 spec.steps.0.image',
        'pod-spec docker.io/library/busybox 6:24 spec.templates.0.container.image',
      ],
    ],
    ['no data of ConfigMaps and Secrets', 'ConfigMap', 'data:\n  image: a/b:1', []],
    [
      'no template, pattern or URL',
      'Pod',
      'spec:\n  containers:\n  - image: "{{ .Values.image }}:1"\n  - image: "*/x:1"\n  - image: https://x/y:1\n  - image: a/Upper:1',
      [],
    ],
  ])('%s', (_, kind, rest, expected) => {
    expect(sites('app.yaml', object(kind, rest))).toEqual(expected);
  });

  test('items of a list, but not the ConfigMaps among them', () => {
    const text = object(
      'List',
      'items:\n- apiVersion: v1\n  kind: ConfigMap\n  data: {image: "a/b:1"}\n- apiVersion: v1\n  kind: Pod\n  spec: {containers: [{image: "a/b:2"}]}',
    );
    expect(sites('list.yaml', text)).toEqual(['pod-spec docker.io/a/b:2 9:36 items.1.spec.containers.0.image']);
  });

  test('JSON', () => {
    const text = '{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"image":"a/b:1"}]}}';
    expect(sites('pod.json', text)).toEqual(['pod-spec docker.io/a/b:1 1:69 spec.containers.0.image']);
  });
});

describe('kustomizations', () => {
  test.each(['kustomization.yaml', 'kustomization.yml', 'deep/Kustomization'])('%s', (path) => {
    const text = `images:\n- name: a\n  newTag: 1.10\n- name: b\n  newName: ghcr.io/x/b\n  digest: ${DIGEST}\n- name: c/c\n- newTag: 1\n`;
    expect(sites(path, text)).toEqual([
      'kustomize docker.io/library/a:1.10 3:11 images.0.newTag',
      `kustomize ghcr.io/x/b@${DIGEST} 6:11 images.1.digest`,
      'kustomize docker.io/c/c 7:9 images.2.name',
    ]);
  });

  test('an `images` that is no list, and tags that are none', () => {
    expect(sites('kustomization.yaml', 'images: {name: a, newTag: 1}\n')).toEqual([]);
    expect(sites('kustomization.yaml', 'images: [{name: a, newTag: "{{ tag }}"}, {name: b, newTag: [1]}]\n')).toEqual([
      'kustomize docker.io/library/b 1:49 images.1.name',
    ]);
  });
});

describe('chart values', () => {
  test.each([
    [
      'repository and tag at any depth',
      'a:\n  b:\n    repository: x/y\n    tag: "1.2"',
      ['helm-values docker.io/x/y:1.2 4:11 a.b.tag'],
    ],
    [
      'a registry before the repository',
      'registry: ghcr.io/\nrepository: x/y\ntag: 1.2',
      ['helm-values ghcr.io/x/y:1.2 3:6 tag'],
    ],
    ['an empty registry', 'registry: ""\nrepository: x/y\ntag: 1.2', ['helm-values docker.io/x/y:1.2 3:6 tag']],
    [
      'tag and digest',
      `repository: x/y\ntag: 1.2\ndigest: ${DIGEST}`,
      [`helm-values docker.io/x/y:1.2@${DIGEST} 2:6 tag`],
    ],
    [
      'a digest within the tag',
      `repository: x/y\ntag: 1.2@${DIGEST}`,
      [`helm-values docker.io/x/y:1.2@${DIGEST} 2:6 tag`],
    ],
    [
      'an empty tag: the version of the chart',
      'repository: x/y\ntag: ""\ndigest:',
      ['helm-values docker.io/x/y 1:13 repository'],
    ],
    ['one string', 'sidecar:\n  image: x/y:1.2\n  name: z', ['helm-values docker.io/x/y:1.2 2:14 sidecar.image']],
    ['a tag that YAML reads as a number', 'repository: x/y\ntag: 1.10', ['helm-values docker.io/x/y:1.10 2:6 tag']],
    ['no repository of another kind', 'repository: https://charts.example.com\ntag: 1', []],
    ['no repository without a tag', 'repository: x/y\nbranch: main', []],
    ['no image without a version', 'image: logo.png', []],
    ['a block scalar', 'image: >-\n  x/y:1.2', ['helm-values docker.io/x/y:1.2 2:7 image']],
  ])('%s', (_, text, expected) => {
    expect(sites('values.yaml', text)).toEqual(expected);
  });
});

describe('anchors, aliases and merges', () => {
  test('an anchored scalar is one site, where it is spelled', () => {
    expect(sites('values.yaml', 'x: &i a/b:1\none: {image: *i}\ntwo: {image: *i}\n')).toEqual([
      'helm-values docker.io/a/b:1 1:11 x',
    ]);
  });

  test('an anchor that is defined anew stands for the nearest before', () => {
    expect(sites('values.yaml', 'x: &i a/b:1\none: {image: *i}\ny: &i a/b:2\ntwo: {image: *i}\n')).toEqual([
      'helm-values docker.io/a/b:1 1:11 x',
      'helm-values docker.io/a/b:2 3:11 y',
    ]);
  });

  test('merged fields count, and own ones win', () => {
    const text =
      'base: &b {repository: x/y, tag: 1}\nsame: {<<: *b}\nown: {<<: [*b], tag: 2}\nother: {<<: *b, repository: x/z}\n';
    expect(sites('values.yaml', text)).toEqual([
      'helm-values docker.io/x/y:1 1:33 base.tag',
      'helm-values docker.io/x/y:2 3:22 own.tag',
      'helm-values docker.io/x/z:1 1:33 base.tag',
    ]);
  });

  test('cycles end', () => {
    expect(sites('values.yaml', 'a: &a\n  <<: *a\n  repository: x/y\n  tag: *a\nb: &b [*b]\nimages: *b\n')).toEqual([]);
  });
});

describe('places', () => {
  test.each([
    ['documents', '---\n# none\n---\nimage: a/b:1 # c\n...\n---\nimage: a/b:2', ['0', '1', '2'], ['4:12', '7:12']],
    ['line ends of Windows', 'x: y\r\nimage: a/b:1\r\n', ['0'], ['2:12']],
    ['a byte order mark', '\uFEFFimage: a/b:1\n', ['0'], ['1:12']],
    ['a byte order mark, second line', '\uFEFFx: y\nimage: a/b:1\n', ['0'], ['2:12']],
    ['tabs', 'image:\ta/b:1\t# c\n', ['0'], ['1:12']],
  ])('%s', (_, text, __, expected) => {
    expect(findSites('values.yaml', text).sites.map(({ line, column }) => `${line}:${column}`)).toEqual(expected);
  });
});

describe('what cannot be read', () => {
  test('broken YAML is one problem with its place, and no sites', () => {
    const text = 'image: a/b:1\n---\nimage: "a/b:2\n';
    expect(problems('values.yaml', text)).toEqual(['4:1 This is not valid YAML: Missing closing "quote.']);
    expect(sites('values.yaml', text)).toEqual([]);
  });

  test('a problem quotes nothing of the file', () => {
    const text = 'password: hunter2\n hunter2: |hunter2\n  "\n\t- hunter2: {';
    expect(problems('values.yaml', text)).toHaveLength(1);
    expect(problems('values.yaml', text).join()).not.toContain('hunter2');
  });

  test('nesting without end', () => {
    expect(problems('values.yaml', `image: ${'['.repeat(50_000)}`)).toEqual([
      expect.stringContaining('This is not valid YAML'),
    ]);
  });

  test('a repeated key is told, and the last one counts', () => {
    expect(sites('values.yaml', 'image: a/b:1\nimage: a/b:2\n')).toEqual(['helm-values docker.io/a/b:2 2:12 image']);
    expect(problems('values.yaml', 'image: a/b:1\nimage: a/b:2\n')).toEqual([
      '1:1 This key is repeated below; the last one counts.',
    ]);
  });

  test('an alias without an anchor', () => {
    expect(problems('values.yaml', 'image: *nothing\n')).toEqual(['1:8 This alias has no anchor before it.']);
  });
});

describe('hostile files are answered', () => {
  const anchors = Array.from(
    { length: 30 },
    (_, i) => `a${i}: &a${i} {<<: [${`*a${i - 1}, `.repeat(i === 0 ? 0 : 20)}]}`,
  );

  test.each([
    ['merges of merges', `${anchors.join('\n')}\nb: {<<: *a29}\nimage: a/b:1\n`],
    [
      'a long chain of merges',
      `${Array.from({ length: 5000 }, (_, i) => `a${i}: &a${i} {<<: *a${Math.max(0, i - 1)}}`).join('\n')}\nimage: a/b:1\n`,
    ],
    ['braces without end', `x: a${'{{'.repeat(200_000)}\nimage: a/b:1\n`],
    ['braces and colons in a broken file', `${'a: {{ "\n'.repeat(2000)}'`],
    ['a long line of colons in a broken file', `${'a:b '.repeat(50_000)}: "`],
  ])('%s', (_, text) => {
    expect(sites('values.yaml', text).length).toBe(text.endsWith('image: a/b:1\n') ? 1 : 0);
  });
});

describe('templates of charts are neither read nor problems', () => {
  test.each([
    '{{- if .Values.on }}\nimage: a/b:1\n{{- end }}\n',
    'spec:\n  containers:\n  {{- range .Values.all }}\n  - image: a/b:1\n  {{- end }}\n',
    'image: a/b:1\nreplicas: {{ .Values.replicas }}\n',
    'image: a/b:1\nname: web-{{ .Release.Name }}\n',
    'image: a/b:1\nlabels: {{- include "labels" . | nindent 4 }}\n',
  ])('%j', (text) => {
    expect(findSites('templates/app.yaml', text)).toEqual({ sites: [], problems: [] });
  });

  test.each([
    'image: a/b:1\nhost: "{{ .Release.Name }}.example.com"\n',
    'image: a/b:1\nrule: |\n  {{ $labels.pod }} of {{ .Values.x }}\n',
    'image: a/b:1 # not {{ .Values.image }}\n',
    'image: a/b:1\npath: apps/{{path.basename}}\n',
  ])('but templates within values are: %j', (text) => {
    expect(sites('values.yaml', text)).toEqual(['helm-values docker.io/a/b:1 1:12 image']);
  });
});

describe('which files are looked at', () => {
  test.each([
    ['apps/web/deployment.yaml', true],
    ['Kustomization', true],
    ['a/values.YML', true],
    ['pod.json', true],
    ['README.md', false],
    ['Dockerfile', false],
    ['.github/workflows/ci.yaml', false],
    ['.gitlab-ci.yml', false],
    ['docker-compose.override.yml', false],
    ['compose.yaml', false],
    ['Chart.yaml', false],
    ['web/package.json', false],
    ['composed/app.yaml', true],
  ])('%s: %s', (path, expected) => {
    expect(isManifestPath(path)).toBe(expected);
    expect(mayMentionImage(path, 'images: []\nimage: a:1')).toBe(expected);
  });

  test.each([
    ['app.yaml', 'image: a:1', true],
    ['app.json', '{"image" : "a:1"}', true],
    ['app.yaml', "'image': a:1", true],
    ['app.yaml', 'repository: a\ntag: b', true],
    ['app.yaml', 'repository: a', false],
    ['app.yaml', 'imagePullPolicy: Always\nmyimages: x', false],
    ['kustomization.yaml', 'images: []', true],
    ['kustomization.yaml', 'resources: [image: x]', false],
  ])('%s %j: %s', (path, text, expected) => {
    expect(mayMentionImage(path, text)).toBe(expected);
  });
});
