import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { isMap, isSeq, parseDocument } from 'yaml';
import { configExample } from '../../scripts/docs/config-page.ts';
import { generatedPages } from '../../scripts/docs/pages.ts';
import { alternativesOf, configJsonSchema, type JsonSchema } from '../../src/config/json-schema.ts';
import { settingsTable } from '../../src/config/settings-table.ts';
import { errorCodes } from '../../src/domain/errors.ts';
import { valid } from './read.ts';

const root = path.resolve(import.meta.dirname, '../..');
const pages = generatedPages();
const docs = (name: string): string => pages.get(`docs/${name}`) ?? '';

test.each([...pages])('%s is what the code says', async (name, text) => {
  expect(await readFile(path.join(root, name), 'utf8')).toBe(text);
});

test('every error and every setting has its row, and no other does', () => {
  const names = (page: string) => [...page.matchAll(/^\| (?:<a .*?><\/a>)?`([^`]+)` \|/gm)].map(([, name]) => name);
  expect(names(docs('errors.md'))).toEqual(Object.keys(errorCodes));
  expect(names(docs('settings.md')).toSorted()).toEqual(
    Object.values(settingsTable)
      .map(({ name }) => name)
      .toSorted(),
  );
});

describe('the example of the configuration', () => {
  test('is valid', () => {
    valid(configExample);
  });

  test('says every word of the language', () => {
    expect(wordsIn(parseDocument(configExample).contents)).toEqual(new Set(wordsOf(configJsonSchema())));
  });
});

test('every word of the language is explained', () => {
  for (const schema of describedSchemas(configJsonSchema())) expect(schema.description).toMatch(/\.$/);
});

function wordsOf(schema: JsonSchema): string[] {
  return alternativesOf(schema).flatMap(({ properties = {}, items, additionalProperties }) => [
    ...Object.entries(properties).flatMap(([name, child]) => [name, ...wordsOf(child)]),
    ...(items === undefined ? [] : wordsOf(items)),
    ...(typeof additionalProperties === 'object' ? wordsOf(additionalProperties) : []),
  ]);
}

function describedSchemas(schema: JsonSchema): JsonSchema[] {
  return alternativesOf(schema).flatMap(({ properties = {}, items, additionalProperties }) => [
    ...Object.values(properties).flatMap((child) => [child, ...describedSchemas(child)]),
    ...(items === undefined ? [] : describedSchemas(items)),
    ...(typeof additionalProperties === 'object' ? describedSchemas(additionalProperties) : []),
  ]);
}

/** Keys, but for the names of environments. */
function wordsIn(node: unknown, isNames = false): Set<string> {
  if (isSeq(node)) return new Set(node.items.flatMap((item) => [...wordsIn(item)]));
  if (!isMap(node)) return new Set();
  return new Set(
    node.items.flatMap(({ key, value }) => [
      ...(isNames ? [] : [String(key)]),
      ...wordsIn(value, String(key) === 'environments'),
    ]),
  );
}
