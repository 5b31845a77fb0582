import { createServer } from 'node:http';
import { pino } from 'pino';
import { createNodeMiddleware, Probot } from 'probot';

/** Probot with a handler that does nothing: it checks the signature, reads the body, answers, and remembers nothing. */
const [secret = '', privateKey = ''] = process.argv.slice(2);
const probot = new Probot({ appId: 1, privateKey, secret, log: pino({ level: 'warn' }) });
const middleware = await createNodeMiddleware((app) => app.on('registry_package', () => {}), {
  probot,
  webhooksPath: '/',
});
const server = createServer((request, response) => void middleware(request, response));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') process.stdout.write(`http://127.0.0.1:${address?.port ?? 0} ${process.pid}\n`);
});
