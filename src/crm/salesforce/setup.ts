import type { MappedField, SetupStep } from '../../sync/crm.ts';
import type { Campaigns } from './campaigns.ts';
import type { SalesforceClient } from './client.ts';
import {
  type FieldMetadata,
  grown,
  isCustom,
  isMadeHere,
  metadataOf,
  nameOf,
  typeDiffers,
} from './custom-field.ts';
import type { Describes } from './describe.ts';
import { failureOf } from './failure.ts';
import { readMetadata, writeFields } from './metadata.ts';
import { outcomeOf } from './outcomes.ts';
import { grant, PERMISSION_SET } from './permission-set.ts';
import { type Found, fieldsOf, problemOf } from './schema.ts';

/**
 * Shows, and with `apply` makes, what the mapping needs: fields, a permission set that shows them to the user we run
 * as, campaigns. Looks first, so that it can be repeated; a field that setup did not make is never changed. Throws
 * what the client throws when it cannot even look.
 */
export async function setup(
  client: SalesforceClient,
  describes: Describes,
  campaigns: Campaigns,
  wanted: { fields: readonly MappedField[]; campaigns: readonly string[]; deals: boolean },
  apply: boolean,
): Promise<SetupStep[]> {
  const plans = await planned(client, describes, wanted.fields);
  const made = apply ? await carriedOut(client, plans) : new Map<string, SetupStep>();
  const steps = plans.map((plan) => made.get(nameOf(plan.field)) ?? stepOf(plan));
  const failed = new Set(steps.filter(({ state }) => state === 'failed').map(({ what }) => what));
  const shown = plans.filter(({ kind, field }) => kind !== 'create' || !failed.has(nameOf(field)));
  steps.push(
    ...(await grant(client, { fields: shown.map(({ field }) => field), deals: wanted.deals }, apply).catch(
      notGranted,
    )),
  );
  describes.forget();
  for (const name of wanted.campaigns) {
    steps.push(await campaigns.setUp(name, apply));
  }
  return steps;
}

/** What is to be done about a field. */
export interface Plan {
  field: MappedField;
  kind: 'nothing' | 'show' | 'create' | 'grow' | 'refuse' | 'by_hand';
  detail: string;
  there?: FieldMetadata | undefined;
}

const STATES: Record<Plan['kind'], SetupStep['state']> = {
  nothing: 'present',
  show: 'missing',
  create: 'missing',
  grow: 'missing',
  refuse: 'failed',
  by_hand: 'missing',
};

function stepOf({ field, kind, detail }: Plan): SetupStep {
  return { what: nameOf(field), state: STATES[kind], detail };
}

/** The integration user sees a field only when a permission set shows it: what it does not see may be there all the same. */
async function planned(
  client: SalesforceClient,
  describes: Describes,
  fields: readonly MappedField[],
): Promise<Plan[]> {
  describes.forget();
  const looked: { field: MappedField; problem: Found | null }[] = [];
  for (const [object, mapped] of Map.groupBy(fields, ({ object }) => object)) {
    const described = await fieldsOf(describes, object);
    looked.push(...mapped.map((field) => ({ field, problem: problemOf(field, described) })));
  }
  const asked = looked.filter(({ field, problem }) => problem !== null && isCustom(field));
  const known = await existing(
    client,
    asked.map(({ field }) => nameOf(field)),
  );
  return looked
    .filter(({ field, problem }) => problem !== null || isCustom(field))
    .map(({ field, problem }) => planFor(field, problem, known.get(nameOf(field))));
}

async function existing(
  client: SalesforceClient,
  names: readonly string[],
): Promise<Map<string, FieldMetadata>> {
  try {
    const read = await readMetadata<FieldMetadata>(client, 'CustomField', names);
    return new Map(read.map((field) => [field.fullName, field]));
  } catch (error) {
    // Without the right to read metadata the description alone counts; making will say what is missing.
    if (outcomeOf(failureOf(error), 'harmless').state === 'retry') {
      throw error;
    }
    return new Map();
  }
}

/** What is to be done about a field, by what the user sees of it and what the org says is there. Pure. */
export function planFor(field: MappedField, problem: Found | null, there: FieldMetadata | undefined): Plan {
  if (problem === null) {
    return { field, kind: 'nothing', detail: '' };
  }
  const said = `${problem.problem}: ${problem.remedy}`;
  if (!isCustom(field)) {
    return { field, kind: problem.absent === true ? 'by_hand' : 'refuse', detail: said };
  }
  if (problem.absent !== true && problem.readOnly !== true) {
    return problem.narrow === true && there !== undefined && isMadeHere(there)
      ? { field, kind: 'grow', detail: `would be changed: ${problem.problem}`, there }
      : { field, kind: 'refuse', detail: said };
  }
  if (there === undefined && problem.readOnly === true) {
    return { field, kind: 'refuse', detail: said };
  }
  if (there === undefined) {
    return { field, kind: 'create', detail: `would be created: ${String(metadataOf(field).type)}` };
  }
  const differs = typeDiffers(there, field);
  return differs === null
    ? { field, kind: 'show', detail: `there, and out of reach: permission set ${PERMISSION_SET} shows it` }
    : {
        field,
        kind: 'refuse',
        detail: `there, and ${differs}: correct the mapping or the field`,
      };
}

/** Steps of what was made or changed, by the name of the field. */
async function carriedOut(client: SalesforceClient, plans: readonly Plan[]): Promise<Map<string, SetupStep>> {
  const created = plans.filter(({ kind }) => kind === 'create').map(({ field }) => metadataOf(field));
  const changed = plans.flatMap(({ kind, field, there }) =>
    kind === 'grow' && there !== undefined ? [grown(there, field)] : [],
  );
  const steps = [
    ...(await writeFields(client, 'create', created)),
    ...(await writeFields(client, 'update', changed)),
    ...plans.filter(({ kind }) => kind === 'show').map(({ field }) => shownStep(field)),
  ];
  return new Map(steps.map((step) => [step.what, step]));
}

function shownStep(field: MappedField): SetupStep {
  return { what: nameOf(field), state: 'present', detail: 'was out of reach' };
}

/** The fields are made by then: what is left to do by hand is said, and the rest of the set-up goes on. */
function notGranted(error: unknown): SetupStep[] {
  const { code, message } = failureOf(error);
  const detail = `${code}: ${message}; deploy the folder of \`pql crm setup --folder DIR\`, or show the fields to the integration user by hand`;
  return [{ what: `permission set ${PERMISSION_SET}`, state: 'failed', detail }];
}
