import type { Field } from './field.ts';

/** What the platform keeps of calls, mails and meetings. Fields that only it fills take no write. */

const reference = (name: string, more: Partial<Field> = {}): Field => ({
  name,
  type: 'reference',
  length: 18,
  ...more,
});
const flag = (name: string, more: Partial<Field> = {}): Field => ({
  name,
  type: 'boolean',
  length: 0,
  default: false,
  ...more,
});
const instant = (name: string): Field => ({ name, type: 'datetime', length: 0 });
const text = (name: string, length = 255): Field => ({ name, type: 'string', length });
const readOnly = { readOnly: true };

/** Of tasks and events alike. */
const COMMON: Field[] = [
  reference('AccountId', readOnly),
  reference('CreatedById', readOnly),
  flag('IsRecurrence'),
  flag('IsArchived', readOnly),
];

export const TASK_FIELDS: Field[] = [
  ...COMMON,
  {
    name: 'TaskSubtype',
    type: 'picklist',
    length: 40,
    values: ['Task', 'Call', 'Email', 'ListEmail', 'Cadence', 'LinkedIn'],
    default: 'Task',
    restricted: true,
  },
  { name: 'CallType', type: 'picklist', length: 40, values: ['Inbound', 'Internal', 'Outbound'] },
  text('CallDisposition'),
  { name: 'CallDurationInSeconds', type: 'int', length: 0 },
];

export const EVENT_FIELDS: Field[] = [
  ...COMMON,
  text('Subject'),
  { name: 'Description', type: 'textarea', length: 32_000 },
  instant('StartDateTime'),
  instant('EndDateTime'),
  instant('ActivityDateTime'),
  flag('IsAllDayEvent'),
  flag('IsChild', readOnly),
  flag('IsGroupEvent', readOnly),
  flag('IsPrivate'),
  text('EventSubtype', 40),
  reference('WhoId'),
  reference('WhatId'),
  reference('OwnerId'),
];

/** Status is a digit: 3 is sent, of mails that came in too, 5 a draft. */
export const EMAIL_FIELDS: Field[] = [
  reference('CreatedById', readOnly),
  flag('Incoming'),
  instant('MessageDate'),
  { name: 'Status', type: 'picklist', length: 40, values: ['0', '1', '2', '3', '4', '5'], default: '3' },
  reference('RelatedToId'),
  reference('ParentId'),
  reference('ActivityId', readOnly),
  text('Subject', 3000),
  text('FromAddress', 1000),
  { name: 'TextBody', type: 'textarea', length: 131_072 },
];

export const EMAIL_RELATION_FIELDS: Field[] = [
  reference('EmailMessageId'),
  reference('RelationId'),
  text('RelationType', 40),
  text('RelationObjectType', 40),
];
