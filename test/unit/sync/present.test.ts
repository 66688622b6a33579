import { describe, expect, it } from 'vitest';
import type { FieldValue } from '../../../src/decide/desired.ts';
import { type FieldRule, needsPresent, ruleOf } from '../../../src/decide/field-rule.ts';
import type { FieldSpec } from '../../../src/decide/mapping.ts';
import type { Json } from '../../../src/shared/json.ts';
import { type Guard, settleFields, settlementText } from '../../../src/sync/present.ts';
import { isHigher, sameValue } from '../../../src/sync/same-value.ts';
import { fieldSpec } from '../../support/field-spec.ts';

const rule = (change: Partial<FieldRule> = {}): FieldRule => ({
  type: 'text',
  write: 'always',
  byHand: 'leave',
  ...change,
});

/** What becomes of one field: what we want, what the CRM holds, what it last took from us (absent: nothing). */
function fate(over: Partial<FieldRule>, want: FieldValue, theirs: Json, ...wrote: FieldValue[]): string {
  const guard: Guard = { rules: { f: rule(over) }, wrote: wrote.length === 0 ? {} : { f: wrote[0] ?? null } };
  const { write, held, restored } = settleFields({
    guard,
    fields: { f: want },
    allFields: { f: want },
    present: { f: theirs },
  });
  return held.f?.why ?? ('f' in restored ? 'restored' : 'f' in write ? 'written' : 'same');
}

describe('what becomes of a field that exists', () => {
  const fill = { write: 'fill_if_empty' } as const;
  const more = { write: 'only_increase', type: 'number' } as const;
  const later = { write: 'only_increase', type: 'date' } as const;
  const restore = { byHand: 'restore' } as const;
  it.each<[string, Partial<FieldRule>, FieldValue, Json, FieldValue[]]>([
    // always
    ['written', {}, 'b', 'a', []],
    ['written', {}, 'b', 'a', ['a']],
    ['same', {}, 'b', 'b', ['a']],
    ['by_hand', {}, 'b', 'x', ['a']],
    ['by_hand', {}, 'b', null, ['a']],
    ['by_hand', {}, 'b', '', ['a']],
    ['restored', restore, 'b', 'x', ['a']],
    ['written', restore, 'b', 'a', ['a']],
    ['written', {}, null, 'a', ['a']],
    ['same', {}, null, '', ['a']],
    // fill_if_empty
    ['written', fill, 'b', '', []],
    ['written', fill, 'b', null, ['a']],
    ['not_empty', fill, 'b', 'a', ['a']],
    ['not_empty', fill, 'b', 'x', []],
    ['same', fill, 'b', 'b', []],
    // only_increase
    ['written', more, 5, null, []],
    ['written', more, 5, '4', [4]],
    ['not_higher', more, 5, '6', []],
    ['not_higher', more, 3, '4', [4]],
    ['by_hand', more, 5, '2', [4]],
    ['restored', { ...more, ...restore }, 5, '2', [4]],
    ['not_higher', { ...more, ...restore }, 5, '9', [4]],
    ['written', more, 10, '9', []],
    ['written', later, '2026-03-02', '2026-03-01', []],
    ['not_higher', later, '2026-03-02', '2026-03-03', []],
  ])('%s: %o, we want %o, it holds %o, it took %o from us', (expected, over, want, theirs, wrote) => {
    expect(fate(over, want, theirs, ...wrote)).toBe(expected);
  });

  it('a field that is not to be written now is restored, or said to be left, when the record is read anyway', () => {
    const guard: Guard = {
      rules: { ours: rule({ byHand: 'restore' }), theirs: rule(), quiet: rule({ write: 'fill_if_empty' }) },
      wrote: { ours: 'a', theirs: 'a', quiet: 'a' },
    };
    const allFields = { ours: 'a', theirs: 'a', quiet: 'a', plain: 1, key: 'k' };
    const present = { ours: 'x', theirs: 'y', quiet: 'a' };
    const settled = settleFields({ guard, fields: { plain: 1 }, allFields, present });
    expect(settled).toEqual({
      write: { ours: 'a', plain: 1 },
      held: { theirs: { why: 'by_hand', theirs: 'y', wrote: 'a' } },
      restored: { ours: 'x' },
    });
    expect(settlementText(settled)).toBe('theirs changed by hand, left: "y"; ours restored: it held "x"');
  });

  it('a value that the CRM keeps cut or rounded is no change by hand', () => {
    const kept = (_: string, value: FieldValue) => (typeof value === 'string' ? value.slice(0, 3) : value);
    const guard: Guard = { rules: { f: rule() }, wrote: { f: 'abcdef' } };
    const present = { f: 'abc' };
    const settled = settleFields({ guard, fields: { f: 'xyz!' }, allFields: { f: 'xyz!' }, present, kept });
    expect(settled.write).toEqual({ f: 'xyz!' });
  });
});

describe('the same value in the forms of the CRMs', () => {
  it.each<[FieldRule['type'], Json, Json, boolean]>([
    ['number', '85.0', 85, true],
    ['number', '85', 86, false],
    ['datetime', '2026-03-02T10:00:00.000+0000', '2026-03-02T10:00:00.000Z', true],
    ['datetime', '1772445600000', '2026-03-02T10:00:00.000Z', true],
    ['datetime', '2026-03-02T10:00:01Z', '2026-03-02T10:00:00.000Z', false],
    ['date', '1772409600000', '2026-03-02', true],
    ['date', '2026-03-03', '2026-03-02', false],
    ['boolean', 'true', true, true],
    ['boolean', 'false', true, false],
    ['picklist', 'b;a', 'a;b', true],
    ['text', ' a\r\nb ', 'a\nb', true],
    ['text', 'A', 'a', false],
    ['text', '', null, true],
    ['number', '', 0, false],
  ])('%s: %o and %o: %s', (type, a, b, expected) => {
    expect(sameValue(type, a, b)).toBe(expected);
  });

  it('what cannot be compared is not higher', () => {
    expect([isHigher('number', 'many', 3), isHigher('number', 4, 'few'), isHigher('number', 4, '3')]).toEqual(
      [false, false, true],
    );
  });
});

describe('the default for what is changed by hand', () => {
  it.each<[Partial<FieldSpec>, 'restore' | 'leave', boolean]>([
    [{ field: 'pql_score' }, 'restore', false],
    [{ field: 'PQL_Tier__c' }, 'restore', false],
    [{ field: 'Product_Score__c', from: 'score.value' }, 'restore', false],
    [{ field: 'Own__c', from: 'account.key', unique: true }, 'restore', false],
    [{}, 'leave', true],
    [{ by_hand: 'restore' }, 'restore', false],
    [{ field: 'pql_score', by_hand: 'leave' }, 'leave', true],
    [{ by_hand: 'restore', write: 'only_increase', type: 'number' }, 'restore', true],
    [{ write: 'fill_if_empty' }, 'leave', true],
  ])('%o: %s, read before it is written: %s', (change, byHand, read) => {
    const found = ruleOf(fieldSpec({ field: 'industry', from: 'account.traits.industry', ...change }));
    expect([found.byHand, needsPresent(found)]).toEqual([byHand, read]);
  });
});
