import type { ImageName } from '../domain/image.ts';
import { familiarName } from '../domain/image.ts';
import { unclearEnvironment, unclearImage } from '../markdown/replies-refusals.ts';
import type { CommandContext } from './command.ts';

/** What a decision about versions is about. */
export interface Target {
  readonly environment: string;
  readonly image: ImageName;
}

export type FoundTarget =
  { readonly ok: true; readonly target: Target } | { readonly ok: false; readonly markdown: string };

type Asked = Pick<CommandContext, 'bump' | 'change' | 'environments' | 'standing' | 'bumps'>;

/** What the change bumps; of another change, the only image of the only environment that it touches. */
export async function targetOf(context: Asked): Promise<FoundTarget> {
  const { bump, change, environments, standing, bumps } = context;
  if (bump !== undefined) return { ok: true, target: { environment: bump.environment, image: bump.image } };
  const [environment, ...others] = environments;
  if (environment === undefined || others.length > 0) {
    return { ok: false, markdown: unclearEnvironment(environments, { isOpen: change.state === 'open' }) };
  }
  const [image, ...more] = (await standing(environment)).keys();
  if (image !== undefined && more.length === 0) return { ok: true, target: { environment, image } };
  const recent = await bumps.merged(change.repository, { environment, limit: 3 });
  const named = recent.map((each) => ({ number: each.change, image: familiarName(each.image) }));
  return { ok: false, markdown: unclearImage(environment, named) };
}
