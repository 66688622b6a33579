import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../../src/sandbox/traffic/delivery.ts';
import { type Credentials, requestOf } from '../../../src/sandbox/traffic/requests.ts';

const NOW = Date.UTC(2026, 2, 2, 10);
const CREDENTIALS: Credentials = {
  segmentSecret: 'whsec_demo_1',
  segmentWriteKey: 'wk',
  amplitudeToken: 'at',
  amplitudeApiKey: 'ak',
  now: () => NOW,
};
const request = (route: Delivery['route'], body: unknown, over: Partial<Credentials> = {}) =>
  requestOf({ at: NOW, route, body }, { ...CREDENTIALS, ...over });

/** The contract's first event; its signature was made by Segment's own code. */
const EVENT = {
  type: 'track',
  event: 'Trial Started',
  messageId: 'seg-0001',
  userId: 'u-42',
  timestamp: '2026-03-02T10:15:30.250Z',
  context: { groupId: 'acct-7' },
  properties: { trial_plan_name: 'Büro ☕', seats: 3 },
};
const SIGNATURE = 'a6905d2cf251a891aaf7d259459781f25b77a06c';

describe('a sender', () => {
  it.each([
    ['a single event', 'segment', EVENT],
    ['a batch by its first element', 'segment-batch', [EVENT, { type: 'identify' }]],
    [
      'an extensible batch by the inside of its first element',
      'segment-batch',
      [{ json: EVENT }, { json: {} }],
    ],
  ] as const)('of Segment signs %s', (_what, route, body) => {
    const { path, headers, body: sent } = request(route, body);
    expect(path).toBe('/webhooks/segment');
    expect(headers['x-signature']).toBe(SIGNATURE);
    expect(JSON.parse(sent)).toEqual(body);
  });

  it('of Segment adds the shared token when it was given one', () => {
    expect(request('segment', EVENT).headers).not.toHaveProperty('x-webhook-token');
    expect(request('segment', EVENT, { segmentToken: 'st' }).headers['x-webhook-token']).toBe('st');
  });

  it.each([
    ['amplitude-events', '/webhooks/amplitude/events'],
    ['amplitude-cohort', '/webhooks/amplitude/cohorts'],
  ] as const)('of Amplitude carries its token: %s', (route, path) => {
    const sent = request(route, { a: 1 });
    expect(sent.path).toBe(path);
    expect(sent.headers.authorization).toBe('Bearer at');
    expect(sent.body).toBe('{"a":1}');
  });

  it('of the SDKs says when it sends, by the clock of that moment', () => {
    const segment = request('sdk-segment', { batch: [EVENT] });
    expect(segment.path).toBe('/v1/batch');
    expect(segment.headers.authorization).toBe('Basic d2s6');
    expect(JSON.parse(segment.body)).toEqual({
      batch: [EVENT],
      writeKey: 'wk',
      sentAt: '2026-03-02T10:00:00.000Z',
    });
    const amplitude = request('sdk-amplitude', { events: [], options: {} });
    expect(amplitude.path).toBe('/2/httpapi');
    expect(JSON.parse(amplitude.body)).toEqual({
      api_key: 'ak',
      events: [],
      options: {},
      client_upload_time: '2026-03-02T10:00:00.000Z',
    });
  });
});
