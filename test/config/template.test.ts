import { expect, test } from 'vitest';
import { setPlaceholders, sourcePlaceholders, tagPlaceholders } from '../../src/config/template.ts';
import { placeholderNames } from '../../src/manifests/template.ts';

test('the configuration allows the placeholders that are filled in, and no others', () => {
  expect([...setPlaceholders].toSorted()).toEqual(placeholderNames.toSorted());
  for (const word of [...tagPlaceholders, ...sourcePlaceholders]) expect(placeholderNames).toContain(word);
});
