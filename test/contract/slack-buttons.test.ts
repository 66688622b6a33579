import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Press } from '../../src/alerts/press.ts';
import { type SlackSandbox, startSlackSandbox } from '../../src/sandbox/slack/index.ts';
import { DAY, HOUR, MINUTE } from '../../src/shared/time.ts';
import { hashId } from '../../src/store/db.ts';
import { NO_FIT_FOR, notePresses as storePresses } from '../../src/store/handoff/clicks.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { emptyRecord } from '../support/empty.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { CHANNEL, type SlackWorld, slackWorld } from '../support/slack-world.ts';

/** Buttons: pressed in the stand-in, signed, received over HTTP, worked off over a real database. */

let database: TestDatabase;
let slack: SlackSandbox;
let world: SlackWorld;
let receiver: Receiver;

const CONFIG = {
  segmentWriteKeys: [],
  amplitudeApiKeys: [],
  slackSigningSecret: 'old-secret-1,sandbox-signing-secret',
};
const clock = { now: () => Date.now() + world.ahead };
const notePresses = (presses: readonly Press[]) =>
  storePresses(database.db, presses, { now: world.deps.now(), realNow: world.deps.realNow() });

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await emptyRecord(database.db);
  slack = await startSlackSandbox({ settings: { limits: 'off' } });
  world = slackWorld(database, slack);
  receiver = await startReceiver({ clock, config: CONFIG, notePresses });
  const route = { to: 'SDR', owner: null, reason: '', sla: { due: '2026-03-03T12:00:00.000Z', rule: 'any' } };
  await world.alert('Initech', { what: 'crossed', line: 'crossed into mql', route });
  await world.deliver();
});
afterEach(async () => {
  await receiver.close();
  await slack.close();
});

const press = async (action: string, user = 'U0JO000001') => {
  const [first] = slack.messages();
  const url = `${receiver.url}/slack/interactions`;
  const answer = await slack.press({ url, channel: CHANNEL, ts: first?.ts ?? '', action, user });
  await world.deliver();
  return answer;
};
const replies = () =>
  slack
    .messages()
    .slice(1)
    .map(({ text }) => text);
const card = () => JSON.stringify(slack.messages()[0]?.blocks);
const audit = async () =>
  (await database.db.query(`SELECT author, reason FROM audit WHERE what = 'slack button' ORDER BY id`)).rows;

describe('claim', () => {
  it('is answered at once, counts as a first touch, and shows in the thread and on the first message', async () => {
    expect(await press('pql_claim')).toMatchObject({ status: 200 });
    expect(replies()).toEqual(['Claimed by <@U0JO000001>']);
    expect(card()).toContain('*Claimed* by <@U0JO000001>');
    expect(card()).not.toContain('"pql_claim"');
    const touches = await database.db.query('SELECT connection, kind, side, owner, account FROM touches');
    expect(touches.rows).toEqual([
      {
        connection: 'slack',
        kind: 'claim',
        side: 'ours',
        owner: 'jo@example.com',
        account: hashId('Initech'),
      },
    ]);
    const dirty = await database.db.query('SELECT act FROM dirty_accounts');
    expect(dirty.rows).toEqual([{ act: true }]);
    expect(await audit()).toEqual([{ author: 'jo@example.com', reason: 'claimed by jo@example.com' }]);
  });

  it('pressed by two at once: the first has it, and the other changes nothing', async () => {
    const [first] = slack.messages();
    const url = `${receiver.url}/slack/interactions`;
    const pressed = { url, channel: CHANNEL, ts: first?.ts ?? '', action: 'pql_claim' };
    await Promise.all(
      ['U0JO000001', 'U0SAM00001', 'U0JO000001'].map((user) => slack.press({ ...pressed, user })),
    );
    await world.deliver();
    await world.deliver();
    expect(replies()).toHaveLength(1);
    expect((await database.db.query('SELECT 1 FROM touches')).rowCount).toBe(1);
    expect((await audit()).filter(({ reason }) => reason.startsWith('nothing'))).toHaveLength(2);
  });
});

describe('snooze', () => {
  it('is silent, then reminds once if nobody has got in touch', async () => {
    await press('pql_snooze');
    expect(card()).toContain('*Snoozed* by <@U0JO000001> until');
    await world.alert('Initech', { what: 'due_soon', line: 'Due soon.' });
    await world.deliver();
    expect(replies()).toEqual([]);
    world.ahead = 61 * MINUTE;
    await world.deliver();
    world.ahead = 3 * HOUR;
    await world.deliver();
    expect(replies()).toEqual(['Reminder: nobody has got in touch yet. <@U0ANN00001>']);
    expect(card()).toContain('pql_snooze');
  });

  it('does not remind when somebody got in touch meanwhile', async () => {
    await press('pql_snooze');
    await database.db.query(
      `INSERT INTO touches (connection, id, account, kind, side, at, seen_at) VALUES ('hubspot:1', '7', $1, 'call', 'ours', $2, $2)`,
      [hashId('Initech'), new Date(Date.now() + 10 * MINUTE)],
    );
    world.ahead = 2 * HOUR;
    await world.deliver();
    expect(replies()).toEqual([]);
    expect(card()).not.toContain('Snoozed');
  });
});

describe('not a fit', () => {
  it('leaves the account alone for 90 days by the word of that person, and the buttons go', async () => {
    await press('pql_not_a_fit', 'U0SAM00001');
    expect(replies()).toEqual([expect.stringMatching(/^Not a fit, says <@U0SAM00001>. Left alone until /)]);
    expect(card()).not.toContain('pql_');
    expect(world.suppressed).toEqual([['Initech', 'slack:U0SAM00001', expect.any(Number)]]);
    expect((world.suppressed[0]?.[2] ?? 0) - Date.now()).toBeGreaterThan(NO_FIT_FOR - DAY);
  });
});

describe('who is not Slack', () => {
  it.each([
    ['another secret', { secret: 'guessed-secret' }],
    ['a time that is past', { late: -301 }],
    ['a time to come', { late: 301 }],
    ['a changed body', { tampered: true }],
  ])('%s: 401, and nothing happens', async (_what, over) => {
    const [first] = slack.messages();
    const url = `${receiver.url}/slack/interactions`;
    const pressed = { url, channel: CHANNEL, ts: first?.ts ?? '', action: 'pql_claim', user: 'U0JO000001' };
    expect(await slack.press({ ...pressed, ...over })).toMatchObject({ status: 401 });
    expect((await database.db.query('SELECT 1 FROM slack_clicks')).rowCount).toBe(0);
  });

  it('a team that is not ours has no effect', async () => {
    slack.settings.team = 'T0STRANGER';
    expect(await press('pql_claim')).toMatchObject({ status: 200 });
    expect(replies()).toEqual([]);
  });

  const send = (body: string, over: Record<string, string> = {}, to = receiver) => {
    const stamp = String(Math.floor((Date.now() + world.ahead) / 1000));
    const signature = createHmac('sha256', 'sandbox-signing-secret')
      .update(`v0:${stamp}:${body}`)
      .digest('hex');
    const headers = { 'x-slack-request-timestamp': stamp, 'x-slack-signature': `v0=${signature}`, ...over };
    return fetch(`${to.url}/slack/interactions`, { method: 'POST', headers, body });
  };
  const form = (user = 'U0JO000001') => {
    const actions = [
      { action_id: 'pql_claim', action_ts: '1763800200.123456', value: `al_${'0af1'.repeat(8)}` },
    ];
    const payload = { type: 'block_actions', team: { id: 'T0SANDBOX01' }, user: { id: user }, actions };
    return `payload=${encodeURIComponent(JSON.stringify(payload))}`;
  };

  it('the same request a second time: 401; taken by another process it is the same press', async () => {
    const first = await send(form());
    expect([first.status, await first.text()]).toEqual([200, '']);
    expect((await send(form())).status).toBe(401);
    const other = await startReceiver({ clock, config: CONFIG, notePresses });
    expect((await send(form(), {}, other)).status).toBe(200);
    await other.close();
    expect((await database.db.query('SELECT 1 FROM slack_clicks')).rowCount).toBe(1);
  });

  it.each([
    ['larger than a message', () => send(`payload=${'x'.repeat(1024 * 1024)}`), 413],
    ['unsigned', () => send(form(), { 'x-slack-signature': '' }), 401],
    ['no form', () => send('{}'), 400],
    ['a look at the certificate', () => send('ssl_check=1&token=x', { 'x-slack-signature': '' }), 200],
  ])('what is %s: nothing happens', async (_what, sent, status) => {
    expect((await sent()).status).toBe(status);
    expect((await database.db.query('SELECT 1 FROM slack_clicks')).rowCount).toBe(0);
  });

  it('I1: a press that cannot be written down is not acknowledged', async () => {
    const broken = await startReceiver({
      clock,
      config: CONFIG,
      notePresses: () => Promise.reject(new Error('away')),
    });
    expect((await send(form(), {}, broken)).status).toBe(503);
    await broken.close();
  });
});
