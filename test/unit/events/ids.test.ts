import { describe, expect, it } from 'vitest';
import { checkIds, firstId, readEmail, readId } from '../../../src/events/ids.ts';
import type { Json } from '../../../src/shared/json.ts';

describe('an id', () => {
  const rows: [string, Json | undefined, string | null][] = [
    ['text as sent', 'u-42', 'u-42'],
    ['outer blanks are part of it', ' u-42', ' u-42'],
    ['a number', 42, '42'],
    ['zero', 0, '0'],
    ['blank text is none', '  ', null],
    ['null is none', null, null],
    ['a list is none', ['u-42'], null],
    ['an object is none', { id: 'u-42' }, null],
    ['true is none', true, null],
    ['absent is none', undefined, null],
  ];
  it.each(rows)('%s', (_title, value, expected) => {
    expect(readId(value)).toBe(expected);
  });

  it('the first of several values that is one', () => {
    expect(firstId(null, '', 7, 'later')).toBe('7');
    expect(firstId(undefined, {})).toBeNull();
  });
});

describe('ids that cannot be used', () => {
  const rows: [string, string, string | undefined][] = [
    ['4,096 bytes are allowed', 'x'.repeat(4096), undefined],
    ['4,097 are not', 'x'.repeat(4097), 'id_too_long'],
    ['bytes count, not letters', 'é'.repeat(2049), 'id_too_long'],
    ['NUL, after cleaning', 'u-\uFFFD', 'bad_text'],
  ];
  it.each(rows)('%s', (_title, id, code) => {
    expect(checkIds({ messageId: 'm-1', userId: null, accountId: id })?.code).toBe(code);
  });

  it('the reason names the field and not its value', () => {
    const reason = checkIds({ userId: 'ada\uFFFD@initech.example' })?.reason ?? '';
    expect(reason).toContain('userId');
    expect(reason).not.toContain('ada');
  });
});

describe('an e-mail', () => {
  const rows: [string, Json | undefined, string | null][] = [
    ['is lower-cased', ' Ada@Initech.Example ', 'ada@initech.example'],
    ['needs an @', 'ada', null],
    ['and something on both sides', '@initech.example', null],
    ['only one', 'ada@@initech.example', null],
    ['no blanks', 'ada b@initech.example', null],
    ['a damaged one is none', 'ada\uFFFD@initech.example', null],
    ['a number is none', 5, null],
    ['absent is none', undefined, null],
  ];
  it.each(rows)('%s', (_title, value, expected) => {
    expect(readEmail(value)).toBe(expected);
  });
});
