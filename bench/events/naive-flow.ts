import { createHmac, timingSafeEqual } from 'node:crypto';
import { Queue, Worker } from 'bullmq';
import express from 'express';
import { Redis } from 'ioredis';
import { SECRET } from './traffic.ts';

/**
 * What a user would build instead of the whole service, in one process: express, one BullMQ job for each event, the
 * account's counts in Redis, the rubric's behavioural points computed from them, and a call of the CRM for every change:
 * `state`: of the account's counts, so for each event; `score`: only where the number differs from the last. No windows, no people, no explanation, nothing on disk; a crash between two steps loses or repeats a change.
 */
interface Event {
  messageId: string;
  event: string;
  properties: { invitee_email?: string };
  context: { groupId: string; traits: { email: string } };
}

const [redisUrl = '', hubspot = '', change = 'state'] = process.argv.slice(2);
const connect = () => new Redis(redisUrl, { maxRetriesPerRequest: null });
const redis = connect();
const queue = new Queue('flow', { connection: connect() });
/** As many as the service keeps calls of one CRM under way, and then some. */
const CONCURRENCY = 10;

const ONCE: Record<string, number> = {
  'API Integration Created': 15,
  'Workflow Configured': 20,
  'Limit Breach Attempted': 25,
};

async function scoreOf(account: string, { event, properties }: Event): Promise<number> {
  const key = `account:${account}`;
  await redis.hincrby(key, event, 1);
  if (properties.invitee_email !== undefined) {
    await redis.sadd(`${key}:invited`, properties.invitee_email);
  }
  const [counts, invited] = await Promise.all([redis.hgetall(key), redis.scard(`${key}:invited`)]);
  const once = Object.entries(ONCE).reduce((sum, [name, points]) => sum + (name in counts ? points : 0), 0);
  return once + Math.min(20, invited * 5);
}

async function ask(method: string, path: string, body: object): Promise<{ results?: { id: string }[] }> {
  const answer = await fetch(`${hubspot}${path}`, {
    method,
    headers: { authorization: 'Bearer pat-bench', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return (await answer.json()) as { results?: { id: string }[] };
}

/** Searched once for each account, then remembered. */
async function companyOf(account: string, email: string): Promise<string | null> {
  const known = await redis.get(`company:${account}`);
  if (known !== null) {
    return known;
  }
  const filters = [{ propertyName: 'domain', operator: 'EQ', value: email.split('@')[1] }];
  const found = await ask('POST', '/crm/v3/objects/companies/search', { filterGroups: [{ filters }] });
  const id = found.results?.[0]?.id ?? null;
  if (id !== null) {
    await redis.set(`company:${account}`, id);
  }
  return id;
}

async function work(event: Event): Promise<void> {
  const { groupId, traits } = event.context;
  const score = await scoreOf(groupId, event);
  const before = await redis.getset(`score:${groupId}`, score);
  if (change === 'state' || before !== String(score)) {
    const company = await companyOf(groupId, traits.email);
    if (company !== null) {
      await ask('PATCH', `/crm/v3/objects/companies/${company}`, {
        properties: { pql_score: String(score) },
      });
    }
  }
}

function isSigned(text: string | Buffer, header: string | undefined): boolean {
  const expected = createHmac('sha1', SECRET).update(text).digest('hex');
  return header?.length === expected.length && timingSafeEqual(Buffer.from(header), Buffer.from(expected));
}

const app = express();
app.use(express.raw({ type: '*/*', limit: '6mb' }));
app.post('/webhooks/segment', async (request, response) => {
  const raw = request.body as Buffer;
  const body = JSON.parse(raw.toString('utf8')) as Event | Event[];
  const events = Array.isArray(body) ? body : [body];
  if (!isSigned(Array.isArray(body) ? JSON.stringify(body[0]) : raw, request.get('x-signature'))) {
    response.status(401).json({ success: false });
    return;
  }
  await queue.addBulk(
    events.map((data) => ({
      name: 'event',
      data,
      opts: { jobId: data.messageId, removeOnComplete: true, attempts: 3 },
    })),
  );
  response.json({ success: true });
});
app.get('/idle', async (_request, response) => {
  const counts = await queue.getJobCounts('waiting', 'active', 'delayed', 'prioritized');
  response.json({ idle: Object.values(counts).every((count) => count === 0) });
});
new Worker<Event>('flow', ({ data }) => work(data), { connection: connect(), concurrency: CONCURRENCY });
const server = app.listen(0, '127.0.0.1', async () => {
  await queue.waitUntilReady();
  const address = server.address();
  process.send?.({ url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}` });
});
process.on('disconnect', () => process.exit());
