import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MEMBER_LENGTH } from '../../src/accounts/state.ts';
import type { ProductEvent } from '../../src/events/event.ts';
import { appendEntries } from '../../src/events/journal.ts';
import { hashId, inTransaction, type Tx } from '../../src/store/db.ts';
import { foldInbox } from '../../src/store/fold/index.ts';
import { hurry, waitAfter } from '../../src/store/forget/failed.ts';
import { askToForget, forgettingPlan, listForgettings } from '../../src/store/forget/index.ts';
import { runForgettings } from '../../src/store/forget/steps.ts';
import { postgresJournal } from '../../src/store/journal/index.ts';
import { mergeAccounts, unmergeAccount } from '../../src/store/merge/index.ts';
import { postgresOutbox } from '../../src/store/outbox.ts';
import { storeStatus } from '../../src/store/read/status.ts';
import { wakingForget } from '../../src/wiring/http-deps.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { event, group, identify, NOON } from '../support/event.ts';
import { type Folding, foldingOn } from '../support/folding.ts';
import { shippedRules } from '../support/shipped.ts';
import { tracesOf } from '../support/traces.ts';

const BO = 'usr-bo-4711';
const MAIL = 'bo.berg@acme.example';
const NEEDLES = [BO, MAIL];
const BY = { author: 'ann', reason: 'asked' };

let database: TestDatabase;
let folding: Folding;
// A process never forgets whom it must not know: each test has a database of its own.
beforeEach(async () => {
  database = await testDatabase();
  folding = foldingOn(database, shippedRules());
});
afterEach(() => database.drop());

const traces = () => tracesOf(database.db, NEEDLES);
const ask = (given = BO) => askToForget(database.db, given, [], BY, NOON);

function history(): ProductEvent[] {
  return [
    identify({ email: MAIL, name: 'Bo' }, { userId: BO }),
    group('acme', { name: 'Acme', csm: MAIL }, { userId: BO }),
    event({ userId: BO, accountId: 'acme', anonymousId: 'dev-bo-1' }),
    event({ userId: 'usr-ann', accountId: 'acme', name: 'Invite Sent', properties: { invitee_email: MAIL } }),
  ];
}

it('I12: promises of first contact: those of a personal account go with it, and an owner of that address is a hash', async () => {
  await folding.arrive([event({ userId: BO }), event({ userId: 'usr-kim', accountId: 'acme' })]);
  await database.db.query(
    `INSERT INTO clocks (account, model, tier, n, rule, route, crossed_at, warn_at, due_at, owner)
     SELECT id, 'm', 'hot', 1, 'any', 'AE', now(), now(), now(), $1 FROM accounts`,
    [BO],
  );
  const clocks = async () => (await database.db.query('SELECT owner FROM clocks')).rows;
  expect(await clocks()).toHaveLength(2);
  await ask();
  await runForgettings(folding.deps);
  expect(await traces()).toEqual([]);
  expect(await clocks()).toEqual([{ owner: expect.not.stringContaining(BO) }]);
});

describe('I12: killed in between', () => {
  it.each([
    ['after it was asked for', 0],
    ['after the tombstones', 1],
    ['after the person’s own rows', 2],
  ])('%s: the next process ends it, and nothing is left', async (_title, steps) => {
    await folding.arrive(history());
    const id = await ask();
    await dyingAfter(steps, id);
    expect((await listForgettings(database.db, 1, id))[0]?.step).not.toBe('done');
    expect(await runForgettings(folding.deps)).toBe(1);
    expect(await traces()).toEqual([]);
    expect(await runForgettings(folding.deps)).toBe(0);
  });

  /** Runs on a clock that throws, and on a database that refuses a step, as a killed process would leave it. */
  async function dyingAfter(steps: number, id: number): Promise<void> {
    const states = ['removing', 'mentions', 'done'];
    const dies = `CREATE FUNCTION dies() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'killed'; END $$`;
    await database.db.query(dies);
    await database.db.query(
      `CREATE TRIGGER dies BEFORE UPDATE ON forgettings FOR EACH ROW WHEN (NEW.step = '${states[steps]}') EXECUTE FUNCTION dies()`,
    );
    await expect(runForgettings(folding.deps, id)).rejects.toThrow('killed');
    await database.db.query('DROP FUNCTION dies CASCADE');
    // A process that is killed notes no failure: there is nothing to wait for.
    await hurry(database.db);
  }
});

describe('I12: a forgetting that meets work under way', () => {
  it('events that a receiver is writing: whoever wrote before is cleaned, whoever comes after is refused', async () => {
    const journal = postgresJournal(database.db);
    await folding.arrive(history());
    await ask();
    let stop = false;
    let sent = 0;
    const receiver = (async () => {
      while (!stop) {
        await appendEntries(journal, [
          { type: 'event', event: event({ userId: BO, accountId: 'acme' }) },
          { type: 'event', event: event({ userId: 'usr-ann', properties: { to: MAIL } }) },
        ]);
        sent += 1;
      }
    })();
    const folds = (async () => {
      while (!stop) {
        await foldInbox(folding.deps, 20);
      }
    })();
    await runForgettings(folding.deps);
    stop = true;
    await Promise.all([receiver, folds]);
    await folding.work(100);
    expect(sent).toBeGreaterThan(0);
    expect(await traces()).toEqual([]);
    const kept = await database.db.query<{ count: number }>(
      'SELECT count(*) FROM events WHERE event::text ~ $1',
      ['usr-ann'],
    );
    expect(kept.rows[0]?.count).toBe(sent + 1);
  });

  it('events that wait unfolded go too, whatever they are known by', async () => {
    await folding.receive(history());
    await folding.receive([event({ userId: null, anonymousId: 'dev-new', email: MAIL })]);
    await ask(MAIL);
    await ask();
    await runForgettings(folding.deps);
    await folding.work(100);
    expect(await traces()).toEqual([]);
    expect(await tracesOf(database.db, ['dev-new'])).toEqual([]);
  });

  it('a delivery that returns with a link and with a CRM’s words: neither names them afterwards', async () => {
    await folding.arrive(history());
    await ask();
    await runForgettings(folding.deps);
    const account = '00000000-0000-0000-0000-000000000001';
    const outbox = postgresOutbox(
      database.db,
      () => NOON,
      () => NOON,
    );
    const link = { account, crmId: '501', acknowledged: {}, note: null };
    await outbox.settle(
      'hubspot:1',
      [],
      [
        { ...link, object: 'person', ref: `u:${BO}` },
        { ...link, object: 'account', ref: 'acme', acknowledged: { csm: MAIL } },
      ],
    );
    expect(await traces()).toEqual([]);
    const kept = await database.db.query('SELECT ref FROM crm_records');
    expect(kept.rows).toEqual([{ ref: 'acme' }]);
  });

  it('an assessment that had read them: its rows are waited for, and go', async () => {
    await folding.arrive([...history().slice(0, 3), event({ userId: 'usr-ann', accountId: 'acme' })]);
    const { id } = (await database.db.query<{ id: string }>(`SELECT id FROM accounts WHERE key = 'acme'`))
      .rows[0] ?? { id: '' };
    let forgetting: Promise<number> = Promise.resolve(0);
    await inTransaction(database.db, async (tx: Tx) => {
      await tx.query('SELECT 1 FROM dirty_accounts WHERE account = $1 FOR UPDATE', [id]);
      await ask();
      forgetting = runForgettings(folding.deps);
      await new Promise((resolve) => setTimeout(resolve, 300));
      await tx.query(
        `INSERT INTO scores (account, model, version, value, tier, computed_at, data_through, changed_at, evaluation, standing)
         VALUES ($1, 'm', 'v', 1, 't', now(), now(), now(), $2, '{}')`,
        [id, JSON.stringify({ evidence: { users: [`u:${BO}`] } })],
      );
      await tx.query('DELETE FROM dirty_accounts WHERE account = $1', [id]);
    });
    expect(await forgetting).toBe(1);
    expect(await traces()).toEqual([]);
  });
});

describe('I12: whose it is', () => {
  it('a device that others share stays theirs, without what the forgotten person did on it', async () => {
    const on = (userId: string | null, at: number) =>
      event({ userId, anonymousId: 'dev-shared', at: NOON + at });
    await folding.arrive([on(BO, 0), on(null, -10), on('usr-ann', 100), on(null, 90)]);
    await ask();
    await runForgettings(folding.deps);
    expect(await traces()).toEqual([]);
    const { rows } = await database.db.query<{ users: string[]; last_link_user: string }>(
      'SELECT users, last_link_user FROM anonymous_ids',
    );
    expect(rows).toEqual([{ users: ['usr-ann'], last_link_user: 'usr-ann' }]);
    await folding.arrive([on(null, 200)]);
    expect(await folding.people()).toEqual({ 'person:usr-ann': ['u:usr-ann'] });
  });

  it('an address that somebody else has too is kept, unless it was named: then both go', async () => {
    const twin = identify({ email: MAIL }, { userId: 'usr-twin-2' });
    await folding.arrive([...history(), twin]);
    await ask();
    await runForgettings(folding.deps);
    expect(await tracesOf(database.db, [BO])).toEqual([]);
    expect((await tracesOf(database.db, [MAIL])).length).toBeGreaterThan(0);
    await ask(MAIL);
    await runForgettings(folding.deps);
    expect(await tracesOf(database.db, [BO, MAIL, 'usr-twin-2'])).toEqual([]);
  });

  it('a plan changes nothing, and one asked for twice is done twice without harm', async () => {
    await folding.arrive(history());
    const before = await traces();
    const { who, removed } = await forgettingPlan(database.db, folding.deps, 'dev-bo-1', []);
    expect([who.users, who.anonymous, who.emails, removed.events]).toEqual([[BO], ['dev-bo-1'], [MAIL], 3]);
    expect(await traces()).toEqual(before);
    await ask();
    await ask();
    expect(await runForgettings(folding.deps)).toBe(2);
    expect(await traces()).toEqual([]);
  });
});

describe('I12: accounts that an operator merged', () => {
  it('what was kept for a separation names them no more, and the separation still works', async () => {
    await folding.arrive([
      ...history(),
      group('globex', {}, { userId: 'usr-eve' }),
      identify({ email: 'e@globex.example' }, { userId: 'usr-eve' }),
    ]);
    await database.db.query(
      `INSERT INTO scores (account, model, version, value, tier, computed_at, data_through, changed_at, evaluation, standing)
       SELECT id, 'm', 'v', 1, 't', now(), now(), now(), $1, '{}' FROM accounts WHERE key = 'acme'`,
      [JSON.stringify({ evidence: { users: [`u:${BO}`, MAIL] } })],
    );
    const deps = { ...folding.deps };
    expect((await mergeAccounts(deps, 'acme', 'globex', BY)).ok).toBe(true);
    expect((await traces()).some((one) => one.startsWith('account_merges.kept'))).toBe(true);
    await ask();
    await runForgettings(folding.deps);
    expect(await traces()).toEqual([]);
    expect((await unmergeAccount(deps, 'acme', BY)).ok).toBe(true);
    expect(await traces()).toEqual([]);
    expect(await folding.people()).toEqual({ acme: ['u:usr-ann'], globex: ['u:usr-eve'] });
  });
});

describe('I9: a person whose forgetting always fails', () => {
  const EVE = 'usr-eve-77';

  async function broken(): Promise<void> {
    await database.db.query(
      `CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         RAISE 'no place for "%" of ${MAIL}, ${BO}', OLD.ref; END $$`,
    );
    await database.db.query(
      `CREATE TRIGGER broken BEFORE DELETE ON people FOR EACH ROW WHEN (OLD.ref = 'u:${BO}') EXECUTE FUNCTION broken()`,
    );
  }

  it('stands in nobody’s way, says why without a name, and is tried again later, until it is done', async () => {
    await folding.arrive([...history(), event({ userId: EVE, accountId: 'acme' })]);
    await broken();
    const id = await ask();
    const after = await ask(EVE);
    const failures: string[] = [];
    const run = () => runForgettings(folding.deps, null, (...failed) => failures.push(failed.join(' ')));
    expect(await run()).toBe(1);
    expect(await tracesOf(database.db, [EVE])).toEqual([]);
    expect(failures).toEqual([
      expect.stringMatching(/^\d+ P0001: no place for … of forgotten-\w+, forgotten-\w+$/),
    ]);
    const [done, open] = await listForgettings(database.db, 2);
    expect(done).toMatchObject({ id: after, step: 'done', failed: null, nextTry: null });
    expect(open).toMatchObject({ id, step: 'removing', failed: failures[0]?.replace(/^\d+ /, '') });
    const { journal } = await storeStatus(database.db, new Date(NOON), null);
    expect(journal).toMatchObject({
      forgetting: 1,
      forgettingFailed: 1,
      forgettingFailure: { id, reason: open?.failed, nextTry: open?.nextTry },
    });
    const lines = await database.db.query(`SELECT detail FROM audit WHERE what = 'person not forgotten yet'`);
    expect(lines.rows).toEqual([
      { detail: { person: open?.person, step: 'removing', reason: open?.failed } },
    ]);
    expect(await tracesOf(database.db, [EVE])).toEqual([]);

    expect(await run()).toBe(0);
    expect(failures).toHaveLength(1);
    await hurry(database.db);
    expect(await run()).toBe(0);
    expect(failures).toHaveLength(2);
    expect(
      (await database.db.query(`SELECT 1 FROM audit WHERE what = 'person not forgotten yet'`)).rowCount,
    ).toBe(1);
    await database.db.query('DROP FUNCTION broken CASCADE');
    await hurry(database.db);
    expect(await run()).toBe(1);
    expect(await traces()).toEqual([]);
    expect((await listForgettings(database.db, 1, id))[0]).toMatchObject({ step: 'done', failed: null });
  });

  it('fails whoever asks for this person alone, and stays open', async () => {
    await folding.arrive(history());
    await broken();
    const id = await ask();
    await expect(runForgettings(folding.deps, id)).rejects.toThrow('no place for');
    expect((await listForgettings(database.db, 1, id))[0]).toMatchObject({
      step: 'removing',
      nextTry: expect.any(String),
    });
  });

  it.each([
    [1, 10],
    [2, 20],
    [5, 160],
    [9, 2560],
    [10, 3600],
    [1000, 3600],
  ])('after failure %i it waits %i seconds', (failures, seconds) => {
    expect(waitAfter(failures)).toBe(seconds * 1000);
  });
});

describe('I12: a delete event', () => {
  it('wakes the forgetting as soon as it is on disk, also when nothing else came; other events do not', async () => {
    const woken: string[] = [];
    const journal = wakingForget(postgresJournal(database.db), (stage) => woken.push(stage));
    await appendEntries(journal, [{ type: 'event', event: event({ userId: BO }) }]);
    expect(woken).toEqual([]);
    await appendEntries(journal, [
      { type: 'event', event: event({ userId: BO, kind: 'delete', name: null }) },
    ]);
    expect(woken).toEqual(['forget']);
    expect(await runForgettings(folding.deps)).toBe(1);
    expect(await traces()).toEqual([]);
  });
});

describe('I9: text that PostgreSQL stores and cannot take apart', () => {
  it('in what was asked for: it is done, and neither who comes next nor a sender waits behind it', async () => {
    await folding.arrive(history());
    await ask('usr-\0-\ud83d');
    await ask();
    expect(await runForgettings(folding.deps)).toBe(2);
    expect(await traces()).toEqual([]);
  });

  it('in a value that others sent, cut in the middle of a pair: whoever has it can be forgotten, and anybody', async () => {
    const invitee = `${'x'.repeat(MEMBER_LENGTH - 34)}🙂${'y'.repeat(40)}`;
    const properties = { invitee_email: invitee };
    await folding.arrive([
      ...history(),
      event({ userId: 'usr-ann', name: 'Invite Sent', properties, accountId: 'acme' }),
    ]);
    await ask(MAIL);
    expect(await runForgettings(folding.deps)).toBe(1);
    expect(await traces()).toEqual([]);
  });
});

describe('I12: acts and rows that name them', () => {
  const NAME = 'Bo Bergstrøm';
  const account = `(SELECT id FROM accounts WHERE key = 'acme')`;
  const record = (ref: string, email: string) => ({
    ref,
    lookup: email,
    create: true,
    fields: { email },
    onCreate: {},
    stamps: [],
  });

  async function act(kind: string, person: string | null, payload: object): Promise<void> {
    await database.db.query(
      `INSERT INTO actions (id, key, connection, crm, kind, account, person, state, why, reason, payload, next_at, created_at, updated_at)
       SELECT gen_random_uuid(), $1, 'hubspot:1', 'hubspot', $1, ${account}, $2, 'waiting', 'why', $4, $3, now(), now(), now()`,
      [kind, person, JSON.stringify(payload), `${kind} of ${MAIL}`],
    );
  }

  it('a contact of theirs is left out and not renamed; a task stays, with a hash for id and name; a membership goes', async () => {
    await folding.arrive([identify({ email: MAIL, name: NAME }, { userId: BO }), ...history().slice(1)]);
    const people = [record('u:usr-ann', 'ann@acme.example'), record(`u:${BO}`, MAIL)];
    await act('fields', null, { account: record('acme', 'acme.example'), people });
    await act('task', null, {
      subject: `Call ${NAME}`,
      body: `${MAIL}, ${BO}`,
      person: `u:${BO}`,
      owners: [],
    });
    await act('campaign', `u:${BO}`, { person: `u:${BO}` });
    await database.db.query(`UPDATE actions SET ref = $1, field = 'email' WHERE kind = 'fields'`, [
      `u:${BO}`,
    ]);
    await ask();
    await runForgettings(folding.deps);
    expect(await tracesOf(database.db, [...NEEDLES, NAME])).toEqual([]);
    const { rows } = await database.db.query<{ kind: string; payload: Record<string, unknown>; rev: number }>(
      'SELECT kind, payload, rev FROM actions ORDER BY kind',
    );
    expect(rows.map(({ kind }) => kind)).toEqual(['fields', 'task']);
    expect(rows[0]).toMatchObject({ rev: 2, payload: { people: [people[0]] } });
    expect(rows[1]?.payload).toMatchObject({
      person: null,
      subject: expect.stringMatching(/^Call forgotten-[0-9a-f]{24}$/),
      body: expect.stringMatching(/^forgotten-[0-9a-f]{24}, forgotten-[0-9a-f]{24}$/),
    });
  });

  it('regression: a text that names somebody by name alone, who has no address and is not whom it is about', async () => {
    await folding.arrive([identify({ name: NAME }, { userId: BO }), ...history().slice(1)]);
    const body = `${NAME} asked for a demo.\n\nHi Bo,\n\nthank you`;
    await act('task', null, {
      subject: 'x',
      body,
      person: 'u:usr-ann',
      mentions: [hashId('u:usr-ann'), hashId(`u:${BO}`)],
    });
    await ask();
    await runForgettings(folding.deps);
    expect(await tracesOf(database.db, [BO, NAME])).toEqual([]);
    const { rows } = await database.db.query<{ body: string }>(
      `SELECT payload ->> 'body' AS body FROM actions`,
    );
    expect(rows[0]?.body).toMatch(/^forgotten-\w+ asked for a demo\.\n\nHi forgotten-\w+,\n\nthank you$/);
  });

  it('rows of a bulk job, of CSV files, of deals and of drift: theirs go, others lose the mention', async () => {
    await folding.arrive(history());
    const { db } = database;
    const people = [record(`u:${BO}`, MAIL), record('u:usr-ann', 'ann@acme.example')];
    const rows = people.map(({ ref, lookup }) => ({ key: ref, crmId: null, record: { Email: lookup } }));
    await db.query(
      `INSERT INTO bulk_jobs (connection, state, leased_until, next_at, created_at, updated_at) VALUES ('s', 'ready', now(), now(), now(), now())`,
    );
    await db.query(
      `INSERT INTO bulk_acts (job, act, account, account_key, rev, attempts, uncertain, payload, rows, settled)
       SELECT id, gen_random_uuid(), ${account}, 'acme', 1, 0, false, $1, $2, $3 FROM bulk_jobs`,
      [JSON.stringify({ people }), JSON.stringify(rows), JSON.stringify({ [`u:${BO}`]: { state: 'done' } })],
    );
    await db.query(
      `INSERT INTO fact_rows (key, source, name, facts, run) SELECT ${account}, 'csv', 'acme', $1, 1`,
      [JSON.stringify({ csm: MAIL, seats: 4 })],
    );
    await db.query(
      `INSERT INTO crm_deals (connection, crm_id, name, state, modified_at, read_at, checked_at) VALUES ('s', '1', $1, 'open', now(), now(), now())`,
      [`Deal of ${MAIL}`],
    );
    await db.query(
      `INSERT INTO crm_drift (connection, object, crm_id, field, account, ref, why, found, done, at) SELECT 's', 'person', '7', 'Email', ${account}, $1, 'by_hand', $2, 'left', now()`,
      [`u:${BO}`, JSON.stringify(MAIL)],
    );
    await ask();
    await runForgettings(folding.deps);
    expect(await traces()).toEqual([]);
    const acts = await db.query('SELECT payload, rows, settled FROM bulk_acts');
    expect(acts.rows).toEqual([{ payload: { people: [people[1]] }, rows: [rows[1]], settled: {} }]);
    expect((await db.query('SELECT 1 FROM crm_drift')).rowCount).toBe(0);
    const facts = await db.query<{ facts: object }>('SELECT facts FROM fact_rows');
    expect(facts.rows[0]?.facts).toEqual({ csm: expect.stringMatching(/^forgotten-/), seats: 4 });
  });
});
