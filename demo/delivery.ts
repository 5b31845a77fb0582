import type { GitHubSimulator } from '../test/support/forge/github/simulator.ts';
import type { CheckRun, PullRequest } from '../test/support/forge/github/world/model.ts';
import type { BotProcess } from '../test/support/bot-process.ts';
import { reportAsArgoCd } from './argo-cd.ts';
import { MANIFESTS, type DemoApplication } from './organisation.ts';
import { postImage } from './post-image.ts';
import type { Teller } from './tell.ts';
import { until } from './until.ts';

/** What the demo plays on. */
export interface DemoStage {
  readonly github: GitHubSimulator;
  readonly bot: BotProcess;
  readonly teller: Teller;
}

/** A bump into production: kept back by the gate, reviewed, merged on request, reported by Argo CD, told to the application's commit. */
export async function deliver(stage: DemoStage, application: DemoApplication): Promise<void> {
  const { github, teller } = stage;
  const pull = await openBump(stage, `Bump acme/shop from 1.4.1 to 1.5.0 in production`);
  const waiting = await gated(stage, pull, 'pending');
  tell(stage, 'kept-back', `#${pull.number}: ${waiting.title ?? ''}`, pull);
  const refusal = refused(() => github.people.merge(pull, { by: 'sue' }));
  tell(stage, 'refused', `GitHub lets nobody merge #${pull.number}: ${refusal}`, pull);

  github.people.review(pull, 'APPROVED', { author: 'mona' });
  github.people.review(pull, 'APPROVED', { author: 'sue' });
  const stillWaiting = await gated(stage, pull, 'pending', '1 more');
  tell(stage, 'reviewed', `by mona, who wrote the commit, and by sue of the team: ${stillWaiting.title ?? ''}`, pull);
  github.people.comment(pull, '/merge', { author: 'sue' });
  github.people.review(pull, 'APPROVED', { author: 'sam' });
  const commit = await merged(pull);
  tell(stage, 'merged', `#${pull.number} by ${pull.merge?.by.login ?? ''}, as sue asked by /merge`, pull);

  await reportAsArgoCd(stage.bot.url, { application: 'shop-production', phase: 'Running', revision: commit });
  await statusIs(stage, application, 'tagalong/production', 'pending');
  await reportAsArgoCd(stage.bot.url, { application: 'shop-production', phase: 'Succeeded', revision: commit });
  const description = await statusIs(stage, application, 'tagalong/production', 'success');
  teller.step('deployed', `acme/shop@${application.commit.slice(0, 7)}: ${description}`, {
    url: `${github.url}/acme/shop/commit/${application.commit}`,
  });
  await commented(stage, application.pull, 'production');
  teller.step('told', `on acme/shop#${application.pull.number}, where the commit came from`, {
    url: `${github.url}/acme/shop/pull/${application.pull.number}`,
  });
}

/** A bump that merges by policy, and whose rollout fails: rolled back by a comment, and pinned. */
export async function fail(stage: DemoStage, { commit }: DemoApplication): Promise<void> {
  const { github, bot } = stage;
  const tag = `main-${commit.slice(0, 7)}`;
  const pull = await until(`the merge of web ${tag}`, () =>
    github.state.pullRequests(MANIFESTS, 'all').find(({ title, merge }) => title.includes(`to ${tag} in`) && merge),
  );
  const revision = await merged(pull);
  tell(stage, 'merged', `#${pull.number} by ${pull.merge?.by.login ?? ''}, as the policy of staging says`, pull);
  const message = 'Deployment "web" exceeded its progress deadline';
  await reportAsArgoCd(bot.url, {
    application: 'web-staging',
    phase: 'Succeeded',
    health: 'Degraded',
    message,
    revision,
  });
  await commented(stage, pull, '/rollback');
  tell(stage, 'failed', `Argo CD: ${message}`, pull);

  github.people.comment(pull, '/rollback', { author: 'sue' });
  const rollback = await until('a rollback', () =>
    github.state.pullRequests(MANIFESTS).find(({ title }) => title.startsWith('Roll back acme/web')),
  );
  tell(stage, 'rolling-back', rollback.title, rollback);
  const restored = await merged(rollback);
  await reportAsArgoCd(bot.url, { application: 'web-staging', phase: 'Succeeded', revision: restored });
  await commented(stage, rollback, '[live]');
  tell(stage, 'rolled-back', `#${rollback.number} is merged and live`, rollback);
  await holds(stage, rollback, commit);
}

/** A newer image is published, and not proposed over the pin; `/status` says why. */
async function holds(stage: DemoStage, rollback: PullRequest, commit: string): Promise<void> {
  const { github, bot } = stage;
  const before = github.state.pullRequests(MANIFESTS).length;
  await postImage(bot.url, { image: 'ghcr.io/acme/web:main-fffffff', commit, repository: 'acme/web' });
  await until('the newer image to be looked at', () =>
    bot.logs.find((line) => line['msg'] === 'nothing to propose' && line['reason'] === 'pinned'),
  );
  if (github.state.pullRequests(MANIFESTS).length !== before) throw new Error('it was proposed over the pin');
  github.people.comment(rollback, '/status', { author: 'sue' });
  await commented(stage, rollback, 'pinned');
  tell(stage, 'pinned', 'a newer image is published, and not proposed until somebody says /unpin', rollback);
}

function openBump({ github }: DemoStage, title: string): Promise<PullRequest> {
  return until(title, () => github.state.pullRequests(MANIFESTS, 'open').find((pull) => pull.title === title));
}

function gated({ github }: DemoStage, pull: PullRequest, answer: string, text = ''): Promise<CheckRun> {
  return until(`${answer} of the gate on #${pull.number} with '${text}'`, () =>
    github.state
      .checkRuns(MANIFESTS, pull.head.sha)
      .find(
        ({ name, conclusion = 'pending', title = '' }) =>
          name === 'tagalong/review' && conclusion === answer && title.includes(text),
      ),
  );
}

function refused(attempt: () => unknown): string {
  try {
    attempt();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('the gate let an unreviewed change through');
}

function merged(pull: PullRequest): Promise<string> {
  return until(`the merge of #${pull.number}`, () => pull.merge?.commit);
}

function statusIs({ github }: DemoStage, { name, commit }: DemoApplication, context: string, state: string) {
  return until(`${context} ${state}`, () => {
    const last = github.state.statuses(`acme/${name}`, commit).findLast((status) => status.context === context);
    return last?.state === state ? (last.description ?? '') : undefined;
  });
}

function commented({ github }: DemoStage, pull: PullRequest, text: string): Promise<unknown> {
  return until(`a comment with '${text}' on #${pull.number}`, () =>
    github.state.comments(pull).find(({ body, app }) => app !== undefined && body.includes(text)),
  );
}

function tell({ github, teller }: DemoStage, step: string, text: string, pull: PullRequest): void {
  teller.step(step, text, { change: pull.number, url: `${github.url}/${MANIFESTS}/pull/${pull.number}` });
}
