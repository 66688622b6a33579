import { DEAL_ROWS, ROLL_UPS } from './deals.ts';
import { ENGAGEMENT_ROWS, ENGAGEMENT_TYPES, ENGAGEMENTS, type Engagement } from './engagements.ts';
import { HubspotError, validation } from './errors.ts';
import type { Row } from './property-row.ts';

export type ObjectName = 'companies' | 'contacts' | 'tasks' | 'deals' | Engagement;

/** Every way in which a path may name an object. */
const NAMES: Record<string, ObjectName> = {
  companies: 'companies',
  company: 'companies',
  '0-2': 'companies',
  contacts: 'contacts',
  contact: 'contacts',
  '0-1': 'contacts',
  tasks: 'tasks',
  task: 'tasks',
  '0-27': 'tasks',
  deals: 'deals',
  deal: 'deals',
  '0-3': 'deals',
  ...Object.fromEntries(
    ENGAGEMENTS.flatMap((name) =>
      [name, name.slice(0, -1), ENGAGEMENT_TYPES[name]].map((one) => [one, name]),
    ),
  ),
};

export const TYPE_IDS: Record<ObjectName, string> = {
  companies: '0-2',
  contacts: '0-1',
  tasks: '0-27',
  deals: '0-3',
  ...ENGAGEMENT_TYPES,
};

export function objectNamed(name: string): ObjectName {
  const object = NAMES[name.toLowerCase()];
  if (object === undefined) {
    throw validation(`Unable to infer object type from: ${name}`);
  }
  return object;
}

export interface Option {
  label: string;
  value: string;
  displayOrder: number;
  hidden: boolean;
}

export interface Definition {
  name: string;
  label: string;
  type: string;
  fieldType: string;
  groupName: string;
  options: Option[];
  hasUniqueValue: boolean;
  hubspotDefined: boolean;
  createdAt: string;
  modificationMetadata: { archivable: boolean; readOnlyDefinition: boolean; readOnlyValue: boolean };
}

/** Order is what decides which way is forward. */
const LIFECYCLE = [
  'subscriber',
  'lead',
  'marketingqualifiedlead',
  'salesqualifiedlead',
  'opportunity',
  'customer',
  'evangelist',
  'other',
];

const LEAD_STATUS = [
  'NEW',
  'OPEN',
  'IN_PROGRESS',
  'OPEN_DEAL',
  'UNQUALIFIED',
  'ATTEMPTED_TO_CONTACT',
  'CONNECTED',
  'BAD_TIMING',
];

const SHARED: Row[] = [
  ['hs_object_id', 'number', 'number', { readOnly: true }],
  ['hubspot_owner_id', 'enumeration', 'select'],
];

const STAGED: Row[] = [
  ['createdate', 'datetime', 'date', { readOnly: true }],
  ['lifecyclestage', 'enumeration', 'radio', { options: LIFECYCLE }],
  ['hs_lead_status', 'enumeration', 'radio', { options: LEAD_STATUS }],
  ['phone', 'string', 'phonenumber'],
  ['website', 'string', 'text'],
  ['city', 'string', 'text'],
  ['country', 'string', 'text'],
];

const BUILT_IN: Record<ObjectName, Row[]> = {
  companies: [
    ...SHARED,
    ...STAGED,
    ['hs_lastmodifieddate', 'datetime', 'date', { readOnly: true }],
    ['name', 'string', 'text'],
    ['domain', 'string', 'text'],
    ['hs_additional_domains', 'string', 'textarea'],
    ['description', 'string', 'textarea'],
    [
      'industry',
      'enumeration',
      'select',
      { options: ['COMPUTER_SOFTWARE', 'INTERNET', 'FINANCIAL_SERVICES'] },
    ],
    ['numberofemployees', 'number', 'number'],
    ['annualrevenue', 'number', 'number'],
    ...ROLL_UPS,
  ],
  contacts: [
    ...SHARED,
    ...STAGED,
    ['lastmodifieddate', 'datetime', 'date', { readOnly: true }],
    ['associatedcompanyid', 'number', 'number', { readOnly: true }],
    ['email', 'string', 'text'],
    ['hs_additional_emails', 'enumeration', 'checkbox', { readOnly: true }],
    ['firstname', 'string', 'text'],
    ['lastname', 'string', 'text'],
    ['jobtitle', 'string', 'text'],
    ['hs_email_optout', 'bool', 'booleancheckbox', { readOnly: true }],
    ['company', 'string', 'text'],
  ],
  tasks: [
    ...SHARED,
    ['hs_createdate', 'datetime', 'date', { readOnly: true }],
    ['hs_lastmodifieddate', 'datetime', 'date', { readOnly: true }],
    ['hs_timestamp', 'datetime', 'date'],
    ['hs_task_subject', 'string', 'text'],
    ['hs_task_body', 'string', 'html'],
    [
      'hs_task_status',
      'enumeration',
      'select',
      { options: ['NOT_STARTED', 'COMPLETED', 'IN_PROGRESS', 'WAITING', 'DEFERRED'] },
    ],
    ['hs_task_priority', 'enumeration', 'select', { options: ['NONE', 'LOW', 'MEDIUM', 'HIGH'] }],
    ['hs_task_type', 'enumeration', 'select', { options: ['EMAIL', 'CALL', 'TODO'] }],
    ['hs_task_completion_date', 'datetime', 'date', { readOnly: true }],
    ['hs_object_source', 'string', 'text', { readOnly: true }],
    ['hs_task_reminders', 'string', 'text'],
  ],
  deals: [...SHARED, ...DEAL_ROWS],
  calls: [...SHARED, ...ENGAGEMENT_ROWS.calls],
  emails: [...SHARED, ...ENGAGEMENT_ROWS.emails],
  meetings: [...SHARED, ...ENGAGEMENT_ROWS.meetings],
  communications: [...SHARED, ...ENGAGEMENT_ROWS.communications],
  notes: [...SHARED, ...ENGAGEMENT_ROWS.notes],
};

export function builtIn(object: ObjectName): Definition[] {
  return BUILT_IN[object].map(([name, type, fieldType, more]) => ({
    name,
    label: name,
    type,
    fieldType,
    groupName: `${object}information`,
    options: (more?.options ?? []).map((value, displayOrder) => ({
      label: value,
      value,
      displayOrder,
      hidden: false,
    })),
    hasUniqueValue: name === 'hs_object_id' || (object === 'contacts' && name === 'email'),
    hubspotDefined: true,
    createdAt: '2019-08-06T02:41:08.029Z',
    modificationMetadata: {
      archivable: false,
      readOnlyDefinition: true,
      readOnlyValue: more?.readOnly === true,
    },
  }));
}

const FIELD_TYPES: Record<string, string[]> = {
  string: ['text', 'textarea', 'html', 'phonenumber', 'file'],
  number: ['number'],
  bool: ['booleancheckbox'],
  enumeration: ['select', 'radio', 'checkbox', 'booleancheckbox'],
  date: ['date'],
  datetime: ['date'],
  phone_number: ['phonenumber'],
};

const UNIQUE_MAX = 10;

/** A definition from a request; throws what HubSpot answers to a wrong one. */
export function defined(body: unknown, existing: Definition[], groups: string[], now: number): Definition {
  const { name, label, type, fieldType, groupName, options, hasUniqueValue } = (body ??
    {}) as Partial<Definition>;
  if (!name || !label || !type || !fieldType || !groupName) {
    throw validation('Invalid input JSON: groupName, name, label, type and fieldType are required');
  }
  if (existing.some((one) => one.name === name)) {
    const message = `A property named '${name}' already exists.`;
    throw new HubspotError(409, 'OBJECT_ALREADY_EXISTS', message);
  }
  if (!groups.includes(groupName)) {
    throw validation(`property group ${groupName} does not exist`);
  }
  if (!/^[a-z][a-z0-9_]*$/.test(name) || FIELD_TYPES[type]?.includes(fieldType) !== true) {
    throw validation(`property ${name} of type ${type} and field type ${fieldType} is not valid`);
  }
  if (
    hasUniqueValue === true &&
    existing.filter((one) => one.hasUniqueValue && !one.hubspotDefined).length >= UNIQUE_MAX
  ) {
    throw validation(`only ${UNIQUE_MAX} unique properties are allowed per object`);
  }
  return {
    name,
    label,
    type,
    fieldType,
    groupName,
    options: options ?? [],
    hasUniqueValue: hasUniqueValue === true,
    hubspotDefined: false,
    createdAt: new Date(now).toISOString(),
    modificationMetadata: { archivable: true, readOnlyDefinition: false, readOnlyValue: false },
  };
}
