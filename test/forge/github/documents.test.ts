import { validate } from '@octokit/graphql-schema';
import { describe, expect, test } from 'vitest';
import * as documents from '../../../src/forge/github/documents.ts';
import { mergeQueueDocument } from '../../../src/forge/github/merge-queue.ts';
import * as reviews from '../../../src/forge/github/review-documents.ts';

describe('every document that is sent', () => {
  const made: Record<string, string> = {
    branchState: documents.branchStateDocument(['a', 'b']),
    'branchState without files': documents.branchStateDocument([]),
    mergeQueue: mergeQueueDocument,
    readFiles: documents.readFilesDocument(['a', 'b']),
    review: reviews.reviewDocument(2),
    'review without teams': reviews.reviewDocument(0),
  };
  const fixed = Object.entries({ ...documents, ...reviews }).filter(
    (entry): entry is [string, string] => entry[0].endsWith('Document') && typeof entry[1] === 'string',
  );

  test.each([...fixed, ...Object.entries(made)])("%s is valid by GitHub's own schema", (_name, document) => {
    expect(validate(document).map(({ message }) => message)).toEqual([]);
  });
});
