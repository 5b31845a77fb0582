import type { Bump } from '../domain/bump.ts';
import type { ImageName } from '../domain/image.ts';
import type { SetField } from '../domain/policy.ts';
import type { RepositoryRef } from '../domain/repository.ts';
import type { BumpRequest, Pin } from '../domain/steering.ts';
import { sameVersion, type Provenance, type Version } from '../domain/version.ts';
import type { Repositories } from '../forge/forge.ts';
import { findSites } from '../manifests/find-sites.ts';
import { planFileEdits, type FilePlan } from '../manifests/plan-file-edits.ts';
import { fillTemplate } from '../manifests/template.ts';
import type { ProposalPlace, ProposalSource, ProposalText, ProposalWish } from '../markdown/proposal.ts';
import { decide } from '../versions/decide.ts';
import { steeredSites } from '../versions/steered-sites.ts';
import { causeOf } from './bump-steering.ts';
import type { EditableSituation } from './bump-situations.ts';

export type Edited = Extract<FilePlan, { ok: true }>;

/**
 * The edits that bring to a version every site of the situation that follows it, or that goes to it because a person said so. Of the
 * latter, fields of `set` whose text is not known stay as they are: a way back is not to be barred by a label.
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
    .filter(({ image }) => image === situation.image);
  const isAsked = causeOf(situation, bump.to) !== undefined;
  const moving = isAsked
    ? steeredSites(situation.policy, sites, bump.to)
    : sites.filter((site) => decide(situation.policy, [site], [bump.to]).ok);
  const values = templateValues(bump, now);
  const set = isAsked ? situation.rule.set.filter((field) => isKnown(field, bump, now)) : situation.rule.set;
  return planFileEdits(
    files,
    moving.map((site) => ({ site, to: bump.to, set, values })),
  );
}

function templateValues({ to: { provenance } }: Bump, now: Date) {
  return { commit: provenance?.commit, branch: provenance?.branch, date: now.toISOString().slice(0, 10) };
}

function isKnown({ value }: SetField, bump: Bump, now: Date): boolean {
  const { tag, digest } = bump.to;
  return fillTemplate(value, { ...templateValues(bump, now), tag, digest, name: lastPart(bump.image) }).ok;
}

function lastPart(image: ImageName): string {
  return image.slice(image.lastIndexOf('/') + 1);
}

/** What a person reads about the bump. */
export function proposalText(
  forge: Pick<Repositories, 'commitUrl' | 'compareUrl'>,
  situation: EditableSituation,
  bump: Bump,
  { history, edited, now }: { history: readonly Version[]; edited: Edited; now: Date },
): ProposalText {
  const source = bump.to.provenance && sourceOf(forge, situation, bump, bump.to.provenance);
  const asked = causeOf(situation, bump.to);
  return {
    ...bump,
    history,
    places: placesOf(edited),
    ...(source !== undefined && { source }),
    ...(asked !== undefined && { asked: wishOf(asked), left: fieldsLeft(situation, bump, now) }),
  };
}

function wishOf(asked: Pin | BumpRequest): ProposalWish {
  const { by, reason } = asked;
  const said = { by, ...(reason !== undefined && { reason }) };
  if (!('origin' in asked)) return { kind: 'request', ...said };
  const kind = asked.origin === 'rollback' ? 'rollback' : 'pin';
  return { kind, ...said, ...(asked.until !== undefined && { until: asked.until }) };
}

function fieldsLeft({ rule }: EditableSituation, bump: Bump, now: Date): string[] {
  return rule.set.filter((field) => !isKnown(field, bump, now)).map(({ path }) => path);
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
  { commit, repository = rule.source?.replaceAll('{name}', lastPart(image)) }: Provenance,
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
