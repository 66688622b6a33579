import { describe, expect, it } from 'vitest';
import type { ReadSpec } from '../../../src/decide/mapping.ts';
import { factsRead, ownersNamed } from '../../../src/sync/read-facts.ts';

const spec = (over: Partial<ReadSpec>): ReadSpec => ({
  trait: 't',
  field: 'f',
  type: 'text',
  is: null,
  optional: false,
  ...over,
});
const owners = new Map([
  ['1', { id: '1', email: 'ada@x.example', name: 'Ada', active: true }],
  ['2', { id: '2', email: null, name: 'Ben', active: false }],
]);

describe('facts of a CRM record, such as the owner of an account or its CSM (S4-160)', () => {
  it.each([
    ['text', {}, 'Paper', { t: 'Paper' }],
    ['an empty field is unknown', {}, '', {}],
    ['a field that is not there is unknown', {}, undefined, {}],
    ['a list', { type: 'list' as const }, 'a; b', { t: ['a', 'b'] }],
    ['one of these', { is: ['customer'] }, 'Customer ', { t: true }],
    ['another than these', { is: ['customer'] }, 'lead', { t: false }],
    ['none of any: unknown, not false', { is: ['customer'] }, '', {}],
    ['an owner', { type: 'owner' as const }, '1', { t: 'ada@x.example', t_active: true }],
    ['one who left and has no address', { type: 'owner' as const }, '2', { t: 'Ben', t_active: false }],
    ['one whom the CRM does not show', { type: 'owner' as const }, '3', { t: '3' }],
  ])('%s', (_, over, value, facts) => {
    const record = value === undefined ? {} : { f: value };
    expect(factsRead(record, [spec(over)], owners)).toEqual(facts);
  });

  it('owners are asked for once each', () => {
    const reads = [spec({ type: 'owner' }), spec({ field: 'g' })];
    expect(ownersNamed([{ f: '1', g: '9' }, { f: '1' }, { f: null }], reads)).toEqual(['1']);
  });
});
