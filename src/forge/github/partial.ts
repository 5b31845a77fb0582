import type { z } from 'zod';
import type { RepositoryRef } from '../../domain/repository.ts';
import type { Client } from './client.ts';
import { isAnswer, type GitHubError } from './errors.ts';

export interface PartialAnswer<T> {
  readonly answer: T;
  /** Whether this part could not be read. Only optional ones ever fail. */
  readonly failed: (part: string) => boolean;
}

/**
 * Runs a query of which some parts may fail, for want of a permission or because there is no such thing: the rest is read all the same.
 * @param optional the fields that may fail, as `repository.pullRequest.commits.nodes.*.commit.checkSuites`; anything below them may too
 */
export async function queryPartly<T>(
  client: Client,
  repository: RepositoryRef,
  { document, variables, shape }: { document: string; variables: object; shape: z.ZodType<T> },
  optional: readonly string[],
): Promise<PartialAnswer<T>> {
  try {
    const answer = await client.graphql(repository, document, variables, shape);
    return { answer, failed: () => false };
  } catch (error) {
    if (!isAnswer(error)) throw error;
    const answer = readPart(error, shape, optional);
    if (answer === undefined) throw error;
    return { answer, failed: (part) => error.failedFields.some((field) => isWithin(field, part)) };
  }
}

function readPart<T>(
  { failedFields, partial }: GitHubError,
  shape: z.ZodType<T>,
  optional: readonly string[],
): T | undefined {
  const isBearable = failedFields.every((field) => optional.some((part) => isWithin(field, part)));
  return failedFields.length > 0 && isBearable ? shape.safeParse(partial).data : undefined;
}

function isWithin(field: string, part: string): boolean {
  const steps = field.split('.');
  return part.split('.').every((name, index) => (name === '*' ? index < steps.length : name === steps[index]));
}
