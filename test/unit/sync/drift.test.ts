import { describe, expect, it } from 'vitest';
import type { FieldValue } from '../../../src/decide/desired.ts';
import type { FieldSpec } from '../../../src/decide/mapping.ts';
import type { Json } from '../../../src/shared/json.ts';
import { driftOf } from '../../../src/sync/drift.ts';
import { findingsOf } from '../../../src/sync/findings.ts';
import { fieldSpec } from '../../support/field-spec.ts';

type Type = FieldSpec['type'];
interface Case {
  type?: Type;
  field?: string;
  wanted: FieldValue;
  acknowledged?: FieldValue;
  found: Json;
  stamps?: string[];
  byHand?: 'restore' | 'leave';
  write?: FieldSpec['write'];
}

function drift({
  type = 'text',
  field = 'pql_score',
  wanted,
  acknowledged,
  found,
  stamps = [],
  byHand,
  write = 'always',
}: Case) {
  const known = acknowledged === undefined ? {} : { [field]: acknowledged };
  const specs = [fieldSpec({ field, type, write, ...(byHand === undefined ? {} : { by_hand: byHand }) })];
  const [first] = driftOf({ fields: { [field]: wanted }, stamps }, known, { [field]: found }, specs);
  return first === undefined ? null : `${first.why} ${first.restore ? 'restore' : 'leave'}`;
}

describe('what differs between a CRM, what it acknowledged and what is wanted', () => {
  it.each<[string, Case, string | null]>([
    ['changed by hand', { wanted: 'a', acknowledged: 'a', found: 'b' }, 'by_hand restore'],
    ['emptied', { wanted: 'a', acknowledged: 'a', found: '' }, 'emptied restore'],
    ['emptied, as the other CRM says it', { wanted: 'a', acknowledged: 'a', found: null }, 'emptied restore'],
    ['never written', { wanted: 'a', found: null }, 'never_written restore'],
    ['as it should be', { wanted: 'a', acknowledged: 'a', found: 'a' }, null],
    ['right, whoever made it so', { wanted: 'b', acknowledged: 'a', found: 'b' }, null],
    ['a new value that is still on its way', { wanted: 'b', acknowledged: 'a', found: 'a' }, null],
    [
      'a field that is not plainly ours is left',
      { field: 'industry', wanted: 'a', acknowledged: 'a', found: 'b' },
      'by_hand leave',
    ],
    [
      'but written when it never was',
      { field: 'industry', wanted: 'a', found: 'b' },
      'never_written restore',
    ],
    [
      'the mapping says leave',
      { wanted: 'a', acknowledged: 'a', found: 'b', byHand: 'leave' },
      'by_hand leave',
    ],
    [
      'the mapping says restore',
      { field: 'industry', wanted: 'a', acknowledged: 'a', found: 'b', byHand: 'restore' },
      'by_hand restore',
    ],
    [
      'filled by somebody, where ours is only for an empty field',
      { write: 'fill_if_empty', wanted: 'a', acknowledged: 'a', found: 'b' },
      null,
    ],
    [
      'emptied, where ours is for an empty field',
      { field: 'industry', write: 'fill_if_empty', wanted: 'a', acknowledged: 'a', found: '' },
      'emptied restore',
    ],
    [
      'higher than ours, which only increases',
      { type: 'number', write: 'only_increase', wanted: 85, acknowledged: 85, found: '90' },
      null,
    ],
    [
      'lower than ours, which only increases',
      { type: 'number', write: 'only_increase', wanted: 85, acknowledged: 85, found: '80' },
      'by_hand restore',
    ],
    [
      'text that was cut at the length of the field',
      { wanted: 'abcdefghijkl', acknowledged: 'abcdefghijkl', found: 'abcdefgh …' },
      null,
    ],
    [
      'the entries of a picklist in another order',
      { type: 'picklist', wanted: 'a;b', acknowledged: 'a;b', found: 'b;a' },
      null,
    ],
    ['a stamp by itself', { wanted: 'a', acknowledged: 'a', found: 'b', stamps: ['pql_score'] }, null],
    [
      'Salesforce names',
      { field: 'PQL_Score__c', wanted: 'a', acknowledged: 'a', found: 'b' },
      'by_hand restore',
    ],
    ['a number as text', { type: 'number', wanted: 85, acknowledged: 85, found: '85' }, null],
    ['fewer decimals', { type: 'number', wanted: 85.126, acknowledged: 85.126, found: 85.13 }, null],
    ['another number', { type: 'number', wanted: 85, acknowledged: 85, found: '12' }, 'by_hand restore'],
    ['no number at all', { type: 'number', wanted: 85, acknowledged: 85, found: 'many' }, 'by_hand restore'],
    ['true as text', { type: 'boolean', wanted: true, acknowledged: true, found: 'true' }, null],
    [
      'another form of an instant',
      {
        type: 'datetime',
        wanted: '2026-03-02T10:00:00.123Z',
        acknowledged: '2026-03-02T10:00:00.123Z',
        found: '2026-03-02T10:00:00.000+0000',
      },
      null,
    ],
    [
      'an instant as milliseconds',
      {
        type: 'datetime',
        wanted: '2026-03-02T10:00:00.000Z',
        acknowledged: '2026-03-02T10:00:00.000Z',
        found: '1772445600000',
      },
      null,
    ],
    [
      'midnight of a date',
      { type: 'date', wanted: '2026-03-02', acknowledged: '2026-03-02', found: '2026-03-02T00:00:00Z' },
      null,
    ],
    [
      'line ends and outer blanks',
      { type: 'long_text', wanted: 'a\nb ', acknowledged: 'a\nb ', found: 'a\r\nb' },
      null,
    ],
    ['nothing wanted, nothing there', { wanted: null, acknowledged: null, found: '' }, null],
  ])('%s', (_, one, expected) => {
    expect(drift(one)).toBe(expected);
  });

  it('a field that the answer does not name is not looked at', () => {
    const specs = [fieldSpec({ field: 'pql_score' })];
    expect(driftOf({ fields: { pql_score: 'a' }, stamps: [] }, { pql_score: 'a' }, {}, specs)).toEqual([]);
  });

  it('a record that is missing is gone, or merged where the CRM says into which', () => {
    const records = [{ crmId: '1' }, { crmId: '2' }, { crmId: '3' }];
    const answer = { records: new Map([['1', {}]]), merged: new Map([['3', '9']]) };
    expect(findingsOf(records, answer, () => [])).toMatchObject([
      { record: { crmId: '2' }, gone: 'gone', mergedInto: null },
      { record: { crmId: '3' }, gone: 'merged', mergedInto: '9' },
    ]);
  });
});
