import { describe, expect, it } from 'vitest';
import { parseStringPromise } from 'xml2js';
import { type FieldMetadata, grown, metadataOf } from '../../../../src/crm/salesforce/custom-field.ts';
import { metadataFolder } from '../../../../src/crm/salesforce/folder.ts';
import { permissionSetFor, withLacking } from '../../../../src/crm/salesforce/permission-set.ts';
import type { Found } from '../../../../src/crm/salesforce/schema.ts';
import { type Plan, planFor } from '../../../../src/crm/salesforce/setup.ts';
import type { MappedField } from '../../../../src/sync/crm.ts';

const field = (over: Partial<MappedField> = {}): MappedField => ({
  object: 'Account',
  field: 'PQL_Tier__c',
  type: 'text',
  unique: false,
  ...over,
});

describe('the field that the org is asked to make', () => {
  it.each<[string, Partial<MappedField>, Record<string, unknown>]>([
    ['a text as long as the mapping', { length: 40 }, { type: 'Text', length: 40 }],
    ['a text without a length', {}, { type: 'Text', length: 255 }],
    ['a text that no text field holds', { length: 2000 }, { type: 'LongTextArea', length: 2000 }],
    ['a long text', { type: 'long_text', length: 2000 }, { type: 'LongTextArea', length: 2000 }],
    ['a long text that is short', { type: 'long_text', length: 100 }, { type: 'LongTextArea', length: 256 }],
    ['a long text without a length', { type: 'long_text' }, { type: 'LongTextArea', length: 32_768 }],
    [
      'a key',
      { unique: true, length: 64 },
      { type: 'Text', length: 64, externalId: true, unique: true, caseSensitive: true },
    ],
    ['a picklist of which no value is known', { type: 'picklist' }, { type: 'Text', length: 255 }],
    [
      'a picklist',
      { type: 'picklist', values: ['mql'] },
      {
        type: 'Picklist',
        valueSet: {
          restricted: true,
          valueSetDefinition: { sorted: false, value: [{ fullName: 'mql', default: false, label: 'mql' }] },
        },
      },
    ],
    ['a number', { type: 'number' }, { type: 'Number', precision: 12, scale: 2 }],
    ['a yes or no', { type: 'boolean' }, { type: 'Checkbox', defaultValue: 'false' }],
    ['a field of tasks', { object: 'Task' }, { fullName: 'Activity.PQL_Tier__c' }],
  ])('%s', (_what, over, expected) => {
    expect(metadataOf(field(over))).toMatchObject(expected);
  });

  it('grows, and keeps what an admin did to it', () => {
    const there = {
      ...metadataOf(field({ type: 'picklist', values: ['a'] })),
      label: 'Tier',
      inlineHelpText: 'ask RevOps',
    };
    expect(grown(there, field({ type: 'picklist', values: ['b'] }))).toMatchObject({
      label: 'Tier',
      inlineHelpText: 'ask RevOps',
      valueSet: { restricted: true, valueSetDefinition: { value: [{ fullName: 'a' }, { fullName: 'b' }] } },
    });
    expect(grown(metadataOf(field({ length: 80 })), field({ length: 40 }))).toMatchObject({ length: 80 });
  });
});

describe('what setup does about a field', () => {
  const absent: Found = { problem: 'no field', remedy: 'setup', absent: true };
  const ours = metadataOf(field());
  const theirs: FieldMetadata = { fullName: 'Account.PQL_Tier__c', type: 'Text', length: 40 };
  it.each<[string, Found | null, FieldMetadata | undefined, Plan['kind']]>([
    ['it fits', null, undefined, 'nothing'],
    ['it is absent', absent, undefined, 'create'],
    ['it is there, and hidden', absent, theirs, 'show'],
    ['it is there, and may not be edited', { problem: 'p', remedy: 'r', readOnly: true }, theirs, 'show'],
    ['it is a formula', { problem: 'p', remedy: 'r', readOnly: true }, { ...theirs, formula: '1' }, 'refuse'],
    [
      'nobody may say why it cannot be edited',
      { problem: 'p', remedy: 'r', readOnly: true },
      undefined,
      'refuse',
    ],
    ['it is hidden, and of another type', absent, { ...theirs, type: 'Number' }, 'refuse'],
    ['it is ours, and too short', { problem: 'p', remedy: 'r', narrow: true }, ours, 'grow'],
    ['it is theirs, and too short', { problem: 'p', remedy: 'r', narrow: true }, theirs, 'refuse'],
    ['it is ours, and of another type', { problem: 'p', remedy: 'r' }, ours, 'refuse'],
  ])('%s', (_what, problem, there, kind) => {
    expect(planFor(field(), problem, there).kind).toBe(kind);
  });

  it('a field of the platform that is absent is left to the admin', () => {
    expect(planFor(field({ field: 'Nmae' }), absent, undefined).kind).toBe('by_hand');
  });
});

describe('the permission set', () => {
  const wanted = permissionSetFor([field(), field({ object: 'Task', field: 'PQL_Key__c' })], false);

  it('gives what the mapping needs, and nothing that deletes or sees all', () => {
    expect(wanted.fieldPermissions.map((one) => one.field)).toEqual([
      'Account.PQL_Tier__c',
      'Task.PQL_Key__c',
    ]);
    expect(wanted.objectPermissions).toMatchObject([
      {
        object: 'Account',
        allowEdit: true,
        allowDelete: false,
        viewAllRecords: false,
        modifyAllRecords: false,
      },
      { object: 'Campaign', allowCreate: true, allowDelete: false },
    ]);
  });

  it('lets opportunities be read, and no more, where deals are read back; who has it without them gets that too', () => {
    const reading = permissionSetFor([field()], true);
    expect(reading.objectPermissions.at(-1)).toEqual({
      object: 'Opportunity',
      allowRead: true,
      allowEdit: false,
      allowCreate: false,
      allowDelete: false,
      viewAllRecords: false,
      modifyAllRecords: false,
    });
    expect(reading.fieldPermissions.slice(1)).toEqual([
      { field: 'Opportunity.AccountId', readable: true, editable: false },
      { field: 'Opportunity.Amount', readable: true, editable: false },
    ]);
    const before = permissionSetFor([field()], false);
    expect(withLacking(before, reading)?.objectPermissions.map(({ object }) => object)).toEqual([
      'Account',
      'Campaign',
      'Opportunity',
    ]);
  });

  it('that lacks nothing is not sent again', () => {
    expect(withLacking(wanted, wanted)).toBeNull();
    expect(withLacking(undefined, wanted)).toBe(wanted);
  });

  it('takes nothing away: of each right the wider one stays', () => {
    const there = {
      ...wanted,
      fieldPermissions: [{ field: 'Account.Theirs__c', readable: true, editable: false }],
      objectPermissions: wanted.objectPermissions.map((one) => ({
        ...one,
        allowEdit: false,
        allowDelete: true,
      })),
    };
    const merged = withLacking(there, wanted);
    expect(merged?.fieldPermissions).toHaveLength(3);
    expect(merged?.objectPermissions[0]).toMatchObject({ allowEdit: true, allowDelete: true });
  });
});

describe('the metadata folder', () => {
  const files = metadataFolder(
    [
      field({ length: 40 }),
      field({ field: 'Name' }),
      field({ field: 'PQL_Grade__c', type: 'picklist', values: ['A & B', '<C>'] }),
      field({ object: 'Task', field: 'PQL_Key__c', unique: true, length: 64 }),
    ],
    false,
    '64.0',
  );
  const parsed = (name: string) => parseStringPromise(files.get(name) ?? '', { explicitArray: false });

  it('holds one file for each object, the permission set and the package, all of them XML', async () => {
    expect([...files.keys()]).toEqual([
      'package.xml',
      'objects/Account.object',
      'objects/Activity.object',
      'permissionsets/PQL_Sync.permissionset',
    ]);
    for (const name of files.keys()) {
      const [root] = Object.values(await parsed(name)) as { $: { xmlns: string } }[];
      expect(root?.$.xmlns).toBe('http://soap.sforce.com/2006/04/metadata');
    }
  });

  it('names single fields in the package, so that nothing else of an object is touched', async () => {
    expect(await parsed('package.xml')).toMatchObject({
      Package: {
        types: [
          {
            members: ['Account.PQL_Tier__c', 'Account.PQL_Grade__c', 'Activity.PQL_Key__c'],
            name: 'CustomField',
          },
          { members: 'PQL_Sync', name: 'PermissionSet' },
        ],
        version: '64.0',
      },
    });
  });

  it('has the fields that setup would make, by their short names, with every value as it is', async () => {
    expect(await parsed('objects/Account.object')).toMatchObject({
      CustomObject: {
        fields: [
          { fullName: 'PQL_Tier__c', type: 'Text', length: '40' },
          {
            fullName: 'PQL_Grade__c',
            type: 'Picklist',
            valueSet: {
              restricted: 'true',
              valueSetDefinition: { value: [{ fullName: 'A & B' }, { fullName: '<C>' }] },
            },
          },
        ],
      },
    });
    expect(await parsed('objects/Activity.object')).toMatchObject({
      CustomObject: { fields: { fullName: 'PQL_Key__c', externalId: 'true', unique: 'true', length: '64' } },
    });
  });

  it('has the permission set without a name of its own: the file is its name', async () => {
    const { PermissionSet } = await parsed('permissionsets/PQL_Sync.permissionset');
    expect(PermissionSet.fullName).toBeUndefined();
    expect(PermissionSet.fieldPermissions.map((one: { field: string }) => one.field)).toEqual([
      'Account.PQL_Tier__c',
      'Account.PQL_Grade__c',
      'Task.PQL_Key__c',
    ]);
  });
});
