import type { ObjectName } from './definitions.ts';
import { HubspotError, invalidProperties, validation } from './errors.ts';
import type { RecordTable } from './records.ts';
import type { ObjectSchema } from './schema.ts';
import type { Settings } from './settings.ts';
import type { Properties } from './validate.ts';

/** Refuses a value of a unique property that another record has. */
export function assertUniqueFree(
  object: ObjectName,
  table: RecordTable,
  properties: Properties,
  ownId: string | null,
  answer: Settings['uniqueClash'],
): void {
  for (const property of table.uniqueProperties()) {
    const value = properties[property];
    const holder = value ? table.holder(property, value) : undefined;
    if (holder !== undefined && holder.id !== ownId) {
      throw clash(object, property, holder.id, answer);
    }
  }
}

function clash(
  object: ObjectName,
  property: string,
  holderId: string,
  answer: Settings['uniqueClash'],
): HubspotError {
  if (object === 'contacts' && property === 'email') {
    const message = `Contact already exists. Existing ID: ${holderId}`;
    return new HubspotError(409, 'CONFLICT', message, { context: { existingId: [holderId] } });
  }
  if (answer === 'validation') {
    return validation(`Cannot set property ${property}. ${holderId} already has that value.`);
  }
  const message = `A record with this value of ${property} already exists. Existing ID: ${holderId}`;
  return new HubspotError(409, 'CONFLICT', message, { context: { existingId: [holderId] } });
}

/** A lifecycle stage moves forward in the portal's order; backward only after it has been cleared. */
export function forwardOnly(
  schema: ObjectSchema,
  current: Properties,
  wanted: Properties,
  backward: Settings['backwardStage'],
): Properties {
  const { lifecyclestage: next, ...others } = wanted;
  const order = (value: string | undefined) => schema.stageOrder(value ?? '') ?? -1;
  if (!next || order(next) >= order(current.lifecyclestage)) {
    return wanted;
  }
  if (backward === 'refused') {
    const message = `lifecyclestage cannot be set back from ${current.lifecyclestage} to ${next}`;
    throw invalidProperties([
      { isValid: false, message, error: 'INVALID_LIFECYCLE_STAGE', name: 'lifecyclestage' },
    ]);
  }
  return others;
}
