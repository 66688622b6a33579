import { didYouMean } from '../../shared/config-file.ts';
import type { MappedField, SchemaProblem } from '../../sync/crm.ts';
import type { DescribedField, Describes } from './describe.ts';
import { failureOf } from './failure.ts';
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
    const described = await describes.fields(object).catch(noObject);
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
function unfilled(
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

/** The org has no such object, or hides it from the integration user; anything else stops the check. */
function noObject(error: unknown): null {
  if (['NOT_FOUND', 'INVALID_TYPE'].includes(failureOf(error).code)) {
    return null;
  }
  throw error;
}

function problemOf(
  field: MappedField,
  described: ReadonlyMap<string, DescribedField> | null,
  created: boolean,
): Pick<SchemaProblem, 'problem' | 'remedy'> | null {
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
    return { problem, remedy: field.field.endsWith('__c') ? SETUP : 'name a field of the object' };
  }
  if (field.readOnly) {
    return null;
  }
  if (!FITS[field.type].includes(found.type)) {
    const remedy = `a field of type ${FITS[field.type].join(' or ')}, or another type in the mapping`;
    return { problem: `${field.field} is of type ${found.type}`, remedy };
  }
  const refused = unwritable(field, found, created) ?? unlisted(field, found);
  if (refused !== null) {
    return refused;
  }
  if (field.unique && !(found.externalId && found.unique)) {
    return {
      problem: `${field.field} is not a unique external id`,
      remedy: 'mark it External ID and Unique',
    };
  }
  return null;
}

type Finding = Pick<SchemaProblem, 'problem' | 'remedy'> | null;

function unwritable({ field, createOnly }: MappedField, found: DescribedField, created: boolean): Finding {
  if (found.calculated === true || found.autoNumber === true) {
    const what = found.calculated === true ? 'a formula' : 'numbered by the org';
    return { problem: `${field} is ${what}`, remedy: 'a field that takes writes' };
  }
  if (!found.updateable && !found.createable) {
    return { problem: `${field} is read-only`, remedy: 'a field that the integration user may edit' };
  }
  if (!found.updateable && !createOnly) {
    return { problem: `${field} takes no updates`, remedy: '`write: on_create`, or another field' };
  }
  return !found.createable && created
    ? { problem: `${field} cannot be set in a new record`, remedy: 'another field, or `create: never`' }
    : null;
}

/** A picklist that refuses what it does not list must list every value that the mapping names. */
function unlisted({ field, values = [] }: MappedField, found: DescribedField): Finding {
  const listed = (found.picklistValues ?? []).filter(({ active }) => active).map(({ value }) => value);
  const unknown = found.restrictedPicklist === true ? values.filter((value) => !listed.includes(value)) : [];
  return unknown.length === 0
    ? null
    : {
        problem: `${field} does not list ${unknown.join(', ')}`,
        remedy: `a value of the picklist: ${listed.join(', ')}${didYouMean(unknown[0] ?? '', listed)}`,
      };
}
