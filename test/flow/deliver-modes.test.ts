import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DesiredFields, DesiredRecord } from '../../src/decide/desired.ts';
import { noteConnection } from '../../src/store/connections.ts';
import { type Db, hashId } from '../../src/store/db.ts';
import { postgresOutbox } from '../../src/store/outbox.ts';
import { formerLinks, loadLinks } from '../../src/store/read/links.ts';
import { planWrites } from '../../src/store/read/plan.ts';
import { deliver } from '../../src/sync/deliver.ts';
import { FIELDS, NOON, type World, world } from '../contract/hubspot-world.ts';
import { queueActs } from '../support/acts.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

const CONNECTION = 'hubspot:20000001';
const ACCOUNT = hashId('acct-7');

let database: TestDatabase;
let db: Db;
let open: World;
let now: number;

beforeEach(async () => {
  database = await testDatabase();
  db = database.db;
  open = await world({ fields: FIELDS, settings: { timeZone: 'America/New_York' } });
  await open.crm.connect();
  now = NOON;
  await noteConnection(db, 'hubspot', CONNECTION, now);
  open.sandbox.forgetLog();
});
afterEach(async () => {
  await open.close();
  await database.drop();
});

const outbox = () =>
  postgresOutbox(
    db,
    () => now,
    () => now,
  );

async function drain(): Promise<void> {
  const deps = {
    outbox: outbox(),
    connector: open.crm,
    connection: CONNECTION,
    realNow: () => now,
    random: () => 0,
  };
  for (let i = 0; i < 50; i++) {
    const next = await deliver(deps);
    if (next === null) {
      return;
    }
    now += next;
  }
}

/** The payload of the account's fields as scoring writes it: the same row again, waiting. */
async function fields(account: Partial<DesiredRecord>, more: Partial<DesiredFields> = {}): Promise<void> {
  const record = { create: true, fields: {}, onCreate: { name: 'Initech' }, stamps: [] } as const;
  const payload: DesiredFields = {
    account: { ...record, ref: 'acct-7', lookup: 'initech.example', stamps: [], ...account },
    people: [],
    ...more,
  };
  await act('fields', 'f', payload);
}

async function act(kind: string, key: string, payload: object, person: string | null = null): Promise<void> {
  const one = { key, account: 'acct-7', kind, payload, why: 'why', person };
  await queueActs(db, { crm: 'hubspot', connection: CONNECTION }, [one]);
}

const reasonOf = async (key: string) =>
  (await db.query<{ reason: string }>('SELECT reason FROM actions WHERE key = $1', [key])).rows[0]?.reason;
const company = () => open.sandbox.records('companies')[0];

/** What a rep does in HubSpot. */
const byHand = (properties: Record<string, string>) =>
  open.sandbox.touch('companies', company()?.id ?? '', properties);

describe('what a person changed by hand', () => {
  const rules = {
    city: { type: 'text', write: 'always', byHand: 'leave' },
    pql_tier: { type: 'text', write: 'always', byHand: 'restore' },
  } as const;
  const want = (city: string, pql_score: number) =>
    fields({ fields: { city, pql_score, pql_tier: 'mql' }, rules });

  it('is noticed, left or restored, said of the act, and shown with the link', async () => {
    await want('Bonn', 80);
    await drain();
    byHand({ city: 'Berlin', pql_tier: 'Hot' });
    await want('Bonn', 85);
    await drain();
    expect(company()?.properties).toMatchObject({ city: 'Berlin', pql_tier: 'mql', pql_score: '85' });
    expect(await reasonOf('f')).toBe(
      'why (city changed by hand, left: "Berlin"; pql_tier restored: it held "Hot")',
    );
    expect(await loadLinks(db, ACCOUNT)).toMatchObject([
      {
        crmId: company()?.id,
        how: 'created',
        held: { city: { why: 'by_hand', theirs: 'Berlin', wrote: 'Bonn' } },
      },
    ]);
  });

  it('stays left when our value changes too, and is ours again when the person puts ours back', async () => {
    await want('Bonn', 80);
    await drain();
    byHand({ city: 'Berlin' });
    await want('Köln', 85);
    await drain();
    expect(company()?.properties.city).toBe('Berlin');
    byHand({ city: 'Bonn' });
    await want('Köln', 90);
    await drain();
    expect(company()?.properties.city).toBe('Köln');
    expect(await loadLinks(db, ACCOUNT)).toMatchObject([{ held: {} }]);
  });
});

describe('contacts for members', () => {
  const person = (ref: string) => ({
    ref,
    lookup: `${ref}@initech.example`,
    create: 'members' as const,
    fields: { pql_score: 85 },
    onCreate: {},
    stamps: [],
  });
  const people = [person('ada'), person('bob')];

  it('are made for who joins the campaign and for nobody else; who joins later is made then', async () => {
    await fields({ fields: { pql_score: 85 } }, { people, members: 1 });
    const membership = (crmKey: string, ref: string) => ({
      crmKey,
      campaign: 'PQL MQL',
      status: null,
      lifecycleStage: null,
      person: ref,
    });
    await act('campaign', 'c1', membership('m1', 'ada'), 'ada');
    const { writes } = await planWrites(db, NOON);
    const records = writes.filter(({ object }) => object !== 'membership');
    expect(records.map(({ ref, what, why }) => [ref, what, why])).toEqual([
      ['acct-7', 'create', 'unless the CRM has it already: then that one is updated'],
      ['ada', 'create', 'unless the CRM has it already: then that one is updated'],
      ['bob', 'update', 'only if the CRM has it: none may be created'],
    ]);
    await drain();
    const emails = () => open.sandbox.records('contacts').map(({ properties }) => properties.email);
    expect(emails()).toEqual(['ada@initech.example']);
    await act('campaign', 'c2', membership('m2', 'bob'), 'bob');
    await fields({ fields: { pql_score: 85 } }, { people, members: 2 });
    await drain();
    expect(emails()).toEqual(['ada@initech.example', 'bob@initech.example']);
    const states = await db.query<{ state: string }>(`SELECT state FROM actions WHERE kind = 'campaign'`);
    expect(states.rows).toEqual([{ state: 'done' }, { state: 'done' }]);
  });
});

describe('a link', () => {
  it('says how and since when; what it was before stands in the audit, without the person', async () => {
    await fields({ fields: { pql_score: 80 } });
    await drain();
    const first = company()?.id ?? '';
    open.sandbox.archive('companies', first);
    now += 60_000;
    await fields({ fields: { pql_score: 85 } });
    await drain();
    const [link, ...others] = await loadLinks(db, ACCOUNT);
    expect(others).toEqual([]);
    expect(link).toMatchObject({ crmId: company()?.id, how: 'created', note: null });
    expect(Date.parse(link?.since ?? '')).toBeGreaterThanOrEqual(NOON + 60_000);
    expect(await formerLinks(db, 'acct-7')).toMatchObject([
      { crmId: first, object: 'account', why: expect.stringContaining('not_found') },
    ]);
  });
});

describe('a date', () => {
  it("is the day of the portal's zone when it comes from an instant, and the day itself when it is one", async () => {
    const date = { type: 'date', fieldType: 'date', groupName: 'companiesinformation' };
    for (const name of ['seen_on', 'renews_on']) {
      await fetch(`${open.sandbox.url}/crm/v3/properties/companies`, {
        method: 'POST',
        headers: { authorization: 'Bearer rep', 'content-type': 'application/json' },
        body: JSON.stringify({ ...date, name, label: name }),
      });
    }
    const instants = { seen_on: '2026-03-03T03:00:00.000Z' };
    await fields({ fields: { seen_on: '2026-03-03', renews_on: '2026-03-03' }, instants });
    await drain();
    expect(company()?.properties).toMatchObject({ seen_on: '2026-03-02', renews_on: '2026-03-03' });
  });
});
