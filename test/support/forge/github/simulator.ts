import { createPublicKey, generateKeyPair } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fastify, { type FastifyInstance } from 'fastify';
import { addApiRoutes } from './http/api-routes.ts';
import type { JournalEntry } from './http/exchange.ts';
import { Faults } from './http/faults.ts';
import { addGitRoutes } from './http/git-routes.ts';
import { RateLimits } from './http/rate-limits.ts';
import { addPages } from './page/pages.ts';
import { People } from './people.ts';
import { checkedEvents, checkedPermissions, defaultEvents, defaultPermissions, type GitHubOptions } from './options.ts';
import { State } from './state.ts';
import { Outbox } from './webhooks/outbox.ts';
import { registerApp } from './world/accounts.ts';
import { Tokens } from './world/tokens.ts';
import { World } from './world/world.ts';

export type { Fault } from './http/faults.ts';
export type { JournalEntry } from './http/exchange.ts';
export type { AppOptions, GitHubOptions } from './options.ts';
export type { Attempt, Chaos, Delivery, WebhookTarget } from './webhooks/outbox.ts';

/** Starts a GitHub on a port of 127.0.0.1, with one registered app and nothing else in it. */
export async function startGitHub(options: GitHubOptions = {}): Promise<GitHubSimulator> {
  const directory = await mkdtemp(join(tmpdir(), 'github-'));
  try {
    const privateKey = options.app?.privateKey ?? (await newPrivateKey());
    const simulator = new GitHubSimulator({ directory, privateKey, options });
    await simulator.listen(options.port ?? 0);
    return simulator;
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

async function newPrivateKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

export class GitHubSimulator {
  readonly world: World;
  readonly tokens: Tokens;
  readonly faults = new Faults();
  readonly rateLimits: RateLimits;
  readonly outbox: Outbox;
  /** Acts as people do. */
  readonly people: People;
  /** What stands on GitHub now. */
  readonly state: State;
  /** Every request, oldest first. */
  readonly requests: JournalEntry[] = [];
  /** What the real GitHub would have refused or not understood, and what the simulator does not serve. */
  readonly violations: string[] = [];
  /** PEM: what the app under test signs its tokens with. */
  readonly privateKey: string;
  readonly #server: FastifyInstance = fastify({
    bodyLimit: 1024 * 1024 * 1024,
    routerOptions: { maxParamLength: 2_000 },
    forceCloseConnections: true,
  });
  readonly #directory: string;

  constructor(made: { directory: string; privateKey: string; options: GitHubOptions }) {
    const { directory, privateKey, options } = made;
    const now = options.now ?? (() => new Date());
    this.#directory = directory;
    this.privateKey = privateKey;
    this.world = new World(directory, now);
    const permissions = checkedPermissions(options.app?.permissions ?? defaultPermissions);
    registerApp(this.world, {
      id: options.app?.id ?? 4_711,
      slug: options.app?.slug ?? 'tagalong',
      name: options.app?.name ?? 'Tagalong',
      owner: options.app?.owner ?? 'tagalong-makers',
      publicKey: createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString(),
      permissions,
      events: checkedEvents(options.app?.events ?? defaultEvents, permissions),
    });
    this.tokens = new Tokens(this.world);
    this.rateLimits = new RateLimits(now);
    this.outbox = new Outbox(this.world, options.chaos ?? {});
    this.outbox.target = options.webhook;
    this.people = new People(this.world);
    this.state = new State(this.world);
    this.#addRoutes(options);
  }

  /** The root: pages, and git below it. */
  get url(): string {
    return this.world.origin;
  }

  /** The REST API, the `baseUrl` of an octokit. */
  get apiUrl(): string {
    return this.world.apiUrl;
  }

  get appId(): number {
    return this.world.app.id;
  }

  /** From now on webhooks go there. What happened before is not sent. */
  deliverTo(url: string, secret: string): void {
    this.outbox.target = { url, secret };
  }

  /** Resolves when no webhook is under way. */
  settled(): Promise<void> {
    return this.outbox.settled();
  }

  async listen(port: number): Promise<void> {
    this.world.origin = await this.#server.listen({ host: '127.0.0.1', port });
  }

  async close(): Promise<void> {
    this.outbox.target = undefined;
    await this.#server.close();
    await this.outbox.settled();
    await rm(this.#directory, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #addRoutes(options: GitHubOptions): void {
    const exchanges = { journal: this.requests, faults: this.faults, latencyMs: () => options.latencyMs ?? 0 };
    const { world, tokens, outbox, rateLimits } = this;
    const violation = (message: string) => void this.violations.push(message);
    const checkAnswers = options.checkAnswers ?? false;
    const services = { world, tokens, outbox, rateLimits, violation, checkAnswers };
    this.#server.removeAllContentTypeParsers();
    this.#server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    addApiRoutes(this.#server, { services, exchanges, rateLimits });
    addGitRoutes(this.#server, { services, exchanges, rateLimits });
    addPages(this.#server, world);
  }
}
