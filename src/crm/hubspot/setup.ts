import { z } from 'zod';
import type { MappedField, SetupStep } from '../../sync/crm.ts';
import type { HubspotApi } from './client.ts';
import type { ContactLists } from './lists.ts';
import { describe, isAbsent, isConflict, isRefusedRequest } from './outcomes.ts';
import type { Reply } from './reply.ts';
import { type Definition, fieldProblem, isOurs, OBJECT_TYPES, readDefinitions } from './schema.ts';

const GROUP = 'pql';
const anything = z.unknown();

/**
 * Makes what the mapping needs and the portal lacks: the property group, our properties, the lists. Looks first, and
 * takes "already exists" for success, so that it can be repeated. Throws `CrmUnreachable` when it cannot even look.
 */
export async function setUp(
  api: HubspotApi,
  lists: ContactLists,
  fields: MappedField[],
  campaigns: string[],
  apply: boolean,
): Promise<SetupStep[]> {
  const steps: SetupStep[] = [];
  for (const [object, ofObject] of Map.groupBy(fields, ({ object }) => object)) {
    const definitions = await readDefinitions(api, object);
    if (ofObject.some(({ field }) => isOurs(field))) {
      steps.push(await groupStep(api, object, apply));
    }
    for (const field of ofObject) {
      steps.push(await fieldStep(api, field, definitions, apply));
    }
  }
  for (const campaign of campaigns) {
    steps.push(await listStep(lists, campaign, apply));
  }
  return steps;
}

async function groupStep(api: HubspotApi, object: string, apply: boolean): Promise<SetupStep> {
  const what = `${object} property group ${GROUP}`;
  const type = OBJECT_TYPES[object] ?? object;
  const { groupsApi } = api.client.crm.properties;
  const found = await api.call(anything, () => groupsApi.getByNameWithHttpInfo(type, GROUP));
  if (found.ok || !isAbsent(found.failure)) {
    return found.ok ? { what, state: 'present', detail: '' } : failed(what, found);
  }
  if (!apply) {
    return { what, state: 'missing', detail: 'would be created' };
  }
  const group = { name: GROUP, label: 'Product qualified leads', displayOrder: -1 };
  return made(what, await api.call(anything, () => groupsApi.createWithHttpInfo(type, group)));
}

async function fieldStep(
  api: HubspotApi,
  field: MappedField,
  definitions: Definition[],
  apply: boolean,
): Promise<SetupStep> {
  const what = `${field.object} property ${field.field}`;
  const [problem] = fieldProblem(field, definitions);
  if (problem === undefined) {
    return { what, state: 'present', detail: '' };
  }
  if (definitions.some(({ name }) => name === field.field)) {
    return { what, state: 'failed', detail: `${problem.problem}: ${problem.remedy}` };
  }
  if (!isOurs(field.field)) {
    return { what, state: 'missing', detail: problem.remedy };
  }
  if (!apply) {
    return { what, state: 'missing', detail: 'would be created' };
  }
  const type = OBJECT_TYPES[field.object] ?? field.object;
  const reply = await api.call(anything, () =>
    api.client.crm.properties.coreApi.createWithHttpInfo(type, propertyOf(field) as never),
  );
  const step = made(what, reply);
  // Not every portal allows it, and everything works without: that is no failure of the setup.
  return step.state === 'failed' && type === 'tasks' && !reply.ok && isRefusedRequest(reply.failure)
    ? { ...step, state: 'missing', detail: `${step.detail}; tasks carry a marker in their text instead` }
    : step;
}

async function listStep(lists: ContactLists, name: string, apply: boolean): Promise<SetupStep> {
  const what = `list ${name}`;
  const found = await lists.find(name);
  if (!found.ok) {
    return failed(what, found);
  }
  if (found.data !== null) {
    return { what, state: 'present', detail: `list ${found.data}` };
  }
  return apply
    ? made(what, await lists.findOrCreate(name))
    : { what, state: 'missing', detail: 'would be created' };
}

function made(what: string, reply: Reply<unknown>): SetupStep {
  if (reply.ok) {
    return { what, state: 'created', detail: '' };
  }
  return isConflict(reply.failure) ? { what, state: 'present', detail: '' } : failed(what, reply);
}

function failed(what: string, reply: Extract<Reply<unknown>, { ok: false }>): SetupStep {
  return { what, state: 'failed', detail: describe(reply.failure) };
}

const WIRE_TYPES: Record<MappedField['type'], { type: string; fieldType: string }> = {
  text: { type: 'string', fieldType: 'text' },
  long_text: { type: 'string', fieldType: 'textarea' },
  url: { type: 'string', fieldType: 'text' },
  // The options of a picklist are not known here, and a value without its option would be refused.
  picklist: { type: 'string', fieldType: 'text' },
  number: { type: 'number', fieldType: 'number' },
  datetime: { type: 'datetime', fieldType: 'date' },
  date: { type: 'date', fieldType: 'date' },
  boolean: { type: 'bool', fieldType: 'booleancheckbox' },
};

/** Pure: the definition HubSpot is asked to make. */
export function propertyOf({ field, type, unique }: MappedField) {
  const yesNo = [
    { label: 'Yes', value: 'true', displayOrder: 0, hidden: false },
    { label: 'No', value: 'false', displayOrder: 1, hidden: false },
  ];
  return {
    groupName: GROUP,
    name: field,
    label: labelOf(field),
    ...WIRE_TYPES[type],
    formField: false,
    ...(unique ? { hasUniqueValue: true } : {}),
    ...(type === 'boolean' ? { options: yesNo } : {}),
  };
}

/** `pql_scored_at` -> `PQL scored at` */
function labelOf(field: string): string {
  const words = field.replace(/^pql_/, '').replaceAll('_', ' ');
  return `PQL ${words}`;
}
