import { describe, expect, it } from 'vitest';
import {
  bypassCheck,
  bypassIssue,
  bypassLines,
  bypassMarker,
  revertBody,
  revertedCheck,
  revertTitle,
  type Bypass,
  type BypassKind,
} from '../../src/markdown/bypass.ts';
import { dismissalReason, mergeRefusedComment, unreadableCheck } from '../../src/markdown/gate.ts';

const commit = '3f2a91c04b5d6e7f8091a2b3c4d5e6f708192a3b';
const hostile = 'fix `it` @acme/sre <!-- x --> [a](http://b) #1';

const bypass = (how: BypassKind, more: Partial<Bypass> = {}): Bypass => ({
  commit,
  url: `https://forge.test/commit/${commit}`,
  subject: 'Raise replicas',
  author: 'Eve',
  how,
  ...more,
});

describe('a bypass', () => {
  it.each<[BypassKind, string]>([
    [{ kind: 'pushed' }, 'pushed without a pull request'],
    [{ kind: 'merged', changes: [4, 5] }, 'merged with #4, #5 without a passing verdict'],
    [{ kind: 'altered', changes: [4], paths: ['a.yaml'] }, '#4 passed, and this also changes `a.yaml`'],
    [{ kind: 'rewritten', before: commit }, 'the branch was at `3f2a91c` before, and what it had then is gone from it'],
  ])('of kind %j is told in the same words everywhere', (how, words) => {
    const issue = bypassIssue([bypass(how)], { branch: 'main', marker: bypassMarker(commit) });
    expect(bypassCheck(bypass(how)).summary).toContain(`\`Raise replicas\` by Eve: ${words}.`);
    expect(issue.body).toContain(words);
    expect(bypassLines([bypass(how)])[0]).toBe(`3f2a91c Raise replicas (Eve): ${words.replaceAll('`', '')}`);
  });

  it('offers a button within the limits of the forge', () => {
    for (const { id, label, description } of bypassCheck(bypass({ kind: 'pushed' })).actions) {
      expect(id).toBe('revert');
      expect(label.length).toBeLessThanOrEqual(20);
      expect(description.length).toBeLessThanOrEqual(40);
    }
  });

  it('mentions nobody, whatever its author wrote', () => {
    const { summary } = bypassCheck(bypass({ kind: 'pushed' }, { subject: hostile, author: '@eve <b>' }));
    expect(summary).toContain(`\`\` ${hostile} \`\``);
    expect(summary).toContain('&#64;eve &#60;b&#62;');
  });

  it('names as many in an issue as a forge takes', () => {
    const many = Array.from({ length: 500 }, () =>
      bypass({ kind: 'altered', changes: [4], paths: Array.from({ length: 6 }, () => 'a/'.repeat(100)) }),
    );
    const { body } = bypassIssue(many, { branch: 'main', marker: bypassMarker(commit) });
    expect(body.length).toBeLessThan(65_536);
    expect(body).toMatch(/^- and \d+ more; `tagalong audit` names them all$/m);
  });

  it('counts paths that would fill the page', () => {
    const paths = Array.from({ length: 9 }, (_none, index) => `p${index}.yaml`);
    expect(bypassCheck(bypass({ kind: 'altered', changes: [4], paths })).summary).toContain('`p4.yaml` and more');
  });
});

describe('a revert', () => {
  const text = { commit, url: 'https://forge.test/c', subject: 'Raise replicas', by: 'bob', restored: ['a.yaml'] };

  it('says what it brings back, and what it does not', () => {
    const left = [
      { path: 'b.yaml', why: 'changed-since' as const },
      { path: 'logo.png', why: 'not-text' as const },
    ];
    expect(revertTitle(text)).toBe('Revert 3f2a91c: Raise replicas');
    expect(revertBody({ ...text, left })).toBe(
      [
        'Takes back [`3f2a91c`](https://forge.test/c), which reached the branch around the gate. `bob` asked for it.',
        '1 file as before:',
        '- `a.yaml`',
        '**Not taken back**, look at these by hand:',
        '- `b.yaml`: changed again since\n- `logo.png`: not a text file',
      ].join('\n\n'),
    );
  });

  it('lists as many files as anybody reads, and counts the others', () => {
    const restored = Array.from({ length: 60 }, (_none, index) => `${index}.yaml`);
    expect(revertBody({ ...text, restored, left: [] })).toContain('- and 10 more');
  });

  it('keeps the title short', () => {
    expect(revertTitle({ commit, subject: 'x'.repeat(500) }).length).toBeLessThan(100);
  });

  it('is told on the commit, also where nothing was left to do', () => {
    const said = { change: undefined, by: 'bob', left: [] };
    expect(revertedCheck({ commit }, { ...said, change: 7 }).title).toBe('Revert proposed: #7');
    expect(revertedCheck({ commit }, said).title).toBe('Nothing of it is left to revert');
    const left = [{ path: 'logo.png', why: 'not-text' } as const];
    const { title, summary } = revertedCheck({ commit }, { ...said, left });
    expect(title).toBe('It has to be reverted by hand');
    expect(summary).toMatch(/- `logo\.png`: not a text file$/);
  });
});

describe('what the gate tells beside its verdict', () => {
  it('quotes the forge and the person as they are', () => {
    const body = mergeRefusedComment({ head: commit, message: hostile, askedBy: 'bob' });
    expect(body).toContain(`> \`\` ${hostile} \`\``);
    expect(body).toContain('as `bob` asked');
    expect(mergeRefusedComment({ head: commit, message: 'no' })).toContain('as the configuration says');
  });

  it.each([
    [true, 'pending'],
    [false, 'failure'],
  ])('is never green where it could not look (transient: %s)', (isTransient, conclusion) => {
    const check = unreadableCheck('No answer from `forge`.', isTransient);
    expect(check.conclusion).toBe(conclusion);
    expect(check.summary).toContain('`` No answer from `forge`. ``');
  });

  it('says why an approval is taken back', () => {
    expect(dismissalReason(commit, false)).toContain('is not what was approved. Please review 3f2a91c again');
    expect(dismissalReason(commit, true)).toContain('another target');
  });
});
