import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deliverAlerts } from '../../src/alerts/deliver.ts';
import { type SlackSandbox, startSlackSandbox } from '../../src/sandbox/slack/index.ts';
import { MINUTE } from '../../src/shared/time.ts';
import { hashId, inTransaction } from '../../src/store/db.ts';
import { forwardKey } from '../../src/store/fold/forward.ts';
import { tellOfCrossing } from '../../src/store/handoff/threads.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { emptyRecord } from '../support/empty.ts';
import { CHANNEL, type SlackWorld, slackWorld, TEAM } from '../support/slack-world.ts';

/** Alerts over a real database into the stand-in of Slack. */

let database: TestDatabase;
let slack: SlackSandbox;
let world: SlackWorld;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await emptyRecord(database.db);
  slack = await startSlackSandbox({ settings: { limits: 'off' } });
  world = slackWorld(database, slack);
});
afterEach(() => slack.close());

const route = {
  to: 'SDR',
  owner: null,
  reason: '',
  sla: { due: '2026-03-03T12:00:00.000Z', rule: 'any' },
};
const CROSSED = { what: 'crossed', line: 'crossed into mql with 85 points', route } as const;
const SCORE = {
  value: 60,
  tier: 'mql',
  reasons: '',
  at: '2026-03-02T12:00:00.000Z',
  raw: 60,
  flags: null,
  segment: null,
};
const texts = () => slack.messages().map(({ text }) => text);

describe('a crossing is told once (I6)', () => {
  it('S4-82, S4-87: one message with tier, score, company, reasons, deadline, link, and the owner mentioned', async () => {
    await world.alert('Initech', CROSSED);
    await world.deliver();
    await world.deliver();
    const [message, ...more] = slack.messages();
    expect(more).toEqual([]);
    expect(message).toMatchObject({ channel: CHANNEL, threadTs: null });
    expect(slack.text().split('\n').slice(1, -1)).toEqual([
      '  Initech: mql, 85 points',
      '  Who: Ada, Ops, ada@initech.example',
      '  Company: Initech.example, 240 employees',
      '  Goes to: SDR',
      '  Get in touch by: 2026-03-03 12:00 UTC',
      '  crossed into mql with 85 points',
      '  • 5 teammates invited (+20)',
      '  • ran into a plan limit 2 times (+25)',
      '  Owner: <@U0ANN00001>',
      '  <https://pql.example.com/api/v1/accounts/Initech|score and reasons>',
      '  [Claim] [Snooze until tomorrow] [Not a fit]',
    ]);
    expect(await world.actions()).toMatchObject([{ state: 'done', sends: 1 }]);
  });

  it('goes to the channel of its route, and names an owner whom Slack does not know', async () => {
    slack.settings.everybody = false;
    await world.alert('Initech', { ...CROSSED, route: { ...route, to: 'AE' } }, {}, 'bob@crm.example');
    await world.deliver();
    expect(slack.messages()).toMatchObject([{ channel: 'C0PQLSALES1' }]);
    expect(slack.text()).toContain('Owner: bob@crm.example');
  });

  it('waits for its task up to a minute, then goes without an owner', async () => {
    await world.alert('Initech', CROSSED, {}, null);
    await world.deliver();
    expect(slack.messages()).toEqual([]);
    expect(await world.actions()).toMatchObject([{ state: 'waiting', code: 'awaiting_owner' }]);
    world.ahead = 61_000;
    await world.deliver();
    expect(slack.text()).not.toContain('Owner');
    expect(slack.messages()).toHaveLength(1);
  });

  it('with PQL_SYNC=manual waits for its task for as long as that takes, and then goes', async () => {
    world.deps = { ...world.deps, manual: true };
    await world.alert('Initech', CROSSED, {}, null);
    for (const ahead of [0, 61_000, 3_600_000]) {
      world.ahead = ahead;
      await world.deliver();
    }
    expect(slack.messages()).toEqual([]);
    expect(await world.actions()).toMatchObject([{ state: 'waiting', code: 'awaiting_sync' }]);
    await database.db.query(`UPDATE actions SET state = 'done' WHERE kind = 'task'`);
    world.ahead = 3_700_000;
    await world.deliver();
    expect(slack.messages()).toHaveLength(1);
  });

  it('of a message whose answer was lost exactly one more is sent, after a minute, marked as a possible repeat', async () => {
    slack.faults.add({ path: '/api/chat.postMessage', reset: 'after', times: 1 });
    await world.alert('Initech', CROSSED);
    await world.deliver();
    expect(slack.messages()).toHaveLength(1);
    world.ahead = 59_000;
    await world.deliver();
    expect(slack.messages()).toHaveLength(1);
    world.ahead = 130_000;
    await world.deliver();
    world.ahead = 500_000;
    await world.deliver();
    expect(slack.messages()).toHaveLength(2);
    expect(slack.text()).toContain('May be a repeat');
    expect(await world.actions()).toMatchObject([
      { state: 'done', reason: expect.stringContaining('may be a repeat') },
    ]);
  });

  it('a process that dies after the message and before its note: exactly one more, marked, and then a person is asked', async () => {
    await world.alert('Initech', CROSSED);
    const { messenger } = world.deps;
    const killed = async (...message: Parameters<typeof messenger.post>) => {
      await messenger.post(...message);
      throw new Error('killed');
    };
    for (const ahead of [0, 120_000, 240_000, 360_000]) {
      world.ahead = ahead;
      await deliverAlerts({ ...world.deps, messenger: { ...messenger, post: killed } }).catch(() => {});
    }
    expect(slack.messages()).toHaveLength(2);
    expect(JSON.stringify(slack.messages()[1])).toContain('May be a repeat');
    expect(await world.actions()).toMatchObject([{ state: 'parked', code: 'uncertain_alert', sends: 2 }]);
  });
});

describe('a crossing that was overtaken', () => {
  it('S4-91: of who bought, or must not be contacted, before anybody was told nothing is said', async () => {
    await world.alert('Initech', CROSSED);
    await world.alert('Initech', { what: 'bought', line: 'the account became a customer.' });
    await world.alert('Hooli', CROSSED);
    world.deps.held = async (accounts) => new Map(accounts.map((id) => [id, 'somebody said so']));
    await world.deliver();
    world.ahead = 5000;
    await world.deliver();
    expect(slack.messages()).toEqual([]);
    expect((await world.actions()).map(({ state, reason }) => `${state} ${reason}`).sort()).toEqual([
      'done  (not sent: nobody was told of the crossing)',
      'skipped overtaken: it has bought, or is not to be contacted',
      'skipped somebody said so',
    ]);
  });
});

describe('follow-ups', () => {
  beforeEach(async () => {
    await world.alert('Initech', CROSSED);
    await world.deliver();
  });

  it('stand in the thread, and the first message shows how the account stands; when it is over its buttons go', async () => {
    await world.alert('Initech', { what: 'breached', line: 'Nobody got in touch in time.' });
    await world.deliver();
    const [first, reply] = slack.messages();
    expect(reply).toMatchObject({ threadTs: first?.ts, text: 'Nobody got in touch in time. <@U0ANN00001>' });
    expect(JSON.stringify(first?.blocks)).toContain('Deadline missed');
    await world.alert('Initech', { what: 'bought', line: 'the account became a customer.' });
    await world.deliver();
    expect(slack.messages()[2]).toMatchObject({
      threadTs: first?.ts,
      text: 'the account became a customer.',
    });
    const blocks = JSON.stringify(slack.messages()[0]?.blocks);
    expect(blocks).toContain('Became a customer');
    expect(blocks).not.toContain('pql_claim');
  });

  it('a deadline that is passed on is told once, to whom it was passed on', async () => {
    const times = { now: world.deps.now(), realNow: world.deps.realNow() };
    const crossing = { account: hashId('Initech'), tier: 'mql', n: 1 };
    const told = { what: 'escalated', line: 'Passed on.', owner: 'lead@crm.example' } as const;
    const tell = () => inTransaction(database.db, (tx) => tellOfCrossing(tx, crossing, told, times));
    expect([await tell(), await tell()]).toEqual([1, 1]);
    await world.deliver();
    const lead = (await world.deps.directory.userOf('lead@crm.example')) ?? '';
    expect(slack.messages().slice(1)).toMatchObject([{ text: `Passed on. <@${lead}>` }]);
    const other = { ...crossing, n: 2 };
    expect(await inTransaction(database.db, (tx) => tellOfCrossing(tx, other, told, times))).toBe(0);
  });

  it('of an account that joins another go on in its conversation, or in that of the other if it has one', async () => {
    await world.alert('Hooli', CROSSED);
    await world.deliver();
    const [initech, hooli] = slack.messages();
    await inTransaction(database.db, (tx) => forwardKey(tx, 'Hooli', 'Pied Piper', () => 0));
    await world.alert('Pied Piper', { what: 'bought', line: 'bought.' });
    await world.deliver();
    expect(slack.messages()[2]).toMatchObject({ threadTs: hooli?.ts });
    await inTransaction(database.db, (tx) => forwardKey(tx, 'Pied Piper', 'Initech', () => 0));
    await world.alert('Initech', { what: 'bought', line: 'bought.' });
    await world.deliver();
    expect(slack.messages()[3]).toMatchObject({ threadTs: initech?.ts });
    expect((await database.db.query('SELECT 1 FROM slack_threads')).rowCount).toBe(1);
  });

  it('a word whose answer was lost is not said again', async () => {
    slack.faults.add({ path: '/api/chat.postMessage', reset: 'after', times: 1 });
    await world.alert('Initech', { what: 'bought', line: 'the account became a customer.' });
    await world.deliver();
    world.ahead = 200_000;
    await world.deliver();
    expect(slack.messages()).toHaveLength(2);
    expect(await world.actions()).toMatchObject([
      {},
      { state: 'done', reason: expect.stringContaining('perhaps') },
    ]);
  });

  it('a first message that somebody deleted is left, and the word goes by itself', async () => {
    const [first] = slack.messages();
    slack.remove(CHANNEL, first?.ts ?? '');
    await world.alert('Initech', { what: 'bought', line: 'the account became a customer.' });
    await world.deliver();
    expect(slack.messages()).toMatchObject([
      { threadTs: null, text: 'Initech (mql): the account became a customer.' },
    ]);
  });
});

describe('Slack says no', () => {
  it('429: the channel waits as long as it says, and nothing is sent twice', async () => {
    const reply = {
      status: 429,
      headers: { 'retry-after': '30' },
      body: { ok: false, error: 'ratelimited' },
    };
    slack.faults.add({ path: '/api/chat.postMessage', reply, times: 1 });
    await world.alert('Initech', CROSSED);
    await world.alert('Hooli', CROSSED);
    await world.deliver();
    expect(slack.calls().filter(({ path }) => path.endsWith('postMessage'))).toHaveLength(1);
    world.ahead = 45_000;
    await world.deliver();
    expect(texts()).toHaveLength(2);
  });

  it('a revoked token pauses the connection, and what waits goes when another is set', async () => {
    const token = slack.settings.tokens['xoxb-sandbox'];
    slack.settings.tokens['xoxb-sandbox'] = { state: 'token_revoked', scopes: [] };
    await world.alert('Initech', CROSSED);
    await world.deliver();
    const paused = await database.db.query(
      'SELECT paused_code, paused_reason FROM connections WHERE connection = $1',
      [TEAM],
    );
    expect(paused.rows).toMatchObject([{ paused_code: 'token_revoked' }]);
    expect(await world.actions()).toMatchObject([{ state: 'waiting', sends: 0 }]);
    Object.assign(slack.settings.tokens, { 'xoxb-sandbox': token });
    world.ahead = 61_000;
    await world.deliver();
    expect(slack.messages()).toHaveLength(1);
  });

  it('a channel that is gone: the default channel gets it, and the alert says so', async () => {
    slack.settings.channels.C0PQLSALES1 = { name: 'sales', archived: true };
    await world.alert('Initech', { ...CROSSED, route: { ...route, to: 'AE' } });
    await world.deliver();
    expect(slack.messages()).toMatchObject([{ channel: CHANNEL }]);
    expect(await world.actions()).toMatchObject([
      { reason: expect.stringContaining('is_archived of C0PQLSALES1') },
    ]);
  });

  it('a message whose form it refuses goes as plain text', async () => {
    const reply = { status: 200, body: { ok: false, error: 'invalid_blocks' } };
    slack.faults.add({ path: '/api/chat.postMessage', reply, times: 1 });
    await world.alert('Initech', CROSSED);
    await world.deliver();
    expect(slack.messages()).toMatchObject([{ blocks: [], text: expect.stringContaining('Initech: mql') }]);
  });
});

describe('two workers', () => {
  it('send each alert once, at one pace', async () => {
    const every = 200;
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      await world.alert(name, CROSSED);
    }
    const started = performance.now();
    await Promise.all([1, 2, 3].map(() => deliverAlerts({ ...world.deps, every })));
    await world.deliver();
    expect(
      texts()
        .map((text) => text[0])
        .sort(),
    ).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(performance.now() - started).toBeGreaterThan(4 * every);
    const { rows } = await database.db.query(
      'SELECT json_array_length(sent) AS sent FROM slack_channels WHERE channel = $1',
      [CHANNEL],
    );
    expect(rows).toEqual([{ sent: 5 }]);
  });
});

describe('many at once', () => {
  const companies = Array.from({ length: 12 }, (_, i) => `company-${String(i).padStart(2, '0')}`);

  it('go in one message with the highest scores, each alert names it, and follow-ups stand in its thread', async () => {
    for (const [i, name] of companies.entries()) {
      await world.alert(name, CROSSED, { score: { ...SCORE, value: 60 + i } });
    }
    await world.deliver();
    expect(slack.messages()).toEqual([]);
    world.ahead = 20_000;
    await world.deliver();
    const [message, ...more] = slack.messages();
    expect(more).toEqual([]);
    expect(message?.text).toMatch(/^12 accounts qualified: company-11, company-10/);
    expect(slack.text()).toContain('and 2 more');
    const acts = await world.actions();
    expect(acts.every(({ reason }) => reason.includes('one message told of 12 accounts'))).toBe(true);
    await world.alert('company-03', { what: 'bought', line: 'the account became a customer.' });
    await world.deliver();
    expect(slack.messages()[1]).toMatchObject({
      threadTs: message?.ts,
      text: 'company-03 (mql): the account became a customer.',
    });
  });

  it('Slack down for an hour: nothing lost, nothing twice, and one message in place of a flood', async () => {
    await slack.close();
    for (const name of companies) {
      await world.alert(name, CROSSED);
      await world.deliver();
      world.ahead += 5 * MINUTE;
    }
    expect(await world.actions()).toMatchObject(companies.map(() => ({ state: 'waiting', sends: 0 })));
    const port = Number(new URL(slack.url).port);
    slack = await startSlackSandbox({ port, settings: { limits: 'off' } });
    world.ahead += 2 * MINUTE;
    await world.deliver();
    expect(texts()).toEqual([expect.stringMatching(/^12 accounts qualified/)]);
    expect((await world.actions()).map(({ state }) => state)).toEqual(companies.map(() => 'done'));
  });
});

describe('an incoming webhook', () => {
  it('gets separate messages without buttons; a word about an account names it', async () => {
    world = slackWorld(database, slack, true);
    await world.alert('Initech', CROSSED);
    await world.deliver();
    await world.alert('Initech', { what: 'bought', line: 'the account became a customer.' });
    await world.deliver();
    expect(slack.messages()).toMatchObject([
      { webhook: true, threadTs: null, text: expect.stringContaining('Initech: mql') },
      { webhook: true, threadTs: null, text: 'Initech (mql): the account became a customer.' },
    ]);
    expect(slack.text()).not.toContain('[Claim]');
  });

  it('that was taken away pauses the connection', async () => {
    world = slackWorld(database, slack, true);
    slack.settings.webhook = null;
    await world.alert('Initech', CROSSED);
    await world.deliver();
    const paused = await database.db.query('SELECT paused_code FROM connections');
    expect(paused.rows).toEqual([{ paused_code: 'invalid_token' }]);
  });
});
