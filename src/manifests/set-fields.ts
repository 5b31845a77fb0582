import { isScalar } from 'yaml';
import type { SetField } from '../domain/policy.ts';
import { fieldOf, keyOf, sourceScalar } from './nodes.ts';
import type { Pointer, SourceDocument, SourceScalar } from './source.ts';
import { fillTemplate, unknownPlaceholder, type TemplateValues } from './template.ts';

/** A field of a document that a `set` entry writes. */
export interface FieldToSet {
  readonly field: SetField;
  /** Index of the document. */
  readonly document: number;
  readonly scalar: SourceScalar;
  readonly value: string;
}

export type FieldsToSet =
  | { readonly ok: true; readonly fields: readonly FieldToSet[] }
  | {
      readonly ok: false;
      readonly reason: 'placeholder-unknown' | 'value-unknown' | 'set-field-not-scalar';
      readonly detail: string;
      readonly pointer?: Pointer;
    };

/**
 * The fields of one document that `set` entries write. A path is the end of a YAML path: `metadata.labels.commitHash` is the
 * label of the object and also that of its pod template. Keys may have dots themselves
 * (`metadata.labels.app.kubernetes.io/version`); positions in lists are numbers. Fields that are not there are not added.
 */
export function fieldsToSet(
  document: SourceDocument,
  entries: readonly SetField[],
  values: TemplateValues,
): FieldsToSet {
  const fields: FieldToSet[] = [];
  for (const field of entries) {
    const unknown = unknownPlaceholder(field.value);
    if (unknown !== undefined) return refuseTemplate(field, 'placeholder-unknown', unknown);
    for (const { pointer, scalar } of fieldsAt(document, field.path)) {
      const filled = fillTemplate(field.value, values);
      if (!filled.ok) return refuseTemplate(field, filled.reason, filled.placeholder);
      if (scalar === undefined) {
        const detail = `\`${field.path}\` is to be set, and is a mapping or list there.`;
        return { ok: false, reason: 'set-field-not-scalar', detail, pointer };
      }
      fields.push({ field, document: document.index, scalar, value: filled.text });
    }
  }
  return { ok: true, fields };
}

/** Whether a path of a `set` entry means the field at `pointer`. */
export function isAtPath(pointer: Pointer, path: string): boolean {
  for (let start = pointer.length - 1; start >= 0; start--) {
    const end = pointer.slice(start).join('.');
    if (end.length >= path.length) return end === path;
  }
  return false;
}

function fieldsAt(document: SourceDocument, path: string): { pointer: Pointer; scalar: SourceScalar | undefined }[] {
  return document.mappings.flatMap((mapping) => {
    const keys = new Set(mapping.node.items.map(({ key }) => keyOf(key)));
    return [...keys].flatMap((key) => {
      if (key === undefined || !isAtPath([...mapping.pointer, key], path)) return [];
      const located = fieldOf(document, mapping, key);
      if (located === undefined) return [];
      const scalar = isScalar(located.node) ? sourceScalar(located) : undefined;
      return [{ pointer: located.pointer, scalar }];
    });
  });
}

function refuseTemplate(
  { path, value }: SetField,
  reason: 'placeholder-unknown' | 'value-unknown',
  placeholder: string,
): FieldsToSet {
  const what = reason === 'placeholder-unknown' ? 'is no placeholder' : 'is not known for this version';
  return { ok: false, reason, detail: `\`${path}\` is to be set to \`${value}\`, and \`{${placeholder}}\` ${what}.` };
}
