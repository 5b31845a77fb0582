/** How long any one step may take. */
const PATIENCE_MS = 60_000;

/** Looks every few milliseconds. @throws when it does not come */
export async function until<T>(what: string, look: () => T | undefined): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`${what} did not come within ${PATIENCE_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
