import { createHmac, timingSafeEqual } from 'node:crypto';
import { Queue } from 'bullmq';
import express from 'express';
import { Redis } from 'ioredis';
import { SECRET } from './traffic.ts';

/**
 * What a user would build instead of `receive/`: express, the signature, and one BullMQ job for each event on Redis.
 * The job's id is the message id, so that a repeat is not counted twice while the job is there. A batch
 * goes by `addBulk`. Nothing is on disk when it answers 200.
 */
interface SegmentEvent {
  messageId: string;
}

const [redisUrl = ''] = process.argv.slice(2);
const queue = new Queue('events', { connection: new Redis(redisUrl, { maxRetriesPerRequest: null }) });

function isSigned(text: string | Buffer, header: string | undefined): boolean {
  const expected = createHmac('sha1', SECRET).update(text).digest('hex');
  return (
    header !== undefined &&
    header.length === expected.length &&
    timingSafeEqual(Buffer.from(header), Buffer.from(expected))
  );
}

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
  if (Array.isArray(body)) {
    await queue.addBulk(
      body.map((event) => ({ name: 'event', data: event, opts: { jobId: event.messageId } })),
    );
  } else {
    await queue.add('event', body, { jobId: body.messageId });
  }
  response.json({ success: true });
});
const server = app.listen(0, '127.0.0.1', async () => {
  await queue.waitUntilReady();
  const address = server.address();
  process.send?.({ url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}` });
});
process.on('disconnect', () => process.exit());
