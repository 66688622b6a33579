import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import express from 'express';
import { afterEach, describe, expect, it } from 'vitest';
import { listIdOf } from '../../src/receive/amplitude/lists.ts';
import { ELEMENT_BYTES, ELEMENTS_MAX } from '../../src/receive/http/room.ts';
import { receiveRoutes } from '../../src/receive/routes.ts';
import { ManualClock } from '../../src/shared/clock.ts';
import { silentLogger } from '../../src/shared/log.ts';
import { httpServer } from '../../src/wiring/http.ts';
import { NOON } from '../support/event.ts';
import { memoryJournal } from '../support/memory-journal.ts';
import {
  AMPLITUDE_HEADERS,
  type Answer,
  type Receiver,
  SECRETS,
  segmentHeaders,
  startReceiver,
} from '../support/receiver.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) {
    await close();
  }
});

const call = (id: number, filler = '') =>
  `{"type":"track","event":"Signed In","userId":"u-1","messageId":"s-${id}","filler":"${filler}"}`;

function segment(receiver: Receiver, id: number, filler = '') {
  const body = call(id, filler);
  return receiver.send('/webhooks/segment', body, { headers: segmentHeaders(body) });
}

const amplitude = (receiver: Receiver) =>
  receiver.send('/webhooks/amplitude/events', '{"event_type":"signed in","user_id":"u-2","uuid":"a-1"}', {
    headers: AMPLITUDE_HEADERS,
  });

describe('more than can be committed', () => {
  it('I1: is told to come again, takes nothing from another source, and all that was acknowledged is there', async () => {
    const gate = Promise.withResolvers<void>();
    const journal = Object.assign(memoryJournal(), { fault: () => gate.promise });
    const roomBytes = 10 * (ELEMENT_BYTES + 1000);
    const receiver = await startReceiver({ journal, config: { ...SECRETS, roomBytes } });
    closers.push(() => receiver.close());

    const refused: Answer[] = [];
    const flood = Array.from({ length: 50 }, async (_, id) => {
      const answer = await segment(receiver, id, 'x'.repeat(800));
      if (answer.status === 503) {
        refused.push(answer);
      }
      return answer;
    });
    await expect.poll(() => refused.length).toBeGreaterThanOrEqual(38);
    expect(refused[0]?.headers.get('retry-after')).toBe('5');
    expect(refused[0]?.body).toMatchObject({ error: { code: 'too_much_at_once' } });
    const other = amplitude(receiver);
    gate.resolve();
    expect((await other).status).toBe(200);

    const statuses = (await Promise.all(flood)).map(({ status }) => status);
    const taken = statuses.filter((status) => status === 200).length;
    expect(taken).toBeGreaterThanOrEqual(8);
    expect(taken).toBeLessThanOrEqual(12);
    expect(journal.events).toHaveLength(taken + 1);
    // What was refused comes again, as Segment sends it, and finds room.
    expect((await segment(receiver, 49)).status).toBe(200);
  });

  it('a small body of very many elements is refused before it is taken apart', async () => {
    const receiver = await startReceiver();
    closers.push(() => receiver.close());
    const body = `{"batch":[${'{},'.repeat(ELEMENTS_MAX)}{}]}`;
    const headers = { authorization: `Basic ${Buffer.from('wk-1:').toString('base64')}` };
    const answer = await receiver.send('/v1/batch', body, { headers });
    expect(answer).toMatchObject({ status: 413, body: { error: { code: 'too_many' } } });
    expect(receiver.journal.quarantined).toHaveLength(0);
  });
});

describe('more than Amplitude puts into one request', () => {
  const users = (count: number) => `[${'{"user_id":"u-1"},'.repeat(count - 1)}{"user_id":"u-1"}]`;
  const cohort = (members: string) =>
    `{"cohort_id":"c-1","in_cohort":true,"computed_time":"1772446530","message_id":"m-1","users":${members}}`;
  const list = `/amplitude/lists/${listIdOf('c-1')}/add`;
  const values = `[{"user_id":"u-1","user_properties":{"a":[${'1,'.repeat(64 * ELEMENTS_MAX)}1]}}]`;

  it.each([
    ['events', '/webhooks/amplitude/events', `[${'{},'.repeat(ELEMENTS_MAX)}{}]`],
    ['users of a cohort', '/webhooks/amplitude/cohorts', cohort(users(ELEMENTS_MAX + 1))],
    ['cohort messages', '/webhooks/amplitude/cohorts', `[${'{},'.repeat(ELEMENTS_MAX)}{}]`],
    ['users of a list', list, `{"userIds":${users(ELEMENTS_MAX + 1)}}`],
    ['values of a cohort', '/webhooks/amplitude/cohorts', cohort(values)],
    ['values of a list', list, `{"userIds":${values}}`],
  ])(
    'too many %s are refused whole: nothing is acknowledged and lost, nothing fills the quarantine',
    async (_what, path, body) => {
      const receiver = await startReceiver();
      closers.push(() => receiver.close());
      const answer = await receiver.send(path, body, { headers: AMPLITUDE_HEADERS });
      expect(answer).toMatchObject({ status: 413, body: { error: { code: 'too_many' } } });
      expect([receiver.journal.events.length, receiver.journal.quarantined.length]).toEqual([0, 0]);
    },
  );

  it('the largest cohort that Amplitude sends is taken: 10,000 users of 50 properties', async () => {
    const receiver = await startReceiver();
    closers.push(() => receiver.close());
    const properties = JSON.stringify(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`p${i}`, i])));
    const members = Array.from(
      { length: 10_000 },
      (_, i) => `{"user_id":"u-${i}","user_properties":${properties}}`,
    );
    const answer = await receiver.send('/webhooks/amplitude/cohorts', cohort(`[${members}]`), {
      headers: AMPLITUDE_HEADERS,
    });
    expect(answer.status).toBe(200);
    expect(receiver.journal.events).toHaveLength(10_000);
  });
});

async function patientServer(patience?: Parameters<typeof httpServer>[1]) {
  const app = express();
  const journal = memoryJournal();
  app.use(receiveRoutes({ journal, clock: new ManualClock(NOON), logger: silentLogger(), config: SECRETS }));
  const server = httpServer(app, patience);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const post = async () => {
    const body = call(1);
    const headers = segmentHeaders(body);
    return (await fetch(`http://127.0.0.1:${port}/webhooks/segment`, { method: 'POST', headers, body }))
      .status;
  };
  return { port, post };
}

describe('senders that take their time', () => {
  it.each([
    ['says nothing', ''],
    ['sends headers for ever', 'POST /webhooks/segment HTTP/1.1\r\nHost: x\r\n'],
    ['sends a body for ever', 'POST /webhooks/segment HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n{'],
  ])('who %s is let go', async (_what, sent) => {
    const { port } = await patientServer({ headers: 200, request: 400, idle: 300, lookEvery: 50 });
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(sent);
    const trickle = setInterval(
      () => socket.write(sent.endsWith('{') ? ' ' : sent === '' ? '' : 'X: y\r\n'),
      50,
    );
    await once(socket.resume(), 'close');
    clearInterval(trickle);
  });

  it('10,000 idle connections and 300 that trickle keep nobody from being answered, at a few kilobytes each', async () => {
    const { port, post } = await patientServer();
    const before = process.memoryUsage().rss;
    const script = new URL('../support/idle-connections.ts', import.meta.url).pathname;
    const crowd = spawn(process.execPath, [script, String(port), '10000', '300'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    closers.push(() => crowd.stdin.end());
    await once(crowd.stdout, 'data');
    const started = Date.now();
    expect(await Promise.all([post(), post(), post()])).toEqual([200, 200, 200]);
    expect(Date.now() - started).toBeLessThan(2000);
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024);
  });
});
