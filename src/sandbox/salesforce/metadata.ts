import { type Org, SfError } from './org.ts';
import type { Field } from './schema.ts';

/** The two calls of the Metadata SOAP API that set-up makes: createMetadata of CustomField, upsertMetadata of PermissionSet. */
export function answerSoap(org: Org, xml: string): string {
  const create = /<(?:\w+:)?(createMetadata|upsertMetadata)\b[^>]*>([\s\S]*?)<\/(?:\w+:)?\1>/.exec(xml);
  const call = create?.[1] ?? '';
  const components = [
    ...(create?.[2] ?? '').matchAll(/<(?:\w+:)?metadata\b([^>]*)>([\s\S]*?)<\/(?:\w+:)?metadata>/g),
  ];
  const results = components.map(([, attributes = '', body = '']) => resultOf(org, call, attributes, body));
  return envelope(
    `<${call}Response xmlns="http://soap.sforce.com/2006/04/metadata">${results.join('')}</${call}Response>`,
  );
}

function resultOf(org: Org, call: string, attributes: string, body: string): string {
  const fullName = tag(body, 'fullName') ?? '';
  try {
    if (/CustomField/.test(attributes)) {
      createField(org, fullName, body);
    } else if (/PermissionSet/.test(attributes)) {
      upsertPermissionSet(org, fullName, body);
    } else {
      throw new SfError('INVALID_TYPE', 'This type of metadata is not available for this organization');
    }
    const created = call === 'upsertMetadata' ? '<created>true</created>' : '';
    return `<result>${created}<fullName>${fullName}</fullName><success>true</success></result>`;
  } catch (error) {
    const { code, message } = error as SfError;
    return `<result><errors><message>${message}</message><statusCode>${code}</statusCode></errors><fullName>${fullName}</fullName><success>false</success></result>`;
  }
}

function createField(org: Org, fullName: string, body: string): void {
  const [object = '', name = ''] = fullName.split('.');
  const types: Record<string, Field['type']> = {
    Number: 'double',
    DateTime: 'datetime',
    Date: 'date',
    Checkbox: 'boolean',
    LongTextArea: 'textarea',
    Url: 'url',
    Picklist: 'picklist',
  };
  const type = types[tag(body, 'type') ?? ''] ?? 'string';
  org.addField(object, {
    name,
    type,
    length: type === 'double' || type === 'datetime' ? 0 : Number(tag(body, 'length') ?? 255),
    ...(type === 'double' ? { scale: Number(tag(body, 'scale') ?? 0) } : {}),
    externalId: tag(body, 'externalId') === 'true',
    unique: tag(body, 'unique') === 'true',
  });
}

/** Shows the fields it lists, once the set is assigned; here the one user counts as assigned as soon as a row says so. */
function upsertPermissionSet(org: Org, fullName: string, body: string): void {
  if (!org.all('PermissionSet').some((set) => set.Name === fullName)) {
    org.insert('PermissionSet', { Name: fullName, Label: tag(body, 'label') ?? fullName });
  }
  for (const [, permission = ''] of body.matchAll(
    /<(?:\w+:)?fieldPermissions>([\s\S]*?)<\/(?:\w+:)?fieldPermissions>/g,
  )) {
    if (tag(permission, 'readable') === 'true') {
      org.visible.add((tag(permission, 'field') ?? '').replace(/^Activity\./, 'Task.'));
    }
  }
}

function tag(xml: string, name: string): string | undefined {
  return new RegExp(`<(?:\\w+:)?${name}>([^<]*)</(?:\\w+:)?${name}>`).exec(xml)?.[1];
}

function envelope(body: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`;
}
