import { styleText } from 'node:util';

/** Tells the steps of the demo, to people or as JSON lines. */
export interface Teller {
  step(
    step: string,
    text: string,
    details: { readonly url?: string; readonly ms?: number; readonly [key: string]: unknown },
  ): void;
  /** For people alone. */
  say(text: string): void;
  fail(error: unknown): void;
}

export function createTeller({ json }: { json: boolean }): Teller {
  const line = (text: string) => void process.stdout.write(`${text}\n`);
  if (json) {
    return {
      step: (step, text, details) => line(JSON.stringify({ step, text, ...details })),
      say() {},
      fail: (error) => line(JSON.stringify({ step: 'failed', error: messageOf(error) })),
    };
  }
  const startedAt = performance.now();
  return {
    step(step, text, { url, ms }) {
      const at = styleText('dim', `${((performance.now() - startedAt) / 1000).toFixed(2)} s`.padStart(8));
      const took = ms === undefined ? '' : styleText('dim', ` ${ms} ms after publishing`);
      line(`${at}  ${styleText('green', step.padEnd(15))} ${text}${took}`);
      if (url !== undefined) line(`${' '.repeat(26)}${styleText('underline', url)}`);
    },
    say: line,
    fail: (error) => line(styleText('red', `failed: ${messageOf(error)}`)),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
