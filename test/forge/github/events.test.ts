import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Event } from '../../../src/domain/event.ts';
import { decodedEvents, decodeGitHub } from '../../../src/forge/github/events.ts';
import type { Decoded } from '../../../src/intake/receiver.ts';
import { AFTER, BEFORE, container, DIGEST, NOTHING, pullRequest, push, webhook } from './webhooks.ts';

const deploy = { forge: 'github', path: 'Acme/deploy' };

function events(name: string, payload: unknown, webUrl = 'https://github.com'): readonly Event[] {
  const decoded = decodeGitHub(webhook(name, payload), { webUrl });
  if (!decoded.ok) throw new Error(decoded.reason);
  return decoded.events;
}

function reason(name: string, payload: unknown): string {
  const [event] = events(name, payload);
  return event?.kind === 'ignored' ? event.reason : `not ignored: ${event?.kind ?? 'nothing'}`;
}

describe('push', () => {
  const pushed = {
    kind: 'branch-pushed',
    repository: deploy,
    branch: 'main',
    isDefaultBranch: true,
    before: BEFORE,
    after: AFTER,
    paths: ['a.yaml', 'b.yaml', 'c.yaml'],
  };
  const without = (...fields: string[]) =>
    Object.fromEntries(Object.entries(pushed).filter(([field]) => !fields.includes(field)));

  test.each<[string, object, object]>([
    ['to the default branch', push(), pushed],
    ['to a branch with slashes', push({ ref: 'refs/heads/a/b' }), { ...pushed, branch: 'a/b', isDefaultBranch: false }],
    ['that makes the branch', push({ before: NOTHING }), without('before', 'paths')],
    ['that deletes it', push({ after: NOTHING, commits: [] }), without('after', 'paths')],
    ['that rewrites history does not know the paths', push({ forced: true }), without('paths')],
    ['without commits does not know the paths', push({ commits: [] }), without('paths')],
    [
      'with as many commits as are listed',
      push({ commits: Array.from({ length: 2048 }, () => ({})) }),
      without('paths'),
    ],
  ])('%s', (_name, payload, event) => {
    expect(events('push', payload)).toStrictEqual([event]);
  });

  test('of a tag is nothing', () => {
    expect(reason('push', push({ ref: 'refs/tags/v1' }))).toBe('refs/tags/v1 is no branch');
  });
});

describe('pull_request', () => {
  const updated = {
    kind: 'change-updated',
    repository: deploy,
    number: 12,
    state: 'open',
    headCommit: AFTER,
    sourceBranch: 'tagalong/staging/shop',
    targetBranch: 'main',
  };

  test.each<[string, object, object]>([
    ['opened', {}, updated],
    ['synchronize', {}, updated],
    ['reopened', {}, updated],
    ['closed', { state: 'closed' }, { ...updated, state: 'closed' }],
    ['closed', { state: 'closed', merged: true }, { ...updated, state: 'merged' }],
    ['labeled', {}, updated],
    ['unlabeled', {}, updated],
    ['ready_for_review', {}, updated],
    ['converted_to_draft', {}, updated],
  ])('%s %o', (action, pull, event) => {
    expect(events('pull_request', pullRequest(action, pull))).toStrictEqual([event]);
  });

  test('edited counts when the target changed, and not when the title did', () => {
    const retargeted = pullRequest('edited', {}, { changes: { base: { ref: { from: 'old' } } } });
    expect(events('pull_request', retargeted)).toStrictEqual([updated]);
    expect(reason('pull_request', pullRequest('edited', {}, { changes: { title: { from: 'x' } } }))).toMatch(/edited/);
  });

  test.each(['assigned', 'review_requested', 'milestoned', 'locked'])('%s is nothing', (action) => {
    expect(reason('pull_request', pullRequest(action))).toBe(`nothing follows from a pull request that is ${action}`);
  });
});

describe('what the bot did to its own pull request', () => {
  const [bot, person] = [
    { login: 'tagalong[bot]', type: 'Bot' },
    { login: 'mona', type: 'User' },
  ];
  const [ours, theirs] = [
    { ref: 'tagalong/staging/shop', sha: AFTER },
    { ref: 'feature', sha: AFTER },
  ];

  test.each<[string, object, object]>([
    ['opened', { user: bot, head: ours }, bot],
    ['synchronize', { user: bot, head: ours }, bot],
  ])('%s is nothing', (action, pull, sender) => {
    expect(reason('pull_request', pullRequest(action, pull, { sender }))).toBe('the bot wrote it itself');
  });

  test.each<[string, string, object, object]>([
    ['a person pushed to it', 'synchronize', { user: bot, head: ours }, person],
    ['another bot pushed to it', 'synchronize', { user: bot, head: ours }, { login: 'renovate[bot]', type: 'Bot' }],
    ['it was closed', 'closed', { user: bot, head: ours }, bot],
    ['another bot opened its own', 'opened', { user: bot, head: theirs }, bot],
    ['a person opened one from such a branch', 'opened', { user: person, head: ours }, person],
  ])('that %s is told', (_name, action, pull, sender) => {
    expect(events('pull_request', pullRequest(action, pull, { sender }))).toMatchObject([{ kind: 'change-updated' }]);
  });
});

describe.each(['registry_package', 'package'])('%s', (name) => {
  const of = (published: object, changes: object = {}) => ({
    action: 'published',
    [name]: published,
    repository: { full_name: 'Acme/shop' },
    ...changes,
  });
  const published = {
    kind: 'image-published',
    image: 'ghcr.io/acme/shop',
    tag: 'V1.4.2',
    digest: DIGEST,
    publishedAt: '2026-01-02T03:04:06.000Z',
    provenance: { commit: AFTER, repository: 'Acme/shop', branch: 'main' },
  };
  const labelled = (labels: object) =>
    of(container({}, { container_metadata: { tag: { name: 'V1.4.2', digest: DIGEST }, labels } }));

  test.each<[string, object, object]>([
    ['lower-cases the name and keeps the tag', of(container()), published],
    ['reads updated like published', of(container(), { action: 'updated' }), published],
    ['builds the name where no address is given', of(container({}, { package_url: undefined })), published],
    [
      'reads a name of several parts',
      of(container({ name: 'shop/api' }, { package_url: 'ghcr.io/Acme/shop/api:V1.4.2' })),
      { ...published, image: 'ghcr.io/acme/shop/api' },
    ],
    [
      'prefers the commit in the labels of the image',
      labelled({ source: 'https://github.com/acme/monorepo.git', revision: BEFORE }),
      { ...published, provenance: { commit: BEFORE, repository: 'acme/monorepo' } },
    ],
    [
      'keeps the address of a source elsewhere',
      labelled({ source: 'https://gitlab.com/acme/shop', revision: BEFORE }),
      { ...published, provenance: { commit: BEFORE, repository: 'https://gitlab.com/acme/shop' } },
    ],
    [
      'takes the digest from the name of the version',
      of(container({}, { container_metadata: { tag: { name: 'V1.4.2' } } })),
      published,
    ],
  ])('%s', (_name, payload, event) => {
    expect(events(name, payload)).toStrictEqual([event]);
  });

  test('of a package without a repository has no provenance, and a time that GitHub does not know is left out', () => {
    const version = { target_oid: undefined, updated_at: '0001-01-01T00:00:00Z', created_at: '0001-01-01T00:00:00Z' };
    const payload = of(container({}, version), { repository: null });
    expect(events(name, payload)).toStrictEqual([
      { kind: 'image-published', image: 'ghcr.io/acme/shop', tag: 'V1.4.2', digest: DIGEST },
    ]);
  });

  test('on GitHub Enterprise Server names its registry', () => {
    const payload = of(container({}, { package_url: '' }));
    expect(events(name, payload, 'https://git.acme.example')).toMatchObject([
      { image: 'containers.git.acme.example/acme/shop' },
    ]);
  });

  test.each<[string, object, string]>([
    ['an npm package', of(container({ package_type: 'npm' })), 'a package of type npm is no container image'],
    [
      'a push by digest',
      of(
        container({}, { container_metadata: { tag: { name: '', digest: DIGEST } }, package_url: 'ghcr.io/acme/shop:' }),
      ),
      'an image without a tag was pushed',
    ],
    ['a missing tag', of(container({}, { container_metadata: {} })), 'an image without a tag was pushed'],
    ['no version', of(container({ package_version: null })), 'an image without a tag was pushed'],
    ['a deletion', of(container(), { action: 'deleted' }), 'nothing follows from a package that is deleted'],
    [
      'an impossible name',
      of(container({ name: 'no such name' }, { package_url: undefined })),
      'the package has no name that an image can have',
    ],
  ])('%s is nothing', (_name, payload, why) => {
    expect(reason(name, payload)).toBe(why);
  });
});

describe('installation', () => {
  const repositories = [{ full_name: 'Acme/deploy' }];
  const installed = [{ kind: 'repositories-installed', repositories: [deploy] }];
  const removed = [{ kind: 'repositories-removed', repositories: [deploy] }];

  test.each<[string, object]>([
    ['created', installed],
    ['unsuspend', installed],
    ['deleted', removed],
    ['suspend', removed],
  ])('%s', (action, expected) => {
    expect(events('installation', { action, repositories })).toStrictEqual(expected);
  });

  test('that names no repositories is left to the next look at everything', () => {
    expect(reason('installation', { action: 'suspend' })).toBe('the installation event suspend names no repositories');
    expect(reason('installation', { action: 'new_permissions_accepted', repositories })).toMatch(/^nothing follows/);
  });

  test('with repositories added and removed is both', () => {
    const payload = { repositories_added: [{ full_name: 'Acme/new' }], repositories_removed: repositories };
    expect(events('installation_repositories', payload)).toStrictEqual([
      { kind: 'repositories-installed', repositories: [{ forge: 'github', path: 'Acme/new' }] },
      ...removed,
    ]);
    const nothing = { repositories_added: [], repositories_removed: [] };
    expect(reason('installation_repositories', nothing)).toBe('no repository was added or removed');
  });
});

describe('repository', () => {
  const installed = { kind: 'repositories-installed', repositories: [deploy] };
  const removed = (path: string) => ({ kind: 'repositories-removed', repositories: [{ forge: 'github', path }] });

  test.each<[string, object, object[]]>([
    ['archived', {}, [removed('Acme/deploy')]],
    ['deleted', {}, [removed('Acme/deploy')]],
    ['unarchived', {}, [installed]],
    ['renamed', { repository: { name: { from: 'old' } } }, [removed('Acme/old'), installed]],
    ['transferred', { owner: { from: { user: { login: 'bob' } } } }, [removed('bob/deploy'), installed]],
    ['transferred', { owner: { from: { organization: { login: 'Corp' } } } }, [removed('Corp/deploy'), installed]],
    ['transferred', {}, [installed]],
    ['edited', { default_branch: { from: 'master' } }, [installed]],
  ])('%s %o', (action, changes, expected) => {
    expect(events('repository', { action, repository: { full_name: 'Acme/deploy' }, changes })).toStrictEqual(expected);
  });

  test.each(['created', 'publicized', 'edited'])('%s is nothing', (action) => {
    expect(reason('repository', { action, repository: { full_name: 'Acme/deploy' } })).toMatch(/^nothing follows/);
  });
});

describe('any webhook', () => {
  test('carries the id that GitHub keeps on redelivery', () => {
    const decoded = decodeGitHub(webhook('push', push()));
    expect(decoded).toMatchObject({ ok: true, deliveryId: '72d3162e-cc78-11e3-81ab-4c9367dc0958' });
  });

  test.each(['ping', 'star', 'constructor', '__proto__', 'toString'])('%s is nothing', (name) => {
    expect(reason(name, { zen: 'Keep it logically awesome.' })).toBe(`nothing follows from the event ${name}`);
  });

  test.each<[string, unknown, string]>([
    ['push', { ref: 'refs/heads/main' }, 'before: '],
    ['push', push({ repository: { full_name: 'a/b' } }), 'repository.default_branch: '],
    ['pull_request', pullRequest('opened', { state: 'half' }), 'pull_request.state: '],
    ['installation_repositories', { repositories_added: 'all', repositories_removed: [] }, 'repositories_added: '],
    ['repository', [], 'the body: '],
    ['registry_package', { action: 'published' }, 'registry_package: '],
    ['package', { action: 'published', package: { name: 3 } }, 'package.name: '],
  ])('%s of the wrong shape is told with the place', (name, payload, place) => {
    const decoded = decodeGitHub(webhook(name, payload));
    expect(decoded.ok ? 'believed' : decoded.reason).toContain(place);
  });

  test.each<[string, string, Record<string, string>, string]>([
    ['HTML', '<html>', {}, 'the body is not JSON'],
    ['nothing', '', {}, 'the body is not JSON'],
    ['a form', 'payload=%7B%7D', { 'content-type': 'application/x-www-form-urlencoded' }, 'the body is a form'],
    ['JSON that is no object', '[1]', {}, 'the body is no webhook of GitHub'],
  ])('%s is refused', (_name, body, headers, why) => {
    const decoded = decodeGitHub({ body: Buffer.from(body), headers });
    expect(decoded.ok ? 'believed' : decoded.reason).toContain(why);
  });

  test.each<[string, object]>([
    ['push', push()],
    ['pull_request', pullRequest('opened')],
    ['registry_package', { action: 'published', registry_package: container() }],
    ['package', { action: 'published', package: container() }],
    ['installation_repositories', { repositories_added: [], repositories_removed: [] }],
    ['installation', { action: 'created', repositories: [], installation: { id: 1 } }],
    ['ping', { zen: 'Half measures are as bad as nothing at all.' }],
  ])('a saved %s is told by its fields', (name, payload) => {
    const body = Buffer.from(JSON.stringify(payload));
    const { ok, events: told } = expectOk(decodeGitHub({ body, headers: {} }));
    expect({ ok, told }).toEqual({ ok: true, told: events(name, payload) });
  });

  test('never throws, whatever the body', () => {
    fc.assert(
      fc.property(fc.constantFrom(...decodedEvents), fc.json(), (name, json) => {
        const decoded = decodeGitHub({ body: Buffer.from(json), headers: { 'x-github-event': name } });
        expect(decoded.ok ? decoded.events.length : decoded.reason.length).toBeGreaterThan(0);
      }),
    );
  });
});

function expectOk(decoded: Decoded): Extract<Decoded, { ok: true }> {
  if (!decoded.ok) throw new Error(decoded.reason);
  return decoded;
}
