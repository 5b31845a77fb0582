import { describe, expect, it } from 'vitest';
import type { Tree } from '../../src/git/git.ts';
import { createRenderer } from '../../src/render/renderer.ts';
import { memoryTree } from '../support/memory-tree.ts';
import { describeWithTools, toolSettings } from '../support/tools.ts';

/** As trees of commits do: the files of this name exist, and are not read. */
function without(unread: string, files: Readonly<Record<string, string>>): Tree {
  const tree = memoryTree(files);
  return { ...tree, read: (paths) => tree.read(paths.filter((path) => path !== unread)) };
}

const pod = 'apiVersion: v1\nkind: Pod\nmetadata: { name: shop }\n';

describe('a manifest that is too large to be read', () => {
  it('is told of, and takes no part in what others render to', async () => {
    const renderer = createRenderer({ kustomize: 'kustomize', helm: 'helm', searchPath: '' });
    const tree = without('large.yaml', { 'large.yaml': pod, 'shop.yaml': pod });
    const units = await renderer.affectedUnits(tree, ['large.yaml', 'shop.yaml']);
    expect(await renderer.render(tree, units)).toMatchObject([
      { ok: false, code: 'render-failed', message: expect.stringContaining('too large') as unknown },
      { ok: true, yaml: pod },
    ]);
  });
});

describeWithTools(['kustomize'], 'a build that fails among files that were not all read', () => {
  it('is told of without the words of the tool, in which their secrets may be', async () => {
    const files = {
      'kustomization.yaml': 'resources: [secret.yaml]\n',
      'secret.yaml': 'kind: Secret\nstringData: { password: hunter2 }\n',
    };
    const unit = { engine: 'kustomize', path: '' } as const;
    const [told] = await createRenderer(toolSettings).render(memoryTree(files), [unit]);
    const [leftOut] = await createRenderer(toolSettings).render(without('secret.yaml', files), [unit]);
    expect(told).toMatchObject({ ok: false, message: expect.stringContaining('metadata.name') as unknown });
    expect(leftOut).toMatchObject({ ok: false, message: expect.stringContaining('is left out') as unknown });
  });
});
