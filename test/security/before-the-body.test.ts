import { connect } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AMPLITUDE_HEADERS,
  type Receiver,
  SECRETS,
  segmentHeaders,
  startReceiver,
} from '../support/receiver.ts';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());

/** Sends the head of a request whose body never comes, and gives the status of the answer; null: none came. */
function headOnly(path: string, headers: Record<string, string>): Promise<number | null> {
  const { hostname, port } = new URL(receiver.url);
  const lines = Object.entries({ host: hostname, ...headers }).map(([name, value]) => `${name}: ${value}`);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(`POST ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    });
    const end = (status: number | null) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(status);
    };
    const timer = setTimeout(() => end(null), 4000);
    socket.once('data', (data) => end(Number(String(data).split(' ')[1])));
    socket.on('error', () => end(null));
  });
}

const LARGE = { 'content-length': '5000000' };
const CHUNKED = { 'transfer-encoding': 'chunked' };
const basic = (user: string) => ({ authorization: `Basic ${Buffer.from(`${user}:`).toString('base64')}` });

describe('who may not send is refused before the body is read', () => {
  it.each([
    ['Segment, no token', '/webhooks/segment', {}],
    ['Segment, a wrong token', '/webhooks/segment', { 'x-webhook-token': 'wrong' }],
    ['Segment, the token and no signature', '/webhooks/segment', { 'x-webhook-token': SECRETS.segmentToken }],
    [
      'Segment, the token and what is no signature',
      '/webhooks/segment',
      { 'x-webhook-token': SECRETS.segmentToken, 'x-signature': 'z'.repeat(40) },
    ],
    ['Amplitude events', '/webhooks/amplitude/events', { authorization: 'Bearer wrong' }],
    ['Amplitude cohorts', '/webhooks/amplitude/cohorts', {}],
    ['Amplitude lists', '/amplitude/lists/l-1/add', { authorization: 'Bearer wrong' }],
    ['a Segment SDK with a wrong key in the header', '/v1/batch', basic('wrong')],
  ])('%s: 401, whether the body announces its length or not', async (_who, path, headers) => {
    expect(await headOnly(path, { ...headers, ...LARGE })).toBe(401);
    expect(await headOnly(path, { ...headers, ...CHUNKED })).toBe(401);
  });

  it.each([
    ['Segment, token and signature', '/webhooks/segment', segmentHeaders('{}')],
    ['a Segment SDK with its key in the header', '/v1/batch', basic('wk-1')],
    ['Amplitude events', '/webhooks/amplitude/events', AMPLITUDE_HEADERS],
  ])(
    '%s: a body that announces more than the cap is refused by its length alone: 413',
    async (_who, path, headers) => {
      expect(await headOnly(path, { ...headers, 'content-length': '999999999' })).toBe(413);
    },
  );

  it('protocol: where the key is in the body it has to be read, and no further than the cap', async () => {
    expect(await headOnly('/2/httpapi', LARGE)).toBe(413);
    expect(await headOnly('/v1/batch', LARGE)).toBe(413);
    expect(await headOnly('/v1/batch', { 'content-length': '100' })).toBe(null);
  });
});

describe('decompression bombs', () => {
  const ZEROS = Buffer.alloc(200 * 1024 * 1024);
  const bombs: [string, Buffer][] = [
    ['gzip', gzipSync(ZEROS)],
    ['br', brotliCompressSync(ZEROS)],
    ['deflate', deflateSync(ZEROS)],
    ['deflate', deflateRawSync(ZEROS)],
  ];

  it.each(bombs)('200 MB of zeros as %s: 413, and never unfolded', async (encoding, body) => {
    const before = process.memoryUsage.rss();
    const headers = { ...AMPLITUDE_HEADERS, 'content-encoding': encoding };
    const answer = await receiver.send('/webhooks/amplitude/events', body, { headers });
    expect(answer.status).toBe(413);
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 1024 * 1024);
  });

  it.each([
    ['gzip, gzip', gzipSync(gzipSync('{}')), 200],
    ['gzip', gzipSync(gzipSync(Buffer.alloc(1024 * 1024))), 200],
    ['br, gzip', gzipSync(brotliCompressSync('{}')), 200],
  ])(
    'layers are unfolded once: what is inside %s is no JSON, and kept as that',
    async (encoding, body, status) => {
      const before = receiver.journal.quarantined.length;
      const headers = { ...AMPLITUDE_HEADERS, 'content-encoding': encoding };
      const answer = await receiver.send('/webhooks/amplitude/events', body, { headers });
      expect(answer.status).toBe(status);
      expect(receiver.journal.quarantined.slice(before).map(({ code }) => code)).toEqual(['bad_json']);
    },
  );

  it('several members of gzip after one another count together', async () => {
    const member = gzipSync(Buffer.alloc(600 * 1024, ' '));
    const answer = await receiver.send('/webhooks/amplitude/events', Buffer.concat([member, member]), {
      headers: { ...AMPLITUDE_HEADERS, 'content-encoding': 'gzip' },
    });
    expect(answer.status).toBe(413);
  });

  it('a sender without a token has nothing unfolded', async () => {
    const headers = { 'content-encoding': 'gzip' };
    expect((await receiver.send('/webhooks/amplitude/events', bombs[0]?.[1] ?? '', { headers })).status).toBe(
      401,
    );
  });
});
