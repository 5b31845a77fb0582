import { createHmac, timingSafeEqual } from 'node:crypto';
import { fdatasync, openSync, write } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { promisify } from 'node:util';

/**
 * The least that a durable intake can be: node:http, the signature, the body appended to a file, and one fdatasync for all that
 * arrived meanwhile. It decodes nothing, deduplicates nothing, and wakes nobody.
 */
const [secret = '', file = ''] = process.argv.slice(2);
const descriptor = openSync(file, 'a');
const waiting: { readonly body: Buffer; readonly response: ServerResponse }[] = [];
let isWriting = false;

const server = createServer((request, response) => void receive(request, response));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') process.stdout.write(`http://127.0.0.1:${address?.port ?? 0} ${process.pid}\n`);
});

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await bodyOf(request);
  const expected = createHmac('sha256', secret).update(body).digest();
  const given = Buffer.from(String(request.headers['x-hub-signature-256']).slice('sha256='.length), 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    response.writeHead(401).end();
    return;
  }
  waiting.push({ body, response });
  if (!isWriting) void drain();
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => resolve(Buffer.concat(chunks)));
  request.on('error', reject);
  return promise;
}

async function drain(): Promise<void> {
  isWriting = true;
  while (waiting.length > 0) {
    const batch = waiting.splice(0);
    await promisify(write)(descriptor, Buffer.concat(batch.map(({ body }) => body)));
    await promisify(fdatasync)(descriptor);
    for (const { response } of batch) response.writeHead(202, { 'content-length': 2 }).end('ok');
  }
  isWriting = false;
}
