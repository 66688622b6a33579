import { table, whole } from '../timing.ts';
import { cpuOf, postmasterOf } from './cpu.ts';
import { machine } from './machine.ts';
import { type Load, startLoad, startOwn, startRedis } from './programs.ts';
import { median, ratioOf } from './rounds.ts';
import { eventText } from './traffic.ts';
import { get, sendAll, startCrm, startWorld, until } from './world.ts';

const POPULATION = { accounts: 1000, peoplePerAccount: 3 };
const BATCH = 100;
const REQUESTS = 1200;
const EVENTS = BATCH * REQUESTS;
const CONNECTIONS = 8;
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);

interface Done {
  perSecond: number;
  calls: number;
  /** Companies whose score in the CRM is not the right one. */
  wrong: number;
  /** Processor time per event (microseconds): the service's process, its store's. The CRM's is not ours. */
  cpu: [service: number, store: number];
}

/**
 * Events per second from the first request until every account is scored and the CRM has taken the last write, in batches of
 * 100, beside the same thing as a user would write it (state in Redis, a job for each event, a CRM call for each change: of the
 * account's state, or, more cleverly, only of its number). All begin with nothing, and with the same companies in a CRM without latency. The service waits up to 5 s to score
 * several events of an account at once; that wait is part of its time.
 */
export async function flow(): Promise<void> {
  const expected = expectedScores();
  const load = startLoad();
  const ours: Done[] = [];
  const naive = { state: [] as Done[], score: [] as Done[] };
  try {
    for (let round = 0; round < ROUNDS; round++) {
      await load.prepare({ run: 'flow', from: 0, requests: REQUESTS, batch: BATCH, population: POPULATION });
      ours.push(await service(load, expected));
      for (const change of ['state', 'score'] as const) {
        const theirs = await naiveService(load, expected, change);
        naive[change].push(...(theirs === null ? [] : [theirs]));
      }
    }
  } finally {
    await load.stop();
  }
  const of = (done: Done[]) => done.map(({ perSecond }) => perSecond);
  const line = (name: string, done: Done[], ratio: string) => [
    name,
    whole(median(of(done))),
    ratio,
    whole(median(done.map(({ calls }) => calls))),
    whole(median(done.map(({ wrong }) => wrong))),
    ...[0, 1].map((i) => whole(median(done.map(({ cpu }) => cpu[i] ?? 0)))),
  ];
  const rows = [
    [
      `${whole(EVENTS)} events`,
      'events/s',
      'ours : it',
      'CRM calls',
      'wrong scores in the CRM',
      'CPU µs/event: service',
      'store',
    ],
  ];
  rows.push(line('pql-bridge', ours, ''));
  for (const [change, done] of Object.entries(naive)) {
    if (done.length > 0) {
      rows.push(
        line(
          `express + BullMQ + Redis, a call for each change of the ${change}`,
          done,
          ratioOf(of(ours), of(done)),
        ),
      );
    }
  }
  console.log(table(rows));
  console.log(machine());
}

async function service(load: Load, expected: Scores): Promise<Done> {
  const world = await startWorld({ acct: POPULATION.accounts });
  try {
    await world.idle(0);
    const began = await begin(world.crm.url, [world.service.pid, postmasterOf(world.postgres.dir)]);
    await sendAll(load, world.service.url, CONNECTIONS);
    await world.idle(EVENTS);
    const done = await ended(began, world.crm.url, expected);
    if (done.wrong > 0) {
      throw new Error(`${done.wrong} companies do not have the score that their events give`);
    }
    return done;
  } finally {
    await world.stop();
  }
}

async function naiveService(load: Load, expected: Scores, change: string): Promise<Done | null> {
  const redis = await startRedis();
  if (redis === null) {
    return null;
  }
  const crm = await startCrm({ acct: POPULATION.accounts });
  await makeField(crm.url);
  const naive = await startOwn('naive-flow.ts', [redis.url, crm.url, change]);
  try {
    const began = await begin(crm.url, [naive.pid, redis.pid]);
    await sendAll(load, naive.url, CONNECTIONS);
    await until(async () => (await get<{ idle: boolean }>(`${naive.url}/idle`)).idle);
    return await ended(began, crm.url, expected);
  } finally {
    for (const one of [naive, crm, redis]) {
      await one.stop();
    }
  }
}

async function makeField(crm: string): Promise<void> {
  await fetch(`${crm}/crm/v3/properties/companies`, {
    method: 'POST',
    headers: { authorization: 'Bearer pat-bench', 'content-type': 'application/json' },
    body: JSON.stringify({
      name: 'pql_score',
      label: 'Score',
      type: 'number',
      fieldType: 'number',
      groupName: 'companyinformation',
    }),
  });
}

interface Began {
  at: number;
  pids: [number, number];
  cpu: [number, number];
}

async function begin(crm: string, pids: [number, number]): Promise<Began> {
  await fetch(`${crm}/__sandbox/log`, { method: 'DELETE' });
  return { at: performance.now(), pids, cpu: [cpuOf(pids[0]), cpuOf(pids[1])] };
}

async function ended({ at, pids, cpu }: Began, crm: string, expected: Scores): Promise<Done> {
  const perSecond = (EVENTS * 1000) / (performance.now() - at);
  const used = (i: 0 | 1) => ((cpuOf(pids[i]) - cpu[i]) * 1e6) / EVENTS;
  const calls = await get<unknown[]>(`${crm}/__sandbox/calls`);
  const records = await get<{ properties: { name: string; pql_score?: string } }[]>(
    `${crm}/__sandbox/records/companies`,
  );
  const wrong = records.filter(({ properties }) => {
    const { name, pql_score } = properties;
    return (expected.get(name) ?? 0) !== Number(pql_score ?? 0);
  });
  return { perSecond, calls: calls.length, wrong: wrong.length, cpu: [used(0), used(1)] };
}

type Scores = ReadonlyMap<string, number>;

const ONCE: Record<string, number> = {
  'API Integration Created': 15,
  'Workflow Configured': 20,
  'Limit Breach Attempted': 25,
};

/** The behavioural points of the rubric, counted from what is sent: who asks it is neither contender. */
function expectedScores(): Scores {
  const seen = new Map<string, Set<string>>();
  for (let n = 0; n < EVENTS; n++) {
    const { event, properties, context } = JSON.parse(eventText('flow', n, 0, POPULATION));
    const deeds = seen.get(context.groupId) ?? new Set();
    seen.set(context.groupId, deeds.add(properties.invitee_email ?? event));
  }
  const points = (deeds: Set<string>) => {
    const invited = [...deeds].filter((deed) => deed.includes('@')).length;
    return [...deeds].reduce((sum, deed) => sum + (ONCE[deed] ?? 0), Math.min(20, invited * 5));
  };
  return new Map([...seen].map(([account, deeds]) => [account, points(deeds)]));
}
