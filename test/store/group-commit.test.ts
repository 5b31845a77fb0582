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

/** Until everything that could be begun is begun. */
async function begun(): Promise<void> {
  await turn();
  await turn();
}

describe('calls that share a commit', () => {
  test('those that come together go together, those that come meanwhile go next, each with its own outcome', async () => {
    const { batches, commits, commitAll } = controlled();
    const store = groupCommit(commitAll, { limit: 10, concernsAll });
    const first = ['a', 'b'].map(store);
    await begun();
    const meanwhile = ['c', 'd'].map(store);
    await begun();
    expect(batches).toEqual([['a', 'b']]);
    commits[0]?.succeed();
    await begun();
    expect(batches).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    commits[1]?.succeed();
    expect(await Promise.all([...first, ...meanwhile])).toEqual(['A', 'B', 'C', 'D']);
  });

  test('requests that are read one after the other share a commit, though the database answers at once', async () => {
    const batches: (readonly string[])[] = [];
    const store = groupCommit(
      (items: readonly string[]) => {
        batches.push(items);
        return Promise.resolve(items);
      },
      { limit: 10, concernsAll },
    );
    await Promise.all(['a', 'b', 'c'].map((item) => turn().then(() => store(item))));
    expect(batches).toEqual([['a', 'b', 'c']]);
  });

  test('as long as every turn brings another request, the commit waits for it', async () => {
    const batches: (readonly string[])[] = [];
    const store = groupCommit(
      (items: readonly string[]) => {
        batches.push(items);
        return Promise.resolve(items);
      },
      { limit: 4, concernsAll },
    );
    const arrive = async (item: string, turns: number): Promise<string> => {
      for (let passed = 0; passed < turns; passed += 1) await turn();
      return store(item);
    };
    // The latest first, since sockets are read before the calls that wait for the turn to end.
    await Promise.all(['e', 'd', 'c', 'b', 'a'].map((item, index) => arrive(item, 5 - index)));
    expect(batches).toEqual([['a', 'b', 'c', 'd'], ['e']]);
  });

  test('a batch has a limit', async () => {
    const { batches, commits, commitAll } = controlled();
    const store = groupCommit(commitAll, { limit: 2, concernsAll });
    const outcomes = Promise.all(['a', 'b', 'c', 'd', 'e'].map(store));
    for (let index = 0; index < 3; index += 1) {
      await begun();
      commits[index]?.succeed();
    }
    await outcomes;
    expect(batches).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
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
    await begun();
    commits[0]?.fail(gone);
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected']);
    expect(batches).toEqual([['a', 'b']]);
    const later = store('e');
    await begun();
    commits[1]?.succeed();
    expect(await later).toBe('E');
  });
});
