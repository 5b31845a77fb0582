import { schema as schemaText } from '@octokit/graphql-schema';
import { buildASTSchema, type DocumentNode, type GraphQLError, type GraphQLSchema, parse, validate } from 'graphql';

let schema: GraphQLSchema | undefined;

/** GitHub's official schema, built on first use: it takes about 200 ms. */
export function githubSchema(): GraphQLSchema {
  schema ??= readSchema();
  return schema;
}

function readSchema(): GraphQLSchema {
  const document = parse(schemaText.idl, { noLocation: true });
  return buildASTSchema(document, { assumeValid: true, assumeValidSDL: true });
}

type Checked = { document: DocumentNode; errors: readonly GraphQLError[] };
const remembered = new Map<string, Checked>();

/** Parses and validates a document, once for each text. @throws GraphQLError when it does not parse */
export function checkedDocument(text: string): Checked {
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const document = parse(text);
  const checked = { document, errors: validate(githubSchema(), document) };
  if (remembered.size > 500) remembered.clear();
  remembered.set(text, checked);
  return checked;
}
