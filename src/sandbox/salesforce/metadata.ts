import { type Org, SfError } from './org.ts';
import type { Field } from './schema.ts';

const CALLS = /<(?:\w+:)?((?:create|read|update|upsert)Metadata)\b[^>]*>([\s\S]*?)<\/(?:\w+:)?\1>/;
const COMPONENTS = /<(?:\w+:)?metadata\b([^>]*)>([\s\S]*?)<\/(?:\w+:)?metadata>/g;

/** The calls of the Metadata SOAP API that set-up makes, for CustomField and PermissionSet. */
export function answerSoap(org: Org, xml: string): string {
  const [, call = '', content = ''] = CALLS.exec(xml) ?? [];
  const results =
    call === 'readMetadata'
      ? [`<result>${recordsOf(org, content)}</result>`]
      : [...content.matchAll(COMPONENTS)].map(([, attributes = '', body = '']) =>
          resultOf(org, call, attributes, body),
        );
  return envelope(
    `<${call}Response xmlns="http://soap.sforce.com/2006/04/metadata">${results.join('')}</${call}Response>`,
  );
}

/** A component that the org lacks is answered as a record of nothing. */
function recordsOf(org: Org, content: string): string {
  const type = tag(content, 'type') ?? '';
  return tags(content, 'fullNames')
    .map((name) => org.metadata.get(`${type} ${name}`))
    .map((body) =>
      body === undefined ? '<records xsi:nil="true"/>' : `<records xsi:type="${type}">${body}</records>`,
    )
    .join('');
}

function resultOf(org: Org, call: string, attributes: string, body: string): string {
  const fullName = tag(body, 'fullName') ?? '';
  const type = /CustomField|PermissionSet/.exec(attributes)?.[0] ?? '';
  try {
    const created = !org.metadata.has(`${type} ${fullName}`);
    write(org, call, type, fullName, body);
    org.metadata.set(`${type} ${fullName}`, body);
    org.setUp(created ? 'create' : 'update', type, fullName);
    const said = call === 'upsertMetadata' ? `<created>${created}</created>` : '';
    return `<result>${said}<fullName>${fullName}</fullName><success>true</success></result>`;
  } catch (error) {
    const { code, message } = error as SfError;
    return `<result><errors><message>${message}</message><statusCode>${code}</statusCode></errors><fullName>${fullName}</fullName><success>false</success></result>`;
  }
}

function write(org: Org, call: string, type: string, fullName: string, body: string): void {
  if (type === 'PermissionSet') {
    upsertPermissionSet(org, fullName, body);
  } else if (type === 'CustomField') {
    const [object = '', name = ''] = fullName.split('.');
    const field = fieldOf(name, body);
    if (call === 'createMetadata') {
      org.addField(object, field);
    } else {
      org.changeField(object, field);
    }
  } else {
    throw new SfError('INVALID_TYPE', 'This type of metadata is not available for this organization');
  }
}

const TYPES: Record<string, Field['type']> = {
  Number: 'double',
  DateTime: 'datetime',
  Date: 'date',
  Checkbox: 'boolean',
  LongTextArea: 'textarea',
  Url: 'url',
  Picklist: 'picklist',
};

function fieldOf(name: string, body: string): Field {
  const type = TYPES[tag(body, 'type') ?? ''] ?? 'string';
  const valueSet = /<(?:\w+:)?valueSet>([\s\S]*)<\/(?:\w+:)?valueSet>/.exec(body)?.[1];
  return {
    name,
    type,
    length: type === 'double' || type === 'datetime' ? 0 : Number(tag(body, 'length') ?? 255),
    ...(type === 'double' ? { scale: Number(tag(body, 'scale') ?? 0) } : {}),
    externalId: tag(body, 'externalId') === 'true',
    unique: tag(body, 'unique') === 'true',
    ...(valueSet === undefined
      ? {}
      : { values: tags(valueSet, 'fullName'), restricted: tag(valueSet, 'restricted') === 'true' }),
  };
}

/**
 * Shows the fields that it lists and hides those that it listed before: what is sent replaces what was there. Fields
 * of Activity are known to it by their name on Task. The one user counts as assigned.
 */
function upsertPermissionSet(org: Org, fullName: string, body: string): void {
  const before = org.metadata.get(`PermissionSet ${fullName}`) ?? '';
  const shown = readable(body);
  const unknown = shown.find((name) => !org.hasField(name));
  if (unknown !== undefined) {
    throw new SfError(
      'INVALID_CROSS_REFERENCE_KEY',
      `In field: field - no CustomField named ${unknown} found`,
    );
  }
  if (!org.all('PermissionSet').some((set) => set.Name === fullName)) {
    org.insert('PermissionSet', { Name: fullName, Label: tag(body, 'label') ?? fullName });
  }
  for (const name of readable(before)) {
    org.visible.delete(name);
  }
  for (const name of shown) {
    org.visible.add(name);
  }
}

function readable(body: string): string[] {
  return [...body.matchAll(/<(?:\w+:)?fieldPermissions>([\s\S]*?)<\/(?:\w+:)?fieldPermissions>/g)]
    .map(([, permission = '']) => permission)
    .filter((permission) => tag(permission, 'readable') === 'true')
    .map((permission) => tag(permission, 'field') ?? '');
}

function tag(xml: string, name: string): string | undefined {
  return tags(xml, name)[0];
}

function tags(xml: string, name: string): string[] {
  const pattern = new RegExp(`<(?:\\w+:)?${name}>([^<]*)</(?:\\w+:)?${name}>`, 'g');
  return [...xml.matchAll(pattern)].map(([, content = '']) => content);
}

function envelope(body: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`;
}
