import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fixture } from '../support/fixtures.ts';
import { type Receiver, SECRETS, segmentHeaders, sign, startReceiver } from '../support/receiver.ts';

const PATH = '/webhooks/segment';
const TRACK = fixture('segment/track.json');
const IDENTIFY = fixture('segment/identify.json');
const GROUP = fixture('segment/group.json');

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

const ids = () => receiver.journal.events.map(({ id }) => id);
const post = (body: string | Buffer, headers: Record<string, string>, init: RequestInit = {}) =>
  receiver.send(PATH, body, { headers, ...init });
const padded = (bytes: number) => {
  const body = TRACK.replace('"w-1"', `"${'w'.repeat(bytes - TRACK.length + 3)}"`);
  return body;
};

describe('S0-20, S1-65, S2-8, Segment webhook: what comes in', () => {
  const bodies: [string, string, string, string[]][] = [
    ['one event', TRACK, TRACK, ['seg-t-1']],
    ['an array, signed by its first element', `[${TRACK},${IDENTIFY}]`, TRACK, ['seg-t-1', 'seg-i-1']],
    ['an array of one', `[${GROUP}]`, GROUP, ['seg-g-1']],
    ['wrapped elements', `[{"json":${TRACK}},{"json":${GROUP}}]`, TRACK, ['seg-t-1', 'seg-g-1']],
    [
      'a batch envelope, signed whole',
      `{"batch":[${TRACK},${GROUP}]}`,
      `{"batch":[${TRACK},${GROUP}]}`,
      ['seg-t-1', 'seg-g-1'],
    ],
  ];
  it.each(bodies)('%s', async (_title, body, signed, expected) => {
    const answer = await post(body, segmentHeaders(signed));
    expect(answer).toMatchObject({ status: 200, body: { success: true } });
    expect(ids()).toEqual(expected);
  });

  it.each(['PUT', 'PATCH'])('%s too', async (method) => {
    expect((await post(TRACK, segmentHeaders(TRACK), { method })).status).toBe(200);
    expect(ids()).toEqual(['seg-t-1']);
  });

  it('I2: a repeat, alone or in another batch, counts once', async () => {
    await post(TRACK, segmentHeaders(TRACK));
    await post(`[${GROUP},${TRACK}]`, segmentHeaders(GROUP));
    await post(TRACK, segmentHeaders(TRACK));
    expect(ids()).toEqual(['seg-t-1', 'seg-g-1']);
  });

  it('the event in our own words, without the sender’s write key', async () => {
    await post(TRACK, segmentHeaders(TRACK));
    expect(receiver.journal.events[0]).toMatchObject({
      kind: 'track',
      name: 'Workflow Configured',
      at: Date.UTC(2026, 2, 2, 9, 15, 0, 120),
      accountId: 'acct-7',
      email: 'grace@initech.example',
      properties: { workflow_id: 'w-1', label: 'Büro ☕ "quoted"' },
    });
    expect(JSON.stringify(receiver.journal.events)).not.toContain('wk-in-payload');
  });

  it('leaving an Engage audience', async () => {
    const body = fixture('segment/audience-exited.json');
    await post(body, segmentHeaders(body));
    expect(receiver.journal.events[0]).toMatchObject({ kind: 'cohort', name: null });
    expect(receiver.journal.events[0]?.personTraits).toEqual([
      { op: 'set', name: 'cohort:at_risk', value: false },
    ]);
  });

  it('a compressed body: the signature is over what it unfolds to', async () => {
    const answer = await post(gzipSync(TRACK), { ...segmentHeaders(TRACK), 'content-encoding': 'gzip' });
    expect(answer.status).toBe(200);
    expect(ids()).toEqual(['seg-t-1']);
  });

  it('a body of 5 MB', async () => {
    const body = padded(5 * 1024 * 1024);
    expect(Buffer.byteLength(body)).toBeGreaterThanOrEqual(5 * 1024 * 1024);
    expect((await post(body, segmentHeaders(body))).status).toBe(200);
  });

  it('I9: the good elements of a batch count, the others are kept with their reasons', async () => {
    const batch = `[${TRACK},{"type":"track","event":"x"},7,{"body":"a=1"},${GROUP}]`;
    expect((await post(batch, segmentHeaders(TRACK))).status).toBe(200);
    expect(ids()).toEqual(['seg-t-1', 'seg-g-1']);
    expect(receiver.journal.quarantined.map(({ code }) => code)).toEqual([
      'no_ids',
      'not_an_object',
      'form_encoded',
    ]);
  });
});

describe('Segment webhook: who may send', () => {
  const token = { 'x-webhook-token': SECRETS.segmentToken };
  const rows: [string, Record<string, string>][] = [
    ['no credentials', {}],
    ['the signature without the token', { 'x-signature': sign(TRACK) }],
    ['the token without a signature', token],
    ['a wrong token', { 'x-signature': sign(TRACK), 'x-webhook-token': 'wrong' }],
    ['a wrong signature', { ...token, 'x-signature': sign(TRACK, 'another secret') }],
    ['an upper-case signature', { ...token, 'x-signature': sign(TRACK).toUpperCase() }],
    ['an empty signature', { ...token, 'x-signature': '' }],
    ['the literal "Bearer undefined"', { authorization: 'Bearer undefined', 'x-signature': sign(TRACK) }],
  ];
  it.each(rows)('401 for %s', async (_title, headers) => {
    expect(await post(TRACK, headers)).toMatchObject({ status: 401, body: { success: false } });
    expect(receiver.journal.appends).toEqual([]);
  });

  it('the token may come as a Bearer', async () => {
    const headers = { authorization: `Bearer ${SECRETS.segmentToken}`, 'x-signature': sign(TRACK) };
    expect((await post(TRACK, headers)).status).toBe(200);
  });

  it('a tampered second element passes with a right token: only whoever knows the token can send it', async () => {
    const batch = `[${TRACK},${IDENTIFY.replace('u-7', 'u-8')}]`;
    expect((await post(batch, { 'x-signature': sign(TRACK) })).status).toBe(401);
    expect((await post(batch, segmentHeaders(TRACK))).status).toBe(200);
  });

  it.each<[string, { segmentSecret?: string; segmentToken?: string }, Record<string, string>]>([
    ['only the secret', { segmentSecret: SECRETS.segmentSecret }, { 'x-signature': sign(TRACK) }],
    ['only the token', { segmentToken: SECRETS.segmentToken }, { 'x-webhook-token': SECRETS.segmentToken }],
  ])('configured with %s', async (_title, config, headers) => {
    const other = await startReceiver({ config: { ...config, segmentWriteKeys: [], amplitudeApiKeys: [] } });
    const init = { headers };
    expect((await other.send(PATH, TRACK, init)).status).toBe(200);
    expect((await other.send(PATH, TRACK)).status).toBe(401);
    await other.close();
  });
});

describe('Segment webhook: what is answered', () => {
  it('400 for truncated JSON', async () => {
    const body = TRACK.slice(0, -20);
    expect(await post(body, segmentHeaders(body))).toMatchObject({
      status: 400,
      body: { error: { code: 'bad_json' } },
    });
    const batch = `[${TRACK},{"type":"tr`;
    expect((await post(batch, segmentHeaders(TRACK))).status).toBe(400);
  });

  it('what is no JSON is kept for the operator: Segment throws it away after a 400', async () => {
    const body = `{"writeKey":"s3cret",${TRACK.slice(1, -20)}`;
    await post(body, segmentHeaders(body));
    expect(receiver.journal.quarantined).toMatchObject([{ code: 'bad_json', route: 'segment.webhook' }]);
    expect(receiver.journal.quarantined[0]?.raw).toContain('"writeKey":"[removed]","');
  });

  it('what is no JSON and from a stranger is not kept', async () => {
    await post('{"type":', {
      'x-signature': sign('something else'),
      'x-webhook-token': SECRETS.segmentToken,
    });
    expect(receiver.journal.appends).toEqual([]);
  });

  it('I1: what is no JSON is a 503 while it cannot be kept', async () => {
    receiver.journal.fault = () => Promise.reject(new Error('connection refused'));
    const body = TRACK.slice(0, -20);
    expect((await post(body, segmentHeaders(body))).status).toBe(503);
  });

  it('400 for an empty body, which Segment sends unsigned when a mapping finds nothing', async () => {
    expect((await post('', { 'x-webhook-token': SECRETS.segmentToken })).status).toBe(400);
    expect(receiver.journal.quarantined).toMatchObject([{ code: 'empty_body', raw: '' }]);
  });

  it('an empty body is not kept where only a signature tells who sends: it has none', async () => {
    const config = { segmentSecret: SECRETS.segmentSecret, segmentWriteKeys: [], amplitudeApiKeys: [] };
    const other = await startReceiver({ config });
    expect((await other.send(PATH, '')).status).toBe(400);
    expect(other.journal.appends).toEqual([]);
    await other.close();
  });

  it('413 for 6 MB, announced or not', async () => {
    const body = padded(6_000_000);
    expect((await post(body, segmentHeaders(body))).status).toBe(413);
    const stream = new Blob([body]).stream();
    const init = {
      method: 'POST',
      body: stream,
      duplex: 'half',
      headers: segmentHeaders(body),
    } as RequestInit;
    expect((await fetch(`${receiver.url}${PATH}`, init)).status).toBe(413);
  });

  it('413 for a small body that unfolds to a large one', async () => {
    const body = padded(50_000_000);
    const bomb = gzipSync(body);
    expect(bomb.length).toBeLessThan(100_000);
    expect((await post(bomb, { ...segmentHeaders(body), 'content-encoding': 'gzip' })).status).toBe(413);
  });

  it('400 for a broken gzip, 415 for an encoding that we do not know', async () => {
    const broken = gzipSync(TRACK).subarray(0, 40);
    expect((await post(broken, { ...segmentHeaders(TRACK), 'content-encoding': 'gzip' })).status).toBe(400);
    expect((await post(TRACK, { ...segmentHeaders(TRACK), 'content-encoding': 'zstd' })).status).toBe(415);
  });

  it('I1: 503 with Retry-After while the journal fails, then 200 without a restart', async () => {
    receiver.journal.fault = () => Promise.reject(new Error('connection refused'));
    const down = await post(TRACK, segmentHeaders(TRACK));
    expect(down.status).toBe(503);
    expect(Number(down.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(ids()).toEqual([]);
    receiver.journal.fault = null;
    expect((await post(TRACK, segmentHeaders(TRACK))).status).toBe(200);
    expect(ids()).toEqual(['seg-t-1']);
  });

  it('decision 27: 503 with Retry-After when neither secret nor token is set', async () => {
    const off = await startReceiver({ config: { segmentWriteKeys: [], amplitudeApiKeys: [] } });
    const answer = await off.send(PATH, TRACK, { headers: segmentHeaders(TRACK) });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).not.toBeNull();
    await off.close();
  });

  it('405 for other methods, 404 for other paths', async () => {
    const get = await fetch(`${receiver.url}${PATH}`);
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST, PUT, PATCH']);
    expect((await fetch(`${receiver.url}/webhooks/nobody`, { method: 'POST' })).status).toBe(404);
  });
});

describe('the set-up calls of Webhook Audiences, which carry neither signature nor token', () => {
  const ask = (body: object, headers: Record<string, string> = {}) =>
    receiver.send(PATH, JSON.stringify(body), { headers });

  it('an audience gets the same externalId at every asking, and is found by it', async () => {
    const made = await ask({ audienceName: 'At risk accounts', region: 'EU' });
    const again = await ask({ audienceName: 'At risk accounts' });
    const found = await ask({ ...(made.body as object), region: 'EU' });
    expect(made).toMatchObject({ status: 200, body: { externalId: expect.stringMatching(/^audience-/) } });
    expect([again.body, found.body]).toEqual([made.body, made.body]);
    expect((await ask({ audienceName: 'Others' })).body).not.toEqual(made.body);
  });

  it.each([
    ['an event', { type: 'track', event: 'x', userId: 'u-1', audienceName: 'x' }],
    ['an id that we never gave', { externalId: 'seg-1' }],
    ['a batch', { batch: [{ type: 'track' }], audienceName: 'x' }],
    ['something else', { audience: 'x' }],
  ])('%s is no such call: 401, and nothing is stored', async (_title, body) => {
    const before = receiver.journal.events.length + receiver.journal.quarantined.length;
    expect((await ask(body)).status).toBe(401);
    expect((await ask(body, { 'x-signature': 'aa' })).status).toBe(401);
    expect(receiver.journal.events.length + receiver.journal.quarantined.length).toBe(before);
  });
});

describe('wake-ups', () => {
  it('after a commit with something new, and not for a repeat', async () => {
    let woken = 0;
    const onAppended = () => {
      woken += 1;
    };
    const other = await startReceiver({ onAppended });
    for (const body of [GROUP, TRACK, TRACK]) {
      await other.send(PATH, body, { headers: segmentHeaders(body) });
    }
    expect(woken).toBe(2);
    await other.close();
  });

  it('I7: a wake-up that fails does not fail the request', async () => {
    const onAppended = () => {
      throw new Error('the queue is down');
    };
    const other = await startReceiver({ onAppended });
    expect((await other.send(PATH, TRACK, { headers: segmentHeaders(TRACK) })).status).toBe(200);
    expect(other.journal.events).toHaveLength(1);
    await other.close();
  });
});
