import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { giveAll } from '../../src/decide/handoff/assign.ts';
import type { ProductEvent, QuarantinedEvent } from '../../src/events/event.ts';
import { appendEntries, type JournalEntry } from '../../src/events/journal.ts';
import { DAY } from '../../src/shared/time.ts';
import { actionId } from '../../src/store/connections.ts';
import { type Db, hashId, inTransaction, openPool } from '../../src/store/db.ts';
import { saveRead } from '../../src/store/facts/read-back.ts';
import { audit } from '../../src/store/fold/accounts.ts';
import { foldInbox, refoldStale } from '../../src/store/fold/index.ts';
import { askToForget } from '../../src/store/forget/index.ts';
import { runForgettings } from '../../src/store/forget/steps.ts';
import { ownerReport } from '../../src/store/handoff/report.ts';
import { postgresJournal } from '../../src/store/journal/index.ts';
import { keepQuarantined } from '../../src/store/keep-quarantined.ts';
import { postgresOutbox } from '../../src/store/outbox.ts';
import { saveSeen } from '../../src/store/reads/deals.ts';
import { ownersOf, saveOwners } from '../../src/store/reads/owners.ts';
import { replay } from '../../src/store/replay/index.ts';
import { keepJournal } from '../../src/store/retention/journal.ts';
import { queueActs } from '../support/acts.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { event, group, identify, NOON } from '../support/event.ts';
import { type Folding, foldingOn } from '../support/folding.ts';
import { shippedRules } from '../support/shipped.ts';
import { owner, pool, question, team } from '../support/team.ts';
import { tracesOf } from '../support/traces.ts';

const BO = 'usr-bo-4711';
const ANN = 'usr-ann-0815';
const MAIL = 'bo.berg@acme.example';
const NEEDLES = [BO, MAIL, 'dev-bo-1'];
/** Receipt of the first events: long before the database's clock, which retention asks too. */
const BEGIN = NOON - 500 * DAY;

let database: TestDatabase;
let folding: Folding;
beforeEach(async () => {
  database = await testDatabase();
  folding = foldingOn(database, shippedRules());
});
afterEach(() => database.drop());

const traces = () => tracesOf(database.db, NEEDLES);

async function forget(): Promise<void> {
  await askToForget(database.db, BO, [], { author: 'ann', reason: 'asked' }, NOON);
  await runForgettings(folding.deps);
}

/** Bo's own events, and what Ann says of Bo in an event, a trait, and on a device of both. */
function history(day: number): ProductEvent[] {
  const on = BEGIN + day * DAY;
  const all = [
    identify({ email: MAIL, name: 'Bo' }, { userId: BO }),
    group('acme', { name: 'Acme', csm: MAIL }, { userId: BO }),
    event({ userId: BO, accountId: 'acme', anonymousId: 'dev-bo-1' }),
    identify({ email: 'ann@acme.example', invited_by: MAIL }, { userId: ANN }),
    group('acme', { csm: MAIL }, { userId: ANN }),
    event({ userId: ANN, accountId: 'acme', name: 'Invite Sent', properties: { invitee_email: MAIL } }),
    event({ userId: null, anonymousId: 'dev-shared' }),
    event({ userId: ANN, anonymousId: 'dev-shared' }),
    event({ userId: BO, anonymousId: 'dev-shared' }),
  ];
  return all.map((one, i) => ({ ...one, at: on + i * 1000, receivedAt: on }));
}

/** Lets days before the `old`-th leave the journal. `minutes`: of real time; a quarter of an hour after the first pass rows go. */
const keep = (old: number, minutes = 0, life = { stopping: false }) =>
  keepJournal({
    db: database.db,
    rules: () => shippedRules(),
    now: () => BEGIN + (old + 401) * DAY,
    realNow: () => NOON + minutes * 60_000,
    days: 400,
    life,
  });

async function refoldAll(): Promise<void> {
  await database.db.query(`UPDATE people SET plan = ''`);
  while ((await refoldStale(folding.deps, 100)) > 0) {
    // until nobody is stale
  }
}

async function count(table: string): Promise<number> {
  const rows = await database.db.query<{ count: number }>(`SELECT count(*) FROM ${table}`);
  return rows.rows[0]?.count ?? 0;
}

describe('I12: what left the journal', () => {
  it.each([
    ['whose day is gone', [0, 15]],
    ['whose day counts by its bases and is not gone yet', [0]],
  ])('a person %s goes, and does not come back with anybody who is folded again', async (_title, passes) => {
    await folding.arrive(history(0), history(3));
    for (const minutes of passes) {
      await keep(2, minutes);
    }
    const links = await database.db.query('SELECT 1 FROM anonymous_ids WHERE links IS NOT NULL');
    expect([(await count('base_states')) > 1, links.rowCount]).toEqual([true, 2]);
    expect((await traces()).filter((one) => one.startsWith('base_states.'))).not.toEqual([]);
    await forget();
    expect(await traces()).toEqual([]);
    const states = await folding.states();
    await refoldAll();
    expect(await traces()).toEqual([]);
    expect(await folding.states()).toEqual(states);
    expect(await folding.people()).toEqual({ acme: [`u:${ANN}`] });
    const devices = await database.db.query<{ users: string[]; last_link_user: string; links: unknown[] }>(
      'SELECT users, last_link_user, links FROM anonymous_ids',
    );
    expect(devices.rows).toMatchObject([{ users: [ANN], last_link_user: ANN, links: [{ userId: ANN }] }]);
    // An address that others invited still counts, under its hash.
    expect(states.acme?.[`u:${ANN}`]).toMatch(/forgotten-[0-9a-f]{24}/);
  });

  it('a device whose last user they were has the last of the others, though the journal tells of none', async () => {
    await folding.arrive(history(0));
    await keep(2);
    await keep(2, 15);
    expect(await count('events')).toBe(0);
    await forget();
    const { rows } = await database.db.query('SELECT last_link_user FROM anonymous_ids');
    expect(rows).toEqual([{ last_link_user: ANN }]);
  });

  it('a day that is being saved meanwhile saves nothing of them', async () => {
    await folding.arrive(history(0), history(1), history(3));
    await Promise.all([forget(), keep(2), keep(2)]);
    await keep(2, 15);
    await refoldAll();
    expect(await traces()).toEqual([]);
    expect(await folding.people()).toEqual({ acme: [`u:${ANN}`] });
  });

  it('events to which no id leads any more, since their day is leaving, go all the same', async () => {
    await folding.arrive(history(0));
    await database.db.query('TRUNCATE event_ids');
    await forget();
    expect(await traces()).toEqual([]);
  });
});

const readAs = (events: ProductEvent[]) => ({
  fold: () => folding.deps,
  readAgain: (): JournalEntry[] => events.map((one) => ({ type: 'event', event: one })),
  life: { stopping: false },
});
const element = {
  vendor: 'segment',
  route: 'segment.webhook',
  code: 'no_group',
  reason: '',
  id: null,
} as const;
const quarantine = (...elements: QuarantinedEvent[]) =>
  inTransaction(database.db, (tx) => keepQuarantined(tx, elements));

describe('I12: replay', () => {
  it('everybody is folded again without them', async () => {
    await folding.arrive(history(499));
    await forget();
    await replay(readAs([]), { kind: 'all' }, () => {});
    expect(await traces()).toEqual([]);
    expect(await folding.people()).toEqual({ acme: [`u:${ANN}`] });
  });

  it('quarantined elements of theirs go; one that was read before brings neither them nor a mention back', async () => {
    await folding.arrive(history(499));
    const raws = [
      { userId: BO, event: 'x' },
      { userId: ANN, event: 'x', to: MAIL },
    ].map((raw) => JSON.stringify(raw));
    await quarantine(...raws.map((raw) => ({ ...element, raw, receivedAt: NOON })));
    await forget();
    expect([await traces(), await count('quarantine')]).toEqual([[], 1]);
    const [late, told] = [
      event({ userId: BO, accountId: 'acme' }),
      event({ userId: ANN, accountId: 'acme', properties: { to: MAIL } }),
    ];
    const before = await count('events');
    const done = await replay(readAs([late, told]), { kind: 'error', code: 'no_group' }, () => {});
    expect([done.elements, (await count('events')) - before]).toEqual([1, 1]);
    expect(await traces()).toEqual([]);
    expect(await folding.people()).toEqual({ acme: [`u:${ANN}`] });
    const refused = await database.db.query<{ sum: number }>('SELECT sum(refused)::int FROM forgotten');
    expect(refused.rows[0]?.sum).toBe(1);
  });

  it('an event that no state could take, and the note of somebody who could not be folded again, name nobody', async () => {
    const events = history(499);
    const [own] = events;
    await folding.arrive(events);
    await database.db.query('DELETE FROM event_ids WHERE id = $1', [hashId(`u:${BO}`)]);
    const poison = {
      ...element,
      route: 'fold',
      code: 'not_foldable',
      raw: JSON.stringify(own),
      receivedAt: NOON,
    };
    await quarantine({ ...poison, id: own?.id ?? '' });
    await audit(database.db, 'not folded again', null, { person: hashId(`u:${BO}`), reason: 'r' }, NOON);
    await forget();
    expect([await traces(), await count('quarantine')]).toEqual([[], 0]);
    await replay(readAs([]), { kind: 'error', code: 'not_foldable' }, () => {});
    expect(await folding.people()).toEqual({ acme: [`u:${ANN}`] });
  });
});

describe('I12: forgotten between a look and the writing of it', () => {
  /** The database, on which `meanwhile` happens: before the so-many-th transaction, or after the first query like `after`. */
  function interrupted(
    meanwhile: () => Promise<unknown>,
    when: { transaction?: number; after?: RegExp },
  ): Db {
    let began = 0;
    let done = false;
    const once = async (is: boolean) => {
      if (is && !done) {
        done = true;
        await meanwhile();
      }
    };
    const connect = async () => {
      await once(++began === when.transaction);
      const client = await database.db.connect();
      const query = async (...asked: [string]) => {
        const rows = await client.query(...asked);
        await once(when.after?.test(String(asked[0])) === true);
        return rows;
      };
      return { query, release: (error?: Error) => client.release(error) };
    };
    const query = (...asked: [string]) => database.db.query(...asked);
    return { connect, query } as unknown as Db;
  }

  it('an event that no state can take is not set aside', async () => {
    await folding.arrive(history(499).slice(3, 5));
    await folding.receive([event({ userId: BO, accountId: 'acme' })]);
    const matches = () => {
      throw new TypeError('poison');
    };
    const db = interrupted(forget, { transaction: 2 });
    await foldInbox({ ...folding.deps, db, plan: { ...folding.deps.plan, matches } }, 100);
    expect([await tracesOf(database.db, [BO]), await count('quarantine')]).toEqual([[], 0]);
  });

  it('an event of the journal that is folded again is held until then', async () => {
    const events = history(499);
    const [own] = events;
    await folding.arrive(events);
    const poison = {
      ...element,
      route: 'fold',
      code: 'not_foldable',
      raw: '{}',
      receivedAt: own?.receivedAt ?? 0,
    };
    await quarantine({ ...poison, id: own?.id ?? '' });
    let [forgetting, ended] = [Promise.resolve(), 'not begun'];
    const meanwhile = async () => {
      forgetting = forget();
      ended = await Promise.race([forgetting.then(() => 'done'), sleep(2000, 'waits')]);
    };
    const db = interrupted(meanwhile, { after: /FROM events WHERE day = \$1 AND key = \$2/ });
    await replay(
      { ...readAs([]), fold: () => ({ ...folding.deps, db }) },
      { kind: 'error', code: 'not_foldable' },
      () => {},
    );
    expect(ended).toBe('waits');
    await forgetting;
    expect(await traces()).toEqual([]);
    expect(await folding.people()).toEqual({ acme: [`u:${ANN}`] });
  });
});

describe('I12: what a CRM still says of them', () => {
  it('a deal’s name and a company’s field that are read later name nobody', async () => {
    await folding.arrive(history(499));
    await forget();
    const [connection, now] = ['hubspot:1', NOON];
    const account = hashId('acme');
    await database.db.query(
      `INSERT INTO crm_records (connection, object, key, account, ref, crm_id, acknowledged, linked_at)
       VALUES ($1, 'account', $2, $2, 'acme', '7', '{}', now())`,
      [connection, account],
    );
    const deal = {
      id: '1',
      name: `Deal of ${MAIL}`,
      account: '7',
      pipeline: null,
      stage: null,
      state: 'open',
    } as const;
    const rest = { amount: null, currency: null, homeAmount: null, owner: null };
    const when = { createdAt: now, closesAt: null, stageAt: null, modifiedAt: now, deleted: false };
    await saveSeen(database.db, connection, ['1'], [{ ...deal, ...rest, ...when }], now);
    await saveRead(
      database.db,
      connection,
      'account',
      [{ key: account, facts: { csm: MAIL, seats: 4 }, backfill: false }],
      now,
    );
    expect(await traces()).toEqual([]);
    const rows = await database.db.query('SELECT name, facts FROM crm_deals, crm_records');
    expect(rows.rows).toMatchObject([
      {
        name: expect.stringMatching(/^Deal of forgotten-/),
        facts: { csm: expect.stringMatching(/^forgotten-/), seats: 4 },
      },
    ]);
  });
});

describe('I12: somebody who owns records in a CRM', () => {
  it('has no name and no address there any more, and gets none when the owners are read again', async () => {
    await folding.arrive(history(499));
    await forget();
    const [bo, ann] = [
      { id: '1', email: MAIL.toUpperCase(), name: 'Bo Owner', active: true },
      { id: '2', email: 'ann@ours.example', name: 'Ann Owner', active: true },
    ];
    const kept = await saveOwners(database.db, 'hubspot:1', [bo, ann], ['1', '2', '3'], NOON);
    expect(kept).toEqual([{ ...bo, email: expect.stringMatching(/^forgotten-/), name: null }, ann]);
    expect(await tracesOf(database.db, [...NEEDLES, bo.name])).toEqual([]);
    const { known, stale } = await ownersOf(database.db, 'hubspot:1', ['1', '2', '3'], NOON);
    expect([[...known.values()], stale]).toEqual([kept, []]);
  });
});

describe('I12: who has an account from a pool', () => {
  const [ann, bo] = ['ann@ours.example', MAIL];
  const sdr = team([{ ...pool([]), people: [bo, ann], aWeek: 2 }]);
  const directory = [
    owner('', { id: '1', names: [bo], label: bo }),
    owner('', { id: '2', names: [ann], label: ann }),
  ];

  /** Tasks of accounts, one after the other, to the pool: who gets them, by the CRM's id. */
  async function give(...accounts: string[]): Promise<(string | null)[]> {
    const acts = accounts.map((account) => ({ key: `t:${account}`, account, kind: 'task', payload: {} }));
    await queueActs(database.db, { crm: 'hubspot', connection: 'hubspot:1' }, acts);
    const asked = accounts.map((account) => ({
      ...question({ team: sdr, directory }),
      id: actionId('hubspot:1', `t:${account}`),
      accountId: hashId(account),
      account,
    }));
    const outbox = postgresOutbox(
      database.db,
      () => NOON,
      () => NOON,
    );
    const given = await outbox.giveTasks('hubspot:1', { asked, team: sdr, directory }, giveAll);
    return given.map(({ choice }) => (choice.found ? choice.owner.id : null));
  }

  it('is none of the customer: it stays when one of the account is forgotten, and goes when that was all of the account', async () => {
    await folding.arrive(history(499));
    await give('acme', `person:${BO}`);
    await database.db.query('DELETE FROM accounts WHERE id = $1', [hashId(`person:${BO}`)]);
    await forget();
    const rows = await database.db.query('SELECT account FROM assignments');
    expect(rows.rows).toEqual([{ account: hashId('acme') }]);
    expect(await traces()).toEqual([]);
  });

  it('one of the operator who is forgotten as a user keeps accounts, turns and week, by a hash', async () => {
    await folding.arrive(history(499));
    expect(await give('a', 'b')).toEqual(['1', '2']);
    await forget();
    expect(await give('a', 'c')).toEqual(['1', '1']);
    expect(await give('d', 'e')).toEqual(['2', null]);
    expect(await traces()).toEqual([]);
    const rows = await ownerReport(database.db, sdr, NOON);
    expect(rows.map(({ person, week, crm }) => [person, week, crm])).toEqual([
      [ann, 2, {}],
      [bo, 2, {}],
    ]);
  });
});

describe('I12: another process, that does not know yet who is forgotten', () => {
  it('takes nothing of theirs, whether it learns it with this statement or knew it before; of others everything', async () => {
    const other = openPool(database.url, 2);
    try {
      const journal = postgresJournal(other);
      const send = (userId: string, properties = {}) =>
        appendEntries(journal, [{ type: 'event', event: event({ userId, properties }) }]);
      expect(await send(BO)).toEqual({ fresh: 1 });
      await folding.work(100);
      await forget();
      expect(await send(BO)).toEqual({ fresh: 0 });
      expect(await send(ANN, { to: `${BO}.` })).toEqual({ fresh: 1 });
      await askToForget(database.db, ANN, [], { author: 'ann', reason: 'asked' }, NOON);
      await runForgettings(folding.deps);
      expect(await send('usr-eve', { by: [ANN, BO] })).toEqual({ fresh: 1 });
      expect(await tracesOf(database.db, [ANN, BO])).toEqual([]);
    } finally {
      await other.end();
    }
  });
});
