import { stringify } from 'yaml';
import type { Mapping } from './value.ts';

/** One way to write a resource, whatever way it was rendered in: quoting, indentation and comments make no difference; order does. */
export function printResource(object: Mapping): string {
  return stringify(object, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });
}
