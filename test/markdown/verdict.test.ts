import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { marked } from 'marked';
import { describe, expect, test } from 'vitest';
import { prose } from '../../src/markdown/prose.ts';
import { verdictCheck, verdictLog, verdictReply } from '../../src/markdown/verdict.ts';
import { evaluate } from '../../src/review/evaluate.ts';
import type { Snapshot } from '../../src/review/snapshot.ts';
import type { Verdict, VerdictNode } from '../../src/review/verdict.ts';
import { asking, byPerson, override, passing, policy, review } from '../review/passing.ts';

const golden = join(import.meta.dirname, '../golden/verdict');
const hostile = '@everyone](http://x)\n</details>`<img src=x>`# acme/other#1 https://evil.example';

const cases: Record<string, Snapshot> = {
  pass: passing(),
  approval: passing({ ...asking({ from: ['@acme/sre'] }), reviews: [] }),
  'own-approval': byPerson({ reviews: [review('alice', { id: 'command' })] }),
  stale: passing({ ...asking({ approvals: 2 }), reviews: [review('bob'), review('carol', { rendersAlike: false })] }),
  several: passing({
    reviews: [review('bob', { state: 'changes-requested' })],
    change: { labels: ['tagalong: hold'], hold: { by: 'carol', reason: 'wait for the migration' } },
    checks: { required: ['ci/lint', 'ci/test'], reported: [{ name: 'ci/lint', state: 'failure' }] },
    render: {
      kind: 'rendered',
      findings: [{ rule: 'plain-secret', resource: 'shop/Secret/db' }],
      failures: [
        { unit: 'charts/shop', message: 'color is required' },
        { unit: 'charts/web', message: 'no such chart' },
      ],
    },
  }),
  frozen: passing({
    at: '2024-11-09T12:00:00Z',
    config: {
      kind: 'valid',
      policies: [policy({ freeze: [{ from: 6780, to: 480, zone: 'Asia/Tokyo', reason: 'weekend' }] })],
    },
  }),
  overridden: passing({
    freezes: [{ environment: 'production', by: 'carol', reason: 'audit' }],
    overrides: [override('freeze', { reason: 'the shop is down, see #42' })],
  }),
  'no-team': passing({ ...asking({ from: ['@acme/ghosts'] }), teams: { '@acme/ghosts': null } }),
  'bad-config': passing({
    config: { kind: 'invalid', file: '.tagalong.yml', problems: ['.tagalong.yml:3:5: `aprovals` is no word here'] },
  }),
  owners: passing({
    paths: ['apps/a.yaml', 'docs/b.md', 'lib/c.yaml'],
    config: {
      kind: 'valid',
      policies: [policy({ review: { codeowners: true }, paths: ['apps/a.yaml', 'docs/b.md', 'lib/c.yaml'] })],
    },
    codeowners: { path: 'CODEOWNERS', text: '/apps/ @dave @acme/shop\n/docs/ docs@example.com\n!lib/ @dave\n' },
  }),
  hostile: passing({
    reviews: [review('bob')],
    change: { labels: ['tagalong: hold'], hold: { by: 'x', reason: hostile } },
    freezes: [
      { environment: hostile, by: 'carol' },
      { by: hostile, reason: hostile },
    ],
    pin: { version: hostile, by: 'carol', reason: hostile },
  }),
};

describe('golden checks', () => {
  test.each(Object.entries(cases))('%s', async (name, snapshot) => {
    const { conclusion, title, summary } = verdictCheck(evaluate(snapshot));
    const text = `${conclusion}: ${title}\n\n${summary}\n`;
    await expect(text).toMatchFileSnapshot(join(golden, `${name}.md`));
  });

  test('every golden file is of a case', () => {
    expect(readdirSync(golden).toSorted()).toEqual(
      Object.keys(cases)
        .map((name) => `${name}.md`)
        .toSorted(),
    );
  });
});

test.each([
  ['pass', 'pass', 'success'],
  ['approval', 'wait', 'pending'],
  ['several', 'block', 'failure'],
])('%s is %s, and the check %s', (name, outcome, conclusion) => {
  const verdict = verdictOf(name);
  expect([verdict.outcome, verdictCheck(verdict).conclusion]).toEqual([outcome, conclusion]);
});

test('the title says the one thing that is missing', () => {
  expect(verdictCheck(verdictOf('approval')).title).toBe('Waiting for 1 approval from @acme/sre in production');
});

test('the answer to /why begins with that thing', () => {
  expect(verdictReply(verdictOf('approval'))).toMatch(
    /^⏳ \*\*Waiting for 1 approval from `@acme\/sre` in production\*\*\n\n- ⏳ \*\*approvals\*\* in `production`: /,
  );
});

test('the log has names of rules, and nothing that people wrote', () => {
  expect(verdictLog(verdictOf('several'))).toEqual({
    outcome: 'block',
    blockedBy: ['changes-requested', 'checks', 'findings', 'render'],
    waitingFor: ['approvals', 'hold', 'checks'],
    overridden: [],
    staleApprovals: 0,
  });
  expect(verdictLog(verdictOf('overridden'))).toEqual({
    outcome: 'pass',
    blockedBy: [],
    waitingFor: [],
    overridden: ['freeze'],
    staleApprovals: 0,
  });
  expect(verdictLog(verdictOf('stale'))).toMatchObject({ staleApprovals: 1 });
  expect(verdictLog(verdictOf('frozen'))).toMatchObject({ recheckAt: '2024-11-10T23:00:00.000Z' });
});

describe('whatever people write', () => {
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom(
      hostile,
      '@alice',
      'a@b.c',
      'acme/x#1',
      '`@bob`',
      '@acme/sre.',
      '(@x)',
      '@',
      '#1@alice',
      'GH-12',
      'www.evil.example',
    ),
  );
  const sentence = fc.array(text, { maxLength: 4 }).map((parts) => parts.join(' '));

  test('nobody is mentioned, nothing is a link or markup, and it reads as it was written', async () => {
    await fc.assert(
      fc.asyncProperty(sentence, async (written) => {
        const html = (await marked.parse(`- ${prose(written)}x`)).replaceAll(/^<ul>\n<li>|<\/li>\n<\/ul>\n$/g, '');
        const bare = html.replaceAll(/<code>[^<]*<\/code>/g, '\0');
        expect(bare.replaceAll(/<\/?p>/g, '')).not.toMatch(/</);
        expect(unescapeHtml(bare)).not.toMatch(/(?<![\w`])@[A-Za-z0-9]/);
        const shown = unescapeHtml(html.replaceAll(/<\/?(?:p|code)>/g, ''));
        expect(shown.replaceAll(/\s+/g, '')).toBe(`${written}x`.replaceAll(/\s+/g, ''));
      }),
    );
  });

  test('it fits into a check', () => {
    const huge = 'x'.repeat(5_000);
    const node: VerdictNode = {
      rule: 'hold',
      outcome: 'wait',
      reason: huge,
      remedy: `${huge}: /${huge}`,
      children: [],
    };
    const nodes = Array.from({ length: 200 }, () => ({ ...node, children: Array.from({ length: 15 }, () => node) }));
    const verdict: Verdict = { outcome: 'wait', nodes, stale: [] };
    expect(verdictReply(verdict).length).toBeLessThan(65_000);
    expect(verdictCheck(verdict).title.length).toBeLessThan(250);
  });
});

function verdictOf(name: string): Verdict {
  const snapshot = cases[name];
  if (snapshot === undefined) throw new Error(`no case ${name}`);
  return evaluate(snapshot);
}

function unescapeHtml(html: string): string {
  return html
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}
