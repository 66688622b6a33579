import { setTimeout as sleep } from 'node:timers/promises';
import { type BackendFactory, createPostgresBackend, Queue, type QueueOptions } from 'bullmq';
import { Redis } from 'ioredis';
import { QUEUE } from '../../src/jobs/wakeups.ts';
import type { Fault as SandboxFault } from '../../src/sandbox/faults.ts';
import type { CrmWay, Fault, Outside } from './schedule.ts';
import type { World } from './world/world.ts';

type Answer = Pick<SandboxFault, 'reply' | 'replyAfter' | 'reset' | 'hang'>;

const HTML = { 'content-type': 'text/html' };

/** What each vendor answers in such a case. */
const ANSWERS: Record<CrmWay, Record<Outside, Answer>> = {
  'too many requests': {
    hubspot: {
      reply: {
        status: 429,
        body: { status: 'error', message: 'You have reached your secondly limit.', category: 'RATE_LIMITS' },
      },
    },
    salesforce: {
      reply: {
        status: 403,
        body: [
          {
            errorCode: 'REQUEST_LIMIT_EXCEEDED',
            message: 'ConcurrentRequests (Concurrent API Requests) Limit exceeded.',
          },
        ],
      },
    },
    slack: {
      reply: { status: 429, headers: { 'retry-after': '1' }, body: { ok: false, error: 'ratelimited' } },
    },
  },
  'error 500': {
    hubspot: {
      reply: {
        status: 500,
        body: { status: 'error', message: 'internal error', category: 'INTERNAL_ERROR' },
      },
    },
    salesforce: {
      reply: {
        status: 500,
        body: [{ errorCode: 'UNKNOWN_EXCEPTION', message: 'An unexpected error occurred.' }],
      },
    },
    slack: { reply: { status: 200, body: { ok: false, error: 'internal_error' } } },
  },
  'error 503': all({ reply: { status: 503, body: '' } }),
  html: all({ reply: { status: 502, headers: HTML, body: '<html><h1>502 Bad Gateway</h1></html>' } }),
  'empty answer': all({ reply: { status: 200, body: '' } }),
  'empty success': {
    hubspot: { reply: { status: 200, body: { status: 'COMPLETE', results: [], errors: [] } } },
    salesforce: { reply: { status: 200, body: [] } },
    slack: { reply: { status: 200, body: {} } },
  },
  'reset before': all({ reset: 'before' }),
  'reset after': all({ reset: 'after' }),
  'lost answer': all({ replyAfter: { status: 502, headers: HTML, body: '<html>Bad Gateway</html>' } }),
  silence: all({ hang: true }),
};

function all(answer: Answer): Record<Outside, Answer> {
  return { hubspot: answer, salesforce: answer, slack: answer };
}

/** Faults of one thing (the database, Redis, a CRM) come one after the other. */
export class Inflictor {
  private readonly world: World;
  private readonly turns = new Map<string, Promise<void>>();
  private migrations = 0;

  constructor(world: World) {
    this.world = world;
  }

  /** Names of the migrations that were added. */
  get added(): number {
    return this.migrations;
  }

  /** Resolves when what was taken away is back; after 'crm' the CRM misbehaves until it has been called as often. */
  async inflict(fault: Fault): Promise<void> {
    const { world } = this;
    switch (fault.kind) {
      case 'kill':
        return this.member(fault.who).restart(fault.downFor);
      case 'kill all':
        await Promise.all(world.members.map((one) => one.restart(fault.downFor)));
        return;
      case 'freeze':
        return this.member(fault.who).freeze(fault.for);
      case 'skew':
        return this.member(fault.who).restart(0, fault.by);
      case 'stop database':
        return this.turn('database', async () => {
          await world.postgres.stop(fault.how);
          await sleep(fault.downFor);
          await world.postgres.start();
        });
      case 'cut database':
        return this.turn('database', () => cutDatabase(world));
      case 'empty queue':
        return this.turn(world.redis === null ? 'database' : 'redis', () => emptyQueue(world));
      case 'fill queue':
        return this.turn(world.redis === null ? 'database' : 'redis', () => fillQueue(world, fault.jobs));
      case 'upgrade':
        return this.upgrade(fault.killAfter);
      default:
        return this.outside(fault);
    }
  }

  /** What happens to Redis and the CRMs. */
  private async outside(fault: Fault): Promise<void> {
    const { crms, redis } = this.world;
    switch (fault.kind) {
      case 'stop redis':
        return this.turn('redis', async () => {
          await redis?.kill();
          await sleep(fault.downFor);
          await redis?.start();
        });
      case 'cut redis':
        return this.turn('redis', async () => {
          await redis?.command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
        });
      case 'expire sessions':
        return crms.expireSessions();
      case 'crm': {
        const { crm, way, times } = fault;
        return crms.addFault(crm, { path: '*', times, ...ANSWERS[way][crm] });
      }
      case 'crm away':
        return this.turn('crms', async () => {
          await crms.addFault(fault.crm, { path: '*', times: 'always', ...ANSWERS[fault.way][fault.crm] });
          await sleep(fault.for);
          await crms.clearFaults();
        });
    }
  }

  /**
   * A newer version is rolled out: everything is killed, one process starts with a migration to apply, is killed amid it,
   * and then all start.
   */
  private async upgrade(killAfter: number): Promise<void> {
    this.migrations += 1;
    this.world.app.addMigration(this.migrations);
    const [first, ...others] = [...this.world.members].reverse();
    await first?.restart(0);
    await sleep(killAfter);
    await first?.restart(0);
    await Promise.all(others.map((one) => one.restart(0)));
  }

  private member(name: string) {
    const found = this.world.members.find((one) => one.name === name);
    if (found === undefined) {
      throw new Error(`no process ${name}`);
    }
    return found;
  }

  private turn(of: string, work: () => Promise<void>): Promise<void> {
    const done = (this.turns.get(of) ?? Promise.resolve()).then(work);
    this.turns.set(
      of,
      done.catch(() => {}),
    );
    return done;
  }
}

async function cutDatabase({ postgres }: World): Promise<void> {
  await postgres.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'`,
  );
}

/** All of Redis, or every row that BullMQ keeps. Its tables stay: they are its program. */
async function emptyQueue({ redis, postgres }: World): Promise<void> {
  if (redis !== null) {
    await redis.command('FLUSHALL');
    return;
  }
  const tables = await postgres.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
     WHERE schemaname = 'bullmq' AND tablename NOT LIKE '%migration%' AND tablename NOT LIKE '%version%'`,
  );
  if (tables.length > 0) {
    await postgres.query(`TRUNCATE ${tables.map(({ name }) => name).join(', ')} CASCADE`);
  }
}

const JUNK = ['no-such-stage', 'fold', 'assess', 'deliver', '', 'due'];

/** Jobs that nobody knows, and thousands of wake-ups that are not needed. */
async function fillQueue({ redis, postgres }: World, count: number): Promise<void> {
  const connection = redis === null ? null : new Redis(redis.url, { maxRetriesPerRequest: null });
  connection?.on('error', () => {});
  const onPostgres = { connection: { connectionString: postgres.url, schema: 'bullmq', max: 2 } };
  const queue =
    connection === null
      ? new Queue(
          QUEUE,
          onPostgres as unknown as QueueOptions,
          createPostgresBackend as unknown as BackendFactory,
        )
      : new Queue(QUEUE, { connection, prefix: '{pql}' });
  queue.on('error', () => {});
  try {
    for (let done = 0; done < count; done += 500) {
      const names = Array.from(
        { length: Math.min(500, count - done) },
        (_, i) => JUNK[i % JUNK.length] ?? '',
      );
      await queue.addBulk(names.map((name, i) => ({ name: name || 'empty', data: { junk: i } })));
    }
  } finally {
    await Promise.race([queue.close().catch(() => {}), sleep(2000)]);
    connection?.disconnect();
  }
}
