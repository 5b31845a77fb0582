import type { EnvironmentPolicy } from '../domain/policy.ts';
import { DEFAULT_REVIEW, environmentOf, type Config, type Environment } from './config.ts';

/** What an environment asks of a change, with those of the asked paths that belong to it. */
export type PolicyOfPaths = EnvironmentPolicy & { readonly paths: readonly string[] };

/**
 * The policy of each environment that any of the paths belongs to, in the order of the file. Paths of no environment come last,
 * together, with the policy that holds where nothing is said.
 * @param reached files that are rendered to something else because of the paths: their environments ask too, for what is in no other
 */
export function policiesOf(
  config: Config,
  paths: readonly string[],
  defaultBranch: string,
  reached: readonly string[] = [],
): readonly PolicyOfPaths[] {
  const placed = paths.map((path) => ({ path, environment: environmentOf(config, path, defaultBranch) }));
  const groups = Map.groupBy(placed, ({ environment }) => environment?.name);
  const loose = groups.get(undefined) ?? [];
  for (const path of reached) {
    const environment = environmentOf(config, path, defaultBranch);
    if (environment === undefined || groups.has(environment.name)) continue;
    groups.set(
      environment.name,
      loose.length > 0 ? loose.map((each) => ({ ...each, environment })) : [{ path, environment }],
    );
  }
  const order = config.environments.map(({ name }) => name);
  const rank = (name: string | undefined) => (name === undefined ? order.length : order.indexOf(name));
  return [...groups.values()]
    .map((group) =>
      policyOf(
        group[0]?.environment,
        group.map(({ path }) => path),
      ),
    )
    .sort((a, b) => rank(a.environment) - rank(b.environment));
}

/** All that any environment could ask of the paths, whichever they belong to. */
export function possiblePolicies(config: Config, paths: readonly string[]): readonly PolicyOfPaths[] {
  return config.environments.map((environment) => policyOf(environment, paths));
}

function policyOf(environment: Environment | undefined, paths: readonly string[]): PolicyOfPaths {
  if (environment === undefined) return { merge: 'manual', review: DEFAULT_REVIEW, freeze: [], paths };
  const { name, merge, review, freeze } = environment;
  return { environment: name, merge, review, freeze, paths };
}
