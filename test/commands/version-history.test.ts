import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { standingHistory, versionsBefore } from '../../src/commands/version-history.ts';
import { WRITTEN } from './stage.ts';

describe('the history of a place', () => {
  const bump = (from: readonly string[], to: string) => ({
    from: from.map((tag) => ({ tag })),
    to: { tag: to, publishedAt: WRITTEN },
  });

  test.each([
    ['forward', [bump(['1'], '2'), bump(['2'], '3')], ['1', '2', '3']],
    ['back once', [bump(['1'], '2'), bump(['2'], '3'), bump(['3'], '2')], ['1', '2']],
    ['back and forward', [bump(['1'], '2'), bump(['2'], '1'), bump(['1'], '3')], ['1', '3']],
    ['by hand in between', [bump(['1'], '2'), bump(['hand'], '3')], ['1', '2', 'hand', '3']],
    ['reverted by hand in between', [bump(['1'], '2'), bump(['1'], '3')], ['1', '3']],
    ['sites that disagreed', [bump(['1', '2'], '3'), bump(['3'], '4')], ['3', '4']],
    ['from nothing', [bump([], '3')], ['3']],
  ])('%s', (_, oldestFirst, history) => {
    expect(standingHistory(oldestFirst.toReversed()).map(({ tag }) => tag)).toEqual(history);
  });

  test('digests tell moves of one tag apart', () => {
    const at = (digest: string) => ({ tag: 'latest', digest: `sha256:${digest.repeat(64)}` });
    const to = (digest: string) => ({ ...at(digest), publishedAt: WRITTEN });
    const history = standingHistory([
      { from: [at('b')], to: to('c') },
      { from: [at('a')], to: to('b') },
    ]);
    expect(history).toEqual([at('a'), at('b'), at('c')]);
    expect(versionsBefore(history, [at('c')])).toEqual([at('b'), at('a')]);
  });

  test('always: stepping back ends, and never comes to a version twice', () => {
    const tags = fc.array(fc.constantFrom('1', '2', '3', '4', '5'), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(tags, (line) => {
        let merged = line
          .slice(1)
          .map((tag, index) => bump([line[index] ?? ''], tag))
          .reverse();
        let standing = line.at(-1) ?? '';
        const seen = new Set([standing]);
        for (;;) {
          const [before] = versionsBefore(standingHistory(merged), [{ tag: standing }]);
          if (before === undefined) return;
          expect(seen).not.toContain(before.tag);
          seen.add(before.tag);
          merged = [bump([standing], before.tag), ...merged];
          standing = before.tag;
        }
      }),
    );
  });
});
