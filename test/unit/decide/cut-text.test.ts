import { describe, expect, it } from 'vitest';
import { desiredFields } from '../../../src/decide/desired.ts';
import type { AccountFacts } from '../../../src/decide/facts.ts';
import type { FieldSpec, Mapping } from '../../../src/decide/mapping.ts';
import type { Json } from '../../../src/shared/json.ts';
import { fieldSpec } from '../../support/field-spec.ts';

function written(spec: Partial<FieldSpec>, value: Json) {
  const field = fieldSpec({ field: 'F__c', ...spec });
  const record = { create: 'never', match: ['link'], fields: [] };
  const mapping = { account: { ...record, fields: [field] }, person: record } as unknown as Mapping;
  const facts = { key: 'a', domain: null, traits: { t: value }, people: [] } as unknown as AccountFacts;
  return desiredFields(mapping, facts, false).account.fields.F__c;
}

describe('a value becomes what a field of its type can hold, or is left out', () => {
  it.each([
    ['date', '2026-12-24T23:30:00Z', '2026-12-24'],
    ['date', 'yesterday', undefined],
    ['datetime', '2026-11-01T10:00:00+02:00', '2026-11-01T08:00:00.000Z'],
    ['datetime', 1_795_000_000, '2026-11-18T11:06:40.000Z'],
    ['datetime', 'soon', undefined],
    ['number', '1,234.5', 1234.5],
    ['number', 'many', undefined],
    ['boolean', 'TRUE', true],
    ['boolean', 'perhaps', undefined],
  ] as const)('%s from %s: %s', (type, value, field) => {
    expect(written({ type }, value)).toBe(field);
  });

  it('a cut never leaves half a character behind', () => {
    expect(written({ length: 10 }, 'abcdefg😀😀')).toBe('abcdefg …');
    expect(written({ length: 10 }, 'abcdef😀😀😀')).toBe('abcdef😀 …');
    expect(written({ length: 1 }, '😀')).toBe('');
  });
});
