import { didYouMean } from '../../shared/config-file.ts';
import type { MappedField, SchemaProblem } from '../../sync/crm.ts';
import type { DescribedField, Describes } from './describe.ts';
import { failureOf } from './failure.ts';
import { isAbsent } from './outcomes.ts';
import { requiredFields } from './shape.ts';

/** Types of the API that can hold what a mapping declares. */
const FITS: Record<MappedField['type'], string[]> = {
  text: ['string', 'textarea', 'picklist', 'combobox', 'email', 'url', 'phone', 'id', 'reference'],
  long_text: ['textarea', 'string'],
  number: ['double', 'int', 'currency', 'percent', 'long'],
  datetime: ['datetime'],
  date: ['date'],
  boolean: ['boolean'],
  picklist: ['picklist', 'multipicklist', 'combobox', 'string'],
  url: ['url', 'string', 'textarea'],
};

const TEXTS = ['string', 'textarea', 'url', 'email', 'phone'];

const SETUP = 'pql crm setup --apply makes it, and the permission set that shows it';

/** Every mapped field against the org as the integration user sees it. */
export async function checkSchema(
  describes: Describes,
  fields: readonly MappedField[],
  creates: readonly string[] = [],
): Promise<SchemaProblem[]> {
  describes.forget();
  const problems: SchemaProblem[] = [];
  for (const [object, mapped] of Map.groupBy(fields, (field) => field.object)) {
    const described = await fieldsOf(describes, object);
    for (const field of mapped) {
      const problem = problemOf(field, described, creates.includes(object));
      if (problem !== null) {
        problems.push({ object, field: field.field, ...problem });
      }
    }
    problems.push(...(creates.includes(object) ? unfilled(object, mapped, described) : []));
  }
  return problems;
}

/** Filled by ourselves, whatever the mapping says. */
const OURS = ['AccountId'];

/** Fields without which the org makes no record, and which nothing fills. */
export function unfilled(
  object: string,
  mapped: readonly MappedField[],
  described: ReadonlyMap<string, DescribedField> | null,
): SchemaProblem[] {
  const filled = [...OURS, ...mapped.map(({ field }) => field)];
  return requiredFields(described)
    .filter((name) => !filled.includes(name))
    .map((name) => ({
      object,
      field: name,
      problem: `nothing for ${name}, without which the org makes no ${object}`,
      remedy: `map ${name}, give it a default in the org, or say \`create: never\``,
    }));
}

/** Fields of an object as the integration user sees them; null when it sees no such object. */
export function fieldsOf(
  describes: Describes,
  object: string,
): Promise<ReadonlyMap<string, DescribedField> | null> {
  return describes.fields(object).catch(noObject);
}

/** The org has no such object, or hides it from the integration user; anything else stops the check. */
function noObject(error: unknown): null {
  if (isAbsent(failureOf(error))) {
    return null;
  }
  throw error;
}

/** `readOnly`: it may be a right that the integration user lacks, as well as the field itself. */
export type Found = Omit<SchemaProblem, 'object' | 'field'> & { readOnly?: true };

/**
 * Pure. null when the org can take what the mapping writes.
 *
 * @param created records of the object may be created by us
 */
export function problemOf(
  field: MappedField,
  described: ReadonlyMap<string, DescribedField> | null,
  created = false,
): Found | null {
  if (described === null) {
    return {
      problem: `the org has no object ${field.object}, or hides it from the integration user`,
      remedy: `a permission set that lets the integration user read and edit ${field.object}`,
    };
  }
  const found = described.get(field.field);
  if (found === undefined) {
    const near = didYouMean(field.field, [...described.keys()]);
    const problem = `${field.object} has no field ${field.field}, or it is hidden from the integration user${near}`;
    const remedy = field.field.endsWith('__c') ? SETUP : 'name a field of the object';
    return { problem, remedy, absent: true };
  }
  if (field.readOnly) {
    return null;
  }
  if (!FITS[field.type].includes(found.type)) {
    const remedy = `a field of type ${FITS[field.type].join(' or ')}, or another type in the mapping`;
    return { problem: `${field.field} is of type ${found.type}`, remedy };
  }
  const refused = unwritable(field, found, created);
  if (refused !== null) {
    return refused;
  }
  if (field.unique && !(found.externalId && found.unique)) {
    return {
      problem: `${field.field} is not a unique external id`,
      remedy: 'mark it External ID and Unique',
    };
  }
  return tooNarrow(field, found);
}

/** A text that is too long is cut or refused with its record; a value that the picklist lacks always is. */
function tooNarrow(field: MappedField, found: DescribedField): Found | null {
  const { length = 0, values = [] } = field;
  if (TEXTS.includes(found.type) && found.length > 0 && found.length < length) {
    const problem = `${field.field} takes ${found.length} characters, and the mapping gives it ${length}`;
    return {
      problem,
      remedy: `length: ${found.length} in the mapping, or a longer field`,
      narrow: true,
      minor: true,
    };
  }
  const active = (found.picklistValues ?? []).filter((one) => one.active).map(({ value }) => value);
  const lacking = values.filter((value) => !active.includes(value));
  if (found.restrictedPicklist === true && lacking.length > 0) {
    const problem = `the picklist ${field.field} has no value ${lacking.join(', ')}`;
    const remedy = `add it to the picklist, or take it out of the mapping${didYouMean(lacking[0] ?? '', active)}`;
    return { problem, remedy, narrow: true };
  }
  return null;
}

function unwritable(
  { field, createOnly }: MappedField,
  found: DescribedField,
  created: boolean,
): Found | null {
  if (found.calculated === true || found.autoNumber === true) {
    const what = found.calculated === true ? 'a formula' : 'numbered by the org';
    return { problem: `${field} is ${what}`, remedy: 'a field that takes writes' };
  }
  if (!found.updateable && !found.createable) {
    const remedy = 'a field that the integration user may edit';
    return { problem: `${field} is read-only`, remedy, readOnly: true };
  }
  if (!found.updateable && !createOnly) {
    return { problem: `${field} takes no updates`, remedy: '`write: on_create`, or another field' };
  }
  return !found.createable && created
    ? { problem: `${field} cannot be set in a new record`, remedy: 'another field, or `create: never`' }
    : null;
}
