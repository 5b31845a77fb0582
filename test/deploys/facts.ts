import type { ProposedBump } from '../../src/domain/bump.ts';
import type { DeployState } from '../../src/domain/deploy.ts';
import { parseImageName } from '../../src/domain/image.ts';
import type { Landscape } from '../../src/deploys/environment.ts';
import { isWithin } from '../../src/deploys/places.ts';
import type { HeardReport, MergedBump, RolloutFacts } from '../../src/deploys/rollouts.ts';

export const start = new Date('2026-11-21T12:00:00Z');
export const minutes = (count: number) => new Date(start.getTime() + count * 60_000);

/** The commits of the branch are `r1`, `r2`, …: each as long as a real one. */
export const revision = (height: number) => `${height}`.padStart(40, '0');

export function heightOf(commit: string): number | undefined {
  return /^0*[1-9]\d*$/.test(commit) ? Number(commit) : undefined;
}

/** The landscape of these files, where the folder of an environment is named after it. */
export function landscape(
  environments: readonly string[],
  files: readonly string[],
  deploys: Readonly<Record<string, readonly string[]>> = {},
): Landscape {
  const environmentOf = (path: string) => environments.find((name) => path.split('/').includes(name));
  const below = (folder: string) => files.filter((path) => isWithin(path, folder)).map(environmentOf);
  return {
    environments: environments.map((name) => ({
      name,
      deploys: (application) => deploys[name]?.includes(application) ?? false,
    })),
    environmentsBelow: (folder) => [...new Set(below(folder).filter((name) => name !== undefined))],
    foldersOf: (environment) => [
      ...new Set(files.filter((path) => environmentOf(path) === environment).flatMap(foldersAbove)),
    ],
  };
}

function foldersAbove(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

export const files = [
  'apps/shop/overlays/staging/kustomization.yaml',
  'apps/shop/overlays/production/kustomization.yaml',
  'apps/cart/overlays/staging/kustomization.yaml',
  'apps/cart/overlays/production/kustomization.yaml',
];

/** A bump that was merged as the commit of that height. */
export function merged(
  height: number,
  {
    app = 'shop',
    environment = 'staging',
    change = height,
  }: { app?: string; environment?: string; change?: number } = {},
): MergedBump {
  const image = parseImageName(`ghcr.io/acme/${app}`);
  if (image === undefined) throw new Error(`${app} is no name`);
  const bump: ProposedBump = {
    repository: { forge: 'github', path: 'acme/deploy' },
    environment,
    image,
    from: [{ tag: `1.0.${height - 1}` }],
    to: { tag: `1.0.${height}`, publishedAt: start },
    change,
    branch: `tagalong/${environment}/${app}`,
    headCommit: 'f'.repeat(40),
    baseCommit: revision(height - 1),
    state: 'merged',
    history: [],
    proposedAt: start,
    mergeCommit: revision(height),
  };
  return { bump, height, noticedAt: start, places: [`apps/${app}/overlays/${environment}/kustomization.yaml`] };
}

export function report(
  state: DeployState,
  height: number,
  { app = 'shop-staging', at = 1, ...more }: { app?: string; at?: number } & Partial<Omit<HeardReport, 'at'>> = {},
): HeardReport {
  return {
    tool: 'argo-cd',
    application: app,
    state,
    revision: revision(height),
    at: minutes(at).toISOString(),
    receivedAt: minutes(at),
    ...more,
  };
}

export function facts(bumps: readonly MergedBump[], reports: readonly HeardReport[], now = minutes(10)): RolloutFacts {
  return { bumps, reports, heightOf, landscape: landscape(['staging', 'production'], files), now, within: 30 * 60_000 };
}
