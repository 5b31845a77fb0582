/** Lets many through at once, or one alone; in the order of asking, so that neither kind waits for ever. */
export class Gate {
  #inside = 0;
  #isExclusive = false;
  readonly #waiting: { readonly alone: boolean; readonly enter: () => void }[] = [];

  /** True when nobody is inside and nobody waits: {@link exclusive} then enters before anyone else can. */
  get isIdle(): boolean {
    return this.#inside === 0 && this.#waiting.length === 0;
  }

  /** Must not be entered by somebody who is inside already: that one could wait for itself. */
  async shared<T>(task: () => Promise<T>): Promise<T> {
    return await this.#pass(false, task);
  }

  async exclusive<T>(task: () => Promise<T>): Promise<T> {
    return await this.#pass(true, task);
  }

  async #pass<T>(alone: boolean, task: () => Promise<T>): Promise<T> {
    if (this.#waiting.length > 0 || !this.#isOpenTo(alone)) {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      this.#waiting.push({
        alone,
        enter: () => {
          resolve(undefined);
        },
      });
      await promise;
    } else {
      this.#enter(alone);
    }
    try {
      return await task();
    } finally {
      this.#leave();
    }
  }

  #isOpenTo(alone: boolean): boolean {
    return !this.#isExclusive && (!alone || this.#inside === 0);
  }

  #enter(alone: boolean): void {
    this.#inside += 1;
    this.#isExclusive = alone;
  }

  #leave(): void {
    this.#inside -= 1;
    this.#isExclusive = false;
    for (let [next] = this.#waiting; next !== undefined && this.#isOpenTo(next.alone); [next] = this.#waiting) {
      this.#waiting.shift();
      this.#enter(next.alone);
      next.enter();
    }
  }
}
