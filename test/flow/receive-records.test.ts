import { Writable } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { ReceiveMetrics } from '../../src/receive/config.ts';
import { fixture } from '../support/fixtures.ts';
import {
  AMPLITUDE_HEADERS,
  type Receiver,
  SECRETS,
  segmentHeaders,
  startReceiver,
} from '../support/receiver.ts';

const TRACK = fixture('segment/track.json');

/** Requests of every fate: accepted, quarantined, refused, and not stored. */
async function sendAllKinds(receiver: Receiver): Promise<void> {
  const bad = TRACK.replace('2026-03-02T09:15:00.120Z', '9999-01-01T00:00:00Z');
  await receiver.send('/webhooks/segment', TRACK, { headers: segmentHeaders(TRACK) });
  await receiver.send('/webhooks/segment', bad, { headers: segmentHeaders(bad) });
  await receiver.send('/webhooks/segment', TRACK, { headers: { 'x-webhook-token': 'guessed-token' } });
  await receiver.send('/webhooks/amplitude/events', '{"api_key":"ak-1","user_id":"u-7', {
    headers: AMPLITUDE_HEADERS,
  });
  await receiver.send('/v1/track', TRACK, { headers: { authorization: `Basic ${btoa('wk-guessed:')}` } });
  receiver.journal.fault = () => Promise.reject(new Error('password=s3cret for grace@initech.example'));
  await receiver.send('/webhooks/segment', TRACK, { headers: segmentHeaders(TRACK) });
}

describe('what receivers write down about requests', () => {
  it('logs say what happened, without secrets and personal data', async () => {
    const lines: string[] = [];
    const sink = new Writable({
      write: (chunk, _encoding, done) => {
        lines.push(String(chunk));
        done();
      },
    });
    const receiver = await startReceiver({ logger: pino({ level: 'trace' }, sink) });
    await sendAllKinds(receiver);
    await receiver.close();
    const text = lines.join('');
    expect(text).toContain('"from_the_future":1');
    expect(text).toContain('"bad_json":1');
    expect(text).toContain('"status":401');
    expect(text).toContain('the journal did not take the entries');
    const secrets = [...Object.values(SECRETS).flat(), 'guessed', 's3cret', 'wk-in-payload'];
    for (const secret of [...secrets, 'grace', 'Grace', 'u-7', '192.0.2.7']) {
      expect(text).not.toContain(secret);
    }
  });

  it('neither journal nor quarantine holds a credential', async () => {
    const receiver = await startReceiver();
    await sendAllKinds(receiver);
    await receiver.close();
    expect(receiver.journal.quarantined.map(({ code }) => code)).toEqual(['from_the_future', 'bad_json']);
    expect(JSON.stringify(receiver.journal)).not.toMatch(/wk-in-payload|ak-1/);
  });

  it('metrics count requests by status, events, quarantined elements and ignored operations', async () => {
    const seen: unknown[][] = [];
    const metrics: ReceiveMetrics = {
      request: (route, status) => seen.push(['request', route, status]),
      accepted: (route, events, quarantined) => seen.push(['accepted', route, events, quarantined]),
      ignoredOperations: (route, count) => seen.push(['ignored', route, count]),
    };
    const receiver = await startReceiver({ metrics });
    await sendAllKinds(receiver);
    receiver.journal.fault = null;
    const identify = '{"event_type":"$identify","user_id":"u-1","user_properties":{"$add":{"logins":1}}}';
    await receiver.send('/webhooks/amplitude/events', identify, { headers: AMPLITUDE_HEADERS });
    await receiver.close();
    expect(seen).toEqual([
      ['accepted', 'segment.webhook', 1, 0],
      ['request', 'segment.webhook', 200],
      ['accepted', 'segment.webhook', 0, 1],
      ['request', 'segment.webhook', 200],
      ['request', 'segment.webhook', 401],
      ['accepted', 'amplitude.events', 0, 1],
      ['request', 'amplitude.events', 200],
      ['request', 'sdk.segment', 401],
      ['request', 'segment.webhook', 503],
      ['accepted', 'amplitude.events', 1, 0],
      ['ignored', 'amplitude.events', 1],
      ['request', 'amplitude.events', 200],
    ]);
  });

  it('a fault of ours is a 503, so that the sender keeps its events, and is logged without the message', async () => {
    const lines: string[] = [];
    const sink = new Writable({
      write: (chunk, _encoding, done) => {
        lines.push(String(chunk));
        done();
      },
    });
    const clock = {
      now: () => {
        throw new RangeError('of grace@initech.example');
      },
    };
    const receiver = await startReceiver({
      logger: pino({ level: 'trace' }, sink),
      clock: failingAt(2, clock.now),
    });
    const answer = await receiver.send('/webhooks/segment', TRACK, { headers: segmentHeaders(TRACK) });
    await receiver.close();
    expect(answer).toMatchObject({ status: 503, body: { error: { code: 'internal' } } });
    expect(lines.join('')).toContain('RangeError');
    expect(lines.join('')).not.toContain('grace');
  });
});

/** A clock whose nth question fails. */
function failingAt(nth: number, fail: () => never): { now(): number } {
  let asked = 0;
  return {
    now: () => {
      asked += 1;
      return asked === nth ? fail() : Date.UTC(2026, 2, 2, 12);
    },
  };
}
