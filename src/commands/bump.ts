import { environmentOf, imageRule, type Config } from '../config/config.ts';
import { nearestWord } from '../config/nearest.ts';
import { familiarName, parseImageReference, type ImageName, type ImageReference } from '../domain/image.ts';
import type { BumpRequest } from '../domain/steering.ts';
import { formatVersion, sameVersion, type PublishedVersion, type Version } from '../domain/version.ts';
import { wrongUsage } from '../markdown/replies-refusals.ts';
import { pinnedOtherwise, requested } from '../markdown/replies-steering.ts';
import {
  alreadyStands,
  configBroken,
  ignoredImage,
  notInEnvironment,
  unmentionedImage,
  whichEnvironment,
} from '../markdown/replies-bump.ts';
import { decision } from './arguments.ts';
import { auditEntry } from './audit-entry.ts';
import type { Command, CommandAnswer, CommandContext } from './command.ts';
import { findEnvironment } from './environments.ts';
import type { Target } from './target.ts';
import { repositorySteered } from './wakes.ts';

export const bump: Command = {
  name: 'bump',
  usage: '/bump <image>:<tag> [env]',
  summary: 'Proposes a version by hand, whatever the tag policy says.',
  needs: 'write',
  afterEnd: 'merged-or-closed',
  examples: ['/bump acme/shop:1.4.2', '/bump ghcr.io/acme/shop:1.4.2 production'],
  async run(context, { text }) {
    const [written = '', environment, ...more] = text.split(/\s+/);
    const reference = parseImageReference(written);
    if (reference?.tag === undefined || more.length > 0) {
      const problem = '`/bump` takes an image with a tag, and an environment where there are several.';
      return refused(wrongUsage(problem, bump.usage));
    }
    const { config } = context;
    if (config === undefined) return refused(configBroken());
    const version = { ...reference, tag: reference.tag };
    const mention = await mentionOf(context, reference);
    if (!mention.ok) return refused(mention.markdown);
    if (imageRule(config, mention.image) === undefined) return refused(ignoredImage(familiarName(mention.image)));
    const target = await targetIn({ ...context, config }, mention, environment);
    return target.ok ? request(context, target.target, version) : refused(target.markdown);
  },
};

function refused(markdown: string): CommandAnswer {
  return { kind: 'refused', markdown };
}

type Mention =
  | { readonly ok: true; readonly image: ImageName; readonly files: readonly string[] }
  | { readonly ok: false; readonly markdown: string };

/** The image that the repository mentions by this name, or by one that ends in it, where only one does. */
async function mentionOf({ index, change }: CommandContext, { name }: ImageReference): Promise<Mention> {
  const mentions = await index.files(change.repository);
  const ending = `/${familiarName(name)}`;
  const [image, ...others] = mentions.has(name) ? [name] : [...mentions.keys()].filter((each) => each.endsWith(ending));
  if (image !== undefined && others.length === 0) return { ok: true, image, files: mentions.get(image) ?? [] };
  const names = (image === undefined ? [...mentions.keys()] : [image, ...others]).map(familiarName);
  const nearest = image === undefined ? nearestWord(familiarName(name), names) : undefined;
  const candidates = image === undefined ? [nearest].filter((each) => each !== undefined) : names;
  return { ok: false, markdown: unmentionedImage(familiarName(name), candidates) };
}

type FoundPlace = { readonly ok: true; readonly target: Target } | { readonly ok: false; readonly markdown: string };

async function targetIn(
  context: CommandContext & { readonly config: Config },
  { image, files }: Extract<Mention, { ok: true }>,
  word: string | undefined,
): Promise<FoundPlace> {
  const { config, known, environments } = context;
  const found = files.map((path) => environmentOf(config, path, known.defaultBranch)?.name);
  const names = [...new Set(found.filter((name) => name !== undefined))];
  if (word !== undefined) {
    const environment = findEnvironment(context, word);
    if (!environment.ok) return environment;
    return names.includes(environment.name)
      ? { ok: true, target: { environment: environment.name, image } }
      : { ok: false, markdown: notInEnvironment(familiarName(image), environment.name, names) };
  }
  const own = names.filter((name) => environments.includes(name));
  const [only, ...others] = names.length === 1 ? names : own;
  if (only !== undefined && others.length === 0) return { ok: true, target: { environment: only, image } };
  return Promise.resolve({ ok: false, markdown: whichEnvironment(familiarName(image), names) });
}

async function request(context: CommandContext, target: Target, asked: Version): Promise<CommandAnswer> {
  const { change, steering, index, standing, now } = context;
  const { repository } = change;
  const { environment, image } = target;
  const published = (await index.published([image])).get(image) ?? [];
  const known = published.find(({ tag, digest }) => tag === asked.tag && (asked.digest ?? digest) === digest);
  const version: PublishedVersion = known ?? { ...versionOf(asked), publishedAt: context.at };
  const stands = (await standing(environment)).get(image) ?? [];
  if (stands.length > 0 && stands.every((each) => sameVersion(each, version))) {
    return refused(alreadyStands(target, version));
  }
  const pin = (await steering.ofRepository(repository, now)).pins.find(
    (each) => each.environment === environment && each.image === image && !sameVersion(each.version, version),
  );
  if (pin !== undefined) return refused(pinnedOtherwise(pin));
  const decided: BumpRequest = { ...decision(context), ...target, repository, version };
  const entry = auditEntry(context, 'request-bump', { ...target, details: { version: formatVersion(version) } });
  await steering.apply(repository, { kind: 'request', request: decided }, entry, [repositorySteered(repository)]);
  return { kind: 'done', markdown: requested(decided, { isPublished: known !== undefined }) };
}

function versionOf({ tag, digest }: Version): Version {
  return { tag, ...(digest !== undefined && { digest }) };
}
