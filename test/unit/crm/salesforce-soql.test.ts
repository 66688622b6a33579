import { describe, expect, it } from 'vitest';
import { containing, literal } from '../../../src/crm/salesforce/soql.ts';

describe('no value can end its literal', () => {
  it.each([
    ['plain', "'plain'"],
    ["o'hara", "'o\\'hara'"],
    ['a\\', "'a\\\\'"],
    ["\\' OR Id != null", "'\\\\\\' OR Id != null'"],
    ['two\nlines', "'two\\nlines'"],
  ])('%s', (text, soql) => {
    expect(literal(text)).toBe(soql);
  });

  it.each([
    ['acme.example', "'%acme.example%'"],
    ['my_co.example', "'%my\\_co.example%'"],
    ['100%', "'%100\\%%'"],
    ["a'\\_", "'%a\\'\\\\\\_%'"],
  ])('in a LIKE pattern its own wildcards are plain characters: %s', (text, soql) => {
    expect(containing(text)).toBe(soql);
  });
});
