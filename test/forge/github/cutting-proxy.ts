import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** When connections break: after `writes` more writes, either before the next one is done, or once it is done and unanswered. */
export interface CutPoint {
  readonly writes: number;
  readonly done: boolean;
}

/** Stands between the adapter and a GitHub, and breaks connections as a crash of the adapter would. */
export class CuttingProxy {
  readonly #server: Server;
  readonly #target: string;
  #cut: CutPoint | undefined;
  #seen = 0;

  constructor(target: string) {
    this.#target = target;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Every write from that point on fails; undefined lets everything through again. */
  cut(point: CutPoint | undefined): void {
    this.#cut = point;
    this.#seen = 0;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const cut = isWrite(request, body) ? this.#cut : undefined;
    const ahead = cut === undefined ? 1 : cut.writes - this.#seen++;
    if (cut !== undefined && (ahead < 0 || (ahead === 0 && !cut.done))) {
      request.socket.destroy();
      return;
    }
    const answer = await this.#forward(request, body);
    if (ahead === 0) {
      request.socket.destroy();
      return;
    }
    const headers = [...answer.headers].filter(
      ([name]) => !['content-encoding', 'content-length', 'transfer-encoding'].includes(name),
    );
    response.writeHead(answer.status, Object.fromEntries(headers));
    response.end(Buffer.from(await answer.arrayBuffer()));
  }

  #forward({ method = 'GET', url = '/', headers }: IncomingMessage, body: Buffer): Promise<Response> {
    const kept = ['authorization', 'accept', 'content-type'].flatMap((name): [string, string][] => {
      const value = headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    });
    return fetch(new URL(url, this.#target), {
      method,
      headers: kept,
      ...(body.length > 0 && { body: new Uint8Array(body) }),
    });
  }
}

/** Signing in and GraphQL queries are no writes. */
function isWrite({ method, url = '' }: IncomingMessage, body: Buffer): boolean {
  if (method === 'GET' || url.endsWith('/access_tokens')) return false;
  return !(url.endsWith('/graphql') && !body.toString('utf8').includes('"query":"mutation '));
}
