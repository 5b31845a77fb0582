import { MAX_COMMANDS, parseCommands } from '../../src/commands/parse.ts';
import { readConfig } from '../../src/config/read-config.ts';
import type { ProposedBump } from '../../src/domain/bump.ts';
import type { ChangeRef } from '../../src/domain/change.ts';
import type { CommandComment } from '../../src/domain/command.ts';
import { parseImageName, type ImageName } from '../../src/domain/image.ts';
import type { RepositoryRef } from '../../src/domain/repository.ts';
import type { Pin } from '../../src/domain/steering.ts';
import type { Permission } from '../../src/forge/reviews.ts';
import { createRenderer } from '../../src/render/renderer.ts';
import type { Wake } from '../../src/store/store.ts';
import { runCommands, type CommandedChange, type RunCommandsDeps } from '../../src/workflows/run-commands.ts';
import { createFakeForge, FAKE_BOT, type FakeForge } from '../support/fake-forge.ts';
import { createFakeMirrors } from '../support/fake-mirrors.ts';
import { silentLog } from '../support/silent.ts';
import { toolSettings } from '../support/tools.ts';
import { fakeStore, nothingKept, type Kept } from './fake-store.ts';

export const SHOP = image('ghcr.io/acme/shop');
export const NGINX = image('nginx');

/** When comments are written, and a minute later, when they are answered. */
export const WRITTEN = new Date('2026-11-21T02:00:00Z');
export const NOW = new Date('2026-11-21T02:01:00Z');

/** What a decision about versions wakes. */
export const REPOSITORY_WOKEN = 'github:acme/deploy steered';

export const CONFIG = `version: 1
environments:
  staging: { paths: ["staging/**"], merge: auto }
  production:
    paths: ["production/**"]
    freeze: [{ from: "Fri 17:00", to: "Mon 08:00", zone: UTC, reason: weekend }]
images:
  - { match: ghcr.io/acme/legacy, tags: ignore }
`;

/** One repository with a shop in two environments, a bump of it, and people of every kind: `sue` administers, `walt` writes, `rita` reads. */
export interface CommandStage {
  readonly forge: FakeForge;
  readonly kept: Kept;
  readonly deps: RunCommandsDeps;
  readonly repository: RepositoryRef;
  /** The change that comments go to. */
  on: ChangeRef;
  /** Logins that the forge was asked about, in order. */
  readonly asked: string[];
  /** Whether the last run touched the change. */
  isTouched: boolean;
  /** Opens another change, by a person, and has comments go there. */
  byPerson(files: Readonly<Record<string, string>>): ChangeRef;
  /** Takes what was proposed as merged, with these before it: versions, oldest first. */
  mergedBefore(...tags: readonly string[]): void;
  /** Writes a version onto the default branch, by hand. */
  stands(tag: string, environment?: string): void;
  /** Writes a comment and has it answered. @returns the reply, without its marker; undefined when there is none */
  say(body: string, options?: { readonly by?: string; readonly at?: Date }): Promise<string | undefined>;
  /** Answers these wakes, once more or together. */
  run(wakes: readonly Wake[]): Promise<void>;
  /** As {@link run}, without the news of what was pushed since the mirror looked last. */
  answer(wakes: readonly Wake[]): Promise<void>;
  /** A comment as a wake, without answering it. */
  comment(body: string, options?: { readonly by?: string; readonly at?: Date }): Wake;
  reply(wake: Wake): string | undefined;
  reactions(wake: Wake): readonly string[];
}

export function commandStage(config = CONFIG): CommandStage {
  const forge = createFakeForge();
  const repository = forge.addRepository('acme/deploy', {
    '.tagalong.yml': config,
    'staging/shop.yaml': deployment('shop', 'ghcr.io/acme/shop:1.4.1'),
    'production/shop.yaml': deployment('shop', 'ghcr.io/acme/shop:1.4.0'),
    'production/proxy.yaml': deployment('proxy', 'nginx:1.27.0'),
  });
  for (const [login, permission] of people) forge.grant(repository, login, permission);
  const kept = nothingKept();
  kept.files.set(SHOP, ['staging/shop.yaml', 'production/shop.yaml']);
  kept.files.set(NGINX, ['production/proxy.yaml']);
  kept.published.set(SHOP, ['1.4.2', '1.4.1', '1.4.0'].map(published));
  const asked: string[] = [];
  const deps: RunCommandsDeps = {
    forge: {
      ...forge,
      permission(of, login) {
        asked.push(login);
        return forge.permission(of, login);
      },
    },
    mirrors: createFakeMirrors(forge),
    renderer: createRenderer(toolSettings),
    store: fakeStore(kept),
    log: silentLog,
    commentLimit: 65_536,
    now: () => NOW,
  };
  const on = openBump(forge, repository, kept);
  return assembled({ forge, kept, deps, repository, on, asked });
}

const people: readonly (readonly [string, Permission])[] = [
  ['sue', 'admin'],
  ['walt', 'write'],
  ['wendy', 'write'],
  ['rita', 'read'],
  ['nobody', 'none'],
];

function assembled(parts: Pick<CommandStage, 'forge' | 'kept' | 'deps' | 'repository' | 'on' | 'asked'>): CommandStage {
  const { forge, kept, deps, repository } = parts;
  const stage: CommandStage = {
    ...parts,
    isTouched: false,
    byPerson(files) {
      forge.push(repository, 'feature', files, { author: 'wendy' });
      stage.on = forge.openChange(repository, 'feature', 'Change by hand', { author: 'wendy' });
      return stage.on;
    },
    mergedBefore(...tags) {
      kept.merged = tags
        .slice(1)
        .map((tag, index) => bumpTo(repository, { from: tags[index] ?? '', to: tag, change: 100 + index }))
        .reverse();
      stage.stands(tags.at(-1) ?? '');
    },
    stands(tag, environment = 'staging') {
      forge.push(repository, 'main', { [`${environment}/shop.yaml`]: deployment('shop', `${SHOP}:${tag}`) });
    },
    async say(body, options) {
      const wake = stage.comment(body, options);
      await stage.run([wake]);
      return stage.reply(wake);
    },
    async run(wakes) {
      await deps.mirrors.fetch(repository, ['refs/heads/main']);
      await stage.answer(wakes);
    },
    async answer(wakes) {
      ({ isTouched: stage.isTouched } = await runCommands(deps, await stateOf(stage), wakes));
    },
    comment(body, { by = 'walt', at = WRITTEN } = {}) {
      const id = forge.say(stage.on, body, { author: by });
      const commands = parseCommands(body);
      if (commands.length > MAX_COMMANDS + 1) throw new Error('more commands than are kept');
      const comment: CommandComment = {
        comment: { kind: 'comment', id },
        by: { login: by, isBot: by.endsWith('[bot]') },
        at: at.toISOString(),
        commands,
      };
      return { id, reason: { kind: 'commanded', comment }, wokenAt: NOW };
    },
    reply(wake) {
      const marker = `<!-- tagalong:reply ${commentOf(wake).id} -->`;
      const found = forge.comments(stage.on).filter(({ author, body }) => author === FAKE_BOT && body.includes(marker));
      if (found.length > 1) throw new Error('two replies to one comment');
      return found[0]?.body.replace(marker, '').trim();
    },
    reactions: (wake) => forge.reactions(repository, commentOf(wake)).map(({ reaction }) => reaction),
  };
  return stage;
}

function commentOf({ reason }: Wake): CommandComment['comment'] {
  if (reason.kind !== 'commanded') throw new Error('no comment');
  return reason.comment.comment;
}

async function stateOf({ forge, kept, on, repository }: CommandStage): Promise<CommandedChange> {
  const change = await forge.change(on);
  if (change === undefined) throw new Error('no change');
  const files = forge.repositoryAt(repository).files('main');
  const read = readConfig(new Map(files));
  const head = forge.repositoryAt(repository).files(change.headCommit);
  const touched = [...head]
    .filter(([path, text]) => files.get(path) !== text)
    .map(([path]) => path.split('/')[0] ?? '');
  const bump = kept.bumps.find((each) => each.change === on.number);
  return {
    change,
    ...(bump !== undefined && { bump }),
    environments: [...new Set(touched.filter((name) => name === 'staging' || name === 'production'))],
    known: { repository, defaultBranch: 'main' },
    config: read.kind === 'valid' ? read.config : undefined,
  };
}

function openBump(forge: FakeForge, repository: RepositoryRef, kept: Kept): ChangeRef {
  const branch = 'tagalong/staging/acme-shop.000000';
  const files = { 'staging/shop.yaml': deployment('shop', 'ghcr.io/acme/shop:1.4.2') };
  const headCommit = forge.push(repository, branch, files, { author: FAKE_BOT });
  const on = forge.openChange(repository, branch, 'Bump shop', { author: FAKE_BOT });
  kept.bumps.push({
    ...bumpTo(repository, { from: '1.4.1', to: '1.4.2', change: on.number }),
    branch,
    headCommit,
    state: 'open',
  });
  return on;
}

export function bumpTo(
  repository: RepositoryRef,
  { from, to, change, environment = 'staging' }: { from: string; to: string; change: number; environment?: string },
): ProposedBump {
  return {
    repository,
    environment,
    image: SHOP,
    from: [{ tag: from }],
    to: published(to),
    change,
    branch: `tagalong/${change}`,
    headCommit: 'a'.repeat(40),
    baseCommit: 'b'.repeat(40),
    state: 'merged',
    history: [],
    proposedAt: new Date('2026-11-20T00:00:00Z'),
  };
}

/** How a pin by `walt` is kept. */
export function pinBy({ repository }: CommandStage, origin: Pin['origin'], tag: string): Pin {
  return { repository, environment: 'staging', image: SHOP, version: { tag }, origin, by: 'walt', at: WRITTEN };
}

/** What the audit log says was done, with its details. */
export function audited({ kept }: CommandStage): readonly object[] {
  return kept.audit.map(({ action, environment, details }) => ({ action, environment, ...details }));
}

/** So many milliseconds after comments are written. */
export function after(milliseconds: number): Date {
  return new Date(WRITTEN.getTime() + milliseconds);
}

export function published(tag: string): ProposedBump['to'] {
  return { tag, publishedAt: new Date('2026-11-20T00:00:00Z') };
}

export function deployment(name: string, reference: string): string {
  return `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: ${name}\nspec:\n  template:\n    spec:\n      containers:\n        - name: app\n          image: ${reference}\n`;
}

function image(text: string): ImageName {
  const name = parseImageName(text);
  if (name === undefined) throw new Error(`${text} is no image`);
  return name;
}
