import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { SECOND } from '../../src/shared/time.ts';
import { type Attempt, type Balancer, balancer } from '../support/balancer.ts';
import { cutConnections } from '../support/cut.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { type Fleet, type Member, startFleet } from '../support/fleet.ts';
import { type RedisCluster, startRedisCluster } from '../support/redis-cluster.ts';
import { qualifying } from '../support/world.ts';

let database: TestDatabase;
let redis: RedisCluster | null;
let fleet: Fleet;
let sender: Balancer;

/** Two receivers, two workers and two schedulers; on three Redis masters with a replica each where there is a Redis. */
beforeAll(async () => {
  database = await testDatabase();
  redis = inject('redisServer') === null ? null : await startRedisCluster();
  const settings = { PQL_DRAIN_SECONDS: '2', ...(redis === null ? {} : { REDIS_URL: redis.url }) };
  fleet = await startFleet(database.url, settings);
  await Promise.all(
    (['receive', 'receive', 'work', 'work', 'schedule', 'schedule'] as const).map((role) => fleet.add(role)),
  );
  sender = balancer(of('receive').map(({ url }) => url));
}, 300_000);
afterAll(async () => {
  sender?.close();
  await fleet?.stop();
  redis?.stop();
  await database?.drop();
}, 60_000);

const of = (role: string): Member[] => fleet.members.filter((member) => member.role === role);

/** What was sent so far: accounts that must each have 85 points in the end, and the calls that were acknowledged. */
const sent = { accounts: [] as string[], calls: 0 };

/** One account after the other, call by call, until `over`. Repeats a call that was not taken, as senders do. */
async function traffic(name: string, over: () => boolean): Promise<Attempt[]> {
  const failures: Attempt[] = [];
  const lane = async (number: number) => {
    for (let i = 0; !over() || i < 2; i++) {
      const account = `${name}-${number}-${i}`;
      sent.accounts.push(account);
      for (const call of qualifying(account, { now: () => Date.now() })) {
        for (let answer = await sender.send(call); answer !== 200; answer = await sender.send(call)) {
          failures.push(answer);
          await sleep(200);
        }
        sent.calls += 1;
        await sleep(50);
      }
    }
  };
  await Promise.all([0, 1].map(lane));
  return failures;
}

/** Traffic goes on while `work` is done, and a moment longer. */
async function under(name: string, work: () => Promise<void>): Promise<Attempt[]> {
  let over = false;
  const [failures] = await Promise.all([
    traffic(name, () => over),
    sleep(SECOND)
      .then(work)
      .then(() => sleep(SECOND))
      .finally(() => {
        over = true;
      }),
  ]);
  return failures;
}

interface Status {
  idle: boolean;
  queues: { state: string };
  journal: { events: number };
}

async function status(): Promise<Status> {
  const [receiver] = of('receive');
  return (await (await fetch(`${receiver?.url}/api/v1/status`)).json()) as Status;
}

/** Everything that was sent, counted by what arrived: each event once, each account once in each CRM, with one task. */
async function allIsThere(): Promise<void> {
  await eventually(async () => (await status()).idle, 120_000);
  expect((await status()).journal.events).toBe(sent.calls);
  const scores = await database.db.query<{ key: string; value: number }>(
    'SELECT key, value FROM scores JOIN accounts ON accounts.id = account',
  );
  const accounts = [...sent.accounts].sort();
  expect(scores.rows.map(({ key, value }) => `${key} ${value}`).sort()).toEqual(
    accounts.map((key) => `${key} 85`),
  );
  const companies = await fleet.records<{ id: string; properties: Record<string, string> }>(
    'hubspot',
    'companies',
  );
  expect(
    companies.map(({ properties }) => `${properties.pql_account_id} ${properties.pql_score}`).sort(),
  ).toEqual(accounts.map((key) => `${key} 85`));
  const tasks = await fleet.records<{ associations: { companies: string[] } }>('hubspot', 'tasks');
  expect(tasks.flatMap(({ associations }) => associations.companies).sort()).toEqual(
    companies.map(({ id }) => id).sort(),
  );
  const made = await fleet.records<{ Id: string; PQL_Account_Id__c: string }>('salesforce', 'Account');
  expect(made.map((one) => one.PQL_Account_Id__c).sort()).toEqual(accounts);
  const sfTasks = await fleet.records<{ WhatId: string }>('salesforce', 'Task');
  expect(sfTasks.map(({ WhatId }) => WhatId).sort()).toEqual(made.map(({ Id }) => Id).sort());
}

describe('several processes of each role', () => {
  it('a rolling restart of both receivers and both workers: no error at the sender, every exit code 0, nothing lost, nothing twice', async () => {
    const codes: (number | null)[] = [];
    const failures = await under('rolling', async () => {
      for (const member of [...of('receive'), ...of('work')]) {
        codes.push(await member.stop());
        fleet.members.splice(fleet.members.indexOf(member), 1);
        await fleet.add(member.role, member.port);
        await eventually(() => sender.green() === of('receive').length);
      }
    });
    expect(failures).toEqual([]);
    expect(codes).toEqual([0, 0, 0, 0]);
    await allIsThere();
  }, 300_000);

  it('I1, I2, I6: a PostgreSQL that cuts every connection and takes none for two seconds: all come back by themselves', async () => {
    const failures = await under('cut', () => cutConnections(database.url, 2 * SECOND));
    expect(failures.filter((failure) => failure !== 503 && failure !== 'no receiver is ready')).toEqual([]);
    await allIsThere();
  }, 300_000);

  it('I7: the Redis master of the queue dies by SIGKILL: its replica takes over, the queue answers again, all work ends', async ({
    skip,
  }) => {
    const cluster = redis ?? skip();
    const failures = await under('failover', async () => {
      const killed = cluster.killMasterOf('{pql}:pql-wakeups:meta');
      await eventually(async () => (await status()).queues.state === 'ok', 30_000);
      expect(cluster.masterOf('{pql}:pql-wakeups:meta')).not.toBe(killed);
    });
    expect(failures).toEqual([]);
    await allIsThere();
  }, 300_000);
});
