import type { Bump } from '../domain/bump.ts';
import type { RepositoryRef } from '../domain/repository.ts';
import { sameVersion, type Provenance, type Version } from '../domain/version.ts';
import type { Repositories } from '../forge/forge.ts';
import { findSites } from '../manifests/find-sites.ts';
import { planFileEdits, type FilePlan } from '../manifests/plan-file-edits.ts';
import type { ProposalPlace, ProposalSource, ProposalText } from '../markdown/proposal.ts';
import { decide } from '../versions/decide.ts';
import type { EditableSituation } from './bump-situations.ts';

export type Edited = Extract<FilePlan, { ok: true }>;

/**
 * The edits that bring every site of the situation that follows this version to it.
 * @param files the texts to edit, of the base branch or of the branch of an open change
 */
export function editsFor(
  situation: EditableSituation,
  bump: Bump,
  files: ReadonlyMap<string, string>,
  now: Date,
): FilePlan {
  const paths = new Set(situation.sites.map(({ path }) => path));
  const sites = [...paths]
    .flatMap((path) => findSites(path, files.get(path) ?? '').sites)
    .filter((site) => site.image === situation.image && decide(situation.policy, [site], [bump.to]).ok);
  const { provenance } = bump.to;
  const values = { commit: provenance?.commit, branch: provenance?.branch, date: now.toISOString().slice(0, 10) };
  return planFileEdits(
    files,
    sites.map((site) => ({ site, to: bump.to, set: situation.rule.set, values })),
  );
}

/** What a person reads about the bump. */
export function proposalText(
  forge: Pick<Repositories, 'commitUrl' | 'compareUrl'>,
  situation: EditableSituation,
  bump: Bump,
  { history, edited }: { history: readonly Version[]; edited: Edited },
): ProposalText {
  const source = bump.to.provenance && sourceOf(forge, situation, bump, bump.to.provenance);
  return { ...bump, history, places: placesOf(edited), ...(source !== undefined && { source }) };
}

function placesOf({ changes, setChanges }: Edited): ProposalPlace[] {
  const versions = changes.map(({ site: { path, line } }) => ({ path, line, what: '' }));
  const fields = setChanges.map(({ path, line, pointer }) => ({ path, line, what: pointer.join('.') }));
  return [...versions, ...fields].sort((a, b) => (a.path === b.path ? a.line - b.line : a.path < b.path ? -1 : 1));
}

/** Links only where the application repository is known, and on the forge of the manifest repository. */
function sourceOf(
  forge: Pick<Repositories, 'commitUrl' | 'compareUrl'>,
  { rule, published }: EditableSituation,
  { repository: { forge: name }, image, from, to }: Bump,
  { commit, repository = rule.source?.replaceAll('{name}', image.slice(image.lastIndexOf('/') + 1)) }: Provenance,
): ProposalSource {
  if (repository === undefined) return { commit };
  const path = pathOnForge(repository);
  if (path === undefined) return { repository, commit };
  const application: RepositoryRef = { forge: name, path };
  const [before] = from.length === 1 ? from : [];
  const known = before && published.find((version) => sameVersion(version, before))?.provenance?.commit;
  const earlier = known ?? (before && commitInTag(before.tag, { tag: to.tag, commit }));
  return {
    repository: path,
    commit,
    commitUrl: forge.commitUrl(application, commit),
    ...(earlier !== undefined && { compareUrl: forge.compareUrl(application, earlier, commit) }),
  };
}

/**
 * The commit that a tag names, where another tag of the image names its own commit at the same place: `main-3f2a91c` beside
 * `main-593e910`, which was built from 593e910….
 */
export function commitInTag(
  tag: string,
  sample: { readonly tag: string; readonly commit: string },
): string | undefined {
  const hash = sample.tag.match(/[0-9a-f]{7,40}/g)?.find((hex) => sample.commit.startsWith(hex));
  if (hash === undefined) return undefined;
  const [before = '', after = ''] = sample.tag.split(hash, 2);
  const found =
    tag.startsWith(before) && tag.endsWith(after) ? tag.slice(before.length, tag.length - after.length) : '';
  return /^[0-9a-f]{7,40}$/.test(found) ? found : undefined;
}

/** `owner/name` as it is; a URL is linked by nobody but its own forge, and is not guessed at. */
function pathOnForge(repository: string): string | undefined {
  return /^[\w.-]+(?:\/[\w.-]+)+$/.test(repository) ? repository : undefined;
}
