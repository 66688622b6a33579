import type { MappedField } from '../../sync/crm.ts';

/** A field as the Metadata API and a metadata folder write it. */
export type FieldMetadata = Record<string, unknown> & { fullName: string };

/** Stands in the description of every field that setup makes: only what carries it is ever changed. */
const MARK = 'pql-bridge';

const TEXT_MAX = 255;
const LONG_TEXT = { min: 256, max: 131_072, usual: 32_768 };

/** Custom fields of tasks live on Activity and appear on Task under the same name. */
export function nameOf({ object, field }: MappedField): string {
  return `${object === 'Task' ? 'Activity' : object}.${field}`;
}

/** The name under which permissions know a field: those of Activity are given on Task. */
export function permissionNameOf({ object, field }: MappedField): string {
  return `${object}.${field}`;
}

/** Setup makes custom fields only. */
export function isCustom({ field }: MappedField): boolean {
  return field.endsWith('__c');
}

/** The field that the org is asked to make. Pure. */
export function metadataOf(field: MappedField): FieldMetadata {
  return {
    fullName: nameOf(field),
    label: field.field.replace(/__c$/, '').replaceAll('_', ' '),
    description: `Made by ${MARK} (pql crm setup)`,
    ...typeOf(field),
  };
}

export function isMadeHere({ description }: FieldMetadata): boolean {
  return typeof description === 'string' && description.includes(MARK);
}

function typeOf(field: MappedField): Record<string, unknown> {
  switch (field.type) {
    case 'number':
      return { type: 'Number', precision: 12, scale: 2 };
    case 'datetime':
      return { type: 'DateTime' };
    case 'date':
      return { type: 'Date' };
    case 'boolean':
      return { type: 'Checkbox', defaultValue: 'false' };
    case 'url':
      return { type: 'Url' };
    case 'long_text':
      return longText(field.length ?? LONG_TEXT.usual);
    case 'picklist':
      return field.values === undefined ? text(field) : picklist(field.values);
    case 'text':
      return text(field);
  }
}

function text({ length = TEXT_MAX, unique }: MappedField): Record<string, unknown> {
  if (length > TEXT_MAX && !unique) {
    return longText(length);
  }
  const key = unique ? { externalId: true, unique: true, caseSensitive: true } : {};
  return { type: 'Text', length: Math.min(length, TEXT_MAX), ...key };
}

function longText(length: number): Record<string, unknown> {
  const { min, max } = LONG_TEXT;
  return { type: 'LongTextArea', length: Math.min(Math.max(length, min), max), visibleLines: 5 };
}

function picklist(values: readonly string[]): Record<string, unknown> {
  const valueSetDefinition = { sorted: false, value: values.map(picklistValue) };
  return { type: 'Picklist', valueSet: { restricted: true, valueSetDefinition } };
}

/** How a field that is there, and hidden, differs from what the mapping needs; null: it does not. */
export function typeDiffers(there: FieldMetadata, field: MappedField): string | null {
  const wanted = metadataOf(field);
  if (there.formula !== undefined) {
    return 'it is a formula';
  }
  if (there.type !== wanted.type) {
    return `it is of type ${String(there.type)}, not ${String(wanted.type)}`;
  }
  return field.unique && !(isTrue(there.externalId) && isTrue(there.unique))
    ? 'it is not a unique external id'
    : null;
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}

interface PicklistValue {
  fullName: string;
}

interface ValueSet {
  valueSetDefinition?: { value?: PicklistValue | PicklistValue[] };
}

/** A field of ours with what it lacks: a longer text, more values. Whatever an admin did to it stays. */
export function grown(there: FieldMetadata, field: MappedField): FieldMetadata {
  const wanted = metadataOf(field);
  const length = Math.max(Number(there.length ?? 0), Number(wanted.length ?? 0));
  return {
    ...there,
    ...(wanted.length === undefined ? {} : { length }),
    ...(field.values === undefined ? {} : { valueSet: withValues(there.valueSet as ValueSet, field.values) }),
  };
}

function withValues(there: ValueSet | undefined, wanted: readonly string[]) {
  const definition = there?.valueSetDefinition;
  const known = [definition?.value ?? []].flat();
  const lacking = wanted.filter((value) => !known.some(({ fullName }) => fullName === value));
  return {
    ...there,
    valueSetDefinition: { ...definition, value: [...known, ...lacking.map(picklistValue)] },
  };
}

function picklistValue(value: string) {
  return { fullName: value, default: false, label: value };
}
