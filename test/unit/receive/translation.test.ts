import { describe, expect, it } from 'vitest';
import { parseJson } from '../../../src/receive/json-text.ts';
import { quarantined } from '../../../src/receive/quarantine.ts';
import { elementsOf } from '../../../src/receive/segment/bodies.ts';
import { translateElement } from '../../../src/receive/translation.ts';
import { arrival, quarantinedIn } from '../../support/arrival.ts';

describe('the four body shapes of the Segment family', () => {
  const a = { type: 'track', messageId: 'a' };
  const b = { type: 'track', messageId: 'b' };
  const rows: [string, unknown, unknown[]][] = [
    ['one object', a, [a]],
    ['an array', [a, b], [a, b]],
    ['an array of wrappers', [{ json: a }, { json: b }], [a, b]],
    ['a batch envelope', { batch: [a, b], sentAt: 'x' }, [a, b]],
    ['a batch envelope with wrappers', { batch: [{ json: a }] }, [a]],
    ['one wrapper', { json: a }, [a]],
    ['wrapped and plain mixed', [a, { json: b }], [a, b]],
    ['a key called json beside others is the event’s own', [{ ...a, json: b }], [{ ...a, json: b }]],
    ['an event that has a batch of something', { ...a, batch: ['x'] }, [{ ...a, batch: ['x'] }]],
    ['regression: a call that holds a batch of calls loses none', { ...a, batch: [b] }, [a, b]],
    ['an empty array', [], []],
    ['an empty batch', { batch: [] }, []],
    ['a batch envelope whose type is null', { batch: [a], type: null }, [a]],
    ['no object', 7, [7]],
  ];
  it.each(rows)('%s', (_title, body, expected) => {
    expect(elementsOf(body)).toEqual(expected);
  });

  it('the context of an envelope lies below that of each element', () => {
    const batch = [{ ...a, context: { groupId: 'own' } }, b];
    const shared = { groupId: 'shared', ip: '192.0.2.1' };
    expect(elementsOf({ batch, context: shared })).toEqual([
      { ...a, context: { groupId: 'own', ip: '192.0.2.1' } },
      { ...b, context: shared },
    ]);
  });
});

describe('bodies as JSON', () => {
  const parsed = (text: string) => {
    const read = parseJson(Buffer.from(text));
    return read.ok ? read.value : read.error;
  };
  const rows: [string, string, unknown][] = [
    [
      'an id of 18 digits keeps all of them',
      '{"userId":123456789012345678}',
      { userId: '123456789012345678' },
    ],
    ['in a list too', '[1234567890123456789, 1]', ['1234567890123456789', 1]],
    ['a negative one', '{"a": -12345678901234567890 }', { a: '-12345678901234567890' }],
    ['an exact one of 16 digits stays a number', '{"a":1234567890123456}', { a: 1234567890123456 }],
    [
      'beside a long one others keep their type',
      '{"a":12345678901234567890,"b":1.5,"c":9}',
      { a: '12345678901234567890', b: 1.5, c: 9 },
    ],
    ['long digits in a text', '{"a":"x, 12345678901234567890 ,"}', { a: 'x, 12345678901234567890 ,' }],
    ['a byte order mark', '\uFEFF{"a":1}', { a: 1 }],
    ['truncated', '{"type":"track","event":"Si', 'bad_json'],
    ['a template’s number with separators', '{"computed_time":1,234}', 'bad_json'],
    ['nothing', '', 'bad_json'],
  ];
  it.each(rows)('%s', (_title, text, expected) => {
    expect(parsed(text)).toEqual(expected);
  });

  it('a million levels beside a long integer', () => {
    const deep = `[12345678901234567890 ,${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}]`;
    expect(parseJson(Buffer.from(deep)).ok).toBe(true);
  });
});

describe('quarantine', () => {
  const rawOf = (text: string) => {
    const [kept] = quarantinedIn([quarantined(arrival(), { code: 'bad_json', reason: 'x' }, text, null)]);
    return kept?.raw ?? '';
  };

  it.each([
    '{"writeKey":"s3cret","a":',
    '{"a":1,"writeKey" : "s3cret',
    '{"api_key":"s3\\"cret","a":',
    "{'apiKey':'s3cret'",
    '{"api_key":s3cret}',
    'a=1&writeKey=s3cret&b=2',
    '{"writekey":"s3cret","a":',
    '{"body":"{\\"writeKey\\":\\"s3cret\\"}","a":',
    '{"body":"{\\"write_key\\":\\"s3cret',
  ])('keeps no credential of what could not be parsed: %s', (text) => {
    expect(rawOf(text)).not.toMatch(/s3|cret/);
    expect(rawOf(text)).toContain('[removed]');
  });

  it('keeps at most 64 KiB, without half a letter that a store would refuse', () => {
    const raw = rawOf(`{"name":"${'é☕'.repeat(100_000)}`);
    expect(Buffer.byteLength(raw)).toBeLessThanOrEqual(65_536);
    expect(Buffer.byteLength(raw)).toBeGreaterThan(65_000);
    expect(raw.isWellFormed()).toBe(true);
  });

  it('keeps text that a store accepts', () => {
    expect(rawOf('a\0b')).toBe('a\uFFFDb');
  });

  it('I9: a fault of ours quarantines the element and throws nothing', () => {
    const translator = {
      messageId: () => 'm-1',
      translate: () => {
        throw new TypeError('ada@initech.example is not a function');
      },
    };
    const [kept] = quarantinedIn(translateElement({ a: 1 }, arrival(), translator));
    expect(kept).toMatchObject({ code: 'untranslatable', id: 'm-1', raw: '{"a":1}' });
    expect(kept?.reason).toContain('TypeError');
    expect(kept?.reason).not.toContain('ada');
  });
});
