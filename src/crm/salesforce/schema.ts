import { didYouMean } from '../../shared/config-file.ts';
import type { MappedField, SchemaProblem } from '../../sync/crm.ts';
import type { DescribedField, Describes } from './describe.ts';
import { failureOf } from './failure.ts';
import { isHidden } from './outcomes.ts';

/** Types of the API that can hold what a mapping declares. */
const FITS: Record<MappedField['type'], string[]> = {
  text: ['string', 'textarea', 'picklist', 'combobox', 'email', 'url', 'phone', 'id', 'reference'],
  long_text: ['textarea', 'string'],
  number: ['double', 'int', 'currency', 'percent', 'long'],
  datetime: ['datetime'],
  date: ['date'],
  boolean: ['boolean'],
  picklist: ['picklist', 'combobox', 'string'],
  url: ['url', 'string', 'textarea'],
};

const SETUP = 'pql crm setup --apply makes it, and the permission set that shows it';

/** Every mapped field against the org as the integration user sees it. */
export async function checkSchema(
  describes: Describes,
  fields: readonly MappedField[],
): Promise<SchemaProblem[]> {
  describes.forget();
  const problems: SchemaProblem[] = [];
  for (const [object, mapped] of Map.groupBy(fields, (field) => field.object)) {
    const described = await describes.fields(object).catch(noObject);
    for (const field of mapped) {
      const problem = problemOf(field, described);
      if (problem !== null) {
        problems.push({ object, field: field.field, ...problem });
      }
    }
  }
  return problems;
}

/** The org has no such object, or hides it from the integration user; anything else stops the check. */
function noObject(error: unknown): null {
  if (isHidden(failureOf(error))) {
    return null;
  }
  throw error;
}

function problemOf(
  field: MappedField,
  described: ReadonlyMap<string, DescribedField> | null,
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
  if (!found.updateable && !found.createable) {
    return { problem: `${field.field} is read-only`, remedy: 'a field that the integration user may edit' };
  }
  if (field.unique && !(found.externalId && found.unique)) {
    return {
      problem: `${field.field} is not a unique external id`,
      remedy: 'mark it External ID and Unique',
    };
  }
  return null;
}
