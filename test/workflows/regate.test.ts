import { expect, it } from 'vitest';
import { formatSubject, type Subject } from '../../src/domain/subject.ts';
import type { WakeReason } from '../../src/store/store.ts';
import { gatePaths, regateOpenChanges } from '../../src/workflows/regate.ts';
import { createFakeForge } from '../support/fake-forge.ts';

it('has every open change of the default branch looked at, and no other', async () => {
  const forge = createFakeForge();
  const repository = forge.addRepository('acme/deploy', { 'a.yaml': 'a: 1\n' });
  for (const branch of ['one', 'two', 'three', 'four']) forge.push(repository, branch, { 'a.yaml': `a: ${branch}\n` });
  const [one, two] = [forge.openChange(repository, 'one', '1'), forge.openChange(repository, 'two', '2')];
  forge.openChange(repository, 'three', '3', { target: 'side' });
  forge.closeAsPerson(forge.openChange(repository, 'four', '4'));
  const woken: [string, WakeReason][] = [];
  const wake = (subject: Subject, reason: WakeReason) => {
    woken.push([formatSubject(subject), reason]);
    return Promise.resolve();
  };
  await regateOpenChanges({ forge, store: { inbox: { wake } } }, { repository, defaultBranch: 'main' });
  const reason = { kind: 'change-touched', what: 'base' };
  expect(woken.toSorted()).toEqual([one, two].map(({ number }) => [`github:acme/deploy#${number}`, reason]));
});

it('knows every file that the gate reads of a branch', () => {
  expect(gatePaths).toEqual(
    expect.arrayContaining(['.tagalong.yml', '.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS']),
  );
});
