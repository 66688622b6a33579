import { cut } from '../../shared/cut.ts';
import type { FieldValue } from '../../sync/crm.ts';
import type { DescribedField, Fields } from './describe.ts';

/** Half an address leads elsewhere: one that is too long is left out. */
const ADDRESSES = ['url', 'email', 'phone'];
const TEXTS = ['string', 'textarea'];

/** A value as the org's field can keep it: text cut with a mark, numbers rounded to its scale. `undefined`: not at all. */
export function kept(field: DescribedField | undefined, value: FieldValue): FieldValue | undefined {
  if (field === undefined || value === null || typeof value === 'boolean') {
    return value;
  }
  if (typeof value === 'number') {
    return rounded(field, value);
  }
  const { type, length, unique } = field;
  if (!(length > 0) || value.length <= length) {
    return value;
  }
  if (ADDRESSES.includes(type)) {
    return undefined;
  }
  // A key that is cut would be another record's: the org refuses it with its own words.
  return TEXTS.includes(type) && !unique ? cut(value, length) : value;
}

/** Half up in decimals, as the platform rounds: 1.005 of scale 2 is 1.01. */
function rounded({ type, scale }: DescribedField, value: number): number {
  const digits = type === 'int' || type === 'long' ? 0 : scale;
  const [mantissa, exponent = '0'] = String(Math.abs(value)).split('e');
  if (digits === undefined || !['int', 'long', 'double', 'currency', 'percent'].includes(type)) {
    return value;
  }
  const shifted = Math.round(Number(`${mantissa}e${Number(exponent) + digits}`));
  const [whole, power = '0'] = String(shifted).split('e');
  return Math.sign(value) * Number(`${whole}e${Number(power) - digits}`);
}

/** The fields of a record as the org can keep them. */
export function shaped(
  fields: Fields,
  values: Readonly<Record<string, FieldValue>>,
): Record<string, FieldValue> {
  const entries = Object.entries(values).flatMap(([name, value]) => {
    const shape = kept(fields?.get(name), value);
    return shape === undefined ? [] : [[name, shape] as const];
  });
  return Object.fromEntries(entries);
}

/** Fields that are too short for the address among the values: it is left out, and that is told. */
export function tooLong(fields: Fields, values: Readonly<Record<string, FieldValue>>): string[] {
  return Object.entries(values).flatMap(([name, value]) =>
    kept(fields?.get(name), value) === undefined ? [name] : [],
  );
}

/** A record of which nothing is said belongs to the user who makes it. */
const OWNER = 'OwnerId';

/** Fields without which the org makes no record, and which it does not fill itself. */
export function requiredFields(fields: Fields): string[] {
  return [...(fields?.values() ?? [])]
    .filter(
      ({ name, nillable, defaultedOnCreate, createable, type }) =>
        nillable === false &&
        defaultedOnCreate === false &&
        createable &&
        type !== 'boolean' &&
        name !== OWNER,
    )
    .map(({ name }) => name);
}

/** Those of them that a new record would lack. */
export function lacking(fields: Fields, record: Readonly<Record<string, unknown>>): string[] {
  return requiredFields(fields).filter((name) => [undefined, null, ''].includes(record[name] as '' | null));
}
