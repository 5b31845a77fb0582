import { environmentOf } from '../config/config.ts';
import { familiarName, type ImageName } from '../domain/image.ts';
import type { ProposedBump } from '../domain/bump.ts';
import { nowhere, statusReply, type StatusRow } from '../markdown/replies-status.ts';
import type { Rollout } from '../store/store.ts';
import type { Command, CommandContext } from './command.ts';
import { environmentNames } from './environments.ts';

/** Of a change that is no bump, only so many images are told of. */
const MAX_IMAGES = 10;

export const status: Command = {
  name: 'status',
  usage: '/status',
  summary:
    'Tells where this version is: what stands in each environment, by which change, and what became of its rollout.',
  needs: 'read',
  afterEnd: 'merged-or-closed',
  examples: ['/status'],
  async run(context) {
    const { bump, environments } = context;
    const images = bump === undefined ? await imagesIn(context, environments) : [bump.image];
    const shown = images.slice(0, MAX_IMAGES);
    const rows = (await Promise.all(shown.map((image) => rowsOf(context, image)))).flat();
    if (rows.length === 0) return { kind: 'done', markdown: nowhere() };
    return { kind: 'done', markdown: statusReply(rows, images.length - shown.length) };
  },
};

async function imagesIn({ standing }: CommandContext, environments: readonly string[]): Promise<readonly ImageName[]> {
  const images: ImageName[] = [];
  for (const environment of environments) images.push(...(await standing(environment)).keys());
  return [...new Set(images)];
}

/** One row for each environment that has the image, in the order of the configuration. */
async function rowsOf(context: CommandContext, image: ImageName): Promise<readonly StatusRow[]> {
  const { change, bumps, deploys, steering, now } = context;
  const { repository } = change;
  const [known, rollouts, { pins, freezes }] = await Promise.all([
    bumps.ofRepository(repository, [image]),
    deploys.rollouts(repository),
    steering.ofRepository(repository, now),
  ]);
  const rows: StatusRow[] = [];
  for (const environment of await environmentsOf(context, image)) {
    const isHere = (each: { readonly environment: string; readonly image: ImageName }) =>
      each.environment === environment && each.image === image;
    const [merged] = await bumps.merged(repository, { environment, image, limit: 1 });
    const open = known.find((each) => each.state === 'open' && isHere(each));
    const pin = pins.find(isHere);
    rows.push({
      environment,
      image: familiarName(image),
      standing: (await context.standing(environment)).get(image) ?? [],
      ...(open !== undefined && { proposed: { number: open.change, version: open.to } }),
      ...broughtBy(merged, rollouts),
      ...(pin !== undefined && { pin }),
      freezes: freezes.filter((each) => each.environment === undefined || each.environment === environment),
    });
  }
  return rows;
}

async function environmentsOf(context: CommandContext, image: ImageName): Promise<readonly string[]> {
  const { config, known, index, change } = context;
  if (config === undefined) return [];
  const paths = (await index.files(change.repository, [image])).get(image) ?? [];
  const names = new Set(paths.map((path) => environmentOf(config, path, known.defaultBranch)?.name));
  return environmentNames(context).filter((name) => names.has(name));
}

function broughtBy(
  merged: ProposedBump | undefined,
  rollouts: readonly Rollout[],
): Pick<StatusRow, 'merged' | 'rollout'> {
  if (merged === undefined) return {};
  const rollout = rollouts.find((each) => each.number === merged.change && each.image === merged.image);
  return {
    merged: { number: merged.change, version: merged.to },
    ...(rollout !== undefined && { rollout }),
  };
}
