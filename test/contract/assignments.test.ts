import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Asked, type Given, giveAll } from '../../src/decide/handoff/assign.ts';
import type { Team } from '../../src/decide/handoff/team.ts';
import type { Owner } from '../../src/decide/owner.ts';
import { DAY, isoInstant } from '../../src/shared/time.ts';
import { actionId, noteConnection } from '../../src/store/connections.ts';
import { hashId, inTransaction } from '../../src/store/db.ts';
import { joinAssignments, separateAssignments } from '../../src/store/handoff/joining.ts';
import { ownerReport } from '../../src/store/handoff/report.ts';
import { postgresOutbox } from '../../src/store/outbox.ts';
import { thin } from '../../src/store/retention/thin.ts';
import { queueActs } from '../support/acts.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { emptyRecord } from '../support/empty.ts';
import { MONDAY, mail, owner, person, pool, question, team } from '../support/team.ts';

const HUBSPOT = { crm: 'hubspot', connection: 'hubspot:1' } as const;
const SALESFORCE = { crm: 'salesforce', connection: 'salesforce:1' } as const;
type Connection = typeof HUBSPOT | typeof SALESFORCE;

let database: TestDatabase;
let now: number;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  now = MONDAY;
  await emptyRecord(database.db);
  for (const { crm, connection } of [HUBSPOT, SALESFORCE]) {
    await noteConnection(database.db, crm, connection, now);
  }
});

interface Task {
  account: string;
  /** Of several crossings of one account. */
  n?: number;
}

const keyOf = ({ account, n = 1 }: Task) => `t:${account}#${n}`;

/** Tasks as one CRM's worker has them before it calls the CRM. */
async function give(
  of: Team,
  { crm, connection }: Connection,
  tasks: readonly Task[],
  over: (task: Task) => Partial<Asked> = () => ({}),
  directory: readonly Owner[] = ['ann', 'bo', 'cy'].map((name) => owner(name, { id: `${crm}-${name}` })),
): Promise<string[]> {
  const acts = tasks.map((task) => ({ key: keyOf(task), account: task.account, kind: 'task', payload: {} }));
  await queueActs(database.db, { crm, connection }, acts);
  const asked = tasks.map(
    (task): Asked => ({
      ...question({ team: of, directory }),
      id: actionId(connection, keyOf(task)),
      accountId: hashId(task.account),
      account: task.account,
      ...over(task),
    }),
  );
  const outbox = postgresOutbox(
    database.db,
    () => now,
    () => now,
  );
  return (await outbox.giveTasks(connection, { asked, team: of, directory }, giveAll)).map(nameOf);
}

function nameOf({ choice }: Given): string {
  return choice.found ? choice.owner.name.replace('@acme.example', '') : 'nobody';
}

const tasks = (...accounts: string[]) => accounts.map((account) => ({ account }));

async function rows<T extends object>(sql: string): Promise<T[]> {
  return (await database.db.query<T>(sql)).rows;
}

/** `account person`, and `released` for those who have it no more. */
async function assignments(): Promise<string[]> {
  const found = await rows<{ account: string; person: string; released_why: string | null }>(
    'SELECT account, person, released_why FROM assignments ORDER BY id',
  );
  const names = new Map(['a', 'b', 'c', 'd'].map((name) => [hashId(name), name]));
  return found.map(
    ({ account, person: who, released_why: why }) =>
      `${names.get(account)} ${who.replace('@acme.example', '')}${why === null ? '' : ' released'}`,
  );
}

describe('an account has one person of a pool', () => {
  const SDR = team([pool(['ann', 'bo', 'cy'])]);

  it('the same in both CRMs, under the id that each knows, and the task counts once', async () => {
    expect(await give(SDR, HUBSPOT, tasks('a', 'b'))).toEqual(['ann', 'bo']);
    expect(await give(SDR, SALESFORCE, tasks('b', 'a', 'c'))).toEqual(['bo', 'ann', 'cy']);
    expect(await assignments()).toEqual(['a ann', 'b bo', 'c cy']);
    const owners = await rows(`SELECT owner ->> 'id' AS id FROM actions ORDER BY owner ->> 'id'`);
    expect(owners.map((one) => (one as { id: string }).id)).toEqual([
      'hubspot-ann',
      'hubspot-bo',
      'salesforce-ann',
      'salesforce-bo',
      'salesforce-cy',
    ]);
    const report = await ownerReport(database.db, SDR, now);
    expect(report.map(({ person: who, open, week }) => [who, open, week])).toEqual([
      [mail('ann'), 1, 1],
      [mail('bo'), 1, 1],
      [mail('cy'), 1, 1],
    ]);
  });

  it('across crossings, weeks later, although others waited longer', async () => {
    await give(SDR, HUBSPOT, tasks('a'));
    now += 40 * DAY;
    expect(await give(SDR, HUBSPOT, [{ account: 'a', n: 2 }])).toEqual(['ann']);
    expect(await assignments()).toEqual(['a ann']);
  });

  it('until they cannot take it: the next one has it from then on, and the record says why', async () => {
    await give(SDR, HUBSPOT, tasks('a'));
    const out = team(
      [pool(['ann', 'bo', 'cy'])],
      [person('ann', { out: [{ from: '2026-03-01', to: '2026-03-09' }] })],
    );
    expect(await give(out, HUBSPOT, [{ account: 'a', n: 2 }])).toEqual(['bo']);
    expect(await assignments()).toEqual(['a ann released', 'a bo']);
    const [first] = await rows<{ released_why: string }>('SELECT released_why FROM assignments ORDER BY id');
    expect(first?.released_why).toBe(
      `goes to ${mail('bo')}: next in turn of the pool sdr; ${mail('ann')} out until 2026-03-09`,
    );
    now += 20 * DAY;
    expect(await give(out, HUBSPOT, [{ account: 'a', n: 3 }])).toEqual(['bo']);
  });

  it('somebody whom the CRM refuses loses it, in the same round, and their week is free of it', async () => {
    const one = team([pool(['ann', 'bo'], { aWeek: 1 })]);
    await give(one, HUBSPOT, tasks('a'));
    expect(await give(one, HUBSPOT, tasks('a'), () => ({ refused: new Set(['hubspot-ann']) }))).toEqual([
      'bo',
    ]);
    expect(await give(one, HUBSPOT, tasks('b'))).toEqual(['ann']);
    expect(await assignments()).toEqual(['a ann released', 'a bo', 'b ann']);
  });

  it('of two tasks of one account in a batch, of which only one is refused, the last has the account', async () => {
    const refused = ({ n }: Task) => ({ refused: new Set(n === 2 ? ['hubspot-ann'] : []) });
    const both = [{ account: 'a' }, { account: 'a', n: 2 }];
    expect(await give(SDR, HUBSPOT, both, refused)).toEqual(['ann', 'bo']);
    expect(await assignments()).toEqual(['a bo']);
  });

  it('whom the other CRM lacked comes last, for as long as that is remembered', async () => {
    const without = [owner('bo', { id: 's-bo' }), owner('cy', { id: 's-cy', active: false })];
    expect(await give(SDR, SALESFORCE, tasks('a'), () => ({ directory: without }), without)).toEqual(['bo']);
    expect(await give(SDR, HUBSPOT, tasks('b'))).toEqual(['bo']);
    now += 8 * DAY;
    expect(await give(SDR, HUBSPOT, tasks('c'))).toEqual(['ann']);
    const [ann, , cy] = await ownerReport(database.db, SDR, now);
    expect([ann?.crm, cy?.crm]).toEqual([
      { hubspot: 'active', salesforce: 'unknown' },
      { hubspot: 'active', salesforce: 'inactive' },
    ]);
  });
});

describe('a week takes so many', () => {
  it('two workers and two CRMs at once on one pool: nobody is over, and everybody is full before one is left out', async () => {
    const of = team([pool(['ann', 'bo', 'cy'], { aWeek: 4 })]);
    const batches = Array.from({ length: 6 }, (_, i) => tasks(...[0, 1, 2].map((j) => `acct-${i}-${j}`)));
    const given = await Promise.all(
      batches.map((batch, i) => give(of, i % 2 === 0 ? HUBSPOT : SALESFORCE, batch)),
    );
    const counts = Object.groupBy(given.flat(), String);
    expect(Object.entries(counts).map(([name, of]) => [name, of?.length])).toEqual(
      expect.arrayContaining([
        ['ann', 4],
        ['bo', 4],
        ['cy', 4],
        ['nobody', 6],
      ]),
    );
  });

  it('is counted anew from Monday on, over all pools, and only what stands', async () => {
    const of = team([pool(['ann'], { aWeek: 2 }), pool(['ann'], { id: 'ae', aWeek: 2 })]);
    const ae = () => ({ steps: [{ kind: 'pool' as const, pool: 'ae', why: '' }] });
    expect(await give(of, HUBSPOT, tasks('a'))).toEqual(['ann']);
    expect(await give(of, HUBSPOT, tasks('b'), ae)).toEqual(['ann']);
    expect(await give(of, HUBSPOT, tasks('c'))).toEqual(['nobody']);
    await database.db.query(`UPDATE actions SET state = 'skipped' WHERE key = $1`, [keyOf({ account: 'a' })]);
    expect(await give(of, HUBSPOT, tasks('c'))).toEqual(['ann']);
    expect(await give(of, HUBSPOT, tasks('d'))).toEqual(['nobody']);
    now += 7 * DAY;
    expect(await give(of, HUBSPOT, tasks('d'))).toEqual(['ann']);
  });
});

it('the fewest open tasks: one that somebody acted on, that was closed, or that is a month old is open no more', async () => {
  const of = team([pool(['ann', 'bo'], { pick: 'least_loaded' })]);
  const open = async () =>
    (await ownerReport(database.db, of, now))
      .map(({ person: who, open: count }) => `${who[0]}${count}`)
      .join(' ');
  await give(of, HUBSPOT, tasks('a', 'b', 'c', 'd'));
  expect(await open()).toBe('a2 b2');
  await database.db.query(
    `INSERT INTO touches (connection, id, account, kind, side, at, seen_at) VALUES
       ('hubspot:1', '1', $1, 'call', 'ours', $3, $3), ('hubspot:1', '2', $2, 'email', 'theirs', $3, $3)`,
    [hashId('a'), hashId('b'), isoInstant(now + 1)],
  );
  expect(await open()).toBe('a1 b2');
  await queueActs(database.db, HUBSPOT, [{ key: 'x:b', account: 'b', kind: 'close', payload: {} }]);
  await database.db.query(`UPDATE actions SET created_at = $1 WHERE kind = 'close'`, [isoInstant(now + 1)]);
  expect(await open()).toBe('a1 b1');
  now += 31 * DAY;
  expect(await open()).toBe('a0 b0');
});

it('I6: who was chosen is written down before the CRM hears of it: whoever dies then finds the same choice', async () => {
  const of = team([pool(['ann', 'bo'])]);
  await give(of, HUBSPOT, tasks('a'));
  const later = now + DAY;
  const [claimed] = await postgresOutbox(
    database.db,
    () => later,
    () => later,
  ).claimTasks(HUBSPOT.connection, 10);
  expect(claimed?.owner).toMatchObject({ id: 'hubspot-ann', person: mail('ann'), pool: 'sdr' });
});

describe('accounts that become one', () => {
  const of = team([pool(['ann', 'bo'])]);
  const join = (from: string, to: string) =>
    inTransaction(database.db, (tx) => joinAssignments(tx, hashId(from), hashId(to)));

  it.each([
    ['the heir had its person for longer', 'b', 'a', ['a ann', 'a bo released']],
    ['the one that ends had its person for longer', 'a', 'b', ['b ann', 'b bo released']],
    ['only the one that ends has a person', 'a', 'c', ['c ann', 'b bo']],
  ])('%s: who had theirs for longer keeps both', async (_title, from, to, expected) => {
    await give(of, HUBSPOT, tasks('a', 'b'));
    await join(from, to);
    expect(await assignments()).toEqual(expected);
  });

  it('separated again, each has its own person again', async () => {
    await give(of, HUBSPOT, tasks('a', 'b'));
    const ids = await rows<{ id: number }>('SELECT id FROM assignments ORDER BY id');
    await join('a', 'b');
    await inTransaction(database.db, (tx) =>
      separateAssignments(tx, [ids[0]?.id ?? 0], hashId('a'), hashId('b')),
    );
    expect(await assignments()).toEqual(['a ann', 'b bo']);
  });
});

it('retention drops who had an account once, and never who has it', async () => {
  const of = team([pool(['ann', 'bo'])]);
  await give(of, HUBSPOT, tasks('a'));
  await give(of, HUBSPOT, tasks('a'), () => ({ refused: new Set(['hubspot-ann']) }));
  const life = { stopping: false };
  const at = (days: number) => ({
    db: database.db,
    now: () => now + days * DAY,
    historyDays: 30,
    days: 400,
    life,
  });
  await thin(at(29));
  expect(await assignments()).toEqual(['a ann released', 'a bo']);
  await thin(at(31));
  expect(await assignments()).toEqual(['a bo']);
});
