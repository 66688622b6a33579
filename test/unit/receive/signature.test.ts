import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { firstElement, onlyJsonValue } from '../../../src/receive/segment/first-element.ts';
import { signatureMatches } from '../../../src/receive/segment/signature.ts';

/** Signatures that Segment's own destination code makes of these exact bytes with this secret. */
const SECRET = 'whsec_demo_1';
const E1 =
  '{"type":"track","event":"Trial Started","messageId":"seg-0001","userId":"u-42","timestamp":"2026-03-02T10:15:30.250Z","context":{"groupId":"acct-7"},"properties":{"trial_plan_name":"Büro ☕","seats":3}}';
const E2 =
  '{"type":"identify","messageId":"seg-0002","userId":"u-42","timestamp":"2026-03-02T10:15:31.000Z","traits":{"email":"ada@example.test"}}';
const SIGNATURE = 'a6905d2cf251a891aaf7d259459781f25b77a06c';
const OF_THE_ARRAY = '1083713cc611fc6d226f0d5e0cb32a7fd25c5ff4';

const signatureOf = (text: string) => createHmac('sha1', SECRET).update(text).digest('hex');

const TRAP = '{"1":"x","a":1e-7,"b":1e+21,"c":"<&>é"}';
const TRAP_SIGNATURE = 'ad3500a4ae70dbea2a04d6af226ab5e95938a31d';

const matches = (body: string, header: string | undefined, secret = SECRET) =>
  signatureMatches(Buffer.from(body), header, secret);

describe('X-Signature of Segment', () => {
  const accepted: [string, string, string][] = [
    ['a single event', E1, SIGNATURE],
    ['a batch: its first element only', `[${E1},${E2}]`, SIGNATURE],
    ['a batch of one', `[${E1}]`, SIGNATURE],
    ['a wrapped batch: the inner value', `[{"json":${E1}},{"json":${E2}}]`, SIGNATURE],
    ['numbers and escapes that encoders write differently', TRAP, TRAP_SIGNATURE],
    ['the same in a batch', `[${TRAP},${E2}]`, TRAP_SIGNATURE],
    ['the same wrapped', `[{"json":${TRAP}}]`, TRAP_SIGNATURE],
    ['blanks between elements', ` [ ${E1} , ${E2} ]\n`, SIGNATURE],
    ['a line break at the end that was not signed', `${E1}\r\n`, SIGNATURE],
    ['a line break at the end that was signed', `${E1}\n`, signatureOf(`${E1}\n`)],
    ['a byte order mark before a single event', `\uFEFF${E1}`, SIGNATURE],
    ['a byte order mark before a batch', `\uFEFF[${E1},${E2}]`, SIGNATURE],
    ['blanks inside the wrapper', `[ { "json" : ${E1} } ]`, SIGNATURE],
    [
      'a tampered second element passes: Segment signs only the first',
      `[${E1},${E2.replace('42', '43')}]`,
      SIGNATURE,
    ],
  ];
  it.each(accepted)('accepts %s', (_title, body, header) => {
    expect(matches(body, header)).toBe(true);
  });

  const refused: [string, string, string | undefined][] = [
    ['a missing header', E1, undefined],
    ['an empty header', E1, ''],
    ['upper-case hex', E1, SIGNATURE.toUpperCase()],
    ['a header with a prefix', E1, `sha1=${SIGNATURE}`],
    ['one changed byte', E1.replace('u-42', 'u-43'), SIGNATURE],
    ['the signature of another event', E2, SIGNATURE],
    ['the signature of the whole array', `[${E1},${E2}]`, OF_THE_ARRAY],
    ['a changed first element', `[${E1.replace('u-42', 'u-43')},${E2}]`, SIGNATURE],
    ['the signature of the whole array with a line break', `[${E1},${E2}]\n`, signatureOf(`[${E1},${E2}]\n`)],
    ['swapped elements', `[${E2},${E1}]`, SIGNATURE],
    ['an element put before', `[{},${E1}]`, SIGNATURE],
    ['a wrapper with a further key', `[{"json":${E1},"more":1}]`, SIGNATURE],
    ['a wrapper of another name', `[{"data":${E1}}]`, SIGNATURE],
    ['a cut-off first element', `[${E1.slice(0, -5)}`, SIGNATURE],
    ['an empty array', '[]', SIGNATURE],
  ];
  it.each(refused)('refuses %s', (_title, body, header) => {
    expect(matches(body, header)).toBe(false);
  });

  it('refuses another secret', () => {
    expect(matches(E1, SIGNATURE, 'whsec_demo_2')).toBe(false);
  });
});

describe('the bytes of the first element', () => {
  const rows: [string, string, string | null][] = [
    ['an object', '[{"a":1},2]', '{"a":1}'],
    ['brackets and quotes inside texts', '[{"a":"]}\\"{["},2]', '{"a":"]}\\"{["}'],
    ['a backslash at the end of a text', '[{"a":"\\\\"},2]', '{"a":"\\\\"}'],
    ['nested lists', '[[[1],[2]],3]', '[[1],[2]]'],
    ['a text', '["a,b",1]', '"a,b"'],
    ['a number', '[12,1]', '12'],
    ['the last number', '[12]', '12'],
    ['several bytes per letter', '["☕ ü",1]', '"☕ ü"'],
    ['an empty array has none', '[ ]', null],
    ['an object is no array', '{"a":1}', null],
    ['cut off inside a text', '["a', null],
    ['cut off inside an object', '[{"a":[1]', null],
    ['cut off after a backslash', '["a\\', null],
    ['nothing', '', null],
  ];
  it.each(rows)('%s', (_title, body, expected) => {
    expect(firstElement(Buffer.from(body))?.toString() ?? null).toBe(expected);
  });

  it('agrees with JSON.parse on every first element', () => {
    const values = [E1, E2, TRAP, '"\\u005d"', '[]', '{}', 'null', '-1.5e3', '{"a":{"b":[{"c":"}"}]}}'];
    for (const value of values) {
      const found = firstElement(Buffer.from(`[${value},{"x":1}]`))?.toString() ?? '';
      expect(JSON.parse(found)).toEqual(JSON.parse(value));
    }
  });

  it('unwraps {"json": …} only', () => {
    expect(onlyJsonValue(Buffer.from('{"json":{"a":1}}'))?.toString()).toBe('{"a":1}');
    expect(onlyJsonValue(Buffer.from('{"json":{"a":1}'))).toBeNull();
    expect(onlyJsonValue(Buffer.from('{"jso":1}'))).toBeNull();
    expect(onlyJsonValue(Buffer.from('"json"'))).toBeNull();
  });
});
