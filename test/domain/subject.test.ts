import { describe, expect, it } from 'vitest';
import { formatSubject, parseSubject, type Subject } from '../../src/domain/subject.ts';

describe('a subject', () => {
  it.each<[Subject, string]>([
    [{ kind: 'repository', repository: { forge: 'github', path: 'Acme/Deploy' } }, 'github:acme/deploy'],
    [{ kind: 'change', repository: { forge: 'gitlab', path: 'a/b/c' }, number: 12 }, 'gitlab:a/b/c#12'],
  ])('has the key %2$s and is read back from it', (subject, key) => {
    expect(formatSubject(subject)).toBe(key);
    const lowerCase = {
      ...subject,
      repository: { ...subject.repository, path: subject.repository.path.toLowerCase() },
    };
    expect(parseSubject(key)).toEqual(lowerCase);
  });

  it.each(['', 'acme/deploy', 'github:', 'bitbucket:a/b', 'github:a/b#0', 'github:a/b#x', 'github:a b'])(
    '%j is none',
    (text) => {
      expect(parseSubject(text)).toBeUndefined();
    },
  );
});
