import { setImmediate as nextTurn } from 'node:timers/promises';

/** One call that waits for its commit. */
interface Waiting<Item, Outcome> {
  readonly item: Item;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}

export interface GroupCommitOptions {
  /** The most items of one commit. */
  readonly limit: number;
  /** Whether an error concerns all that wait, and not an item of the batch. */
  readonly concernsAll: (error: unknown) => boolean;
}

/**
 * Makes calls that arrive while a commit is under way share the next one: the price of a commit, which is the wait for
 * the disk, is paid once for all of them. `commitAll` stores all items or none. When a batch fails because of what is
 * in it, its items are stored one by one, so that a bad one fails alone.
 */
export function groupCommit<Item, Outcome>(
  commitAll: (items: readonly Item[]) => Promise<readonly Outcome[]>,
  { limit, concernsAll }: GroupCommitOptions,
): (item: Item) => Promise<Outcome> {
  const waiting: Waiting<Item, Outcome>[] = [];
  let running = false;

  async function drain(): Promise<void> {
    running = true;
    while (waiting.length > 0) {
      await gather();
      await commit(waiting.splice(0, limit));
    }
    running = false;
  }

  /**
   * Waits until a turn of the sockets brings no further call. A database within this process lets no socket be read while it works:
   * without a turn for them each call would pay for a commit of its own, and with one alone many would still wait for the next commit.
   */
  async function gather(): Promise<void> {
    let before: number;
    do {
      before = waiting.length;
      await nextTurn();
    } while (waiting.length > before && waiting.length < limit);
  }

  async function commit(batch: readonly Waiting<Item, Outcome>[]): Promise<void> {
    try {
      const outcomes = await commitAll(batch.map(({ item }) => item));
      for (const [index, outcome] of outcomes.entries()) batch[index]?.resolve(outcome);
    } catch (error) {
      const all = concernsAll(error);
      if (!all && batch.length > 1) for (const one of batch) await commit([one]);
      // Those who came meanwhile would only wait in turn for the same refusal.
      else for (const { reject } of [...batch, ...(all ? waiting.splice(0) : [])]) reject(error);
    }
  }

  return (item) =>
    new Promise<Outcome>((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!running) void drain();
    });
}
