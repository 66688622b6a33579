import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanJson, DEPTH_MAX } from '../../src/events/clean-json.ts';
import { parseJson } from '../../src/receive/json-text.ts';
import { storedJson } from '../../src/shared/stored-json.ts';
import { AMPLITUDE_HEADERS, type Receiver, startReceiver } from '../support/receiver.ts';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());

const send = async (body: string) =>
  (await receiver.send('/webhooks/amplitude/events', body, { headers: AMPLITUDE_HEADERS })).status;
const wrap = (properties: string) =>
  `{"event_type":"A","user_id":"u","uuid":"${Math.random()}","event_properties":${properties}}`;

describe('JSON that was made to do harm', () => {
  it.each([
    ['lists', '['.repeat(200_000) + ']'.repeat(200_000)],
    ['objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
    ['beside a long number', `{"n":12345678901234567890,"d":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ])('a hundred thousand levels of %s are quarantined as too deep', async (_what, properties) => {
    expect(await send(wrap(properties))).toBe(200);
    expect(receiver.journal.quarantined.at(-1)?.code).toBe('too_deep');
  });

  it('what is kept is never deeper than the limit', () => {
    const { value, tooDeep } = cleanJson(JSON.parse('['.repeat(100) + ']'.repeat(100)));
    expect(tooDeep).toBe(true);
    expect(JSON.stringify(value).split('[').length - 1).toBe(DEPTH_MAX);
  });

  it('huge and tiny numbers become nothing or themselves, long integers stay exact as text', async () => {
    expect(
      await send(
        wrap('{"inf":1e999,"neg":-1e999,"tiny":1e-999,"long":12345678901234567890,"max":9007199254740993}'),
      ),
    ).toBe(200);
    expect(receiver.journal.events.at(-1)?.properties).toEqual({
      inf: null,
      neg: null,
      tiny: 0,
      long: '12345678901234567890',
      max: '9007199254740993',
    });
  });

  it('of a key that stands twice the last counts, as everywhere in JSON', async () => {
    expect(
      await send('{"event_type":"A","event_type":"B","user_id":"first","user_id":"second","uuid":"twice"}'),
    ).toBe(200);
    expect(receiver.journal.events.at(-1)).toMatchObject({ name: 'B', userId: 'second' });
  });

  it.each([
    ['names', (i: number) => `"k${i}":1`],
    ['numbers as names, which other tables are made for', (i: number) => `"${i * 4096}":1`],
  ])('fifty thousand keys (%s) take no longer than their bytes', async (_what, key) => {
    const properties = `{${Array.from({ length: 50_000 }, (_, i) => key(i)).join()}}`;
    const start = performance.now();
    expect(await send(wrap(properties))).toBe(200);
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it('half a pair, NUL and bytes that are no UTF-8 never reach the database', () => {
    const parsed = parseJson(Buffer.from('{"a":"\\ud83d","b":"\\u0000","\\ud83dk":1,"c":"\xff"}', 'latin1'));
    const { value } = cleanJson(parsed.ok ? parsed.value : null);
    expect(storedJson(value)).toBe(JSON.stringify(value));
    expect(JSON.stringify(value)).not.toMatch(/\\u0000|\\ud8/);
  });

  it.each([
    ['half a pair', { a: 'x\ud83d' }, '{"a":"x\\ufffd"}'],
    ['the other half', { a: '\udc00x' }, '{"a":"\\ufffdx"}'],
    ['a NUL', { a: '\0' }, '{"a":"\\ufffd"}'],
    ['a whole pair', { a: '😀' }, '{"a":"😀"}'],
    ['the letters of an escape', { a: '\\ud83d \\u0000' }, '{"a":"\\\\ud83d \\\\u0000"}'],
    ['both', { a: '\\\ud83d' }, '{"a":"\\\\\\ufffd"}'],
  ])('regression: %s is stored as what PostgreSQL can take apart', (_what, value, text) => {
    expect(storedJson(value)).toBe(text);
  });
});
