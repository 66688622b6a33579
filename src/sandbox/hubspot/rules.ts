import type { ObjectName } from './definitions.ts';
import { HubspotError, invalidProperties, validation } from './errors.ts';
import type { Portal } from './portal.ts';
import type { Properties } from './validate.ts';

/** Refuses a value of a unique property that another record has. */
export function assertUniqueFree(
  portal: Portal,
  object: ObjectName,
  properties: Properties,
  ownId: string | null,
): void {
  const table = portal.table(object);
  for (const property of table.uniqueProperties()) {
    const value = properties[property];
    const holder = value ? table.holder(property, value) : undefined;
    if (holder !== undefined && holder.id !== ownId) {
      throw clash(portal, object, property, holder.id);
    }
  }
}

function clash(portal: Portal, object: ObjectName, property: string, holderId: string): HubspotError {
  if (object === 'contacts' && property === 'email') {
    const message = `Contact already exists. Existing ID: ${holderId}`;
    return new HubspotError(409, 'CONFLICT', message, { context: { existingId: [holderId] } });
  }
  if (portal.settings.uniqueClash === 'validation') {
    return validation(`Cannot set property ${property}. ${holderId} already has that value.`);
  }
  const message = `A record with this value of ${property} already exists. Existing ID: ${holderId}`;
  return new HubspotError(409, 'CONFLICT', message, { context: { existingId: [holderId] } });
}

/** A lifecycle stage moves forward in the portal's order; backward only after it has been cleared. */
export function forwardOnly(
  portal: Portal,
  object: ObjectName,
  current: Properties,
  wanted: Properties,
): Properties {
  const { lifecyclestage: next, ...others } = wanted;
  const order = (value: string | undefined) => portal.schema(object).stageOrder(value ?? '') ?? -1;
  if (!next || order(next) >= order(current.lifecyclestage)) {
    return wanted;
  }
  if (portal.settings.backwardStage === 'refused') {
    const message = `lifecyclestage cannot be set back from ${current.lifecyclestage} to ${next}`;
    throw invalidProperties([
      { isValid: false, message, error: 'INVALID_LIFECYCLE_STAGE', name: 'lifecyclestage' },
    ]);
  }
  return others;
}
