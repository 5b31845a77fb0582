import { describe, expect, test } from 'vitest';
import { groupCommit } from '../../src/store/group-commit.ts';

const gone = new Error('gone');
const concernsAll = (error: unknown) => error === gone;

/** A store that commits when told to, and remembers its batches. */
function controlled(answer: (item: string) => string = (item) => item.toUpperCase()) {
  const batches: (readonly string[])[] = [];
  const commits: { succeed(): void; fail(error: Error): void }[] = [];
  const commitAll = (items: readonly string[]): Promise<string[]> => {
    batches.push(items);
    return new Promise((resolve, reject) => {
      commits.push({ succeed: () => resolve(items.map(answer)), fail: reject });
    });
  };
  return { batches, commits, commitAll };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('calls that share a commit', () => {
  test('the first goes at once, those that come meanwhile go together, each with its own outcome', async () => {
    const { batches, commits, commitAll } = controlled();
    const store = groupCommit(commitAll, { limit: 10, concernsAll });
    const outcomes = ['a', 'b', 'c'].map(store);
    expect(batches).toEqual([['a']]);
    commits[0]?.succeed();
    await turn();
    expect(batches).toEqual([['a'], ['b', 'c']]);
    commits[1]?.succeed();
    expect(await Promise.all(outcomes)).toEqual(['A', 'B', 'C']);
  });

  test('a batch has a limit', async () => {
    const { batches, commits, commitAll } = controlled();
    const store = groupCommit(commitAll, { limit: 2, concernsAll });
    const outcomes = Promise.all(['a', 'b', 'c', 'd'].map(store));
    for (let index = 0; index < 3; index += 1) {
      commits[index]?.succeed();
      await turn();
    }
    await outcomes;
    expect(batches).toEqual([['a'], ['b', 'c'], ['d']]);
  });

  test('a bad item fails alone', async () => {
    const commitAll = (items: readonly string[]) =>
      items.includes('bad') ? Promise.reject(new Error('bad item')) : Promise.resolve(items);
    const store = groupCommit(commitAll, { limit: 10, concernsAll });
    const outcomes = await Promise.allSettled(['first', 'a', 'bad', 'b'].map(store));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  });

  test('when the database is gone all that wait are told, and the next call tries again', async () => {
    const { batches, commits, commitAll } = controlled();
    const store = groupCommit(commitAll, { limit: 2, concernsAll });
    const outcomes = Promise.allSettled(['a', 'b', 'c', 'd'].map(store));
    commits[0]?.fail(gone);
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected']);
    expect(batches).toEqual([['a']]);
    const later = store('e');
    commits[1]?.succeed();
    expect(await later).toBe('E');
  });
});
