import type { DiffUnit, RenderedDiff, ResourceDiff } from '../diff/result.ts';
import { plural, type Quote } from './diff-notes.ts';

/** One line: how much changes, where, and what could not be told. */
export function diffSummary({ units }: RenderedDiff): string {
  const compared = units.filter(({ ok }) => ok).length;
  const failed = units.length - compared;
  const failure = failed === 0 ? [] : [`${plural(failed, 'app')} could not be rendered`];
  const changes = compared === 0 && failed > 0 ? [] : [changesLine({ units })];
  return [...changes, ...failure].join('; ');
}

export type ChangeCounts = Readonly<Record<ResourceDiff['change'], number>>;

/** The most ordinary change first, which is also the order to show them in. */
export function countChanges(resources: readonly ResourceDiff[]): ChangeCounts {
  const count = (change: ResourceDiff['change']): number => resources.filter((each) => each.change === change).length;
  return { changed: count('changed'), added: count('added'), removed: count('removed') };
}

/** Who rendered, and what is compared with what. */
export function comparison({ base, head, units }: RenderedDiff, quote: Quote): string {
  const rendered = new Set(units.flatMap(({ ok, unit }) => (ok ? [unit.engine] : [])));
  const engines = (['kustomize', 'helm'] as const).filter((engine) => rendered.has(engine));
  const how =
    engines.length === 0 ? 'Compared' : `Rendered by ${engines.map((engine) => ENGINES[engine]).join(' and ')}`;
  const named = (revision: string): string => (isCommit(revision) ? quote(shortCommit(revision)) : 'the work tree');
  return `${how}: ${named(base)} → ${named(head)}`;
}

const ENGINES: Readonly<Record<Exclude<DiffUnit['engine'], 'plain'>, string>> = {
  kustomize: 'kustomize',
  helm: 'Helm',
};

/** False for a work tree. */
export function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40,64}$/.test(revision);
}

export function shortCommit(hash: string): string {
  return hash.slice(0, 7);
}

function changesLine({ units }: Pick<RenderedDiff, 'units'>): string {
  const compared = units.filter((unit) => unit.ok);
  const total = compared.reduce((sum, unit) => sum + unit.total, 0);
  const counts = countChanges(compared.flatMap((unit) => unit.resources));
  if (counts.changed + counts.added + counts.removed === 0)
    return `No rendered change${total === 0 ? '' : ` in ${plural(total, 'resource')}`}`;
  const apps = plural(compared.filter((unit) => unit.resources.length > 0).length, 'app');
  const words = counts.changed > 0 ? changeWords(counts, total) : additionWords(counts, total);
  return `${words}${words.includes(', ') || words.includes(' of ') ? ',' : ''} in ${apps}`;
}

/** `2 of 12 resources change, 1 added` */
function changeWords({ changed, added, removed }: ChangeCounts, total: number): string {
  if (changed === total && total > 1)
    return `${total === 2 ? 'Both resources' : `All ${plural(total, 'resource')}`} change`;
  const others = [
    ...(added > 0 ? [`${decimal(added)} added`] : []),
    ...(removed > 0 ? [`${decimal(removed)} removed`] : []),
  ];
  const verb = changed === 1 ? 'changes' : 'change';
  const some = changed + added + removed === total ? plural(changed, 'resource') : share(changed, total);
  return [`${some} ${verb}`, ...others].join(', ');
}

/** `Adds 2 resources and removes 1`, `Removes 1 of 12 resources` */
function additionWords({ added, removed }: ChangeCounts, total: number): string {
  if (added > 0) return `Adds ${plural(added, 'resource')}${removed > 0 ? ` and removes ${decimal(removed)}` : ''}`;
  if (removed === total && total > 1)
    return `Removes ${total === 2 ? 'both resources' : `all ${plural(total, 'resource')}`}`;
  return `Removes ${removed === total ? plural(removed, 'resource') : share(removed, total)}`;
}

/** `1 of 12 resources` */
function share(count: number, total: number): string {
  return `${decimal(count)} of ${plural(total, 'resource')}`;
}

function decimal(count: number): string {
  return count.toLocaleString('en-US');
}
