import type { Request } from 'express';
import {
  activitySaved,
  checkMember,
  checkMemberStatus,
  checkReferences,
  derived,
  ownedBy,
} from './activities.ts';
import { type Org, SfError, type SfRecord } from './org.ts';
import type { Field, SObject } from './schema.ts';

type Headers = Record<string, string | undefined>;

/** The headers of a call that rules look at. */
export function headersOf(request: Request): Headers {
  return { duplicateRule: request.headers['sforce-duplicate-rule-header'] as string | undefined };
}

/** Creates one record with every check that a call meets. */
export function createRecord(
  org: Org,
  objectName: string,
  values: Record<string, unknown>,
  headers: Headers,
): SfRecord {
  const object = org.object(objectName);
  const clean = without(values, 'attributes');
  checkValues(org, object, clean, null);
  for (const field of object.fields.filter(({ required }) => required)) {
    if (clean[field.name] === undefined || clean[field.name] === null || clean[field.name] === '') {
      throw new SfError('REQUIRED_FIELD_MISSING', `Required fields are missing: [${field.name}]`, [
        field.name,
      ]);
    }
  }
  checkRules(org, object, clean, headers);
  checkReferences(org, object, clean);
  if (object.name === 'CampaignMember') {
    checkMember(org, clean);
  }
  if (object.name === 'CampaignMemberStatus') {
    checkMemberStatus(org, clean);
  }
  const record = org.insert(object.name, {
    ...clean,
    ...ownedBy(org, object, clean, true),
    ...derived(org, object, clean, null, org.timestamp()),
  });
  activitySaved(org, object, record);
  if (object.name === 'Campaign') {
    org.insert('CampaignMemberStatus', {
      CampaignId: record.Id,
      Label: 'Sent',
      SortOrder: 1,
      IsDefault: true,
    });
    org.insert('CampaignMemberStatus', {
      CampaignId: record.Id,
      Label: 'Responded',
      SortOrder: 2,
      HasResponded: true,
    });
  }
  return record;
}

export function updateRecord(
  org: Org,
  objectName: string,
  id: string,
  values: Record<string, unknown>,
  headers: Headers,
): SfRecord {
  const object = org.object(objectName);
  const record = org.find(object.name, id);
  if (record === undefined) {
    throw new SfError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id');
  }
  if (record.IsDeleted === true) {
    throw new SfError('ENTITY_IS_DELETED', 'entity is deleted');
  }
  if (object.name === 'Lead' && record.IsConverted === true) {
    throw new SfError('CANNOT_UPDATE_CONVERTED_LEAD', 'cannot reference converted lead');
  }
  const clean = without(without(values, 'attributes'), 'Id');
  checkValues(org, object, clean, record.Id);
  if (object.name === 'Contact' && org.personAccount(record.Id) !== undefined) {
    throw new SfError(
      'INVALID_FIELD_FOR_INSERT_UPDATE',
      'Unable to update fields of a person contact: use its person account',
    );
  }
  checkRules(org, object, { ...record, ...clean }, headers);
  checkReferences(org, object, clean);
  org.update(object.name, record, {
    ...clean,
    ...ownedBy(org, object, clean, false),
    ...derived(org, object, clean, record, org.timestamp()),
  });
  activitySaved(org, object, record);
  return record;
}

/** Upsert by an external id: one match is updated, none is created, several are refused. */
export function upsertRecord(
  org: Org,
  objectName: string,
  by: string,
  values: Record<string, unknown>,
  headers: Headers,
): { record: SfRecord; created: boolean } {
  const object = org.object(objectName);
  const field = org.visibleFields(object).find(({ name }) => name === by);
  if (field?.externalId !== true) {
    throw new SfError(
      'INVALID_FIELD',
      `Provided external ID field does not exist or is not accessible: ${by}`,
    );
  }
  if (by !== 'Id' && values.Id !== undefined) {
    throw new SfError('INVALID_FIELD', 'The Id field should not be specified in the sobject data.', ['Id']);
  }
  const value = values[by];
  if (value === undefined || value === null || value === '') {
    throw new SfError('MISSING_ARGUMENT', `${by} not specified`);
  }
  const matches = org.having(object.name, by, value).filter((record) => record[by] === value);
  if (matches.length > 1) {
    throw new SfError('MULTIPLE_CHOICES', `${by}: more than one record found`);
  }
  const [found] = matches;
  return found === undefined
    ? { record: createRecord(org, object.name, values, headers), created: true }
    : { record: updateRecord(org, object.name, found.Id, values, headers), created: false };
}

function checkValues(org: Org, object: SObject, values: Record<string, unknown>, ownId: string | null): void {
  const fields = new Map(org.visibleFields(object).map((field) => [field.name, field]));
  for (const [name, value] of Object.entries(values)) {
    const field = fields.get(name);
    if (field === undefined) {
      throw new SfError('INVALID_FIELD', `No such column '${name}' on sobject of type ${object.name}`);
    }
    if (field.readOnly) {
      throw new SfError(
        'INVALID_FIELD_FOR_INSERT_UPDATE',
        `Unable to create/update fields: ${name}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`,
        [name],
      );
    }
    if (value !== null) {
      checkValue(field, value);
    }
    checkUnique(org, object, field, value, ownId);
  }
  if (object.name === 'Task' && String(values.WhoId ?? '').startsWith('00Q') && values.WhatId != null) {
    throw new SfError(
      'FIELD_INTEGRITY_EXCEPTION',
      'A task related to a lead cannot also be related to another object',
      ['WhatId'],
    );
  }
}

function checkValue(field: Field, value: unknown): void {
  const text = String(value);
  if (field.length > 0 && text.length > field.length) {
    throw new SfError(
      'STRING_TOO_LONG',
      `${field.name}: data value too large: ${text.slice(0, 20)}... (max length=${field.length})`,
      [field.name],
    );
  }
  const isNumber = typeof value === 'number' && (field.type !== 'int' || Number.isInteger(value));
  if (['double', 'int'].includes(field.type) && !isNumber) {
    throw new SfError(
      'JSON_PARSER_ERROR',
      `Cannot deserialize instance of ${field.type} from VALUE_STRING value ${text}`,
    );
  }
  if (field.type === 'email' && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(text)) {
    throw new SfError('INVALID_EMAIL_ADDRESS', `${field.name}: invalid email address: ${text}`, [field.name]);
  }
  const isDate = field.type === 'date' && /^\d{4}-\d\d-\d\d$/.test(text);
  if ((field.type === 'datetime' || (field.type === 'date' && !isDate)) && Number.isNaN(Date.parse(text))) {
    throw new SfError(
      'JSON_PARSER_ERROR',
      `Cannot deserialize instance of ${field.type} from VALUE_STRING value ${text}`,
    );
  }
  if (field.restricted && !field.values?.includes(text)) {
    throw new SfError(
      'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
      `${field.name}: bad value for restricted picklist field: ${text}`,
      [field.name],
    );
  }
}

function checkUnique(org: Org, object: SObject, field: Field, value: unknown, ownId: string | null): void {
  if (!field.unique || value === null) {
    return;
  }
  const other = org
    .having(object.name, field.name, value)
    .find((record) => record[field.name] === value && record.Id !== ownId);
  if (other !== undefined) {
    throw new SfError(
      'DUPLICATE_VALUE',
      `duplicate value found: ${field.name} duplicates value on record with id: ${other.Id}`,
      [],
    );
  }
}

function checkRules(org: Org, object: SObject, record: Record<string, unknown>, headers: Headers): void {
  for (const rule of org.rules) {
    const refusal = rule(object.name, record, headers);
    if (refusal !== null) {
      throw refusal;
    }
  }
}

function without(values: Record<string, unknown>, name: string): Record<string, unknown> {
  const { [name]: _gone, ...rest } = values;
  return rest;
}
