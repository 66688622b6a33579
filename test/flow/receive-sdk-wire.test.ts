import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Receiver, startReceiver } from '../support/receiver.ts';

/** What browsers and other HTTP clients send to the SDK routes, and what they are answered. */
let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

const basic = (key: string) => ({ authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` });
const AUTH = basic('wk-1');
const call = { userId: 'u-1', messageId: 'm-1', timestamp: '2026-03-02T11:00:00.000Z' };
const post = (path: string, body: unknown, headers: Record<string, string> = AUTH) =>
  receiver.send(path, typeof body === 'string' ? body : JSON.stringify(body), { headers });

describe('/v1', () => {
  const paths: [string, string, object][] = [
    ['/v1/track', 'track', { event: 'Signed In' }],
    ['/v1/t', 'track', { event: 'Signed In' }],
    ['/v1/identify', 'identify', {}],
    ['/v1/i', 'identify', {}],
    ['/v1/page', 'page', {}],
    ['/v1/p', 'page', {}],
    ['/v1/screen', 'screen', {}],
    ['/v1/s', 'screen', {}],
    ['/v1/group', 'group', { groupId: 'acct-7' }],
    ['/v1/g', 'group', { groupId: 'acct-7' }],
    ['/v1/alias', 'alias', { previousId: 'a-1' }],
    ['/v1/a', 'alias', { previousId: 'a-1' }],
  ];
  it.each(paths)('%s is a %s call', async (path, kind, more) => {
    expect(await post(path, { ...call, ...more })).toMatchObject({ status: 200, body: { success: true } });
    expect(receiver.journal.events.map((event) => event.kind)).toEqual([kind]);
  });

  it.each(['/v1/batch', '/v1/b', '/v1/import'])('%s takes calls of every type', async (path) => {
    const batch = [
      { ...call, type: 'identify' },
      { ...call, messageId: 'm-2', type: 'page' },
    ];
    const answer = await post(path, {
      batch,
      context: { groupId: 'acct-7' },
      sentAt: '2026-03-02T12:00:00Z',
    });
    expect(answer.status).toBe(200);
    expect(receiver.journal.events).toMatchObject([
      { kind: 'identify', accountId: 'acct-7' },
      { kind: 'page', accountId: 'acct-7' },
    ]);
  });

  it('a slow client clock is corrected by the time of sending', async () => {
    const slow = { ...call, timestamp: '2026-03-02T08:59:00Z', sentAt: '2026-03-02T09:00:00Z' };
    await post('/v1/page', slow);
    expect(receiver.journal.events[0]?.at).toBe(Date.UTC(2026, 2, 2, 11, 59));
  });

  it('text/plain, as browsers send to avoid a preflight', async () => {
    expect((await post('/v1/page', call, { ...AUTH, 'content-type': 'text/plain' })).status).toBe(200);
  });

  it('the write key in the body; it is not kept', async () => {
    expect((await post('/v1/page', { ...call, writeKey: 'wk-2' }, {})).status).toBe(200);
    expect(JSON.stringify(receiver.journal.events)).not.toContain('wk-2');
  });

  it('an empty user name in the header is no key: the one in the body counts', async () => {
    expect((await post('/v1/page', { ...call, writeKey: 'wk-2' }, basic(''))).status).toBe(200);
  });

  it('gzip, labelled as anything', async () => {
    const headers = { ...AUTH, 'content-type': 'application/x-www-form-urlencoded' };
    const body = gzipSync(JSON.stringify({ batch: [{ ...call, type: 'page' }] }));
    expect((await receiver.send('/v1/batch', body, { headers })).status).toBe(200);
    expect(receiver.journal.events).toHaveLength(1);
  });

  it.each<[string, Record<string, string>, object]>([
    ['no key', {}, {}],
    ['a wrong key in the header', basic('nope'), {}],
    ['a wrong key in the header and a right one in the body', basic('nope'), { writeKey: 'wk-1' }],
    ['a wrong key in the body', {}, { writeKey: 'nope' }],
    ['a key that is no text', {}, { writeKey: ['wk-1'] }],
  ])('401 for %s', async (_title, headers, more) => {
    expect((await post('/v1/page', { ...call, ...more }, headers)).status).toBe(401);
    expect(receiver.journal.appends).toEqual([]);
  });

  it('400 for broken JSON, 413 above 4 MB', async () => {
    expect((await post('/v1/track', '{"userId":')).status).toBe(400);
    expect(receiver.journal.quarantined).toMatchObject([{ code: 'bad_json', route: 'sdk.segment' }]);
    const large = { ...call, properties: { text: 'x'.repeat(4 * 1024 * 1024) } };
    expect((await post('/v1/page', large)).status).toBe(413);
  });

  it('what cannot be read is kept, and 200 all the same, as Segment answers', async () => {
    expect((await post('/v1/track', { event: 'Signed In' })).status).toBe(200);
    expect(receiver.journal.quarantined).toMatchObject([{ code: 'no_ids', route: 'sdk.segment' }]);
  });

  it('decision 27: 404 when no write key is set; 404 for unknown calls', async () => {
    const off = await startReceiver({ config: { segmentWriteKeys: [], amplitudeApiKeys: [] } });
    expect((await off.send('/v1/track', '{}', { headers: AUTH })).status).toBe(404);
    await off.close();
    expect((await fetch(`${receiver.url}/v1/nonsense`, { method: 'POST' })).status).toBe(404);
  });
});

describe('browsers on other origins', () => {
  it.each(['/v1/t', '/v1/batch', '/2/httpapi', '/batch'])('preflight of %s', async (path) => {
    const response = await fetch(`${receiver.url}${path}`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://app.initech.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,x-anything',
      },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('access-control-allow-headers')).toContain('x-anything');
    expect(response.headers.get('access-control-allow-methods')).toContain('POST');
  });

  it('may read answers and refusals', async () => {
    for (const headers of [AUTH, {}]) {
      const answer = await post('/v1/page', call, headers);
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    }
  });
});

describe.each(['/2/httpapi', '/batch'])('%s', (path) => {
  const event = {
    user_id: 'u-1',
    device_id: 'd-1',
    event_type: 'Signed In',
    insert_id: 'i-1',
    time: 1772449200_000,
  };
  const upload = (over: object = {}) => post(path, { api_key: 'ak-1', events: [event], ...over }, {});

  it('answers in Amplitude’s words', async () => {
    const answer = await upload();
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      code: 200,
      events_ingested: 1,
      payload_size_bytes: JSON.stringify({ api_key: 'ak-1', events: [event] }).length,
      server_upload_time: Date.UTC(2026, 2, 2, 12),
    });
    expect(receiver.journal.events).toMatchObject([{ id: 'i-1:d-1', at: 1772449200_000 }]);
    expect(JSON.stringify(receiver.journal.events)).not.toContain('ak-1');
  });

  it('a fast client clock is corrected by the time of the upload', async () => {
    await upload({ client_upload_time: '2026-03-02T13:00:00.000Z' });
    expect(receiver.journal.events[0]?.at).toBe(1772449200_000 - 3_600_000);
  });

  it('equal events without an insert id in one upload are several; a repeat of the upload adds none', async () => {
    const { insert_id: _, ...nameless } = event;
    await upload({ events: [nameless, nameless, nameless] });
    await upload({ events: [nameless, nameless, nameless] });
    expect(new Set(receiver.journal.events.map(({ id }) => id)).size).toBe(3);
  });

  const refusals: [string, object, object][] = [
    ['no API key', { api_key: undefined }, { code: 400, missing_field: 'api_key' }],
    ['a wrong API key', { api_key: 'nope' }, { code: 400, error: 'Invalid API key' }],
    ['no events', { events: undefined }, { code: 400, missing_field: 'events' }],
  ];
  it.each(refusals)('400 for %s', async (_title, over, body) => {
    expect(await upload(over)).toMatchObject({ status: 400, body });
    expect(receiver.journal.appends).toEqual([]);
  });

  it.each(['{"api_key":"ak-1","events":[', '[]', ''])(
    '400 with a code for a body that is none: %j',
    async (body) => {
      expect(await post(path, body, {})).toMatchObject({ status: 400, body: { code: 400 } });
    },
  );

  it('I9: junk ids are kept in quarantine, the other events count', async () => {
    const events = [event, { ...event, insert_id: 'i-2', user_id: 'undefined' }];
    expect((await upload({ events })).body).toMatchObject({ code: 200, events_ingested: 1 });
    expect(receiver.journal.quarantined).toMatchObject([{ code: 'junk_id', route: 'sdk.amplitude' }]);
  });

  it('I1: 503 with the code in the body: the SDK decides by it', async () => {
    receiver.journal.fault = () => Promise.reject(new Error('down'));
    const answer = await upload();
    expect(answer).toMatchObject({ status: 503, body: { code: 503 } });
    expect(answer.headers.get('retry-after')).toBe('5');
  });

  it('413 with the code above its cap: the SDK halves its batch', async () => {
    const size = path === '/batch' ? 21_000_000 : 5_000_000;
    const large = { ...event, event_properties: { text: 'x'.repeat(size) } };
    expect(await upload({ events: [large] })).toMatchObject({ status: 413, body: { code: 413 } });
  });

  it('decision 27: 404 when no API key is set', async () => {
    const off = await startReceiver({ config: { segmentWriteKeys: [], amplitudeApiKeys: [] } });
    expect((await off.send(path, '{}')).status).toBe(404);
    await off.close();
  });
});
