import { describe, expect, it } from 'vitest';
import { toProperties } from '../../../../src/crm/hubspot/fields.ts';
import { propertyOf } from '../../../../src/crm/hubspot/property.ts';
import { refusal } from '../../../../src/crm/hubspot/reply.ts';
import { taskBody, taskMarker } from '../../../../src/crm/hubspot/task-text.ts';
import { chunks, roundsOf } from '../../../../src/shared/rounds.ts';

describe('values on the wire', () => {
  it('are text, and the empty text clears', () => {
    expect(toProperties({ a: 87.5, b: true, c: null, d: 'x', e: '2026-11-24T12:00:00.000Z' })).toEqual({
      a: '87.5',
      b: 'true',
      c: '',
      d: 'x',
      e: '2026-11-24T12:00:00.000Z',
    });
  });
});

describe('the text of a task', () => {
  it.each([
    ['<script>', '&lt;script&gt;'],
    ['a & b', 'a &amp; b'],
    ['&lt;', '&amp;lt;'],
    [`"it's"`, '&quot;it&#39;s&quot;'],
    ['one\ntwo\r\nthree\rfour', 'one<br>two<br>three<br>four'],
  ])('%j', (text, html) => {
    expect(taskBody(text)).toBe(html);
  });

  it('has a marker that is one word, the same for the same key only', () => {
    expect(taskMarker('a|b')).toMatch(/^[a-z0-9]+$/);
    expect(taskMarker('a|b')).toBe(taskMarker('a|b'));
    expect(taskMarker('a|b')).not.toBe(taskMarker('a|c'));
  });
});

describe('an error of HubSpot', () => {
  it.each<[string, unknown]>([
    ['text', 'not JSON'],
    ['nothing', undefined],
    ['a list', [1]],
    ['the wrong types', { message: null, category: {}, context: 'x', errors: 'y' }],
  ])('may be %s: the status is what counts', (_what, body) => {
    expect(refusal(400, body, {})).toMatchObject({
      kind: 'refused',
      status: 400,
      message: '',
      context: {},
      codes: [],
    });
  });

  it('may come as text of JSON', () => {
    expect(refusal(400, '{"message":"no","category":"X"}', {})).toMatchObject({
      message: 'no',
      category: 'X',
    });
  });

  it('keeps the context of its inner errors', () => {
    const body = {
      context: { a: ['1'] },
      errors: [{ message: '', code: 'C', context: { a: ['2'], b: 'x' } }],
    };
    expect(refusal(400, body, {})).toMatchObject({ codes: ['C'], context: { a: ['1', '2'], b: ['x'] } });
  });

  it.each([
    ['12', 12_000],
    ['Tue, 24 Nov 2026 12:00:00 GMT', null],
    ['-1', null],
  ])('reads Retry-After: %s', (header, retryAfterMs) => {
    expect(refusal(477, {}, { 'retry-after': header })).toMatchObject({ retryAfterMs });
  });
});

describe('a property that setup makes', () => {
  it('is unique when records are found by it', () => {
    expect(propertyOf({ object: 'company', field: 'pql_account_id', type: 'text', unique: true })).toEqual({
      groupName: 'pql',
      name: 'pql_account_id',
      label: 'PQL account id',
      type: 'string',
      fieldType: 'text',
      formField: false,
      hasUniqueValue: true,
    });
  });

  it('has both answers when it is a yes or no', () => {
    const property = propertyOf({ object: 'company', field: 'pql_is_hot', type: 'boolean', unique: false });
    expect(property).toMatchObject({ type: 'bool', fieldType: 'booleancheckbox' });
    expect(property.options?.map(({ value }) => value)).toEqual(['true', 'false']);
  });
});

describe('lists in parts', () => {
  it('rounds hold no name twice and keep the order of a name', () => {
    expect(roundsOf(['a1', 'b1', 'a2', 'c1', 'a3'], (item) => item.slice(0, 1))).toEqual([
      ['a1', 'b1', 'c1'],
      ['a2'],
      ['a3'],
    ]);
  });

  it('chunks are full but for the last', () => {
    expect(chunks([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
    expect(chunks([], 2)).toEqual([]);
  });
});
