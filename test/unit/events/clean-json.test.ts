import { describe, expect, it } from 'vitest';
import { cleanJson, DEPTH_MAX } from '../../../src/events/clean-json.ts';
import { cleanText, isDamaged } from '../../../src/events/text.ts';

const cleaned = (text: string) => cleanJson(JSON.parse(text)).value;

function nested(levels: number): unknown {
  return levels === 1 ? {} : { in: nested(levels - 1) };
}

describe('text that every store accepts (decision 23)', () => {
  const rows: [string, string, string][] = [
    ['clean text is untouched', 'Büro ☕ 😀', 'Büro ☕ 😀'],
    ['NUL', 'a\0b', 'a\uFFFDb'],
    ['half of a surrogate pair', 'a\ud83d', 'a\uFFFD'],
    ['the other half', '\ude00b', '\uFFFDb'],
    ['both at once', '\0\ud83d', '\uFFFD\uFFFD'],
  ];
  it.each(rows)('%s', (_title, text, expected) => {
    expect(cleanText(text)).toBe(expected);
  });

  it('an id shows that it was damaged', () => {
    expect(isDamaged(cleanText('u-\0'))).toBe(true);
    expect(isDamaged(cleanText('u-😀'))).toBe(false);
  });
});

describe('parsed JSON that is safe to keep', () => {
  const rows: [string, string, unknown][] = [
    ['values stay as they are', '{"a":[1,"b",null,true,{"c":1.5}]}', { a: [1, 'b', null, true, { c: 1.5 }] }],
    ['NUL in a text and in a key', '{"a\\u0000":"b\\u0000"}', { 'a\uFFFD': 'b\uFFFD' }],
    ['a number that is too large', '{"a":1e999}', { a: null }],
    ['__proto__', '{"__proto__":{"admin":true},"a":1}', { a: 1 }],
    ['__proto__ below', '{"a":{"__proto__":{"admin":true}}}', { a: {} }],
    ['constructor and prototype', '{"constructor":{"prototype":{"admin":true}},"prototype":1}', {}],
    ['whatever else objects inherit', '{"toString":1,"hasOwnProperty":2,"valueOf":3,"own":4}', { own: 4 }],
    ['write keys', '{"writeKey":"s3","context":{"writeKey":"s3"},"a":1}', { context: {}, a: 1 }],
    ['API keys', '{"api_key":"s3","properties":{"apiKey":"s3","write_key":"s3"}}', { properties: {} }],
    [
      'credentials in any spelling',
      '{"WriteKey":"s3","writekey":"s3","write-key":"s3","API Key":"s3","writeKeys":1,"key":2}',
      { writeKeys: 1, key: 2 },
    ],
    [
      'a write key in the query of an address',
      '{"url":"https://x.example/?writeKey=s3&a=1"}',
      { url: 'https://x.example/?writeKey=[removed]&a=1' },
    ],
    [
      'a write key in JSON within a text',
      '{"note":"{\\"writeKey\\":\\"s3\\",\\"a\\":1}"}',
      { note: '{"writeKey":"[removed]","a":1}' },
    ],
    [
      'a text about keys is nobody’s key',
      '{"note":"Where is my API key?"}',
      { note: 'Where is my API key?' },
    ],
    ['no object at all', '"text"', 'text'],
  ];
  it.each(rows)('%s', (_title, text, expected) => {
    expect(cleaned(text)).toEqual(expected);
  });

  it('what is safe already is the very same object, and only what holds something else is a copy', () => {
    const given = JSON.parse('{"a":{"b":[1,{"c":"d"}]},"e":{"writeKey":"s3","f":1},"g":[{"h":"\\u0000"},2]}');
    const { value } = cleanJson(given);
    expect(value).toEqual({ a: given.a, e: { f: 1 }, g: [{ h: '\uFFFD' }, 2] });
    expect((value as { a: unknown }).a).toBe(given.a);
    expect(given).toMatchObject({ e: { writeKey: 's3' }, g: [{ h: '\0' }, 2] });
    expect(cleanJson(given.a).value).toBe(given.a);
  });

  it('polluting keys change no other object', () => {
    cleaned('{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}');
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
    expect(Object.getPrototypeOf(cleaned('{"__proto__":{"admin":true}}'))).toBe(Object.prototype);
  });

  it('a text of nothing but backslashes and names of keys is looked through in no time to speak of', () => {
    const text = `${'\\'.repeat(500_000)}writeKey${'"writeKey"'.repeat(50_000)}`;
    expect(cleanJson({ text }).value).toEqual({ text });
  });

  it('ten thousand properties', () => {
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`p${i}`, String(i)]));
    expect(cleanJson(many)).toEqual({ value: many, tooDeep: false });
  });

  it(`nesting up to ${DEPTH_MAX} levels is kept`, () => {
    expect(cleanJson(nested(DEPTH_MAX))).toEqual({ value: nested(DEPTH_MAX), tooDeep: false });
  });

  it('one level more is cut off and told', () => {
    expect(cleanJson(nested(DEPTH_MAX + 1)).tooDeep).toBe(true);
  });

  it('a million levels do not break it', () => {
    const bomb = JSON.parse('['.repeat(1_000_000) + ']'.repeat(1_000_000)) as unknown;
    expect(cleanJson(bomb).tooDeep).toBe(true);
  });
});
