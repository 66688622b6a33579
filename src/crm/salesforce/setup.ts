import type { MappedField, SetupStep } from '../../sync/crm.ts';
import { campaignId, findCampaigns } from './campaigns.ts';
import type { SalesforceClient } from './client.ts';
import type { Describes } from './describe.ts';
import { failureOf } from './failure.ts';
import { literal, query } from './soql.ts';

const PERMISSION_SET = 'PQL_Sync';
/** Components of one Metadata API create call. */
const METADATA_MAX = 10;

/** Shows, and with `apply` makes, what the mapping needs: fields, a permission set that shows them, campaigns. */
export async function setup(
  client: SalesforceClient,
  describes: Describes,
  fields: readonly MappedField[],
  campaigns: readonly string[],
  apply: boolean,
): Promise<SetupStep[]> {
  const ours = fields.filter((field) => field.field.endsWith('__c'));
  const missing = await missingFields(describes, ours);
  const steps: SetupStep[] = ours
    .filter((field) => !missing.includes(field))
    .map((field) => ({ what: nameOf(field), state: 'present', detail: '' }));
  if (!apply) {
    steps.push(
      ...missing.map((field): SetupStep => ({ what: nameOf(field), state: 'missing', detail: field.type })),
    );
  } else if (missing.length > 0) {
    const made = await createFields(client, missing);
    const failed = new Set(made.filter(({ state }) => state === 'failed').map(({ what }) => what));
    const shown = ours.filter((field) => !failed.has(nameOf(field)));
    steps.push(...made, await grant(client, shown).catch(notGranted));
    describes.forget();
  }
  for (const campaign of campaigns) {
    steps.push(await campaignStep(client, campaign, apply));
  }
  return steps;
}

async function missingFields(describes: Describes, fields: readonly MappedField[]): Promise<MappedField[]> {
  describes.forget();
  const missing: MappedField[] = [];
  for (const field of fields) {
    if (!(await describes.fields(field.object)).has(field.field)) {
      missing.push(field);
    }
  }
  return missing;
}

/** Custom fields of tasks live on Activity and appear on Task under the same name. */
function nameOf({ object, field }: MappedField): string {
  return `${object === 'Task' ? 'Activity' : object}.${field}`;
}

interface SaveResult {
  fullName: string;
  success: boolean;
  errors?: { statusCode?: string; message?: string } | { statusCode?: string; message?: string }[];
}

async function createFields(client: SalesforceClient, fields: readonly MappedField[]): Promise<SetupStep[]> {
  const steps: SetupStep[] = [];
  for (let i = 0; i < fields.length; i += METADATA_MAX) {
    const part = fields.slice(i, i + METADATA_MAX).map(metadataOf);
    const results = await client.metadata(
      async (connection) =>
        (await connection.metadata.create('CustomField', part as never)) as unknown as SaveResult[],
    );
    steps.push(...results.map(stepOf));
  }
  return steps;
}

function stepOf({ fullName, success, errors }: SaveResult): SetupStep {
  const list = errors === undefined ? [] : [errors].flat();
  const there = list.some((error) => /DUPLICATE_DEVELOPER_NAME/.test(error.statusCode ?? ''));
  if (success || there) {
    return {
      what: fullName,
      state: there ? 'present' : 'created',
      detail: there ? 'there, but was not visible' : '',
    };
  }
  return { what: fullName, state: 'failed', detail: list.map((error) => error.message ?? '').join('; ') };
}

function metadataOf(field: MappedField): Record<string, unknown> {
  const label = field.field.replace(/__c$/, '').replaceAll('_', ' ');
  const base = { fullName: nameOf(field), label };
  switch (field.type) {
    case 'number':
      return { ...base, type: 'Number', precision: 12, scale: 2 };
    case 'datetime':
      return { ...base, type: 'DateTime' };
    case 'date':
      return { ...base, type: 'Date' };
    case 'boolean':
      return { ...base, type: 'Checkbox', defaultValue: 'false' };
    case 'long_text':
      return { ...base, type: 'LongTextArea', length: 32_768, visibleLines: 5 };
    case 'url':
      return { ...base, type: 'Url' };
    default:
      return field.unique
        ? { ...base, type: 'Text', length: 255, externalId: true, unique: true, caseSensitive: true }
        : { ...base, type: 'Text', length: 255 };
  }
}

/** A new field is visible to nobody until a permission set says so: ours does, for the user we run as. */
async function grant(client: SalesforceClient, fields: readonly MappedField[]): Promise<SetupStep> {
  const fieldPermissions = fields.map((field) => ({ field: nameOf(field), readable: true, editable: true }));
  const set = { fullName: PERMISSION_SET, label: 'PQL Sync', fieldPermissions };
  const saved = await client.metadata(
    async (connection) =>
      (await connection.metadata.upsert('PermissionSet', set as never)) as unknown as SaveResult,
  );
  if (!saved.success) {
    return { ...stepOf(saved), what: PERMISSION_SET };
  }
  const { userId: user } = await client.identity();
  const [found] = await query<{ Id: string }>(
    client,
    `SELECT Id FROM PermissionSet WHERE Name = ${literal(PERMISSION_SET)}`,
  );
  if (found === undefined) {
    return { what: PERMISSION_SET, state: 'failed', detail: 'the permission set was not made' };
  }
  const assigned = await query(
    client,
    `SELECT Id FROM PermissionSetAssignment WHERE PermissionSetId = ${literal(found.Id)} AND AssigneeId = ${literal(user)}`,
  );
  if (assigned.length === 0) {
    await client.request('POST', '/sobjects/PermissionSetAssignment', {
      PermissionSetId: found.Id,
      AssigneeId: user,
    });
  }
  return {
    what: PERMISSION_SET,
    state: assigned.length === 0 ? 'created' : 'present',
    detail: 'shows the fields to the integration user',
  };
}

/** The fields are made by then: what is left to do by hand is said, and the rest of the set-up goes on. */
function notGranted(error: unknown): SetupStep {
  const { code, message } = failureOf(error);
  return {
    what: PERMISSION_SET,
    state: 'failed',
    detail: `${code}: ${message}; show the fields to the integration user by hand`,
  };
}

async function campaignStep(client: SalesforceClient, name: string, apply: boolean): Promise<SetupStep> {
  const there = (await findCampaigns(client, name)).length > 0;
  if (!there && apply) {
    await campaignId(client, name);
  }
  return { what: `Campaign "${name}"`, state: there ? 'present' : apply ? 'created' : 'missing', detail: '' };
}
