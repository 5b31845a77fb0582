import type { WorldEvent } from './events.ts';
import type { Account, App, Entity, Installation, Node, Repository, Team } from './model.ts';

const nodePrefixes: Readonly<Record<Node['kind'], string>> = {
  account: 'U',
  app: 'A',
  installation: 'MDIz',
  repository: 'R',
  label: 'LA',
  pull: 'PR',
  comment: 'IC',
  reaction: 'REA',
  review: 'PRR',
  check: 'CR',
  suite: 'CS',
  status: 'SC',
  deployment: 'DE',
  'deployment-status': 'DES',
  issue: 'I',
  team: 'T',
};

/** Everything that the simulated GitHub holds. Rules live beside it, each file with those of one resource. */
export class World {
  readonly now: () => Date;
  /** Where git repositories are kept. */
  readonly directory: string;
  /** The simulator's address, known once it listens. */
  origin = '';
  readonly accounts = new Map<string, Account>();
  readonly repositories = new Map<string, Repository>();
  readonly installations = new Map<string, Installation>();
  readonly teams: Team[] = [];
  readonly nodes = new Map<string, Node>();
  readonly #listeners: ((event: WorldEvent) => void)[] = [];
  #app: App | undefined;
  #lastId = 1_000;

  constructor(directory: string, now: () => Date) {
    this.directory = directory;
    this.now = now;
  }

  get app(): App {
    if (this.#app === undefined) throw new Error('the app is registered when the simulator starts');
    return this.#app;
  }

  set app(app: App) {
    this.#app = app;
  }

  get apiUrl(): string {
    return `${this.origin}/api/v3`;
  }

  nextId(): number {
    return ++this.#lastId;
  }

  /** A fresh identity of the kind, in the look of GitHub's global ids. */
  identity(kind: Node['kind'], id = this.nextId()): Entity {
    return { id, nodeId: `${nodePrefixes[kind]}_${Buffer.from(`${kind}:${id}`).toString('base64url')}` };
  }

  add<Added extends Node>(node: Added): Added {
    this.nodes.set(node.nodeId, node);
    return node;
  }

  onEvent(listener: (event: WorldEvent) => void): void {
    this.#listeners.push(listener);
  }

  emit(event: WorldEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
