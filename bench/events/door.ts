import { startPostgres } from '../postgres.ts';
import { table, whole } from '../timing.ts';
import { cpuOf, postmasterOf } from './cpu.ts';
import { machine } from './machine.ts';
import type { Program } from './programs.ts';
import { type Load, startLoad, startOwn, startRedis, startService } from './programs.ts';
import { db1, median, ratioOf } from './rounds.ts';

const POPULATION = { accounts: 2000, peoplePerAccount: 4 };
const CONNECTIONS = 32;
const KINDS = [
  { name: 'one event a request', batch: 1, requests: 12_000, rounds: 7 },
  { name: 'batches of 100', batch: 100, requests: 500, rounds: 7 },
];
type Kind = (typeof KINDS)[number];

/** What one contender did in one round. */
interface Round {
  perSecond: number;
  p50: number;
  p99: number;
  /** Processor time per event (microseconds): the receiver's process, the store's (PostgreSQL or Redis). */
  cpu: [receiver: number, store: number];
}

/**
 * Events acknowledged per second: the receiver role of the service, every event committed to disk, beside what a user would
 * write (express, a BullMQ job for each event, Redis in memory only) under the very same load, and beside the bare rows put
 * straight into PostgreSQL. Rounds take turns, so that whatever else runs on the machine falls on all.
 */
export async function door(): Promise<void> {
  const postgres = await startPostgres();
  const redis = await startRedis();
  const env = redis === null ? {} : { REDIS_URL: redis.url };
  const ours = await startService('receive', { DATABASE_URL: postgres.url, ...env });
  const naive = redis === null ? null : await startOwn('naive-door.ts', [redis.url]);
  const bare = await startOwn('bare-inserts.ts', [postgres.url]);
  const load = startLoad();
  const stores = { ours: postmasterOf(postgres.dir), naive: redis?.pid ?? 0 };
  try {
    let from = 0;
    for (const kind of KINDS) {
      const found = { ours: [] as Round[], naive: [] as Round[], bare: [] as number[] };
      // The first round warms everybody up.
      for (let round = 0; round <= kind.rounds; round++) {
        const mine = await measured(load, kind, from, ours, stores.ours);
        const theirs = naive === null ? null : await measured(load, kind, from, naive, stores.naive);
        const rows = kind.batch === 1 ? null : await bareRate(bare, kind, from);
        from += kind.batch * kind.requests;
        if (round > 0) {
          found.ours.push(mine);
          found.naive.push(...(theirs === null ? [] : [theirs]));
          found.bare.push(...(rows === null ? [] : [rows]));
        }
      }
      await allThere(postgres.url, from);
      console.log(report(kind, found));
    }
    console.log(
      `${machine()}; ${CONNECTIONS} connections, each sends its next request when the last was answered.`,
    );
  } finally {
    for (const one of [load, ours, naive, bare, redis, postgres]) {
      await one?.stop();
    }
  }
}

async function measured(load: Load, kind: Kind, from: number, to: Program, store: number): Promise<Round> {
  const { batch, requests } = kind;
  await load.prepare({ run: 'door', from, requests, batch, population: POPULATION });
  const before = [cpuOf(to.pid), cpuOf(store)] as const;
  const sent = await load.send({ url: to.url, connections: CONNECTIONS });
  if (sent.statuses['200'] !== requests) {
    throw new Error(`not every request was acknowledged: ${JSON.stringify(sent.statuses)}`);
  }
  const events = batch * requests;
  const each = (now: number, then: number) => ((now - then) * 1e6) / events;
  const cpu: Round['cpu'] = [each(cpuOf(to.pid), before[0]), each(cpuOf(store), before[1])];
  return { perSecond: events / sent.seconds, p50: sent.p50, p99: sent.p99, cpu };
}

async function bareRate(bare: Program, { batch, requests }: Kind, from: number): Promise<number> {
  const events = batch * requests;
  await bare.ask({ run: 'door', from, events, population: POPULATION });
  return events / ((await bare.ask('insert')) as number);
}

/** I1: a benchmark of events that were not kept would be worth nothing. */
async function allThere(url: string, sent: number): Promise<void> {
  const [row] = await db1(
    url,
    'SELECT (SELECT count(*) FROM events) AS events, (SELECT count(*) FROM event_keys) AS keys',
  );
  if (row?.events !== sent || row.keys !== sent) {
    throw new Error(`${JSON.stringify(row)} of ${sent} acknowledged events are on disk`);
  }
}

function report(kind: Kind, found: { ours: Round[]; naive: Round[]; bare: number[] }): string {
  const rate = (rounds: Round[]) => median(rounds.map(({ perSecond }) => perSecond));
  const line = (name: string, rounds: Round[], ratio: string) => [
    name,
    whole(rate(rounds)),
    ratio,
    median(rounds.map(({ p50 }) => p50)).toFixed(1),
    median(rounds.map(({ p99 }) => p99)).toFixed(1),
    ...[0, 1].map((i) => median(rounds.map(({ cpu }) => cpu[i] ?? 0)).toFixed(0)),
  ];
  const of = (rounds: Round[]) => rounds.map(({ perSecond }) => perSecond);
  const rows = [[kind.name, 'events/s', 'ours : it', 'p50 ms', 'p99 ms', 'CPU µs/event: receiver', 'store']];
  rows.push(line('pql-bridge, on disk', found.ours, ''));
  if (found.naive.length > 0) {
    rows.push(
      line('express + BullMQ on Redis, not on disk', found.naive, ratioOf(of(found.ours), of(found.naive))),
    );
  }
  if (found.bare.length > 0) {
    rows.push([
      'bare rows into PostgreSQL',
      whole(median(found.bare)),
      ratioOf(of(found.ours), found.bare),
      '',
      '',
      '',
      '',
    ]);
  }
  return table(rows);
}
