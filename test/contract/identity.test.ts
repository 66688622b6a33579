import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AccountsConfig } from '../../src/accounts/accounts-config.ts';
import { accountTraits } from '../../src/accounts/views.ts';
import { HOUR } from '../../src/shared/time.ts';
import { refoldStale } from '../../src/store/fold/index.ts';
import { loadStates } from '../../src/store/read/accounts.ts';
import { findAccount } from '../../src/store/read/find-account.ts';
import { factLookup } from '../../src/wiring/facts.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { event, group, identify, NOON } from '../support/event.ts';
import { type Folding, foldingOn } from '../support/folding.ts';
import { referenceStates } from '../support/reference-fold.ts';
import { shippedRules } from '../support/shipped.ts';
import { personOf, startWorld } from '../support/world.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());
beforeEach(() => withRules({}).empty());

const withRules = (over: Partial<AccountsConfig>): Folding => foldingOn(database, shippedRules(over));
const at = (hours: number) => NOON + hours * HOUR;
const mail = (userId: string, email: string) => identify({ email }, { userId });
const removed = (account: string | null, hours: number, userId = 'u-1') =>
  event({ userId, accountId: account, name: 'Account Removed User', at: at(hours) });

/** Deeds by account; a removal is one. */
async function deeds(): Promise<Record<string, number>> {
  const rows = await database.db.query<{ key: string; n: string }>(
    `SELECT key, part #>> '{signals,activity,count}' AS n FROM parts JOIN accounts ON accounts.id = account ORDER BY key`,
  );
  return Object.fromEntries(rows.rows.map(({ key, n }) => [key, Number(n)]));
}

describe('S0-45, S1-66, S1-109, S4-8, S4-79, X-10: users are grouped by account id or e-mail domain', () => {
  it('S4-25: three sign-ups of one domain are one account of three people, sub-domains included', async () => {
    const folding = withRules({});
    await folding.arrive([
      mail('a', 'a@initech.co.uk'),
      mail('b', 'b@mail.initech.co.uk'),
      mail('c', 'c@EU.Initech.co.uk'),
      mail('d', 'd@other.co.uk'),
    ]);
    expect(await folding.people()).toEqual({
      'initech.co.uk': ['u:a', 'u:b', 'u:c'],
      'other.co.uk': ['u:d'],
    });
  });

  it('customers of one host are companies of their own, and addresses of a relay are none (S2-121)', async () => {
    const folding = withRules({});
    await folding.arrive([
      mail('a', 'a@acme.github.io'),
      mail('b', 'b@other.github.io'),
      mail('c', 'x1@privaterelay.appleid.com'),
      mail('d', 'x2@privaterelay.appleid.com'),
    ]);
    expect(Object.keys(await folding.people())).toEqual([
      'acme.github.io',
      'other.github.io',
      'person:c',
      'person:d',
    ]);
  });

  it('a workspace id is an account key where accounts.yaml says that it stands', async () => {
    const mappings = (await import('../support/policy.ts')).shippedMappings();
    const accounts = { ...mappings.accounts, account_id_at: ['properties.slack_team'] };
    const world = await startWorld({ mappings: { ...mappings, accounts } });
    try {
      const track = personOf('', 'ann', world.clock).track('Signed In', { slack_team: 'T024BE7LD' });
      await world.send({ ...track, context: {} });
      await world.settle();
      expect(await world.api('/accounts/T024BE7LD')).toMatchObject({
        account: { key: 'T024BE7LD', people: 1 },
      });
    } finally {
      await world.stop();
    }
  });
});

describe('one’s own domain is excluded', () => {
  const rules = { own_domains: ['ours.example'] };

  it('staff make no account by it, and stand alone with the reason', async () => {
    const folding = withRules(rules);
    await folding.arrive([mail('me', 'me@eu.ours.example'), mail('you', 'you@ours.example')]);
    expect(Object.keys(await folding.people())).toEqual(['person:me', 'person:you']);
    expect((await database.db.query('SELECT DISTINCT why FROM parts')).rows).toEqual([{ why: 'own_mail' }]);
  });

  it('a customer with staff in their account does not own the domain; what staff do there counts there', async () => {
    const folding = withRules(rules);
    await folding.arrive([
      mail('me', 'me@ours.example'),
      group('acct-7', { website: 'https://ours.example' }, { userId: 'me' }),
      mail('you', 'you@ours.example'),
    ]);
    expect(await folding.people()).toEqual({ 'acct-7': ['u:me'], 'person:you': ['u:you'] });
  });

  it('named later, it takes the account away that was there by it', async () => {
    await withRules({}).arrive([mail('me', 'me@ours.example')]);
    const folding = withRules(rules);
    expect(await refoldStale(folding.deps, 10)).toBe(1);
    expect(await folding.people()).toEqual({ 'person:me': ['u:me'] });
    expect((await findAccount(database.db, 'ours.example'))?.key).toBe('person:me');
  });
});

describe('what was folded before there was accounts.yaml', () => {
  it('is folded anew when somebody does something, with the same result as if it had been folded so from the start', async () => {
    const folding = withRules({});
    const history = [
      mail('kim', 'kim@initech.example'),
      group('a', { website: 'initech.example' }, { userId: 'ann', at: at(0) }),
      group('b', {}, { userId: 'ann', at: at(1) }),
    ];
    await folding.arrive(history);
    await database.db.query(
      `UPDATE people SET plan = 'older', facts = '{"lastDeclaration":{"at":1,"id":"x","account":"a"},"lastGroupless":null}'`,
    );
    await database.db.query(
      `UPDATE domain_evidence SET source = 'mail', is_set = NULL, declared = NULL, at = NULL, tie = NULL`,
    );
    const late = [event({ userId: 'ann', at: at(2) }), event({ userId: 'kim' })];
    await folding.arrive(late);
    expect(await folding.states()).toEqual(referenceStates(shippedRules(), [...history, ...late]));
    const sources = await database.db.query('SELECT source FROM domain_evidence');
    expect(sources.rows).toEqual([{ source: 'website' }]);
  });
});

describe('several domains of one company', () => {
  const rules = { domain_aliases: { 'initech.example': ['initech.io', 'initech-labs.example'] } };

  it('are one account under the main one', async () => {
    const folding = withRules(rules);
    await folding.arrive([mail('a', 'a@initech.io'), mail('b', 'b@x.initech-labs.example')]);
    expect(await folding.people()).toEqual({ 'initech.example': ['u:a', 'u:b'] });
  });

  it('count when it is asked whose the domain is, by mail and by web site', async () => {
    const folding = withRules(rules);
    await folding.arrive(
      [mail('a', 'a@initech.io')],
      [group('acct-7', { website: 'initech-labs.example' }, { userId: 'b' })],
    );
    expect(await folding.people()).toEqual({ 'acct-7': ['u:a', 'u:b'] });
    await folding.arrive([mail('c', 'c@initech.example'), group('acct-8', {}, { userId: 'c' })]);
    expect(await folding.people()).toEqual({
      'acct-7': ['u:b'],
      'acct-8': ['u:c'],
      'initech.example': ['u:a'],
    });
  });

  it('declared later, they bring two accounts together, and the former key answers', async () => {
    await withRules({}).arrive([mail('a', 'a@initech.io'), mail('b', 'b@initech.example')]);
    const folding = withRules(rules);
    await refoldStale(folding.deps, 10);
    expect(await folding.people()).toEqual({ 'initech.example': ['u:a', 'u:b'] });
    expect((await findAccount(database.db, 'initech.io'))?.key).toBe('initech.example');
  });
});

describe('a person in several accounts (decision 8)', () => {
  const history = [group('a', {}, { at: at(0) }), group('b', {}, { at: at(10) })];

  it.each([
    ['most recently declared', { a: 1, b: 2 }],
    ['first declared', { a: 3, b: NaN }],
  ] as const)('an event that names none goes to the one %s', async (several_accounts, expected) => {
    await withRules({ several_accounts }).arrive([
      ...history,
      event({ at: at(5) }),
      event({ at: at(11) }),
      event({ at: at(12) }),
    ]);
    const counts = await deeds();
    expect({ a: counts.a, b: counts.b || NaN }).toEqual(expected);
  });
});

describe('a removal ends a membership', () => {
  it('the past stays, what comes later stands alone, in whatever order it arrives', async () => {
    const history = [
      mail('u-1', 'x@initech.example'),
      group('a', {}, { at: at(0) }),
      event({ at: at(1) }),
      removed('a', 2),
      event({ at: at(3) }),
      event({ at: at(4) }),
    ];
    for (const events of [history, [...history].reverse()]) {
      const folding = withRules({});
      await folding.empty();
      await folding.arrive(...events.map((one) => [one]));
      // The removal itself is told of the account that it names.
      expect(await deeds()).toEqual({ a: 2, 'person:u-1': 2 });
    }
  });

  it('of one account: the person is still in the other, and then in none until the next is declared', async () => {
    await withRules({}).arrive([
      group('a', {}, { at: at(0) }),
      group('b', {}, { at: at(1) }),
      removed('b', 2),
      event({ at: at(3) }),
      removed('a', 4),
      event({ at: at(5) }),
      group('c', {}, { at: at(6) }),
      event({ at: at(7) }),
    ]);
    expect(await deeds()).toEqual({ a: 2, b: 1, c: 2 });
  });

  it('that names no account ends all memberships, and the one that only the mail domain made', async () => {
    await withRules({}).arrive(
      [mail('u-1', 'x@initech.example'), event({ at: at(1) }), removed(null, 2), event({ at: at(3) })],
      [group('acct-7', { website: 'initech.example' }, { userId: 'bob' })],
    );
    const rows = await database.db.query(
      `SELECT key, via, part #>> '{signals,activity,count}' AS n FROM parts
       JOIN accounts ON accounts.id = account JOIN people ON people.id = person WHERE ref = 'u:u-1' ORDER BY key`,
    );
    expect(rows.rows).toEqual([
      { key: 'acct-7', via: 'domain', n: '2' },
      { key: 'person:u-1', via: 'left', n: '1' },
    ]);
  });

  it('a contractor who left says nothing any more about whose the domain is', async () => {
    const folding = withRules({});
    await folding.arrive([
      identify({ email: 'x@consult.example' }, { userId: 'kim', at: at(0) }),
      group('a', {}, { userId: 'kim', at: at(0) }),
      mail('lee', 'y@consult.example'),
    ]);
    expect(Object.keys(await folding.people())).toEqual(['a']);
    await folding.arrive([removed('a', 1, 'kim')]);
    expect(await folding.people()).toEqual({ a: ['u:kim'], 'consult.example': ['u:lee'] });
  });

  it('is nothing where accounts.yaml lists no such event: it names the account like any other', async () => {
    await withRules({ removed_by: [] }).arrive([removed('a', 0), event({ at: at(1) })]);
    expect(await deeds()).toEqual({ a: 2 });
  });
});

describe('decision 7: group traits in conflict', () => {
  const older = group('acct-7', { employees: 50, website: 'old.example' }, { userId: 'ann', at: at(0) });
  const newer = group('acct-7', { employees: 240, website: 'new.example' }, { userId: 'bob', at: at(1) });
  const others = [mail('kim', 'kim@old.example'), mail('eve', 'eve@new.example')];

  it.each([
    ['older first', [older, newer]],
    ['newer first', [newer, older]],
  ])('the later event wins, whoever sent it and whichever came first: %s', async (_title, calls) => {
    const folding = withRules({});
    await folding.arrive(others, ...calls.map((one) => [one]));
    const found = await findAccount(database.db, 'acct-7');
    const state = (await loadStates(database.db, [found?.id ?? ''], factLookup(null))).get(found?.id ?? '');
    expect(state && accountTraits(state)).toEqual({ employees: 240, website: 'new.example' });
    expect(await folding.people()).toEqual({
      'acct-7': ['u:ann', 'u:bob', 'u:eve'],
      'old.example': ['u:kim'],
    });
  });

  it('a web site that was unset, or names no company, gives the domain back', async () => {
    const folding = withRules({});
    await folding.arrive(others, [newer], [group('acct-7', { website: null }, { userId: 'ann', at: at(2) })]);
    expect(Object.keys(await folding.people())).toEqual(['acct-7', 'new.example', 'old.example']);
  });
});

describe('anonymous to known (X-44)', () => {
  it('what was done before signing up, on two devices, is the user’s, and so is the account', async () => {
    const folding = withRules({});
    await folding.arrive(
      [event({ userId: null, anonymousId: 'phone', at: at(-3) })],
      [event({ userId: null, anonymousId: 'laptop', at: at(-2) })],
      [event({ userId: 'ann', anonymousId: 'phone', at: at(-1) })],
      [group('acct-7', {}, { userId: 'ann', anonymousId: 'laptop', at: at(0) })],
    );
    expect(await deeds()).toEqual({ 'acct-7': 3 });
    for (const key of ['person:phone', 'person:laptop', 'person:ann']) {
      expect((await findAccount(database.db, key))?.key).toBe('acct-7');
    }
  });
});
