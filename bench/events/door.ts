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
  const startNaive = (batches: string) =>
    redis === null ? null : startOwn('naive-door.ts', [redis.url, batches]);
  const naive = { bulk: await startNaive('addBulk'), each: await startNaive('add') };
  const bare = {
    journal: await startOwn('bare-inserts.ts', [postgres.url, 'journal']),
    all: await startOwn('bare-inserts.ts', [postgres.url, 'all']),
    values: await startOwn('bare-inserts.ts', [postgres.url, 'values']),
  };
  const load = startLoad();
  const stores = { ours: postmasterOf(postgres.dir), naive: redis?.pid ?? 0 };
  try {
    let from = 0;
    for (const kind of KINDS) {
      const found: Found = { ours: [], bulk: [], each: [], journal: [], all: [], values: [] };
      // The first round warms everybody up.
      for (let round = 0; round <= kind.rounds; round++) {
        const one = await oneRound(kind, from, { load, ours, naive, bare, stores });
        from += kind.batch * kind.requests;
        for (const [name, rounds] of Object.entries(one)) {
          found[name as keyof Found].push(...(round > 0 ? (rounds as never[]) : []));
        }
      }
      await allThere(postgres.url, from);
      console.log(report(kind, found));
    }
    console.log(
      `${machine()}; ${CONNECTIONS} connections, each sends its next request when the last was answered.`,
    );
  } finally {
    for (const one of [
      load,
      ours,
      naive.bulk,
      naive.each,
      bare.journal,
      bare.all,
      bare.values,
      redis,
      postgres,
    ]) {
      await one?.stop();
    }
  }
}

/** By contender, what was found round by round: of bare rows only the rate. */
interface Found {
  ours: Round[];
  bulk: Round[];
  each: Round[];
  journal: number[];
  all: number[];
  values: number[];
}

interface Contenders {
  load: Load;
  ours: Program;
  naive: { bulk: Program | null; each: Program | null };
  bare: { journal: Program; all: Program; values: Program };
  stores: { ours: number; naive: number };
}

/** Everybody once, under the very same load. The variants for batches only where there are any. */
async function oneRound(kind: Kind, from: number, contenders: Contenders): Promise<Found> {
  const { load, ours, naive, bare, stores } = contenders;
  const isBatch = kind.batch > 1;
  const naively = async (to: Program | null) =>
    to === null ? [] : [await measured(load, kind, from, to, stores.naive)];
  return {
    ours: [await measured(load, kind, from, ours, stores.ours)],
    bulk: await naively(naive.bulk),
    each: isBatch ? await naively(naive.each) : [],
    journal: isBatch ? [await bareRate(bare.journal, kind, from)] : [],
    all: isBatch ? [await bareRate(bare.all, kind, from)] : [],
    values: isBatch ? [await bareRate(bare.values, kind, from)] : [],
  };
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

function report(kind: Kind, { ours, bulk, each, journal, all, values }: Found): string {
  const of = (rounds: Round[]) => rounds.map(({ perSecond }) => perSecond);
  const line = (name: string, rounds: Round[]) => [
    name,
    whole(median(of(rounds))),
    rounds === ours ? '' : ratioOf(of(ours), of(rounds)),
    median(rounds.map(({ p50 }) => p50)).toFixed(1),
    median(rounds.map(({ p99 }) => p99)).toFixed(1),
    ...[0, 1].map((i) => median(rounds.map(({ cpu }) => cpu[i] ?? 0)).toFixed(0)),
  ];
  const bare = (name: string, rates: number[]) => [
    name,
    whole(median(rates)),
    ratioOf(of(ours), rates),
    ...['', '', '', ''],
  ];
  const heads = ['events/s', 'ours : it', 'p50 ms', 'p99 ms', 'CPU µs/event: receiver', 'store'];
  const add = kind.batch === 1 ? 'add' : 'addBulk';
  return table([
    [kind.name, ...heads],
    line('pql-bridge, on disk', ours),
    ...(bulk.length > 0 ? [line(`express + BullMQ on Redis, ${add}, not on disk`, bulk)] : []),
    ...(each.length > 0 ? [line('express + BullMQ on Redis, add for each, not on disk', each)] : []),
    ...(values.length > 0
      ? [bare('the same rows, INSERT … VALUES of 1,000 rows into PostgreSQL', values)]
      : []),
    ...(all.length > 0 ? [bare('the same rows, columns as arrays, the cheapest form we know', all)] : []),
    ...(journal.length > 0 ? [bare('the events alone into one table of PostgreSQL', journal)] : []),
  ]);
}
