import type { CheckRun, PullRequest } from '../../test/support/forge/github/world/model.ts';
import type { Stage } from '../../test/support/stage.ts';
import { reportAsArgoCd } from '../argo-cd.ts';
import { MANIFESTS, type DemoApplication } from '../organisation.ts';
import type { Album } from './album.ts';
import type { SlackSimulator } from './slack.ts';

/** What the pictures are made of. */
export interface Studio {
  readonly stage: Stage;
  readonly slack: SlackSimulator;
  readonly album: Album;
  readonly applications: ReadonlyMap<string, DemoApplication>;
}

/** A bump into production: kept back, explained, steered, reviewed, merged, live. */
export async function pictureDelivery(studio: Studio): Promise<void> {
  const { stage, album } = studio;
  const { people } = stage.github;
  const shop = applicationOf(studio, 'shop');
  await stage.publish({ image: 'ghcr.io/acme/shop:1.5.0', commit: shop.commit, repository: 'acme/shop' });
  const pull = await stage.proposed(people.repository(MANIFESTS), 'Bump acme/shop from 1.4.1 to 1.5.0 in production');
  await stage.gated(pull, 'pending', '2 approvals');
  await stage.commented(pull, '<!-- tagalong:diff -->');
  await album.picture('bump', pageOf(stage, pull), ['main > *']);

  await pictureAnswer(studio, 'help', pull, { author: 'sue', words: '/help' });
  await pictureAnswer(studio, 'refusal', pull, { author: 'rita', words: '/merge' });
  await pictureSteering(studio, pull);

  people.review(pull, 'APPROVED', { author: 'mona' });
  people.review(pull, 'APPROVED', { author: 'sue' });
  const check = await stage.gated(pull, 'pending', '1 more');
  await album.picture('gate', checkPage(stage, check), ['main > *']);
  await pictureAnswer(studio, 'why', pull, { author: 'mona', words: '/why' });

  const request = people.comment(pull, '/merge', { author: 'sue' });
  await stage.until('the wish to merge is noted', () => answered(stage, pull, '/merge'));
  people.review(pull, 'APPROVED', { author: 'sam' });
  const revision = await merged(stage, pull);
  await reportAsArgoCd(stage.bot.url, { application: 'shop-production', phase: 'Running', revision });
  await reportAsArgoCd(stage.bot.url, { application: 'shop-production', phase: 'Succeeded', revision });
  await stage.commented(pull, '[live]');
  await stage.commented(shop.pull, '[live]');
  await album.picture('merged', pageOf(stage, pull), [
    `#issuecomment-${request.id} > *`,
    `#issuecomment-${request.id} ~ * > *`,
  ]);
  await pictureAnswer(studio, 'status', pull, { author: 'mona', words: '/status' });
  await album.picture('application-commit', `${stage.github.url}/acme/shop/commit/${shop.commit}`, ['main > .box']);
  await album.picture('application-pull', pageOf(stage, shop.pull), ['main > *']);
}

/** The environment is frozen, and the change let through all the same. */
async function pictureSteering({ stage, album }: Studio, pull: PullRequest): Promise<void> {
  const { people } = stage.github;
  const frozen = people.comment(pull, '/freeze production for 2h database maintenance', { author: 'sue' });
  await stage.until('the freeze is answered', () => answered(stage, pull, '/freeze'));
  people.comment(pull, '/override freeze security fix', { author: 'root' });
  await stage.until('the override is answered', () => answered(stage, pull, '/override'));
  await stage.gated(pull, 'pending', 'verridden');
  await album.picture('freeze-override', pageOf(stage, pull), [
    `#issuecomment-${frozen.id} > *`,
    `#issuecomment-${frozen.id} ~ article > *`,
  ]);
}

/** A rollout that fails, and the way back. */
export async function pictureFailure(studio: Studio): Promise<void> {
  const { stage, slack, album } = studio;
  const { people } = stage.github;
  const { commit } = applicationOf(studio, 'web');
  const tag = `main-${commit.slice(0, 7)}`;
  await stage.publish({ image: `ghcr.io/acme/web:${tag}`, commit, repository: 'acme/web' });
  const pull = await stage.until('the merge of web', () =>
    stage.github.state
      .pullRequests(MANIFESTS)
      .find(({ title, merge }) => title.includes(`to ${tag} in`) && merge !== undefined),
  );
  const revision = await merged(stage, pull);
  const message = 'Deployment "web" exceeded its progress deadline';
  await reportAsArgoCd(stage.bot.url, {
    application: 'web-staging',
    phase: 'Succeeded',
    health: 'Degraded',
    message,
    revision,
  });
  await stage.commented(pull, '/rollback');
  const [failure] = stage.github.state.comments(pull).slice(-1);
  await album.picture('failure', pageOf(stage, pull), [`#issuecomment-${failure?.id ?? 0} > *`]);
  const told = await stage.until('Slack is told', () => slack.messages.findLast(({ text }) => text.includes(message)));
  await album.text('slack', `${told.text}\n`);

  people.comment(pull, '/rollback', { author: 'sue' });
  const rollback = await stage.until('a rollback', () =>
    stage.github.state.pullRequests(MANIFESTS).find(({ title }) => title.startsWith('Roll back acme/web')),
  );
  await merged(stage, rollback);
  await stage.commented(rollback, '<!-- tagalong:diff -->');
  await album.picture('rollback', pageOf(stage, rollback), ['.pull-heading', '#description', '.timeline > *']);
}

/** Somebody pushes past the gate. */
export async function pictureBypass({ stage, album }: Studio): Promise<void> {
  const { people, state } = stage.github;
  const file = 'slackbot/deployment.yaml';
  const text = state.file(MANIFESTS, file)?.replace('593e9dd', '1f00bad') ?? '';
  const commit = people.pushFiles(MANIFESTS, 'main', { [file]: text }, { author: 'root', message: 'Just this once' });
  const check = await stage.until('the bypass is told', () =>
    state.checkRuns(MANIFESTS, commit).find(({ name, conclusion }) => name === 'tagalong/bypass' && conclusion),
  );
  await album.picture('bypass', checkPage(stage, check), ['main > *']);
}

/** A command and its answer. */
async function pictureAnswer(
  { stage, album }: Studio,
  name: string,
  pull: PullRequest,
  { author, words }: { author: string; words: string },
): Promise<void> {
  const { id } = stage.github.people.comment(pull, words, { author });
  const reply = await stage.until(`an answer to ${words}`, () => answered(stage, pull, words));
  await album.picture(name, pageOf(stage, pull), [`#issuecomment-${id} > *`, `#issuecomment-${reply.id} > *`]);
}

/** The bot's comment after the last one with these words, once its reaction is there too. */
function answered({ github }: Stage, pull: PullRequest, words: string) {
  const comments = github.state.comments(pull);
  const asked = comments.findLastIndex(({ body }) => body.startsWith(words));
  const isDone = comments[asked]?.reactions.some(({ content }) => content !== 'eyes') === true;
  return isDone ? comments.slice(asked + 1).find(({ app }) => app !== undefined) : undefined;
}

function merged(stage: Stage, pull: PullRequest): Promise<string> {
  return stage.until(`the merge of #${pull.number}`, () => pull.merge?.commit);
}

function applicationOf({ applications }: Studio, name: string): DemoApplication {
  const application = applications.get(name);
  if (application === undefined) throw new Error(`there is no application ${name}`);
  return application;
}

function pageOf({ github }: Stage, { repository, number }: PullRequest): string {
  return `${github.url}/${repository.owner.login}/${repository.name}/pull/${number}`;
}

function checkPage({ github }: Stage, { id }: CheckRun): string {
  return `${github.url}/${MANIFESTS}/runs/${id}`;
}
