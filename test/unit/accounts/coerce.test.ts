import { describe, expect, it } from 'vitest';
import { booleanOf, comparable, listOf, numberOf, textOf } from '../../../src/accounts/coerce.ts';
import type { Json } from '../../../src/shared/json.ts';

describe('numberOf reads numbers and texts that are one', () => {
  const rows: [Json | undefined, number | null][] = [
    [240, 240],
    [0, 0],
    ['240', 240],
    [' 240 ', 240],
    ['1,000', 1000],
    ['1,234,567.5', 1_234_567.5],
    ['-3', -3],
    ['2.5e3', 2500],
    ['.5', 0.5],
    ['1,5', null],
    ['101-500', null],
    ['0x10', null],
    ['Infinity', null],
    ['1e400', null],
    [Number.POSITIVE_INFINITY, null],
    ['', null],
    ['  ', null],
    ['many', null],
    [true, null],
    [null, null],
    [undefined, null],
    [[1], null],
    [{ n: 1 }, null],
  ];
  it.each(rows)('%j is %j', (value, number) => {
    expect(numberOf(value)).toBe(number);
  });
});

describe('textOf and comparable', () => {
  const rows: [Json | undefined, string | null, string | null][] = [
    ['  Acme Inc ', 'Acme Inc', 'acme inc'],
    ['', null, null],
    ['   ', null, null],
    [7, '7', '7'],
    [false, 'false', 'false'],
    [null, null, null],
    [undefined, null, null],
    [['a'], null, null],
    [{}, null, null],
  ];
  it.each(rows)('%j is text %j, compared as %j', (value, text, compared) => {
    expect(textOf(value)).toBe(text);
    expect(comparable(value)).toBe(compared);
  });
});

describe('booleanOf', () => {
  const rows: [Json | undefined, boolean | null][] = [
    [true, true],
    [false, false],
    ['true', true],
    [' TRUE ', true],
    ['False', false],
    ['yes', null],
    [1, null],
    ['', null],
    [undefined, null],
  ];
  it.each(rows)('%j is %j', (value, bool) => {
    expect(booleanOf(value)).toBe(bool);
  });
});

describe('listOf reads arrays, JSON as text, and comma-separated texts', () => {
  const rows: [Json | undefined, string[]][] = [
    [
      ['Slack', ' Jira ', '', null, 3, ['nested']],
      ['Slack', 'Jira', '3'],
    ],
    ['["Slack","Jira"]', ['Slack', 'Jira']],
    ['Slack, Jira,,  GitHub ', ['Slack', 'Jira', 'GitHub']],
    ['[Slack, Jira]', ['Slack', 'Jira']],
    ['[]', []],
    ['[Slack', ['[Slack']],
    ['Slack', ['Slack']],
    [42, ['42']],
    ['', []],
    [null, []],
    [undefined, []],
    [{ a: 1 }, []],
  ];
  it.each(rows)('%j is %j', (value, list) => {
    expect(listOf(value)).toEqual(list);
  });
});
