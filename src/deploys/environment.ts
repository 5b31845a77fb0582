import type { DeployReport } from '../domain/deploy.ts';
import { containsRun, wordsOf } from './words.ts';

/** What is known about the environments of a manifest repository. Where its configuration names none, that is one. */
export interface Landscape {
  /** In the order of the configuration. */
  readonly environments: readonly {
    readonly name: string;
    /** Whether the configuration says that an application of this name deploys it. */
    readonly deploys: (application: string) => boolean;
  }[];
  /** The environments of the files at or below a folder; '' is the root. */
  readonly environmentsBelow: (folder: string) => readonly string[];
  /** Folders that hold files of an environment, with every folder above them. */
  readonly foldersOf: (environment: string) => readonly string[];
}

export type Attribution =
  | { readonly ok: true; readonly environments: readonly string[] }
  /** The reason is for the log: such a report is told to nobody. */
  | { readonly ok: false; readonly reason: string };

/**
 * Which environments a report is about. In this order: the one that it names; those of the folder that it names; the one whose
 * `deploys` globs match the application; the only one there is; the one whose name is a whole word of the application's name. A folder
 * of several environments leaves the choice among them to the later rules, and means all of them where those are silent.
 */
export function environmentsOf(
  report: Pick<DeployReport, 'environment' | 'path' | 'application'>,
  landscape: Landscape,
): Attribution {
  const names = landscape.environments.map(({ name }) => name);
  if (report.environment !== undefined) return named(report.environment, names);
  const below = report.path === undefined ? [] : landscape.environmentsBelow(report.path);
  if (below.length === 1) return { ok: true, environments: below };
  const candidates = landscape.environments.filter(({ name }) => below.length === 0 || below.includes(name));
  const found =
    candidates.find(({ deploys }) => deploys(report.application))?.name ??
    (names.length === 1 ? names[0] : undefined) ??
    inName(
      report.application,
      candidates.map(({ name }) => name),
    );
  if (found !== undefined) return { ok: true, environments: [found] };
  if (below.length > 0) return { ok: true, environments: below };
  return { ok: false, reason: 'nothing tells which environment it deploys' };
}

function named(environment: string, names: readonly string[]): Attribution {
  const found = names.find((name) => name.toLowerCase() === environment.toLowerCase());
  return found === undefined
    ? { ok: false, reason: 'it names an environment that the configuration does not have' }
    : { ok: true, environments: [found] };
}

/** `staging-eu` in `shop-staging-eu`, and not `staging` beside it; undefined when none or several are there. */
function inName(application: string, names: readonly string[]): string | undefined {
  const words = wordsOf(application);
  const matching = names.filter((name) => containsRun(words, wordsOf(name)));
  const [only, ...others] = matching.filter(
    (name) => !matching.some((other) => other !== name && containsRun(wordsOf(other), wordsOf(name))),
  );
  return others.length === 0 ? only : undefined;
}
