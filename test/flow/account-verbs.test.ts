import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noteConnection } from '../../src/store/connections.ts';
import { hashId } from '../../src/store/db.ts';
import { postgresOutbox } from '../../src/store/outbox.ts';
import { postgresReadModel } from '../../src/store/read/index.ts';
import { factLookup } from '../../src/wiring/facts.ts';
import { queueActs } from '../support/acts.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { event, group, identify } from '../support/event.ts';
import { type Live, liveOn } from '../support/live.ts';
import { runPql } from '../support/pql.ts';

let database: TestDatabase;
let world: Live;
const dataDir = mkdtempSync(join(tmpdir(), 'pql-verbs-'));

beforeAll(async () => {
  database = await testDatabase();
  world = liveOn(database);
  await world.live(
    [group('acct-7', { website: 'initech.example' }, { userId: 'ann' })],
    [group('acct-8', { website: 'initech.example' }, { userId: 'bob' })],
    [identify({ email: 'kim@initech.example' }, { userId: 'kim' })],
    [identify({ email: 'sam@gmail.com' }, { userId: 'sam' }), event({ userId: 'sam' })],
    [identify({ email: 'x@mailinator.com' }, { userId: 'tmp' })],
    [event({ userId: 'nomail' })],
    [event({ userId: null, anonymousId: 'a-1' }), event({ userId: null, anonymousId: 'a-1' })],
    [group('acct-9', {}, { userId: 'eve' })],
    [event({ userId: 'eve', accountId: 'acct-9', name: 'Account Removed User' })],
    [event({ userId: 'eve' })],
  );
  await database.db.query(
    `INSERT INTO quarantine (received_at, vendor, route, code, reason, raw, raw_hash, seen)
     VALUES (now(), 'segment', 'segment.webhook', 'no_ids', 'no id', '{}', gen_random_uuid(), 3)`,
  );
});
afterAll(async () => {
  await database.drop();
  rmSync(dataDir, { recursive: true });
});

/** Runs the command beside the test's database. */
const pql = (...args: string[]) => runPql(args, { DATABASE_URL: database.url, PQL_DATA_DIR: dataDir });

describe('recompute', () => {
  it('of one account says when there is none of the key, and stands in the audit', async () => {
    expect(await pql('recompute', 'nobody')).toMatchObject({
      code: 1,
      err: expect.stringContaining('no account nobody'),
    });
    const { code, out } = await pql(
      'recompute',
      'acct-9',
      '--act',
      '--author',
      'ann',
      '--reason',
      'asked for',
      '--json',
    );
    expect([code, JSON.parse(out)]).toEqual([0, { accounts: 1 }]);
    const audit = await database.db.query(
      `SELECT account, author, reason, detail FROM audit WHERE what = 'recompute of an account'`,
    );
    expect(audit.rows).toEqual([
      { account: 'acct-9', author: 'ann', reason: 'asked for', detail: { act: true } },
    ]);
  });

  it.each([
    [['--act'], '--act goes with --all or an account'],
    [['acct-9', '--all'], 'one of them'],
  ])('%j is refused', async (args, words) => {
    expect(await pql('recompute', ...args)).toMatchObject({ code: 2, err: expect.stringContaining(words) });
  });
});

describe('owners: who can be given accounts', () => {
  it('says when there is nobody, and shows whoever got a task although handoff.yaml names nobody', async () => {
    expect((await pql('owners')).out.trim()).toBe('handoff.yaml names nobody, and nobody has a task');
    await queueActs(database.db, { crm: 'hubspot', connection: 'hubspot:1' }, [
      { key: 't:owners', account: 'acct-7', kind: 'task', payload: {} },
    ]);
    await database.db.query(
      `UPDATE actions SET state = 'done', assignee = 'ann@acme.example', assigned_at = now() WHERE key = 't:owners'`,
    );
    const { code, out } = await pql('owners', '--json');
    expect({ code, ...JSON.parse(out) }).toMatchObject({
      code: 0,
      owners: [
        { person: 'ann@acme.example', open: 1, week: 1, aWeek: null, outUntil: null, configured: false },
      ],
    });
    expect((await pql('owners')).out).toMatch(/ann@acme\.example +1 +1 +not in handoff\.yaml/);
  });

  it('score and explain say where the account went, who has the task, and why', async () => {
    await database.db.query(
      `UPDATE scores SET route = '{"to": "SDR", "owner": null, "reason": "every MQL"}'`,
    );
    await database.db.query(
      `UPDATE actions SET owner = '{"id": "1", "name": "ann@acme.example", "why": "next in turn of the pool sdr"}' WHERE key = 't:owners'`,
    );
    const words = 'goes to SDR, to ann@acme.example (next in turn of the pool sdr): every MQL';
    expect((await pql('score', 'acct-7')).out).toContain(words);
    expect((await pql('explain', 'acct-7')).out).toContain(words);
    expect(JSON.parse((await pql('score', 'acct-7', '--json')).out).route).toMatchObject({
      to: 'SDR',
      owner: 'ann@acme.example',
    });
    await database.db.query(`DELETE FROM actions WHERE key = 't:owners'`);
  });
});

describe('unassigned: who belongs to no company, counted and listed with a reason', () => {
  it('the status counts them by reason, cheaply', async () => {
    const read = postgresReadModel(
      database.db,
      () => world.now,
      () => world.mappings.signals.hash,
      () => factLookup(null),
      () => null,
    );
    expect((await read.status()).unassigned).toEqual({
      people: { never_identified: 1, no_mail: 1, free_mail: 1, disposable_mail: 1, own_mail: 0, removed: 1 },
      eventsWithoutIds: 3,
      countedUpTo: 10_000,
    });
    expect((await pql('status')).out).toContain(
      'alone     1 never identified, 1 no mail, 1 free mail, 1 disposable mail, 1 removed, 3 events without any id: pql unassigned',
    );
  });

  it('lists people with their events, contested domains with who claims them, and what helps', async () => {
    const { code, out } = await pql('unassigned', '--json');
    expect(code).toBe(0);
    const found = JSON.parse(out);
    const events = found.counts.map((one: { why: string; events: number }) => [one.why, one.events]);
    expect(Object.fromEntries(events)).toEqual({
      never_identified: 2,
      no_mail: 1,
      free_mail: 1,
      disposable_mail: 0,
      own_mail: 0,
      removed: 1,
    });
    expect(found.counts.every(({ remedy }: { remedy: string }) => remedy !== '')).toBe(true);
    expect(found.people).toContainEqual({
      account: 'person:sam',
      person: 'sam',
      why: 'free_mail',
      email: 'sam@gmail.com',
      events: 1,
      lastSeen: expect.any(String),
    });
    expect(found.contestedDomains).toEqual([
      { domain: 'initech.example', accounts: ['acct-7', 'acct-8'], people: 1 },
    ]);
    expect(found.eventsWithoutIds).toBe(3);
  });

  it('in words, and one reason alone', async () => {
    const { out } = await pql('unassigned', '--reason', 'never_identified');
    expect(out).toContain('person:a-1');
    expect(out).not.toContain('person:sam');
    expect(out).toContain('initech.example  1       acct-7, acct-8');
    expect(out).toContain('3 events came without any id');
  });

  it('an unknown reason is wrong usage, with the nearest one', async () => {
    const { code, err } = await pql('unassigned', '--reason', 'freemail');
    expect([code, err]).toEqual([2, expect.stringContaining('did you mean "free_mail"?')]);
  });
});

describe('pql accounts merge, unmerge and merges', () => {
  it('merge, list and separate, with the user of the machine or a named author', async () => {
    const merged = await pql('accounts', 'merge', 'acct-7', 'acct-8', '--reason', 'two workspaces', '--json');
    expect([merged.code, JSON.parse(merged.out)]).toEqual([0, { from: 'acct-7', into: 'acct-8', people: 1 }]);
    const listed = JSON.parse((await pql('accounts', 'merges', '--json')).out);
    expect(listed.merges).toEqual([
      {
        from: 'acct-7',
        into: 'acct-8',
        at: expect.any(String),
        author: userInfo().username,
        reason: 'two workspaces',
      },
    ]);
    const apart = await pql('accounts', 'unmerge', 'acct-7', '--reason', 'a mistake', '--author', 'ada');
    expect([apart.code, apart.out]).toEqual([
      0,
      expect.stringContaining('separated acct-7 from acct-8 again: 1 person'),
    ]);
    const said = await database.db.query(
      `SELECT detail ->> 'author' AS author FROM audit WHERE what LIKE '%separated%'`,
    );
    expect(said.rows).toEqual([{ author: 'ada' }]);
    expect((await pql('accounts', 'merges')).out).toContain('no account is merged');
  });

  it.each([
    [['accounts', 'merge', 'acct-7', 'acct-8'], 2, '--reason: found nothing'],
    [['accounts', 'merge', 'acct-7', '--reason', 'x'], 2, 'name two keys'],
    [['accounts', 'unmerge', '--reason', 'x'], 2, 'name the key'],
    [['accounts', 'mrge', 'acct-7', 'acct-8'], 2, 'did you mean "merge"?'],
    [['accounts', 'merge', 'acct-7', 'nobody', '--reason', 'x'], 1, 'no account has the key nobody'],
    [
      ['accounts', 'unmerge', 'acct-7', '--reason', 'x'],
      1,
      'nobody has merged an account with the key acct-7',
    ],
  ])('%j ends with %i', async (args, code, message) => {
    const done = await pql(...args);
    expect([done.code, done.err]).toEqual([code, expect.stringContaining(message)]);
  });

  it('the listing is as it was', async () => {
    const { accounts } = JSON.parse((await pql('accounts', '--q', 'acct-9', '--json')).out);
    expect(accounts.map(({ key }: { key: string }) => key)).toEqual(['acct-9']);
    expect((await pql('accounts', '--help')).out).toContain('merge FROM INTO --reason R');
  });
});

describe('crm links: which CRM records stand for an account', () => {
  it('with how each was found, what is left alone in it, and what stood for it before', async () => {
    const { db } = database;
    const outbox = postgresOutbox(
      db,
      () => world.now,
      () => world.now,
    );
    await noteConnection(db, 'hubspot', 'hubspot:1', world.now);
    const link = { object: 'account', ref: 'acct-7', account: hashId('acct-7'), acknowledged: {} } as const;
    const held = { industry: { why: 'by_hand', theirs: 'Paper', wrote: 'IT' } } as const;
    const [first, second] = [
      { crmId: '41', note: null, how: 'domain' } as const,
      { crmId: '42', held } as const,
    ];
    await outbox.settle('hubspot:1', [], [{ ...link, ...first }]);
    const note = '2 companies have this domain';
    await outbox.settle('hubspot:1', [], [{ ...link, ...second, how: 'unique', note }]);
    await outbox.settle('hubspot:1', [], [{ ...link, ...second, note: null }]);
    const { code, out } = await pql('crm', 'links', 'acct-7');
    expect(code).toBe(0);
    expect(out).toContain('42');
    expect(out).toContain('unique');
    expect(out).toContain(`${note}; industry changed by hand, left: "Paper"`);
    expect(out).toMatch(/until .*: account 41 {2}\(2 companies have this domain\)/);
    expect((await pql('crm', 'links', 'nobody')).code).toBe(1);
  });
});
