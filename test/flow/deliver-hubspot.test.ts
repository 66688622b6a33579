import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DesiredFields } from '../../src/decide/desired.ts';
import { NO_TEAM, type Person } from '../../src/decide/handoff/team.ts';
import type { OwnerStep } from '../../src/decide/owner.ts';
import { badAnswers } from '../../src/sandbox/hubspot/index.ts';
import { MINUTE } from '../../src/shared/time.ts';
import { noteConnection, noteUnreachable } from '../../src/store/connections.ts';
import { type Db, hashId } from '../../src/store/db.ts';
import { postgresOutbox } from '../../src/store/outbox.ts';
import { storeStatus } from '../../src/store/read/status.ts';
import { deliver } from '../../src/sync/deliver.ts';
import { FIELDS, NOON, type World, world } from '../contract/hubspot-world.ts';
import { queueActs } from '../support/acts.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { person, pool, team } from '../support/team.ts';

const CONNECTION = 'hubspot:20000001';
const CONTACTS = '/crm/v3/objects/contacts/batch/create';

let database: TestDatabase;
let db: Db;
let open: World;
let now: number;

beforeEach(async () => {
  database = await testDatabase();
  db = database.db;
  open = await world({ fields: FIELDS });
  now = NOON;
  await noteConnection(db, 'hubspot', CONNECTION, now);
});
afterEach(async () => {
  await open.close();
  await database.drop();
});

const act = (connection: string, kind: string, key: string, payload: object) =>
  queueActs(db, { crm: 'hubspot', connection }, [{ key, account: 'acct-7', kind, payload }]);

/** An account that has just crossed: its company, its one person, and the task about that person. */
async function crossing(connection = CONNECTION, owners: OwnerStep[] = []): Promise<void> {
  const record = { create: true, fields: { pql_score: 85 }, stamps: [] };
  const fields: DesiredFields = {
    account: { ...record, ref: 'acct-7', lookup: 'initech.example', onCreate: { name: 'Initech' } },
    people: [{ ...record, ref: 'u:peter', lookup: 'peter@initech.example', onCreate: {} }],
  };
  await act(connection, 'fields', 'f', fields);
  const task = { subject: 's', body: 'b', dueAt: NOON, priority: 'high', person: 'u:peter' };
  await act(connection, 'task', 't', { ...task, crmKey: 'pql-t', owners });
}

async function drain(
  until: () => Promise<boolean>,
  tries = 400,
  { of = NO_TEAM, connector = open.crm } = {},
): Promise<void> {
  const outbox = postgresOutbox(
    db,
    () => now,
    () => now,
  );
  const clocks = { now: () => now, realNow: () => now, random: () => 0 };
  const deps = { outbox, connector, connection: CONNECTION, team: () => of, ...clocks };
  for (let i = 0; i < tries && !(await until()); i++) {
    now += (await deliver(deps)) ?? 0;
  }
}

const stateOf = async (key: string) =>
  (await db.query<{ state: string }>('SELECT state FROM actions WHERE key = $1', [key])).rows[0]?.state;

const taskDone = async () => (await stateOf('t')) === 'done';

const contactsOfTask = () => open.sandbox.records('tasks').map(({ associations }) => associations.contacts);

describe('a task names its person', () => {
  it('also when the contact took several attempts to make', async () => {
    await crossing();
    for (const answer of [badAnswers.badGateway(), badAnswers.lostAfter(), badAnswers.badGateway()]) {
      open.sandbox.faults.add({ path: CONTACTS, ...answer });
    }
    await drain(taskDone);
    expect(contactsOfTask()).toEqual([[open.sandbox.records('contacts')[0]?.id]]);
  });

  it('but does not wait for ever for a contact that HubSpot cannot make', async () => {
    await crossing();
    for (let i = 0; i < 30; i++) {
      open.sandbox.faults.add({ path: CONTACTS, ...badAnswers.badGateway() });
    }
    await drain(taskDone);
    expect(open.sandbox.records('tasks')).toHaveLength(1);
    expect(await stateOf('f')).toBe('waiting');
  });
});

describe('I6: a task that is perhaps there, in a portal that keeps no key of tasks unique', () => {
  it('is looked for, although the owners could not be read in between', async () => {
    await open.close();
    open = await world({ fields: FIELDS.filter(({ object }) => object !== 'task') });
    await crossing(CONNECTION, [{ kind: 'account_owner' }]);
    open.sandbox.faults.add({ path: '*/tasks/batch/create', ...badAnswers.lostAfter() });
    await drain(async () => open.sandbox.records('tasks').length > 0);
    open.sandbox.faults.add({ path: '*/companies/batch/read', ...badAnswers.badGateway() });
    for (let i = 0; i < 100 && !(await taskDone()); i++) {
      open.clock.advance(MINUTE);
      now = Math.max(now, open.clock.now());
      await drain(taskDone, 1);
    }
    expect(await stateOf('t')).toBe('done');
    expect(open.sandbox.records('tasks')).toHaveLength(1);
  });
});

describe('a task whose owner HubSpot refuses', () => {
  const oneOf = (...names: string[]): OwnerStep => ({ kind: 'people', names, why: 'of a pool' });
  /** Gone since the connector read who is there. */
  async function leaves(email: string): Promise<void> {
    await open.crm.tasks.owners([], []);
    for (const owner of open.sandbox.owners.filter((one) => one.email === email)) {
      owner.archived = true;
    }
  }
  const reason = async () =>
    (await db.query<{ reason: string }>("SELECT reason FROM actions WHERE key = 't'")).rows[0]?.reason;

  it('goes to the next of the chain, in the same round', async () => {
    await leaves('ada.rep@sandbox.example');
    await crossing(CONNECTION, [oneOf('ada.rep@sandbox.example'), oneOf('ben.rep@sandbox.example')]);
    await drain(taskDone);
    expect(open.sandbox.records('tasks').map(({ properties }) => properties.hubspot_owner_id)).toEqual([
      '102',
    ]);
    expect(await reason()).toContain('ben.rep@sandbox.example: of a pool; ada.rep@sandbox.example inactive');
  });

  it('is parked when nobody is left and the chain has a fallback, and made without an owner when it has none', async () => {
    await leaves('ada.rep@sandbox.example');
    const last: OwnerStep = { kind: 'fallback', name: 'ada.rep@sandbox.example' };
    await crossing(CONNECTION, [{ kind: 'account_owner' }, last]);
    await drain(async () => (await stateOf('t')) === 'parked');
    expect(open.sandbox.records('tasks')).toEqual([]);
    expect(await reason()).toMatch(/nobody can take the task: the account has no owner; ada.rep.* inactive/);
    const owners = [{ kind: 'account_owner' }, oneOf('ada.rep@sandbox.example')];
    await db.query(
      "UPDATE actions SET state = 'waiting', payload = (payload::jsonb || jsonb_build_object('owners', $1::jsonb))::json WHERE key = 't'",
      [JSON.stringify(owners)],
    );
    await drain(taskDone);
    expect(open.sandbox.records('tasks')[0]?.properties.hubspot_owner_id ?? '').toBe('');
    expect(await reason()).toContain('no owner: the account has no owner');
  });
});

describe('I6: a process dies between choosing an owner and hearing of the task', () => {
  const ada = 'ada.rep@sandbox.example';
  const ben = 'ben.rep@sandbox.example';
  const out = [{ from: '2000-01-01', to: '2100-01-01' }];
  const sdr = (...people: Person[]) => team([{ ...pool([]), people: [ada, ben] }], people);

  const toPool = () => crossing(CONNECTION, [{ kind: 'pool', pool: 'sdr', why: '' }]);
  const task = async () =>
    (
      await db.query<{ name: string | null; reason: string }>(
        `SELECT owner ->> 'name' AS name, reason FROM actions WHERE key = 't'`,
      )
    ).rows[0];
  const tasksOf = () => open.sandbox.records('tasks').map(({ properties }) => properties.hubspot_owner_id);

  it.each(['before', 'after'] as const)(
    '%s it was made: whoever was chosen keeps it, whatever changed meanwhile',
    async (when) => {
      await toPool();
      const dies: typeof open.crm = Object.assign(Object.create(open.crm), {
        createTasks: async (changes: Parameters<typeof open.crm.createTasks>[0]) => {
          if (when === 'after') {
            await open.crm.createTasks(changes);
          }
          throw new Error('killed');
        },
      });
      await expect(drain(taskDone, 20, { of: sdr(), connector: dies })).rejects.toThrow('killed');
      now += 2 * MINUTE;
      await drain(taskDone, 20, { of: sdr({ ...person(''), email: ada, out }) });
      expect(tasksOf()).toEqual(['101']);
      expect((await task())?.name).toBe(ada);
      const assigned = await db.query('SELECT person FROM assignments WHERE released_at IS NULL');
      expect(assigned.rows).toEqual([{ person: ada }]);
    },
  );

  it('when it is certain that none was made, whoever is out by then is passed over', async () => {
    await toPool();
    const path = '/crm/v3/objects/tasks/batch/create';
    open.sandbox.faults.add({ path, times: 'always', ...badAnswers.secondlyLimit() });
    await drain(async () => (await task())?.name === ada, 20, { of: sdr() });
    open.sandbox.faults.clear();
    await drain(taskDone, 20, { of: sdr({ ...person(''), email: ada, out }) });
    expect(tasksOf()).toEqual(['102']);
    expect((await task())?.reason).toContain(`${ada} out until 2100-01-01`);
  });
});

describe('a company that somebody deleted', () => {
  it('is made again with its people under it, and nothing is made twice', async () => {
    await crossing();
    await drain(taskDone);
    const idsOf = (object: 'companies' | 'contacts') => open.sandbox.records(object).map(({ id }) => id);
    const [company] = idsOf('companies');
    const people = idsOf('contacts');
    open.sandbox.archive('companies', company ?? '');
    await db.query(
      `UPDATE actions SET state = 'waiting', payload = replace(payload::text, '85', '90')::json WHERE kind = 'fields'`,
    );
    await drain(async () => (await stateOf('f')) === 'done');
    const companies = idsOf('companies');
    expect(companies).toHaveLength(1);
    expect(companies).not.toEqual([company]);
    expect(idsOf('contacts')).toEqual(people);
    expect(open.sandbox.records('contacts')[0]).toMatchObject({
      properties: { pql_score: '90' },
      associations: { companies },
    });
    expect(open.sandbox.records('tasks')).toHaveLength(1);
  });
});

describe('an account that the CRM was found not to have', () => {
  const companyOf = (lookup: string | null): DesiredFields => ({
    account: { ref: 'acct-7', lookup, create: false, fields: { pql_score: 30 }, onCreate: {}, stamps: [] },
    people: [],
  });
  const calls = () => open.sandbox.calls().length;

  it('is looked for again once its domain is known, and not while nothing new is', async () => {
    const [company] = open.sandbox.seed([
      { object: 'companies', properties: { name: 'Initech', domain: 'initech.example' } },
    ]);
    const settled = async () => (await stateOf('f')) !== 'waiting';
    await act(CONNECTION, 'fields', 'f', companyOf(null));
    await drain(settled);
    expect(await stateOf('f')).toBe('skipped');
    const change = async (payload: DesiredFields) => {
      await db.query(`UPDATE actions SET state = 'waiting', payload = $1`, [JSON.stringify(payload)]);
      await drain(settled);
    };
    const before = calls();
    await change(companyOf(null));
    expect(calls()).toBe(before);
    await change(companyOf('initech.example'));
    expect(await stateOf('f')).toBe('done');
    const [found] = open.sandbox.records('companies');
    expect(found).toMatchObject({ id: company, properties: { pql_score: '30', pql_account_id: 'acct-7' } });
  });
});

describe('the status of a connection', () => {
  const status = async (at: number) => (await storeStatus(db, new Date(at), '', new Date(at))).crm.hubspot;

  it('shows a pause until its time has come, and not after', async () => {
    const outbox = postgresOutbox(
      db,
      () => now,
      () => now,
    );
    await outbox.pause(CONNECTION, NOON + 60_000, 'unauthorized', 'the token is not accepted');
    expect(await status(NOON)).toMatchObject({
      paused: expect.stringContaining('token'),
      pausedBy: 'unauthorized',
    });
    expect(await status(NOON + 60_000)).toMatchObject({ paused: null, pausedBy: null });
  });

  it('shows a CRM that was never reached, with the reason and what waits for it', async () => {
    await db.query('DELETE FROM connections');
    await noteUnreachable(db, 'hubspot', NOON + 20_000, NOON, { code: 'unreachable', reason: 'HTTP 401' });
    await crossing('hubspot:pending');
    expect(await status(NOON)).toMatchObject({
      connection: 'hubspot:pending',
      waiting: 2,
      pausedBy: 'unreachable',
      paused: expect.stringContaining('HTTP 401'),
    });
    await noteConnection(db, 'hubspot', CONNECTION, NOON);
    expect(await status(NOON)).toMatchObject({ connection: CONNECTION, waiting: 2, paused: null });
  });
});

describe('another portal', () => {
  it('has every account scored once, so that it gets what it does not know; the same portal has not', async () => {
    await crossing();
    const dirty = async () => (await db.query('SELECT account, act FROM dirty_accounts')).rows;
    await noteConnection(db, 'hubspot', CONNECTION, NOON);
    expect(await dirty()).toEqual([]);
    await noteConnection(db, 'hubspot', 'hubspot:2', NOON);
    expect(await dirty()).toEqual([{ account: hashId('acct-7'), act: true }]);
  });
});
