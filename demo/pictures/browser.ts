import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';

/** A page of a browser without a window. */
export interface Browser {
  /**
   * What the selectors choose on the page, from the first element to the last, as a PNG as wide as {@link WIDTH}.
   * @throws when a selector chooses nothing
   */
  photograph(url: string, selectors: readonly string[]): Promise<Buffer>;
  close(): Promise<void>;
}

/** Of every picture, in pixels. */
const WIDTH = 1200;
/** What is shown around the chosen elements: less than to the next one. */
const MARGIN = 8;

const names = ['chromium', 'chromium-browser', 'google-chrome', 'chrome'];

/** The first Chromium on the path; undefined where there is none. */
export function findBrowser(path: string): string | undefined {
  const candidates = path.split(delimiter).flatMap((directory) => names.map((name) => join(directory, name)));
  return candidates.find((candidate) => isExecutable(candidate));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Starts a Chromium, and speaks to it by the DevTools protocol: https://chromedevtools.github.io/devtools-protocol/ */
export async function startBrowser(program: string): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'tagalong-pictures-'));
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--remote-debugging-port=0'];
  const child = spawn(program, [...flags, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'close');
  const connection = await connect(await addressOf(createInterface({ input: child.stderr })));
  const { targetId } = target.parse(await connection.send('Target.createTarget', { url: 'about:blank' }));
  const { sessionId } = session.parse(await connection.send('Target.attachToTarget', { targetId, flatten: true }));
  const send = (method: string, parameters: object = {}) => connection.send(method, parameters, sessionId);
  await send('Page.enable');
  await send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: 'light' }] });
  return {
    async photograph(url, selectors) {
      await send('Emulation.setDeviceMetricsOverride', {
        width: WIDTH,
        height: 900,
        deviceScaleFactor: 1,
        mobile: false,
      });
      const loaded = connection.next('Page.loadEventFired');
      await send('Page.navigate', { url });
      await loaded;
      const { result } = evaluated.parse(
        await send('Runtime.evaluate', {
          expression: `(${measure})(${JSON.stringify(selectors)})`,
          returnByValue: true,
        }),
      );
      const { x, y, width, height } = result.value;
      const area = {
        x: Math.max(0, x - MARGIN),
        y: Math.max(0, y - MARGIN),
        width: Math.min(WIDTH, width + 2 * MARGIN),
      };
      const clip = { ...area, height: height + 2 * MARGIN, scale: WIDTH / area.width };
      const { data } = image.parse(await send('Page.captureScreenshot', { clip, captureBeyondViewport: true }));
      return Buffer.from(data, 'base64');
    },
    async close() {
      child.kill();
      await ended;
      await rm(profile, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

const target = z.object({ targetId: z.string() });
const session = z.object({ sessionId: z.string() });
const image = z.object({ data: z.string() });
const rectangle = z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() });
const evaluated = z.object({ result: z.object({ value: rectangle }) });

/** Runs in the page, so it knows nothing of this file. */
const measure = `(selectors) => {
  const boxes = selectors.flatMap((selector) => {
    const chosen = [...document.querySelectorAll(selector)].map((element) => element.getBoundingClientRect());
    if (chosen.length === 0) throw new Error('nothing is ' + selector);
    return chosen;
  });
  const x = Math.min(...boxes.map((box) => box.left));
  const y = Math.min(...boxes.map((box) => box.top)) + scrollY;
  return {
    x, y,
    width: Math.max(...boxes.map((box) => box.right)) - x,
    height: Math.max(...boxes.map((box) => box.bottom)) + scrollY - y,
  };
}`;

async function addressOf(lines: AsyncIterable<string>): Promise<string> {
  for await (const line of lines) {
    const [, address] = /^DevTools listening on (ws:\S+)/.exec(line) ?? [];
    if (address !== undefined) return address;
  }
  throw new Error('the browser ended before it listened');
}

interface Connection {
  send(method: string, parameters: object, sessionId?: string): Promise<unknown>;
  /** Resolves when an event of this name comes. */
  next(event: string): Promise<void>;
}

const message = z.object({
  id: z.number().optional(),
  method: z.string().optional(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
});

async function connect(address: string): Promise<Connection> {
  const socket = new WebSocket(address);
  const answers = new Map<number, PromiseWithResolvers<unknown>>();
  const events = new Map<string, () => void>();
  socket.addEventListener('message', ({ data }) => {
    const { id, method, result, error } = message.parse(JSON.parse(String(data)));
    if (method !== undefined) events.get(method)?.();
    if (id === undefined) return;
    if (error === undefined) answers.get(id)?.resolve(result);
    else answers.get(id)?.reject(new Error(error.message));
  });
  await once(socket, 'open');
  let last = 0;
  return {
    send(method, parameters, sessionId) {
      const id = ++last;
      const answer = Promise.withResolvers<unknown>();
      answers.set(id, answer);
      socket.send(JSON.stringify({ id, method, params: parameters, ...(sessionId !== undefined && { sessionId }) }));
      return answer.promise;
    },
    next(event) {
      return new Promise((resolve) => events.set(event, resolve));
    },
  };
}
