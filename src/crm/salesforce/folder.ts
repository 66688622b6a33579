import { Builder } from 'xml2js';
import type { MappedField } from '../../sync/crm.ts';
import { isCustom, metadataOf, nameOf } from './custom-field.ts';
import { PERMISSION_SET, permissionSetFor } from './permission-set.ts';

const XMLNS = 'http://soap.sforce.com/2006/04/metadata';

/**
 * What `setup` would make, as a folder of metadata for an admin who deploys by hand: path -> text. The package names
 * single fields, so that a deployment adds them and touches nothing else of the objects. Pure.
 */
export function metadataFolder(
  fields: readonly MappedField[],
  deals: boolean,
  apiVersion: string,
): Map<string, string> {
  const custom = fields.filter(isCustom);
  const files = new Map([['package.xml', packageXml(custom, apiVersion)]]);
  for (const [object, ofObject] of Map.groupBy(custom, (field) => nameOf(field).split('.')[0] ?? '')) {
    const made = ofObject.map((field) => ({ ...metadataOf(field), fullName: field.field }));
    files.set(`objects/${object}.object`, xml('CustomObject', { fields: made }));
  }
  const { fullName, ...set } = permissionSetFor(fields, deals);
  files.set(`permissionsets/${fullName}.permissionset`, xml('PermissionSet', set));
  return files;
}

function packageXml(fields: readonly MappedField[], version: string): string {
  return xml('Package', {
    types: [
      { members: fields.map(nameOf), name: 'CustomField' },
      { members: [PERMISSION_SET], name: 'PermissionSet' },
    ],
    version,
  });
}

function xml(root: string, content: Record<string, unknown>): string {
  const builder = new Builder({ xmldec: { version: '1.0', encoding: 'UTF-8' } });
  return `${builder.buildObject({ [root]: { $: { xmlns: XMLNS }, ...content } })}\n`;
}
