import { ownersOf, parseCodeOwners, teamOwners } from './codeowners.ts';
import { sameLogin } from './counted-approvals.ts';
import type { TouchedPolicy } from './policies.ts';
import type { Snapshot } from './snapshot.ts';

/** `@acme/sre` */
export function isTeam(name: string): boolean {
  return name.includes('/');
}

/** Every team whose members the gate must know: those that policies name, and those that own a touched path where code owners count. */
export function neededTeams(policies: readonly TouchedPolicy[], codeowners: Snapshot['codeowners']): readonly string[] {
  const named = policies.flatMap(({ review }) => (review.from ?? []).filter(isTeam));
  const file = codeowners === undefined ? undefined : parseCodeOwners(codeowners.text);
  const owning = policies
    .filter(({ review }) => review.codeowners === true)
    .flatMap(({ paths }) => (file === undefined ? [] : paths.flatMap((path) => teamOwners(ownersOf(file, path)))));
  return [...new Set([...named, ...owning])].toSorted();
}

/**
 * Those of the logins that one of the names (people and teams, with `@` in front) stands for.
 */
export function within({ teams }: Snapshot, names: readonly string[], logins: readonly string[]): readonly string[] {
  const members = new Set(
    names.flatMap((name) => (isTeam(name) ? (membersOf(teams, name) ?? []) : [name.replace(/^@/, '')])).map(sameLogin),
  );
  return logins.filter((login) => members.has(sameLogin(login)));
}

/** Teams among the names that do not exist or may not be read. */
export function unreadableTeams({ teams }: Snapshot, names: readonly string[]): readonly string[] {
  return names.filter((name) => isTeam(name) && membersOf(teams, name) === undefined);
}

function membersOf(teams: Snapshot['teams'], name: string): readonly string[] | undefined {
  const key = Object.keys(teams).find((each) => sameLogin(each) === sameLogin(name));
  return key === undefined ? undefined : (teams[key] ?? undefined);
}
