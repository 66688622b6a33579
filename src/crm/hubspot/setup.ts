import { z } from 'zod';
import type { MappedField, SetupStep } from '../../sync/crm.ts';
import type { HubspotApi } from './client.ts';
import type { ContactLists } from './lists.ts';
import { isAbsent, isConflict, isPassing, isRefusedRequest } from './outcomes.ts';
import { GROUP, propertyOf, withOptions } from './property.ts';
import type { Reply } from './reply.ts';
import { type Definition, fieldProblem, isOurs, OBJECT_TYPES, readDefinitions } from './schema.ts';
import { describe } from './words.ts';

const anything = z.unknown();

/**
 * Makes what the mapping needs and the portal lacks: the property group, our properties, the lists. Looks first, and
 * takes "already exists" for success, so that it can be repeated. A property that setup did not make is never changed.
 * Throws `CrmUnreachable` when it cannot even look.
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
  const found = await api.call(anything, api.paths.group(type, GROUP));
  if (found.ok || !isAbsent(found.failure)) {
    return found.ok ? { what, state: 'present', detail: '' } : failed(what, found);
  }
  if (!apply) {
    return { what, state: 'missing', detail: 'would be created' };
  }
  const group = { name: GROUP, label: 'Product qualified leads', displayOrder: -1 };
  return made(what, await api.call(anything, api.paths.makeGroup(type), group));
}

async function fieldStep(
  api: HubspotApi,
  field: MappedField,
  definitions: Definition[],
  apply: boolean,
): Promise<SetupStep> {
  const what = `${field.object} property ${field.field}`;
  const [problem] = fieldProblem(field, definitions);
  const there = definitions.find(({ name }) => name === field.field);
  if (problem === undefined) {
    return { what, state: 'present', detail: '' };
  }
  if (there !== undefined) {
    return problem.narrow === true && there.groupName === GROUP
      ? giveOptions(api, field, there, apply)
      : { what, state: 'failed', detail: `${problem.problem}: ${problem.remedy}` };
  }
  if (!isOurs(field.field)) {
    return { what, state: 'missing', detail: problem.remedy };
  }
  return apply ? makeProperty(api, field) : { what, state: 'missing', detail: 'would be created' };
}

/** A picklist of ours that lacks values of the mapping. */
async function giveOptions(
  api: HubspotApi,
  { object, field, values = [] }: MappedField,
  { options }: Definition,
  apply: boolean,
): Promise<SetupStep> {
  const what = `${object} property ${field}`;
  const lacking = values.filter((value) => !options.some((option) => option.value === value)).join(', ');
  if (!apply) {
    return { what, state: 'missing', detail: `would get the values ${lacking}` };
  }
  const endpoint = api.paths.changeProperty(OBJECT_TYPES[object] ?? object, field);
  const reply = await api.call(anything, endpoint, { options: withOptions(options, values) });
  return reply.ok ? { what, state: 'changed', detail: `new values: ${lacking}` } : failed(what, reply);
}

/** Uniqueness cannot be added later: the contact's key is made unique although the mapping can do without. */
async function makeProperty(api: HubspotApi, field: MappedField): Promise<SetupStep> {
  const what = `${field.object} property ${field.field}`;
  const type = OBJECT_TYPES[field.object] ?? field.object;
  const make = (unique: boolean) =>
    api.call(anything, api.paths.makeProperty(type), propertyOf({ ...field, unique }));
  const better = !field.unique && type === 'contacts' && field.field === api.keys.contact;
  const reply = await make(field.unique || better);
  if (reply.ok || !isRefusedRequest(reply.failure)) {
    return made(what, reply);
  }
  // Not every portal allows either, and everything works without: that is no failure of the setup.
  if (type === 'tasks') {
    const detail = `${describe(reply.failure)}; tasks carry a marker in their text instead`;
    return { what, state: 'missing', detail };
  }
  const step = better ? made(what, await make(false)) : made(what, reply);
  return better && step.state === 'created'
    ? { ...step, detail: `not unique (${describe(reply.failure)}): contacts are found by e-mail` }
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
  const { failure } = reply;
  const passes = isPassing(failure) || failure.kind === 'lost' || failure.kind === 'unaccounted';
  return { what, state: 'failed', detail: describe(failure), ...(passes ? { passing: true } : {}) };
}
