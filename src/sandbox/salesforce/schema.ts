import { EMAIL_FIELDS, EMAIL_RELATION_FIELDS, EVENT_FIELDS, TASK_FIELDS } from './activity-objects.ts';
import type { Field } from './field.ts';
import { OPPORTUNITY } from './opportunity.ts';

export type { Field } from './field.ts';

export interface SObject {
  name: string;
  /** First three characters of its record ids. */
  prefix: string;
  fields: Field[];
}

const text = (name: string, length = 255, more: Partial<Field> = {}): Field => ({
  name,
  type: 'string',
  length,
  ...more,
});
const reference = (name: string): Field => ({ name, type: 'reference', length: 18 });
const picklist = (name: string, values: string[], more: Partial<Field> = {}): Field => ({
  name,
  type: 'picklist',
  length: 255,
  values,
  ...more,
});

const SYSTEM: Field[] = [
  { name: 'Id', type: 'id', length: 18, readOnly: true },
  { name: 'IsDeleted', type: 'boolean', length: 0, readOnly: true, default: false },
  { name: 'CreatedDate', type: 'datetime', length: 0, readOnly: true },
  { name: 'LastModifiedDate', type: 'datetime', length: 0, readOnly: true },
  { name: 'SystemModstamp', type: 'datetime', length: 0, readOnly: true },
];

/** Where a record went that was merged away. */
const MASTER: Field = { ...reference('MasterRecordId'), readOnly: true };

/** What an org has in addition once person accounts are switched on, for ever. */
export const PERSON_ACCOUNT_FIELDS: Field[] = [
  { name: 'IsPersonAccount', type: 'boolean', length: 0, readOnly: true, default: false },
  { ...reference('PersonContactId'), readOnly: true },
  { name: 'PersonEmail', type: 'email', length: 80 },
  text('PersonTitle', 128),
  text('FirstName', 40),
  text('LastName', 80),
];

const person: Field[] = [
  text('LastName', 80, { required: true }),
  text('FirstName', 40),
  { name: 'Email', type: 'email', length: 80 },
  text('Title', 128),
  { name: 'HasOptedOutOfEmail', type: 'boolean', length: 0, default: false },
  reference('OwnerId'),
];

/** The standard objects that a first install touches, with the fields it touches. */
export function standardObjects(): SObject[] {
  const make = (name: string, prefix: string, fields: Field[]): SObject => ({
    name,
    prefix,
    fields: [...SYSTEM.map((field) => ({ ...field })), ...fields],
  });
  return [
    make('Account', '001', [
      text('Name', 255, { required: true }),
      { name: 'Website', type: 'url', length: 255 },
      text('Industry'),
      { name: 'NumberOfEmployees', type: 'int', length: 0 },
      { name: 'LastActivityDate', type: 'date', length: 0, readOnly: true },
      reference('OwnerId'),
      { ...MASTER },
    ]),
    make('Contact', '003', [...person, reference('AccountId'), { ...MASTER }]),
    make('Lead', '00Q', [
      ...person,
      text('Company', 255, { required: true }),
      picklist('Status', ['Open - Not Contacted', 'Working - Contacted', 'Closed - Converted'], {
        default: 'Open - Not Contacted',
      }),
      { name: 'IsConverted', type: 'boolean', length: 0, readOnly: true, default: false },
      { ...reference('ConvertedContactId'), readOnly: true },
      { ...reference('ConvertedAccountId'), readOnly: true },
      { ...MASTER },
    ]),
    make('Campaign', '701', [
      text('Name', 80, { required: true }),
      { name: 'IsActive', type: 'boolean', length: 0, default: false },
      picklist('Status', ['Planned', 'In Progress', 'Completed'], { default: 'Planned' }),
      picklist('Type', ['Conference', 'Webinar', 'Email', 'Other']),
      { name: 'StartDate', type: 'date', length: 0 },
      reference('OwnerId'),
    ]),
    make('CampaignMember', '00v', [
      { ...reference('CampaignId'), required: true },
      reference('ContactId'),
      reference('LeadId'),
      text('Status', 40, { default: 'Sent' }),
      { name: 'HasResponded', type: 'boolean', length: 0, readOnly: true, default: false },
    ]),
    make('CampaignMemberStatus', '01Y', [
      reference('CampaignId'),
      text('Label', 40),
      { name: 'SortOrder', type: 'double', length: 0 },
      { name: 'IsDefault', type: 'boolean', length: 0, default: false },
      { name: 'HasResponded', type: 'boolean', length: 0, default: false },
    ]),
    make('Task', '00T', [
      { name: 'Subject', type: 'combobox', length: 255 },
      picklist('Status', ['Not Started', 'In Progress', 'Completed'], { default: 'Not Started' }),
      picklist('Priority', ['High', 'Normal', 'Low'], { default: 'Normal' }),
      { name: 'ActivityDate', type: 'date', length: 0 },
      { name: 'Description', type: 'textarea', length: 32_000 },
      reference('WhoId'),
      reference('WhatId'),
      reference('OwnerId'),
      picklist('Type', ['Call', 'Email', 'Meeting', 'Other']),
      ...TASK_FIELDS.map((field) => ({ ...field })),
      { name: 'IsClosed', type: 'boolean', length: 0, readOnly: true, default: false },
      { name: 'CompletedDateTime', type: 'datetime', length: 0, readOnly: true },
    ]),
    make(
      'Event',
      '00U',
      EVENT_FIELDS.map((field) => ({ ...field })),
    ),
    make(
      'EmailMessage',
      '02s',
      EMAIL_FIELDS.map((field) => ({ ...field })),
    ),
    make(
      'EmailMessageRelation',
      '0NR',
      EMAIL_RELATION_FIELDS.map((field) => ({ ...field })),
    ),
    make('TaskStatus', '01T', [
      text('ApiName', 80),
      text('MasterLabel', 80),
      { name: 'IsClosed', type: 'boolean', length: 0, default: false },
      { name: 'IsDefault', type: 'boolean', length: 0, default: false },
      { name: 'SortOrder', type: 'double', length: 0 },
    ]),
    make('Group', '00G', [text('Name', 40), text('DeveloperName', 80), text('Type', 40)]),
    make('QueueSobject', '03g', [reference('QueueId'), text('SobjectType', 40)]),
    make('User', '005', [
      text('Username', 80),
      { name: 'Email', type: 'email', length: 128 },
      text('Name', 121),
      { name: 'IsActive', type: 'boolean', length: 0, default: true },
    ]),
    make('Organization', '00D', [
      text('Name', 80),
      text('OrganizationType', 40),
      picklist('TimeZoneSidKey', ['America/New_York', 'Europe/Berlin', 'UTC']),
    ]),
    make('Opportunity', '006', OPPORTUNITY),
    make('PermissionSet', '0PS', [text('Name', 80), text('Label', 80)]),
    make('PermissionSetAssignment', '0Pa', [reference('PermissionSetId'), reference('AssigneeId')]),
  ];
}
