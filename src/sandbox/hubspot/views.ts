import { dealCalculations } from './deals.ts';
import { ENGAGEMENTS } from './engagements.ts';
import type { Portal } from './portal.ts';
import type { StoredRecord } from './records.ts';
import { rollUps } from './roll-ups.ts';
import type { Properties } from './validate.ts';

/** The name of an object's modification date is not the same on all objects. */
function modifiedProperty(object: string): string {
  return object === 'contacts' ? 'lastmodifieddate' : 'hs_lastmodifieddate';
}

function createdProperty(object: string): string {
  return object === 'tasks' || isEngagement(object) ? 'hs_createdate' : 'createdate';
}

function isEngagement(object: string): boolean {
  return ENGAGEMENTS.some((one) => one === object);
}

/** What HubSpot fills by itself. */
export function systemProperties(portal: Portal, record: StoredRecord): Properties {
  const company = record.object === 'contacts' ? portal.associations.primaryCompany(record.id) : undefined;
  return {
    hs_object_id: record.id,
    [createdProperty(record.object)]: new Date(record.createdAt).toISOString(),
    [modifiedProperty(record.object)]: new Date(record.updatedAt).toISOString(),
    ...(company === undefined ? {} : { associatedcompanyid: company }),
    ...(record.object === 'deals' ? dealCalculations(record.properties) : {}),
    ...(record.object === 'companies'
      ? rollUps(portal.associations, (object, id) => portal.table(object).get(id), record.id)
      : {}),
  };
}

/** A record as an answer shows it: the properties asked for, null when unset, and always the system's dates. */
export function recordView(portal: Portal, record: StoredRecord, asked: string[], traceId?: string): object {
  const all: Properties = { ...record.properties, ...systemProperties(portal, record) };
  const names = [...asked, 'hs_object_id', createdProperty(record.object), modifiedProperty(record.object)];
  return {
    id: record.id,
    properties: Object.fromEntries(names.map((name) => [name, all[name] ?? null])),
    createdAt: new Date(record.createdAt).toISOString(),
    updatedAt: new Date(record.updatedAt).toISOString(),
    archived: false,
    ...(traceId === undefined ? {} : { objectWriteTraceId: traceId }),
  };
}

/** A whole record for whoever looks into the sandbox: a test, the demo, a person with curl. */
export function fullView(portal: Portal, record: StoredRecord) {
  const links = portal.associations.of(record.object, record.id);
  const associations: Record<string, string[]> = {};
  for (const { to, toId } of links) {
    associations[to] = [...(associations[to] ?? []), toId];
  }
  return {
    id: record.id,
    properties: { ...record.properties, ...systemProperties(portal, record) } as Properties,
    associations,
  };
}
