import type { MappedField, SetupStep } from '../../sync/crm.ts';
import type { SalesforceClient } from './client.ts';
import { isCustom, permissionNameOf } from './custom-field.ts';
import { failureOf } from './failure.ts';
import { readMetadata, type SaveResult, stepOf } from './metadata.ts';
import { literal, query } from './soql.ts';

export const PERMISSION_SET = 'PQL_Sync';

interface FieldPermission {
  field: string;
  readable: boolean;
  editable: boolean;
}

interface ObjectPermission {
  object: string;
  allowRead: boolean;
  allowEdit: boolean;
  allowCreate: boolean;
  allowDelete: boolean;
  viewAllRecords: boolean;
  modifyAllRecords: boolean;
}

export interface PermissionSet extends Record<string, unknown> {
  fullName: string;
  label: string;
  fieldPermissions: FieldPermission[];
  objectPermissions: ObjectPermission[];
}

/** Objects that have permissions of their own; those of tasks and members hang on the others'. */
const OBJECTS: Record<string, { create: boolean }> = {
  Account: { create: true },
  Contact: { create: true },
  Lead: { create: false },
  Campaign: { create: true },
};

/** Of what is read of opportunities, the fields that an org can hide; the others go with the object. */
const DEAL_FIELDS = ['Opportunity.AccountId', 'Opportunity.Amount'];

/**
 * What the integration user needs: the mapping's fields, and the objects that they are on. Pure.
 *
 * @param deals whether opportunities are read back
 */
export function permissionSetFor(fields: readonly MappedField[], deals: boolean): PermissionSet {
  const named = [...fields.map(({ object }) => object), 'Campaign'];
  const objects = Object.keys(OBJECTS).filter((object) => named.includes(object));
  return {
    fullName: PERMISSION_SET,
    label: 'PQL Sync',
    description: 'Made by pql-bridge (pql crm setup): what its integration user reads and writes',
    fieldPermissions: [
      ...fields.filter(isCustom).map((field) => permissionTo(permissionNameOf(field), true)),
      ...(deals ? DEAL_FIELDS.map((field) => permissionTo(field, false)) : []),
    ],
    objectPermissions: [
      ...objects.map((object) => rightsOn(object, true, OBJECTS[object]?.create === true)),
      ...(deals ? [rightsOn('Opportunity', false, false)] : []),
    ],
  };
}

function permissionTo(field: string, editable: boolean): FieldPermission {
  return { field, readable: true, editable };
}

function rightsOn(object: string, allowEdit: boolean, allowCreate: boolean): ObjectPermission {
  const never = { allowDelete: false, viewAllRecords: false, modifyAllRecords: false };
  return { object, allowRead: true, allowEdit, allowCreate, ...never };
}

/**
 * The set that is there with what it lacks; null: it lacks nothing. Nothing that an admin gave is taken away, because
 * an upsert replaces the lists that it is sent. Pure.
 */
export function withLacking(there: PermissionSet | undefined, wanted: PermissionSet): PermissionSet | null {
  if (there === undefined) {
    return wanted;
  }
  const fieldPermissions = joined(there.fieldPermissions, wanted.fieldPermissions, ({ field }) => field);
  const objectPermissions = joined(there.objectPermissions, wanted.objectPermissions, ({ object }) => object);
  return fieldPermissions.grew || objectPermissions.grew
    ? { ...there, fieldPermissions: fieldPermissions.all, objectPermissions: objectPermissions.all }
    : null;
}

/** Every entry of both lists once; a right that either gives is given. */
function joined<P extends FieldPermission | ObjectPermission>(
  there: readonly P[] = [],
  wanted: readonly P[],
  name: (entry: P) => string,
): { all: P[]; grew: boolean } {
  const all = new Map(there.map((entry) => [name(entry), entry]));
  let grew = false;
  for (const entry of wanted) {
    const known = all.get(name(entry)) ?? null;
    const given = Object.entries(entry).filter(
      ([right, value]) => value === true && known?.[right as keyof P] !== true,
    );
    if (known === null || given.length > 0) {
      grew = true;
      all.set(name(entry), known === null ? entry : { ...known, ...Object.fromEntries(given) });
    }
  }
  return { all: [...all.values()], grew };
}

/** A new field is visible to nobody until a permission set says so: this one does, for the user we run as. */
export async function grant(
  client: SalesforceClient,
  { fields, deals }: { fields: readonly MappedField[]; deals: boolean },
  apply: boolean,
): Promise<SetupStep[]> {
  const [there] = await readMetadata<PermissionSet>(client, 'PermissionSet', [PERMISSION_SET]);
  const needed = withLacking(there, permissionSetFor(fields, deals));
  const step = await setStep(client, there, needed, apply);
  return step.state === 'failed' ? [step] : [step, await assignment(client, apply)];
}

/** The user's licence may not allow the rights of the set; nothing else of the set-up is the worse for it. */
async function assignment(client: SalesforceClient, apply: boolean): Promise<SetupStep> {
  const { userId: user } = await client.identity();
  const what = `permission set ${PERMISSION_SET} of user ${user}`;
  try {
    return { what, ...(await assigned(client, user, apply)) };
  } catch (error) {
    const { code, message } = failureOf(error);
    const detail = `${code}: ${message}; assign it by hand, after the permission set license that the rights need`;
    return { what, state: 'failed', detail };
  }
}

async function setStep(
  client: SalesforceClient,
  there: PermissionSet | undefined,
  needed: PermissionSet | null,
  apply: boolean,
): Promise<SetupStep> {
  const what = `permission set ${PERMISSION_SET}`;
  if (needed === null) {
    return { what, state: 'present', detail: '' };
  }
  if (!apply) {
    const detail = there === undefined ? 'would be created' : 'would get the rights that it lacks';
    return { what, state: 'missing', detail };
  }
  const saved = await client.metadata(
    async (connection) =>
      (await connection.metadata.upsert('PermissionSet', needed as never)) as unknown as SaveResult,
  );
  const made = there === undefined ? 'created' : 'changed';
  return saved.success
    ? { what, state: made, detail: 'shows the fields to whom it is assigned' }
    : { ...stepOf(saved), what };
}

async function assigned(
  client: SalesforceClient,
  user: string,
  apply: boolean,
): Promise<Omit<SetupStep, 'what'>> {
  const [set] = await query<{ Id: string }>(
    client,
    `SELECT Id FROM PermissionSet WHERE Name = ${literal(PERMISSION_SET)}`,
  );
  if (set === undefined) {
    return apply
      ? { state: 'failed', detail: 'the permission set was not made' }
      : { state: 'missing', detail: 'would be assigned' };
  }
  const there = await query(
    client,
    `SELECT Id FROM PermissionSetAssignment WHERE PermissionSetId = ${literal(set.Id)} AND AssigneeId = ${literal(user)}`,
  );
  if (there.length > 0) {
    return { state: 'present', detail: '' };
  }
  if (!apply) {
    return { state: 'missing', detail: 'would be assigned' };
  }
  await client.request('POST', '/sobjects/PermissionSetAssignment', {
    PermissionSetId: set.Id,
    AssigneeId: user,
  });
  return { state: 'created', detail: '' };
}
