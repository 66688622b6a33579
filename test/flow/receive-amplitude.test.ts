import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fixture } from '../support/fixtures.ts';
import { AMPLITUDE_HEADERS, type Receiver, SECRETS, startReceiver } from '../support/receiver.ts';

const EVENTS = '/webhooks/amplitude/events';
const COHORTS = '/webhooks/amplitude/cohorts';
const EVENT = fixture('amplitude/event.json');
const LEFT = fixture('amplitude/cohort-left.json');
const BROKEN = fixture('amplitude/cohort-broken-template.txt');

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

const post = (
  path: string,
  body: string,
  headers: Record<string, string> = AMPLITUDE_HEADERS,
  method = 'POST',
) => receiver.send(path, body, { headers, method });

describe('S0-20, S1-65, S2-8: event streaming', () => {
  it.each(['POST', 'PUT'])('%s of one event', async (method) => {
    expect(await post(EVENTS, EVENT, AMPLITUDE_HEADERS, method)).toMatchObject({
      status: 200,
      body: { success: true },
    });
    expect(receiver.journal.events).toMatchObject([
      {
        vendor: 'amplitude',
        id: '5e1f0a52-0000-4000-8000-000000000008',
        kind: 'track',
        name: 'Invite Sent',
        at: Date.UTC(2026, 2, 2, 9, 20, 0, 250),
        userId: 'u-8',
        anonymousId: 'd-8',
        accountId: 'acct-8',
        email: 'ada@initrode.example',
        accountTraits: [{ op: 'set', name: 'plan', value: 'team' }],
        declared: false,
      },
    ]);
  });

  it('the group type of accounts is a setting', async () => {
    const other = await startReceiver({ config: { ...SECRETS, accountGroupType: 'org id' } });
    await other.send(EVENTS, EVENT.replaceAll('"company"', '"Org ID"'), { headers: AMPLITUDE_HEADERS });
    expect(other.journal.events).toMatchObject([{ accountId: 'acct-8' }]);
    await other.close();
  });

  it('an array, in which one cannot be read', async () => {
    await post(EVENTS, `[${EVENT},{"event_type":"x"},${EVENT.replace(/"uuid":"5e1f/, '"uuid":"6e1f')}]`);
    expect(receiver.journal.events).toHaveLength(2);
    expect(receiver.journal.quarantined).toMatchObject([{ code: 'no_ids', route: 'amplitude.events' }]);
  });

  it('broken JSON is kept and acknowledged: Amplitude would repeat it ten times', async () => {
    expect((await post(EVENTS, EVENT.slice(0, 90))).status).toBe(200);
    expect(receiver.journal.quarantined).toMatchObject([{ code: 'bad_json', raw: EVENT.slice(0, 90) }]);
  });

  it('413 above 1 MB', async () => {
    const body = EVENT.replace('"Web"', `"${'w'.repeat(1024 * 1024)}"`);
    expect((await post(EVENTS, body)).status).toBe(413);
  });
});

describe('cohort webhooks', () => {
  it('who has left', async () => {
    expect((await post(COHORTS, LEFT)).status).toBe(200);
    expect(receiver.journal.events).toMatchObject([
      { kind: 'cohort', userId: 'u-8', accountId: 'acct-8', at: 1772443200_000, declared: true },
      { kind: 'cohort', userId: 'u-9', accountId: null },
    ]);
    expect(receiver.journal.events.flatMap(({ personTraits }) => personTraits)).toContainEqual({
      op: 'set',
      name: 'cohort:k3x9q2ab',
      value: false,
    });
  });

  it('a template that does not escape is kept and acknowledged', async () => {
    expect((await post(COHORTS, BROKEN)).status).toBe(200);
    expect(receiver.journal.quarantined).toMatchObject([
      { code: 'bad_json', route: 'amplitude.cohorts', raw: BROKEN },
    ]);
  });

  it('10,000 users of 50 properties in one message; how long the answer took is printed', async () => {
    const properties = Object.fromEntries(
      Array.from({ length: 49 }, (_, i) => [`property_${i}`, `value ${i}`]),
    );
    const users = Array.from({ length: 10_000 }, (_, i) => ({
      user_id: `u-${i}`,
      user_properties: { ...properties, company_id: `acct-${i % 500}` },
    }));
    const body = JSON.stringify({ ...JSON.parse(LEFT), users });
    const started = performance.now();
    expect((await post(COHORTS, body)).status).toBe(200);
    const ms = performance.now() - started;
    console.log(
      `cohort of 10,000 users, ${(body.length / 1e6).toFixed(1)} MB: answered in ${ms.toFixed(0)} ms`,
    );
    expect(receiver.journal.events).toHaveLength(10_000);
    expect(receiver.journal.events[9_999]).toMatchObject({ userId: 'u-9999', accountId: 'acct-499' });
    expect(receiver.journal.events[9_999]?.personTraits).toHaveLength(51);
  });

  it('takes 30 MB, and 413 above 32', async () => {
    const users = (bytes: number) => JSON.stringify({ ...JSON.parse(LEFT), users: ['x'.repeat(bytes)] });
    expect((await post(COHORTS, users(30_000_000))).status).toBe(200);
    expect((await post(COHORTS, users(34_000_000))).status).toBe(413);
  });
});

describe('the partner tile’s lists', () => {
  const name = '[Amplitude] Power users: k3x9q2ab';
  const create = () => post('/amplitude/lists', JSON.stringify({ name, context: {} }));
  const change = (list: string, operation: string, userIds: string[]) =>
    post(`/amplitude/lists/${list}/${operation}`, JSON.stringify({ userIds, context: {} }));

  it('create is idempotent per cohort; add and remove set the cohort’s trait', async () => {
    const [first, again] = [await create(), await create()];
    expect(first).toMatchObject({ status: 200, body: { listId: expect.stringMatching(/^lst_/) } });
    expect(again.body).toEqual(first.body);
    const { listId } = first.body as { listId: string };
    expect(await change(listId, 'add', ['u-1', 'u-2'])).toMatchObject({ status: 200, body: {} });
    expect(await change(listId, 'remove', ['u-3'])).toMatchObject({ status: 200, body: {} });
    const seen = receiver.journal.events.map(({ userId, personTraits }) => [
      userId,
      personTraits[0]?.name,
      personTraits[0]?.value,
    ]);
    expect(seen).toEqual([
      ['u-1', 'cohort:k3x9q2ab', true],
      ['u-2', 'cohort:k3x9q2ab', true],
      ['u-3', 'cohort:k3x9q2ab', false],
    ]);
  });

  it('an unknown list is kept in quarantine and acknowledged', async () => {
    expect((await change('lst_81', 'add', ['u-1'])).status).toBe(200);
    expect(receiver.journal.quarantined).toMatchObject([{ code: 'unknown_list' }]);
  });

  it('400 for a create without a name and for broken JSON', async () => {
    expect((await post('/amplitude/lists', '{}')).status).toBe(400);
    expect((await post('/amplitude/lists', '{"name":')).status).toBe(400);
  });

  it('401 without the token, 404 when no token is set', async () => {
    expect((await post('/amplitude/lists', '{}', {})).status).toBe(401);
    const off = await startReceiver({ config: { segmentWriteKeys: [], amplitudeApiKeys: [] } });
    expect((await off.send('/amplitude/lists', '{}', { headers: AMPLITUDE_HEADERS })).status).toBe(404);
    await off.close();
  });
});

describe.each([EVENTS, COHORTS])('%s: who may send', (path) => {
  it.each<[string, Record<string, string>]>([
    ['no token', {}],
    ['a wrong one', { authorization: 'Bearer wrong' }],
    ['a longer one', { authorization: 'Bearer amplitude-token-and-more' }],
    ['an empty one', { 'x-webhook-token': '' }],
    ['another scheme', { authorization: 'Basic amplitude-token' }],
  ])('401 for %s', async (_title, headers) => {
    expect((await post(path, EVENT, headers)).status).toBe(401);
    expect(receiver.journal.appends).toEqual([]);
  });

  it('the token may come in a header of its own', async () => {
    expect((await post(path, '[]', { 'x-webhook-token': 'amplitude-token' })).status).toBe(200);
  });

  it('decision 27: 503 with Retry-After when no token is set', async () => {
    const off = await startReceiver({ config: { segmentWriteKeys: [], amplitudeApiKeys: [] } });
    const answer = await off.send(path, EVENT, { headers: AMPLITUDE_HEADERS });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '60']);
    await off.close();
  });

  it('I1: 503 while the journal fails', async () => {
    receiver.journal.fault = () => Promise.reject(new Error('down'));
    const answer = await post(path, path === EVENTS ? EVENT : LEFT);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  });

  it('405 for GET', async () => {
    expect((await fetch(`${receiver.url}${path}`)).status).toBe(405);
  });
});
