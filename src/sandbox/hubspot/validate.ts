import type { Definition, ObjectName } from './definitions.ts';
import { ENGAGEMENTS } from './engagements.ts';
import { type InvalidProperty, invalidProperties, validation } from './errors.ts';

export type Properties = Record<string, string>;

/**
 * What a write may set, as text. Throws HubSpot's 400 that names every wrong property.
 * `raw` values may be numbers or booleans: HubSpot takes them and keeps text.
 */
export function validProperties(
  object: ObjectName,
  raw: unknown,
  definitions: Map<string, Definition>,
  ownerIds: string[],
): Properties {
  if (typeof raw !== 'object' || raw === null) {
    throw validation('Invalid input JSON: properties is required');
  }
  const invalid: InvalidProperty[] = [];
  const valid: Properties = {};
  for (const [name, given] of Object.entries(raw)) {
    const value = given === null ? '' : String(given);
    const wrong = problemOf(definitions.get(name), name, value, ownerIds);
    if (wrong !== null) {
      invalid.push({ isValid: false, ...wrong, name });
    }
    valid[name] = name === 'email' || name === 'domain' ? value.trim().toLowerCase() : value;
  }
  if (invalid.length > 0) {
    throw invalidProperties(invalid);
  }
  return object === 'companies' && valid.domain && valid.website === undefined
    ? { website: valid.domain, ...valid }
    : valid;
}

/** What a record must have to be created. */
export function assertCreatable(object: ObjectName, properties: Properties): void {
  if ((object === 'tasks' || ENGAGEMENTS.some((one) => one === object)) && !properties.hs_timestamp) {
    throw invalidProperties([
      { isValid: false, message: 'hs_timestamp is required', error: 'REQUIRED_FIELD', name: 'hs_timestamp' },
    ]);
  }
  if (object === 'companies' && !properties.name && !properties.domain) {
    throw validation('At least one of name or domain is required to create a company');
  }
}

type Wrong = { message: string; error: string } | null;

function problemOf(
  definition: Definition | undefined,
  name: string,
  value: string,
  ownerIds: string[],
): Wrong {
  if (definition === undefined) {
    return { message: `Property "${name}" does not exist`, error: 'PROPERTY_DOESNT_EXIST' };
  }
  if (definition.modificationMetadata.readOnlyValue) {
    return {
      message: `"${name}" is a read only property; its value cannot be set.`,
      error: 'READ_ONLY_VALUE',
    };
  }
  if (value === '') {
    return null;
  }
  if (name === 'hubspot_owner_id') {
    return ownerIds.includes(value)
      ? null
      : { message: `Owner ${value} is not valid`, error: 'INVALID_OWNER_ID' };
  }
  if (name === 'email' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value)) {
    return { message: `Email address ${value} is invalid`, error: 'INVALID_EMAIL' };
  }
  return problemOfType(definition, value);
}

const TEXT_MAX = 65_536;

function problemOfType({ type, options }: Definition, value: string): Wrong {
  switch (type) {
    case 'number':
      return Number.isFinite(Number(value))
        ? null
        : wrong(`${value} was not a valid number.`, 'INVALID_NUMBER');
    case 'bool':
      return ['true', 'false'].includes(value)
        ? null
        : wrong(`${value} was not a valid boolean.`, 'INVALID_BOOLEAN');
    case 'date':
    case 'datetime': {
      const at = /^-?\d+$/.test(value) ? Number(value) : Date.parse(value);
      return Number.isNaN(at) ? wrong(`${value} was not a valid long.`, 'INVALID_LONG') : null;
    }
    case 'enumeration': {
      const allowed = options.map((option) => option.value);
      return allowed.includes(value)
        ? null
        : wrong(`${value} was not one of the allowed options: [${allowed.join(', ')}]`, 'INVALID_OPTION');
    }
    default:
      return value.length <= TEXT_MAX ? null : wrong('The value is too long', 'PROPERTY_VALUE_TOO_LONG');
  }
}

function wrong(message: string, error: string): Wrong {
  return { message, error };
}
