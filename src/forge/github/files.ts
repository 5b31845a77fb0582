import type { Files } from '../forge.ts';
import type { Client } from './client.ts';
import { blobText, expressions, readFilesDocument, repositoryOfFiles } from './documents.ts';
import { GitHubError } from './errors.ts';
import { splitPath } from './paths.ts';

export function createFiles(client: Client): Files {
  return {
    async readFiles(repository, paths) {
      if (paths.length === 0) return new Map();
      const { owner, repo } = splitPath(repository);
      const answer = await client.graphql(
        repository,
        readFilesDocument(paths),
        { owner, name: repo, ...expressions('HEAD', paths) },
        repositoryOfFiles,
      );
      client.known.remember(repository, { nodeId: answer.repository.id });
      const texts = paths.map((path, index) => [path, textOf(path, answer.repository[`o${index}`])] as const);
      return new Map(texts.filter((entry): entry is readonly [string, string] => entry[1] !== undefined));
    },
  };
}

/** undefined for what is not there, and for what is no file. */
function textOf(path: string, object: unknown): string | undefined {
  const { data: blob } = blobText.safeParse(object);
  if (blob?.isTruncated === true || blob?.isBinary === true) {
    throw new GitHubError(
      'forge-refused',
      `${path} cannot be read: it is ${blob.isBinary === true ? 'binary' : 'too large'}.`,
    );
  }
  return blob?.text ?? undefined;
}
