import { describe, expect, test } from 'vitest';
import { HOLD_LABEL } from '../../src/domain/change.ts';
import type { Verdict } from '../../src/review/verdict.ts';
import { FAKE_BOT } from '../support/fake-forge.ts';
import { commandStage, WRITTEN, type CommandStage } from './stage.ts';

const BEFORE = new Date(WRITTEN.getTime() - 60_000);
const AFTER = new Date(WRITTEN.getTime() + 10_000);

async function headOf({ forge, on }: CommandStage): Promise<string> {
  return (await forge.change(on))?.headCommit ?? '';
}

/** The gate has looked at this head, and at others before. */
function judged(
  stage: CommandStage,
  headCommit: string,
  more: { at?: Date; verdict?: Verdict; heads?: string[] } = {},
): void {
  const { at = BEFORE, verdict, heads = [] } = more;
  const baseCommit = 'b'.repeat(40);
  stage.kept.verdict = {
    repository: stage.repository,
    number: stage.on.number,
    headCommit,
    baseCommit,
    outcome: verdict?.outcome ?? 'wait',
    verdict,
    requiredChecks: [],
    decidedAt: at,
  };
  stage.kept.renders = [...heads, headCommit].map((head) => ({
    headCommit: head,
    baseCommit,
    fingerprint: head,
    summary: {},
  }));
}

const waiting: Verdict = {
  outcome: 'block',
  stale: [],
  nodes: [
    { rule: 'hold', outcome: 'pass', reason: 'Nobody holds it.', children: [] },
    {
      rule: 'approvals',
      outcome: 'wait',
      reason: 'grouped',
      children: [
        {
          outcome: 'wait',
          reason: '1 of 2 approvals by @acme/sre.',
          remedy: 'Somebody of @acme/sre approves.',
          children: [],
        },
      ],
    },
    { rule: 'freeze', outcome: 'block', reason: 'production is frozen: `<b>`.', children: [] },
  ],
};

describe('/hold and /unhold', () => {
  test('/hold sets the label, and the audit log has the reason', async () => {
    const stage = commandStage();
    expect(await stage.say('/hold waiting for the <b>database</b>')).toBeUndefined();
    expect(await stage.forge.change(stage.on)).toMatchObject({ labels: [HOLD_LABEL] });
    expect(stage.kept.audit).toMatchObject([
      {
        action: 'hold',
        actor: { kind: 'person', name: 'walt' },
        change: 1,
        details: { reason: 'waiting for the <b>database</b>' },
      },
    ]);
    expect(stage.kept.audit[0]?.key).toMatch(/^github:acme\/deploy#1 comment \d+ line 1 hold$/);
  });

  test.each(['/unhold', '/hold cancel', '/hold CANCEL'])(
    '%s takes the label off, and changes nothing where there is none',
    async (body) => {
      const stage = commandStage();
      await stage.say('/hold');
      for (let times = 0; times < 2; times++) {
        await stage.say(body);
        expect(await stage.forge.change(stage.on)).toMatchObject({ labels: [] });
      }
      expect(stage.kept.audit.map(({ action }) => action)).toEqual(['hold', 'unhold', 'unhold']);
    },
  );
});

describe('/approve', () => {
  test('is kept for the head that was there, without a word', async () => {
    const stage = commandStage();
    expect(await stage.say('/approve')).toBeUndefined();
    const headCommit = await headOf(stage);
    expect(stage.kept.approvals).toEqual([{ by: 'walt', at: WRITTEN, headCommit }]);
    expect(stage.kept.audit).toMatchObject([{ action: 'approve', details: { commit: headCommit } }]);
  });

  test('by somebody who cannot write is noted, and does not count', async () => {
    const stage = commandStage();
    expect(await stage.say('/approve', { by: 'rita' })).toMatch(
      /^Noted: \*\*rita\*\* approves `[0-9a-f]{7}`\. It does not count: approvals need write access\.$/,
    );
  });

  test("of one's own change is noted, and does not count", async () => {
    const stage = commandStage();
    stage.byPerson({ 'README.md': 'hello' });
    expect(await stage.say('/approve', { by: 'Wendy' })).toContain('nobody approves a change of their own');
  });

  test('is for the commits that its author could see, and not for those that were pushed while they wrote', async () => {
    const stage = commandStage();
    const seen = await headOf(stage);
    judged(stage, seen);
    stage.forge.push(stage.repository, 'tagalong/staging/acme-shop.000000', { 'staging/evil.yaml': 'a: 1\n' });
    expect(await stage.say('/approve')).toContain(
      'There is a newer commit: it counts only while that renders the same.',
    );
    expect(stage.kept.approvals).toMatchObject([{ headCommit: seen }]);
  });

  test.each(['/approve', '/merge', '/override freeze now'])(
    '%s is refused where the gate has looked since, and another head may have been there',
    async (body) => {
      const stage = commandStage();
      judged(stage, await headOf(stage), { at: AFTER, heads: ['c'.repeat(40)] });
      expect(await stage.say(body, { by: 'sue' })).toContain('Somebody pushed while you wrote. Nothing was done');
      expect(stage.kept.audit).toEqual([]);
    },
  );

  test('counts where the gate has looked since, at the only head there ever was', async () => {
    const stage = commandStage();
    judged(stage, await headOf(stage), { at: AFTER });
    expect(await stage.say('/approve')).toBeUndefined();
    expect(stage.kept.approvals).toHaveLength(1);
  });

  test('/approve cancel takes it back, as on Prow', async () => {
    const stage = commandStage();
    await stage.say('/approve');
    expect(await stage.say('/approve Cancel')).toContain('Your `/approve` is taken back.');
    expect(stage.kept.approvals).toEqual([]);
  });

  test("/unapprove takes back one's own", async () => {
    const stage = commandStage();
    await stage.say('/approve');
    await stage.say('/approve', { by: 'wendy' });
    expect(await stage.say('/unapprove')).toContain('Your `/approve` is taken back.');
    expect(stage.kept.approvals.map(({ by }) => by)).toEqual(['wendy']);
    expect(await stage.say('/unapprove')).toContain('Your `/approve` is taken back.');
  });
});

describe('/merge', () => {
  test('is kept, and says what is missing', async () => {
    const stage = commandStage();
    const headCommit = await headOf(stage);
    judged(stage, headCommit, { verdict: waiting });
    expect(await stage.say('/merge')).toMatchInlineSnapshot(`
      "This merges as soon as the gate passes. Still missing:

      ⛔ **production is frozen: &#96;&#60;b&#62;&#96;. (and 1 other rule)**

      - ⛔ **freeze**: production is frozen: &#96;&#60;b&#62;&#96;.
      - ⏳ **approvals**: grouped
        - 1 of 2 approvals by \`@acme/sre.\`
          - ➡️ Somebody of \`@acme/sre\` approves."
    `);
    expect(stage.kept.mergeRequest).toEqual({ by: 'walt', at: WRITTEN, headCommit });
  });

  test.each([
    [undefined, 'This merges as soon as the gate has looked at it and passes.'],
    [{ outcome: 'pass', nodes: [], stale: [] } as const, 'Nothing is missing: this merges now.'],
  ])('after %j', async (verdict, reply) => {
    const stage = commandStage();
    judged(stage, await headOf(stage), verdict === undefined ? {} : { verdict });
    expect(await stage.say('/merge')).toBe(reply);
  });

  test('after a push does not tell what the gate said of another commit', async () => {
    const stage = commandStage();
    judged(stage, await headOf(stage), { verdict: { outcome: 'pass', nodes: [], stale: [] } });
    stage.forge.push(stage.repository, 'tagalong/staging/acme-shop.000000', { 'staging/x.yaml': 'a: 1\n' });
    expect(await stage.say('/merge')).toBe('This merges as soon as the gate has looked at it and passes.');
    expect(await stage.say('/why')).toContain('The gate has not looked at the newest commit yet');
  });

  test('/merge cancel takes it back', async () => {
    const stage = commandStage();
    await stage.say('/merge');
    expect(await stage.say('/merge cancel', { by: 'wendy' })).toContain('Nobody asks for this to be merged any more.');
    expect(stage.kept.mergeRequest).toBeUndefined();
    expect(stage.kept.audit.map(({ actor, action }) => `${actor.name} ${action}`)).toEqual([
      'walt request-merge',
      'wendy withdraw-merge',
    ]);
  });

  test.each(['/merge tomorrow', '/merge staging'])('%s is refused: it would merge at once', async (body) => {
    const stage = commandStage();
    expect(await stage.say(body)).toContain(
      '`/merge` merges as soon as the gate passes, and takes nothing but `cancel`',
    );
    expect(stage.kept.mergeRequest).toBeUndefined();
  });

  test('after a push is asked for anew', async () => {
    const stage = commandStage();
    await stage.say('/merge');
    const newHead = stage.forge.push(stage.repository, 'tagalong/staging/acme-shop.000000', {
      'staging/x.yaml': 'a: 1\n',
    });
    await stage.say('/merge', { by: 'wendy' });
    expect(stage.kept.mergeRequest).toMatchObject({ by: 'wendy', headCommit: newHead });
    expect(stage.kept.audit).toHaveLength(2);
  });
});

describe('/override', () => {
  test('is kept with person and reason, and says how long it holds', async () => {
    const stage = commandStage();
    const reply = await stage.say('/override Approvals everybody is *asleep*', { by: 'sue' });
    expect(reply).toMatch(
      /^Break glass: \*\*sue\*\* lets this change pass the rule `approvals`: `everybody is \*asleep\*`\. It holds for `[0-9a-f]{7}` and ends when a push changes what is rendered, or with this change\. It is in the audit log\.$/,
    );
    const headCommit = await headOf(stage);
    expect(stage.kept.overrides).toEqual([
      { rule: 'approvals', by: 'sue', at: WRITTEN, reason: 'everybody is *asleep*', headCommit },
    ]);
    expect(stage.kept.audit).toMatchObject([
      { action: 'override', details: { rule: 'approvals', reason: 'everybody is *asleep*' } },
    ]);
  });

  test.each([
    ['/override', '`/override` wants a rule of the gate, and a reason'],
    ['/override freeze', '`/override` wants a rule of the gate, and a reason'],
    ['/override aproval now', 'There is no rule `aproval`. Did you mean `approvals`? Rules: `approvals`, '],
    ['/override everything now', 'There is no rule `everything`. Rules: '],
    ['/override constructor now', 'There is no rule `constructor`.'],
    ['/override config now', '`config` can not be overridden'],
    ['/override MERGEABLE now', '`mergeable` can not be overridden'],
  ])('%s is refused', async (body, refusal) => {
    const stage = commandStage();
    expect(await stage.say(body, { by: 'sue' })).toContain(refusal);
    expect([stage.kept.overrides, stage.kept.audit]).toEqual([[], []]);
  });
});

describe('/rebase and /retry', () => {
  test('/rebase has an untouched bump built anew', async () => {
    const stage = commandStage();
    expect(await stage.say('/rebase')).toBe('This change is built anew on the newest `main`.');
    expect(stage.kept.wakes).toEqual(['github:acme/deploy rebuild']);
    expect(stage.kept.audit).toMatchObject([{ action: 'rebase', actor: { kind: 'person', name: 'walt' } }]);
    expect(stage.isTouched).toBe(false);
  });

  test('/rebase of a bump that people pushed to keeps their commits', async () => {
    const stage = commandStage();
    const head = stage.forge.push(stage.repository, 'tagalong/staging/acme-shop.000000', {
      'staging/x.yaml': 'a: 1\n',
    });
    stage.forge.push(stage.repository, 'main', { 'README.md': 'new' });
    expect(await stage.say('/rebase')).toBe('The newest `main` is merged into this branch.');
    expect(stage.kept.wakes).toEqual([]);
    expect(await headOf(stage)).not.toBe(head);
    expect(stage.isTouched).toBe(true);
  });

  test('/rebase that the forge refuses says what people can do', async () => {
    const stage = commandStage();
    stage.byPerson({ 'README.md': 'mine' });
    const updateBranch = () => Promise.resolve({ ok: false as const, message: 'merge conflict <b>' });
    Object.assign(stage.deps.forge, { updateBranch });
    expect(await stage.say('/rebase')).toBe(
      'The forge does not bring the newest `main` into this branch: `merge conflict <b>`. Its author can: `git merge origin/main` on the branch, then push.',
    );
  });

  test('/retry says that everything is looked at again', async () => {
    const stage = commandStage();
    expect(await stage.say('/retry')).toBe('Everything about this change is looked at again now.');
  });
});

test('the bot is nobody who could approve', async () => {
  const stage = commandStage();
  await stage.say('/approve', { by: FAKE_BOT });
  expect(stage.kept.approvals).toEqual([]);
});
