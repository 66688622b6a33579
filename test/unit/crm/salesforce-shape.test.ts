import { describe, expect, it } from 'vitest';
import type { DescribedField } from '../../../src/crm/salesforce/describe.ts';
import { kept, lacking, requiredFields } from '../../../src/crm/salesforce/shape.ts';
import type { FieldValue } from '../../../src/sync/crm.ts';

const field = (more: Partial<DescribedField>): DescribedField => ({
  name: 'F',
  type: 'string',
  length: 10,
  updateable: true,
  createable: true,
  externalId: false,
  unique: false,
  ...more,
});

describe('a value as the described field keeps it', () => {
  it.each<[Partial<DescribedField>, FieldValue, FieldValue | undefined]>([
    [{}, 'abcdefghijk', 'abcdefgh …'],
    [{ type: 'textarea' }, 'abcdefghijk', 'abcdefgh …'],
    [{}, 'abcdefghij', 'abcdefghij'],
    [{ unique: true }, 'abcdefghijk', 'abcdefghijk'],
    [{ type: 'picklist' }, 'abcdefghijk', 'abcdefghijk'],
    [{ type: 'url' }, 'abcdefghijk', undefined],
    [{ type: 'email' }, 'abcdefghijk', undefined],
    [{ length: 0 }, 'abcdefghijk', 'abcdefghijk'],
    [{ type: 'double', scale: 2 }, 1.005, 1.01],
    [{ type: 'double', scale: 2 }, -1.005, -1.01],
    [{ type: 'double', scale: 0 }, 84.5, 85],
    [{ type: 'double' }, 84.123, 84.123],
    [{ type: 'currency', scale: 2 }, 1e-7, 0],
    [{ type: 'int' }, 84.5, 85],
    [{ type: 'double', scale: 2 }, 1e21, 1e21],
    [{ type: 'boolean' }, true, true],
    [{}, null, null],
  ])('%o of %o is %o', (more, value, expected) => {
    expect(kept(field(more), value)).toBe(expected);
  });

  it('an unknown field gets its value as it is', () => {
    expect(kept(undefined, 'abcdefghijkl')).toBe('abcdefghijkl');
  });
});

describe('fields without which the org makes no record', () => {
  const needed = { nillable: false, defaultedOnCreate: false };
  const described = new Map(
    [
      field({ name: 'Name', ...needed }),
      field({ name: 'OwnerId', nillable: false, defaultedOnCreate: true }),
      field({ name: 'Id', ...needed, createable: false }),
      field({ name: 'Flag', type: 'boolean', ...needed }),
      field({ name: 'Unsaid' }),
      field({ name: 'Site', nillable: true, defaultedOnCreate: false }),
    ].map((one) => [one.name, one]),
  );

  it('are those that are neither empty by right, nor filled by the org, nor read-only', () => {
    expect(requiredFields(described)).toEqual(['Name']);
    expect(requiredFields(null)).toEqual([]);
  });

  it.each([
    [{}, ['Name']],
    [{ Name: '' }, ['Name']],
    [{ Name: null }, ['Name']],
    [{ Name: 'x' }, []],
  ])('%o lacks %o', (record, missing) => {
    expect(lacking(described, record)).toEqual(missing);
  });
});
