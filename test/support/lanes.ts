import { deployment, Lane, type LaneGround } from './lane.ts';

/** Where lanes are opened. */
export interface Ground extends LaneGround {
  /** Tells organisations apart where everything happens several times. */
  readonly round: number;
}

/** A lane, and what happens in it from its first to its last step. */
export interface RunningLane {
  readonly lane: Lane;
  readonly done: Promise<void>;
}

/** Everything that people and tools do with the gate, the commands and the reports, in organisations of their own, all at the same time. */
export function runLanes(ground: Ground): readonly RunningLane[] {
  return [reviewed, frozen, steppedBack, wentAround, pushedAgain, raced, byItself].map((story) => story(ground));
}

const production = `version: 1
environments:
  production:
    paths: ['production/**']
`;

const reviewedProduction = `${production}    review: { approvals: 2, from: ['@ORG/sre'] }\n`;

const at = (seconds: number) => new Date(Date.now() + seconds * 1000);

interface Opening {
  readonly story: string;
  readonly config: string;
  /** How many must have approved what is merged. */
  readonly approvals: number;
  readonly isProtected?: boolean;
}

function begin({ round, ...ground }: Ground, { story, config, approvals, isProtected = true }: Opening): Lane {
  const owner = `${story}-${round}`;
  const environment = config.includes('production:') ? 'production' : 'staging';
  const path = `${environment}/shop.yaml`;
  return new Lane(ground, {
    owner,
    story,
    approvals,
    isProtected,
    config: config.replaceAll('ORG', owner),
    paths: [path],
  });
}

/** Reviews come, block, are dismissed; a hold keeps what was approved; the tool fails, and then does not. */
function reviewed(ground: Ground): RunningLane {
  const lane = begin(ground, { story: 'reviewed', config: reviewedProduction, approvals: 2 });
  const play = async () => {
    const { people } = lane.github;
    await lane.followed();
    await lane.release('1.1.0');
    const pull = await lane.proposed(`Bump ${lane.owner}/shop from 1.0.0 to 1.1.0 in production`);
    await lane.gated(pull, 'pending', '2 approvals');
    lane.approve(pull, 'mona');
    lane.approve(pull, 'sue');
    await lane.gated(pull, 'pending', '1 more');
    const objection = people.review(pull, 'CHANGES_REQUESTED', { author: 'sam', body: 'Too soon.' });
    await lane.gated(pull, 'failure', 'sam');
    people.dismissReview(objection, { by: 'root' });
    await lane.gated(pull, 'pending', '1 more');
    await lane.say(pull, 'sue', '/hold the database is moving');
    await lane.gated(pull, 'pending', 'hold');
    lane.approve(pull, 'sam');
    await lane.gated(pull, 'pending', 'and `@sam`');
    await lane.say(pull, 'sam', '/merge\n/status');
    await lane.say(pull, 'mona', '/unhold');
    const revision = await lane.merged(pull);
    await lane.told('1.1.0', 'production', 'pending');
    await lane.synchronised('production', { revision, phase: 'Running', at: at(0) });
    await lane.told('1.1.0', 'production', 'pending', 'deployed');
    const failure = { revision, phase: 'Failed', message: 'exceeded its progress deadline' } as const;
    await lane.synchronised('production', { ...failure, at: at(1) });
    await lane.synchronised('production', { ...failure, at: at(1) });
    await lane.told('1.1.0', 'production', 'failure');
    await lane.synchronised('production', { revision, phase: 'Succeeded', health: 'Healthy', at: at(2) });
    await lane.synchronised('production', { revision, phase: 'Running', at: at(0) });
    await lane.synchronised('production', { ...failure, at: at(-1) });
    await lane.told('1.1.0', 'production', 'success');
  };
  return { lane, done: play() };
}

/** A freeze stops two changes; somebody who may not, and somebody who may, override it for one of them. */
function frozen(ground: Ground): RunningLane {
  const lane = begin(ground, { story: 'frozen', config: production, approvals: 1 });
  const play = async () => {
    await lane.followed();
    const urgent = await lane.open('urgent', { 'production/urgent.yaml': deployment('nginx:1.25.0', 'urgent') });
    const patient = await lane.open('patient', { 'production/patient.yaml': deployment('nginx:1.26.0', 'patient') });
    lane.approve(urgent, 'sue');
    await lane.gated(urgent, 'success');
    await lane.say(patient, 'sam', '/approve');
    await lane.gated(patient, 'success');
    await lane.say(urgent, 'sue', '/freeze production for 4h the database is moving');
    await lane.gated(urgent, 'pending', 'the database is moving');
    await lane.gated(patient, 'pending', 'the database is moving');
    await lane.say(urgent, 'sue', '/override freeze hot fix');
    const misread = await lane.say(urgent, 'reader', '/hodl\n/hold');
    await lane.say(urgent, 'root', '/override freeze hot fix');
    await lane.gated(urgent, 'success', 'hot fix');
    lane.edit(misread, 'reader', '/unfreeze');
    await lane.say(patient, 'sue', '/merge');
    await lane.say(urgent, 'sam', '/merge');
    await lane.merged(urgent);
    await lane.say(patient, 'sam', '/unapprove');
    await lane.gated(patient, 'pending', '1 approval');
  };
  return { lane, done: play() };
}

/** One version is skipped, the next one fails, and the one before it is gone back to and kept. */
function steppedBack(ground: Ground): RunningLane {
  const lane = begin(ground, { story: 'back', config: production, approvals: 1 });
  const title = (from: string, to: string) => `Bump ${lane.owner}/shop from ${from} to ${to} in production`;
  const play = async () => {
    const { people } = lane.github;
    await lane.followed();
    await lane.release('1.1.0');
    const first = await lane.proposed(title('1.0.0', '1.1.0'));
    await lane.gated(first, 'pending', '1 approval');
    lane.approve(first, 'sue');
    await lane.gated(first, 'success');
    people.merge(first, { by: 'sue', method: 'squash' });
    await lane.merged(first);
    await lane.release('1.2.0');
    const leaking = await lane.proposed(title('1.1.0', '1.2.0'));
    await lane.gated(leaking, 'pending', '1 approval');
    await lane.say(leaking, 'sue', '/skip leaks memory');
    await lane.gone(leaking);
    await lane.release('1.3.0');
    const failing = await lane.proposed(title('1.1.0', '1.3.0'));
    await lane.gated(failing, 'pending', '1 approval');
    await lane.say(failing, 'sam', '/merge');
    lane.approve(failing, 'sue');
    const failed = await lane.merged(failing);
    await lane.report({
      application: 'shop',
      state: 'failed',
      revision: failed,
      environment: 'production',
      message: 'Back-off restarting failed container',
      at: at(0).toISOString(),
    });
    await lane.told('1.3.0', 'production', 'failure');
    await lane.say(failing, 'sue', '/rollback');
    const back = await lane.proposed(`Roll back ${lane.owner}/shop to 1.1.0 in production`);
    await lane.gated(back, 'pending', '1 approval');
    lane.approve(back, 'sam');
    await lane.gated(back, 'success');
    await lane.say(back, 'sue', '/merge');
    const revision = await lane.merged(back);
    await lane.report({
      application: 'shop',
      state: 'succeeded',
      revision,
      environment: 'production',
      at: at(1).toISOString(),
    });
    await lane.told('1.1.0', 'production', 'success', 'live');
    await lane.say(back, 'sam', '/pin 1.1.0 for 7d');
    await lane.release('1.4.0');
  };
  return { lane, done: play() };
}

/** Somebody pushes around the gate, alone and twice in a row; one of them is taken back by its button. */
function wentAround(ground: Ground): RunningLane {
  const lane = begin(ground, {
    story: 'around',
    config: `${production}bypass: { tell: [check, issue] }\n`,
    approvals: 1,
  });
  const play = async () => {
    const { people } = lane.github;
    const seen = (sha: string) =>
      lane.until(`the bypass ${sha} is told`, () => lane.checkOf('tagalong/bypass', sha)?.conclusion === 'failure');
    await lane.followed();
    // A change is gated once the bot remembers the branch; what was pushed before that it has never known otherwise.
    await lane.open('patient', { 'production/patient.yaml': deployment('nginx:1.26.0', 'patient') });
    await seen(lane.push('main', { 'production/shop.yaml': deployment('evil:1.0.0') }, 'root'));
    const twice = [
      lane.push('main', { 'production/more.yaml': deployment('evil:1.1.0', 'more') }, 'root'),
      lane.push('main', { 'production/most.yaml': deployment('evil:1.2.0', 'most') }, 'root'),
    ];
    for (const sha of twice) await seen(sha);
    const check = lane.checkOf('tagalong/bypass', twice[1] ?? '');
    if (check === undefined) throw new Error('no check');
    people.pressButton(check, 'revert', { by: 'sue' });
    const revert = await lane.until('a revert', () =>
      lane.github.state.pullRequests(lane.manifests, 'open').find(({ title }) => title.startsWith('Revert')),
    );
    await lane.gated(revert, 'pending', '1 approval');
    await lane.until('the revert is told', () => check.title?.startsWith('Revert proposed'));
    lane.approve(revert, 'sam');
    await lane.gated(revert, 'success');
    await lane.say(revert, 'sue', '/merge');
    await lane.merged(revert);
  };
  return { lane, done: play() };
}

/** A branch goes on after it was approved: once rendered alike, once not. */
function pushedAgain(ground: Ground): RunningLane {
  const lane = begin(ground, { story: 'pushed', config: production, approvals: 1 });
  const play = async () => {
    await lane.followed();
    const path = 'production/shop.yaml';
    const change = deployment(`ghcr.io/${lane.owner}/shop:1.0.0`, 'shop2');
    const pull = await lane.open('rename', { [path]: change });
    lane.approve(pull, 'sue');
    await lane.gated(pull, 'success');
    lane.push('rename', { [path]: `# A remark.\n${change}` }, 'mona');
    await lane.gated(pull, 'success');
    lane.push('rename', { [path]: change.replace('shop2', 'shop3') }, 'mona');
    await lane.gated(pull, 'pending', '1 approval');
    await lane.until('the approval is dismissed', () => pull.reviews.some(({ state }) => state === 'DISMISSED'));
    await lane.say(pull, 'sam', '/hold\n/unhold\n/approve');
    await lane.gated(pull, 'success');
    await lane.say(pull, 'sue', '/merge');
    await lane.merged(pull);
  };
  return { lane, done: play() };
}

/** Somebody pushes in the very moment in which the bot merges, and nobody but the bot is in the way. */
function raced(ground: Ground): RunningLane {
  const lane = begin(ground, { story: 'raced', config: production, approvals: 1, isProtected: false });
  const play = async () => {
    await lane.followed();
    const path = 'production/shop.yaml';
    const change = deployment(`ghcr.io/${lane.owner}/shop:1.0.0`, 'shop2');
    const pull = await lane.open('rename', { [path]: change });
    const pushed = lane.whenMerging(() => lane.push('rename', { [path]: change.replace('shop2', 'evil') }, 'mona'));
    await lane.say(pull, 'sam', '/merge');
    lane.approve(pull, 'sue');
    await pushed;
    await lane.gated(pull, 'pending', '1 approval');
    await lane.until('the approval is dismissed', () => pull.reviews.some(({ state }) => state === 'DISMISSED'));
    lane.approve(pull, 'sam');
    await lane.gated(pull, 'success');
    await lane.say(pull, 'sam', '/merge');
    await lane.merged(pull);
  };
  return { lane, done: play() };
}

/** Nobody is asked; what is reported comes in any order, and several times. */
function byItself(ground: Ground): RunningLane {
  const config = `version: 1\nenvironments:\n  staging: { paths: ['staging/**'], merge: auto }\n`;
  const lane = begin(ground, { story: 'auto', config, approvals: 0 });
  const play = async () => {
    await lane.followed();
    const revisions: string[] = [];
    for (const [from, to] of [
      ['1.0.0', '1.1.0'],
      ['1.1.0', '1.2.0'],
      ['1.2.0', '1.3.0'],
    ] as const) {
      const told = lane.release(to);
      const pull = await lane.until(`1.${revisions.length + 1}.0 is proposed`, () =>
        lane.github.state
          .pullRequests(lane.manifests)
          .find(({ title }) => title === `Bump ${lane.owner}/shop from ${from} to ${to} in staging`),
      );
      await told;
      revisions.push(await lane.merged(pull));
    }
    const [first = '', second = '', third = ''] = revisions;
    const good = { phase: 'Succeeded', health: 'Healthy' } as const;
    await lane.synchronised('staging', { revision: second, ...good, at: at(1) });
    await lane.told('1.2.0', 'staging', 'success', 'live');
    await lane.synchronised('staging', { revision: third, ...good, at: at(2) });
    await lane.synchronised('staging', { revision: first, ...good, at: at(0) });
    await lane.synchronised('staging', { revision: second, phase: 'Running', at: at(-1) });
    await lane.synchronised('staging', { revision: third, phase: 'Running', at: at(0) });
    await lane.told('1.3.0', 'staging', 'success', 'live');
  };
  return { lane, done: play() };
}
