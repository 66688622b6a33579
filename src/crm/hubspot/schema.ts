import { z } from 'zod';
import { didYouMean } from '../../shared/config-file.ts';
import type { MappedField, SchemaProblem } from '../../sync/crm.ts';
import type { HubspotApi } from './client.ts';
import { orUnreachable } from './portal.ts';
import { GROUP } from './property.ts';

/** HubSpot's plural of the objects a mapping can name. */
export const OBJECT_TYPES: Record<string, 'companies' | 'contacts' | 'tasks'> = {
  company: 'companies',
  contact: 'contacts',
  task: 'tasks',
};

const definitionSchema = z.object({
  name: z.string(),
  type: z.string(),
  fieldType: z.string().optional(),
  hasUniqueValue: z.boolean().optional(),
  calculated: z.boolean().optional(),
  modificationMetadata: z.object({ readOnlyValue: z.boolean().optional() }).nullish(),
  groupName: z.string().optional(),
  options: z
    .array(
      z.object({
        value: z.string(),
        label: z.string().catch(''),
        displayOrder: z.number().catch(0),
        hidden: z.boolean().catch(false),
      }),
    )
    .catch([]),
});
export type Definition = z.infer<typeof definitionSchema>;

const definitionsSchema = z.object({ results: z.array(definitionSchema) });

/** HubSpot's property types that can hold what a mapping's type gives. */
const HOLDS: Record<MappedField['type'], string[]> = {
  text: ['string'],
  long_text: ['string'],
  url: ['string'],
  number: ['number', 'string'],
  datetime: ['datetime', 'string'],
  date: ['date', 'string'],
  boolean: ['bool', 'string'],
  picklist: ['enumeration', 'string'],
};

/** @param object in the mapping's words */
export function definitionsOf(api: HubspotApi, object: string) {
  return api.call(definitionsSchema, api.paths.properties(OBJECT_TYPES[object] ?? object));
}

/** Throws `CrmUnreachable`. */
export async function readDefinitions(api: HubspotApi, object: string): Promise<Definition[]> {
  const reply = await definitionsOf(api, object);
  return orUnreachable(reply, `properties of ${OBJECT_TYPES[object] ?? object}`).results;
}

/** Every mapped field against the portal's real properties, one call per object. Throws `CrmUnreachable`. */
export async function checkFields(
  api: HubspotApi,
  fields: MappedField[],
  contactValues: ContactValues,
  creates: readonly string[],
): Promise<SchemaProblem[]> {
  const problems = creates.flatMap((object) => createProblems(object, fields));
  // A portal that allows no unique property on tasks is served with markers instead: that stops nothing.
  const needed = fields.filter(({ object, field }) => object !== 'task' || field !== api.keys.task);
  for (const [object, ofObject] of Map.groupBy(needed, ({ object }) => object)) {
    const definitions = await readDefinitions(api, object);
    problems.push(...ofObject.flatMap((field) => fieldProblem(field, definitions)));
  }
  if (contactValues.stages.length + contactValues.leadStatuses.length > 0) {
    problems.push(...valueProblems(contactValues, await readDefinitions(api, 'contact')));
  }
  return problems;
}

/** Pure. Empty when the portal can take what the mapping writes. */
export function fieldProblem(wanted: MappedField, definitions: Definition[]): SchemaProblem[] {
  const { object, field, type, unique } = wanted;
  const found = definitions.find(({ name }) => name === field);
  const problem = (text: string, remedy: string): SchemaProblem[] => [
    { object, field, problem: text, remedy },
  ];
  if (found === undefined) {
    const near = didYouMean(
      field,
      definitions.map(({ name }) => name),
    );
    const lacking = `the portal has no ${object} property "${field}"`;
    return [{ object, field, problem: lacking, remedy: makeIt(field) + near, absent: true }];
  }
  if (wanted.readOnly) {
    return [];
  }
  if (!HOLDS[type].includes(found.type)) {
    const allowed = HOLDS[type].join(' or ');
    return problem(`a property of type ${found.type}`, `${allowed}, since the mapping says ${type}`);
  }
  if (fillsItself(found)) {
    return problem('a property that HubSpot fills by itself', 'one that takes writes');
  }
  return unique && found.hasUniqueValue !== true
    ? problem(
        'a property that is not unique, which cannot be added later',
        `another one, or delete it and ${makeIt(field)}`,
      )
    : lackingValues(wanted, found);
}

function fillsItself({ calculated, fieldType, modificationMetadata }: Definition): boolean {
  return (
    calculated === true ||
    fieldType === 'calculation_equation' ||
    modificationMetadata?.readOnlyValue === true
  );
}

/** HubSpot makes no company without a name or a domain; a contact of ours always has its e-mail. */
export function createProblems(object: string, fields: readonly MappedField[]): SchemaProblem[] {
  const mapped = (name: string) => fields.some((one) => one.object === object && one.field === name);
  return object !== 'company' || mapped('name') || mapped('domain')
    ? []
    : [
        {
          object,
          field: 'name',
          problem: 'nothing: a new company needs a name or a domain',
          remedy: 'map name or domain, or say `create: never`',
        },
      ];
}

function lackingValues({ object, field, values = [] }: MappedField, found: Definition): SchemaProblem[] {
  const lacking = values.filter((value) => !found.options.some((option) => option.value === value));
  if (found.type !== 'enumeration' || lacking.length === 0) {
    return [];
  }
  const made = found.groupName === GROUP ? ' (pql crm setup --apply does)' : '';
  const near = didYouMean(
    lacking[0] ?? '',
    found.options.map(({ value }) => value),
  );
  const remedy = `add them to the property${made}, or take them out of the mapping${near}`;
  return [{ object, field, problem: `a picklist without ${lacking.join(', ')}`, remedy, narrow: true }];
}

/** What memberships set on contacts. */
export interface ContactValues {
  stages: string[];
  leadStatuses: string[];
}

/** Pure. Lifecycle stages and lead statuses that the configuration sets and the portal lacks. */
export function valueProblems(
  { stages, leadStatuses }: ContactValues,
  definitions: Definition[],
): SchemaProblem[] {
  return [
    ...optionProblems('lifecyclestage', 'lifecycle_stage', 'stage', stages, definitions),
    ...optionProblems('hs_lead_status', 'lead_status', 'lead status', leadStatuses, definitions),
  ];
}

/** @param field the key of the mapping's section `campaign` */
function optionProblems(
  property: string,
  field: string,
  word: string,
  wanted: string[],
  definitions: Definition[],
): SchemaProblem[] {
  const options = definitions.find(({ name }) => name === property)?.options ?? [];
  const values = options.map(({ value }) => value);
  return wanted
    .filter((one) => !values.includes(one))
    .map((one) => ({
      object: 'campaign',
      field,
      problem: `the portal has no ${word} "${one}"`,
      remedy: `a ${word} of the portal: ${values.join(', ')}${didYouMean(one, values)}`,
    }));
}

/** Setup makes only properties that are plainly ours: a misspelt name must not become a new property. */
export function isOurs(field: string): boolean {
  return field.startsWith('pql_');
}

function makeIt(field: string): string {
  return isOurs(field) ? 'run `pql crm setup --apply`' : 'create it in HubSpot, or correct the mapping';
}
