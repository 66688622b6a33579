import { createHmac, timingSafeEqual } from 'node:crypto';
import { Queue } from 'bullmq';
import express from 'express';
import { Redis } from 'ioredis';
import { SECRET } from './traffic.ts';

/**
 * What a user would build instead of `receive/`: express, the signature, and one BullMQ job for each event on Redis.
 * The job's id is the message id, so that a repeat is not counted twice while the job is there. A batch
 * goes by one `add` for each of its events, or, for who knows it, by `addBulk`. Nothing is on disk when it answers 200.
 */
interface SegmentEvent {
  messageId: string;
}

const [redisUrl = '', batches = 'addBulk'] = process.argv.slice(2);
const queue = new Queue('events', { connection: new Redis(redisUrl, { maxRetriesPerRequest: null }) });

function isSigned(text: string | Buffer, header: string | undefined): boolean {
  const expected = createHmac('sha1', SECRET).update(text).digest('hex');
  return (
    header !== undefined &&
    header.length === expected.length &&
    timingSafeEqual(Buffer.from(header), Buffer.from(expected))
  );
}

const addBulk = (events: SegmentEvent[]) =>
  queue.addBulk(events.map((data) => ({ name: 'event', data, opts: { jobId: data.messageId } })));
const addEach = (events: SegmentEvent[]) =>
  Promise.all(events.map((event) => queue.add('event', event, { jobId: event.messageId })));

const app = express();
app.use(express.raw({ type: '*/*', limit: '6mb' }));
app.post('/webhooks/segment', async (request, response) => {
  const raw = request.body as Buffer;
  const body = JSON.parse(raw.toString('utf8')) as SegmentEvent | SegmentEvent[];
  const signed = Array.isArray(body) ? JSON.stringify(body[0]) : raw;
  if (!isSigned(signed, request.get('x-signature'))) {
    response.status(401).json({ success: false });
    return;
  }
  await (Array.isArray(body) && batches === 'addBulk' ? addBulk(body) : addEach([body].flat()));
  response.json({ success: true });
});
const server = app.listen(0, '127.0.0.1', async () => {
  await queue.waitUntilReady();
  const address = server.address();
  process.send?.({ url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}` });
});
process.on('disconnect', () => process.exit());
