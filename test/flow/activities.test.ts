import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { badAnswers } from '../../src/sandbox/hubspot/index.ts';
import { DAY, HOUR, isoInstant, MINUTE } from '../../src/shared/time.ts';
import { inTransaction } from '../../src/store/db.ts';
import { loadHeard } from '../../src/store/handoff/touches.ts';
import { thin } from '../../src/store/retention/thin.ts';
import { crmFacts } from '../support/crm-facts.ts';
import { log } from '../support/engagements.ts';
import { shippedMappings } from '../support/policy.ts';
import { asRep } from '../support/rep.ts';
import { personOf, qualifying, startWorld, type World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.stop());

const company = () => world.hubspot.records('companies')[0]?.id ?? '';
const account = () => String(world.salesforce.records('Account')[0]?.Id);
const time = () => ({ hs_timestamp: isoInstant(world.clock.now()) });
const call = () =>
  log(world.hubspot, 'calls', company(), {
    ...time(),
    hs_call_direction: 'OUTBOUND',
    hubspot_owner_id: '101',
  });

async function qualified(): Promise<void> {
  await world.send(...qualifying('acme', world.clock));
  await world.settle();
  world.hubspot.forgetLog();
  world.salesforce.forgetLog();
}

/** As though the next look were due; some minutes have passed. */
async function nextLook(minutes = 5): Promise<void> {
  world.clock.advance(minutes * MINUTE);
  await world.database.db.query('UPDATE crm_feeds SET next_at = now()');
  await world.database.db.query('UPDATE crm_watches SET next_at = now()');
  await world.settle();
}

async function touches(): Promise<string[]> {
  const rows = await world.database.db.query<{ row: string }>(
    `SELECT concat_ws(' ', split_part(connection, ':', 1), kind, side, owner) AS row FROM touches ORDER BY at, id`,
  );
  return rows.rows.map(({ row }) => row);
}

async function scored(): Promise<{ account: string; at: Date } | undefined> {
  const rows = await world.database.db.query<{ account: string; at: Date }>(
    'SELECT account, max(computed_at) AS at FROM scores GROUP BY account',
  );
  return rows.rows[0];
}

async function heard() {
  const id = String((await scored())?.account);
  return (await inTransaction(world.database.db, (tx) => loadHeard(tx, [id]))).get(id);
}

const reads = () =>
  world.hubspot
    .calls()
    .filter(({ path }) => /\/(companies|calls|emails|meetings|communications)\//.test(path)).length;

describe('who got in touch and who answered is read from the CRMs', () => {
  it('HubSpot: a rep logs a call: a touch within one look, and the account is scored again; the answer is a reply', async () => {
    await qualified();
    const before = await scored();
    world.clock.advance(30 * MINUTE);
    const calledAt = world.clock.now();
    await call();
    await nextLook();
    expect(await touches()).toEqual(['hubspot call ours 101']);
    expect((await scored())?.at).not.toEqual(before?.at);
    expect(await heard()).toEqual({ touched: calledAt, replied: null });
    await log(world.hubspot, 'emails', company(), { ...time(), hs_email_direction: 'INCOMING_EMAIL' });
    const answeredAt = world.clock.now();
    await nextLook();
    expect(await heard()).toEqual({ touched: calledAt, replied: answeredAt });
    await nextLook();
    expect(await touches()).toEqual(['hubspot call ours 101', 'hubspot email theirs']);
  });

  it('Salesforce: the same, in one call for all accounts; our task that a rep completes is a touch', async () => {
    await qualified();
    world.clock.advance(30 * MINUTE);
    const who = world.salesforce.records('User').find(({ Name }) => Name === 'Ada Rep')?.Id;
    const closed = { Status: 'Completed', IsClosed: true, CompletedDateTime: isoInstant(world.clock.now()) };
    world.salesforce.seed('Task', { TaskSubtype: 'Call', AccountId: account(), OwnerId: who, ...closed });
    const [ours] = world.salesforce.records('Task').filter(({ PQL_Key__c: key }) => key);
    world.clock.advance(MINUTE);
    world.salesforce.touch('Task', String(ours?.Id), {
      ...closed,
      OwnerId: who,
      CompletedDateTime: isoInstant(world.clock.now()),
    });
    world.clock.advance(MINUTE);
    world.salesforce.seed('EmailMessage', {
      Incoming: true,
      MessageDate: isoInstant(world.clock.now()),
      RelatedToId: account(),
    });
    await nextLook();
    expect(await touches()).toEqual([
      `salesforce call ours ${who}`,
      `salesforce task ours ${who}`,
      'salesforce email theirs',
    ]);
    expect(world.salesforce.calls().filter(({ path }) => path.endsWith('/composite'))).toHaveLength(1);
  });

  it('nobody is looked at who was not handed over, and nobody any more once it is over', async () => {
    await world.send(personOf('quiet', 'ada-quiet', world.clock).identify({ email: 'ada@quiet.example' }));
    await world.settle();
    await nextLook();
    expect(world.hubspot.calls().some(({ path }) => path.includes('/calls/'))).toBe(false);
    await qualified();
    await nextLook();
    const watched = async () =>
      (await world.database.db.query('SELECT connection FROM crm_watches')).rowCount;
    expect(await watched()).toBe(2);
    await world.send(personOf('acme', 'ada-acme', world.clock).track('Subscription Started'));
    await world.settle();
    await nextLook();
    expect(await watched()).toBe(0);
  });

  it('what happened before the crossing is no answer to it, and is not kept', async () => {
    const [id = ''] = world.hubspot.seed([{ object: 'companies', properties: { domain: 'acme.example' } }]);
    await log(world.hubspot, 'calls', id, { hs_timestamp: isoInstant(world.clock.now() - HOUR) });
    await qualified();
    await nextLook();
    expect(await touches()).toEqual([]);
  });

  it('a task that a rep completes is a touch; one that we close ourselves, because the account cooled, is none', async () => {
    await world.stop();
    const mappings = shippedMappings();
    const plays = mappings.handoff.plays.map((play) => ({ ...play, when_cooled: 'close' as const }));
    world = await startWorld({ mappings: { ...mappings, handoff: { ...mappings.handoff, plays } } });
    await qualified();
    const [task] = world.hubspot.records('tasks');
    await asRep(world.hubspot, task?.id, { hs_task_status: 'COMPLETED' });
    await nextLook();
    expect(await touches()).toEqual(['hubspot task ours']);
    world.clock.advance(7 * DAY);
    await world.settle();
    expect(world.salesforce.records('Task')).toMatchObject([{ IsClosed: true }]);
    await nextLook();
    const watched = await world.database.db.query('SELECT since FROM crm_watches');
    expect(watched.rowCount).toBe(2);
    expect(await touches()).toEqual(['hubspot task ours']);
  });

  it('a call that is deleted in the CRM is gone here, and the account is scored again', async () => {
    await qualified();
    const id = await call();
    await nextLook();
    expect(await touches()).toHaveLength(1);
    world.hubspot.archive('calls', id);
    await nextLook();
    expect(await touches()).toEqual([]);
    expect(await heard()).toBeUndefined();
  });

  it('a meeting ahead was booked, and is held when it is over, though nobody touches it', async () => {
    await qualified();
    const start = world.clock.now() + DAY;
    const properties = {
      hs_timestamp: isoInstant(start),
      hs_meeting_end_time: isoInstant(start + HOUR),
      hs_object_source: 'MEETINGS',
    };
    const [id = ''] = world.hubspot.seed([{ object: 'meetings', properties }]);
    world.hubspot.associate('meetings', id, 'companies', company());
    await nextLook();
    await nextLook();
    expect(await touches()).toEqual(['hubspot meeting theirs']);
    await nextLook(60 * 26);
    expect(await touches()).toEqual(['hubspot meeting theirs', 'hubspot meeting ours']);
  });

  it('an answer within two minutes of a mail was written by a machine, in whichever order both are read', async () => {
    await qualified();
    world.clock.advance(10 * MINUTE);
    await log(world.hubspot, 'emails', company(), { ...time(), hs_email_direction: 'INCOMING_EMAIL' });
    await nextLook(1);
    expect(await touches()).toEqual(['hubspot email theirs']);
    const sent = isoInstant(world.clock.now() - 2 * MINUTE);
    await log(world.hubspot, 'emails', company(), {
      hs_timestamp: sent,
      hs_email_direction: 'EMAIL',
      hs_email_status: 'SENT',
    });
    await nextLook();
    expect(await touches()).toEqual(['hubspot email ours']);
    await nextLook();
    expect(await touches()).toEqual(['hubspot email ours']);
  });
});

describe('reading when things go wrong', () => {
  it.each([
    ['too many calls', badAnswers.tenSecondlyLimit()],
    ['a server error', badAnswers.internalError()],
    ['a lost answer', badAnswers.lostAfter()],
  ])('%s loses nothing: the next look reads it', async (_, fault) => {
    await qualified();
    await call();
    world.hubspot.faults.add({ path: '/crm/v3/objects/calls/batch/read', times: 'always', ...fault });
    await nextLook();
    expect(await touches()).toEqual([]);
    const { crm } = await world.service.status();
    expect(crm.hubspot?.reads.activities?.trouble).not.toBeNull();
    world.hubspot.faults.clear();
    await nextLook();
    expect(await touches()).toEqual(['hubspot call ours 101']);
  });

  it('a mail without the scope is not seen, a call is; the status says so', async () => {
    await qualified();
    await call();
    await log(world.hubspot, 'emails', company(), {
      ...time(),
      hs_email_direction: 'EMAIL',
      hs_email_status: 'SENT',
    });
    world.hubspot.settings.emailScope = false;
    await nextLook();
    expect(await touches()).toEqual(['hubspot call ours 101']);
    const { crm } = await world.service.status();
    expect(crm.hubspot?.reads.activities?.trouble).toMatch(/^email: .*sales-email-read/);
    expect(crm.hubspot?.paused).toBeNull();
  });

  it('an activity whose company shows it before the list does is found by the second look', async () => {
    await qualified();
    await call();
    const links = {
      path: '/crm/v4/associations/companies/calls/batch/read',
      reply: { status: 200, body: { results: [] } },
    };
    world.hubspot.faults.add(links);
    await nextLook();
    expect(await touches()).toEqual([]);
    // Another one, while the first is looked at once more: it gets a second look of its own.
    await call();
    world.hubspot.faults.add(links);
    await nextLook();
    await nextLook();
    expect(await touches()).toEqual(['hubspot call ours 101', 'hubspot call ours 101']);
  });

  it('an activity of Salesforce that is committed after a look, under an earlier time, is found by the next one', async () => {
    await qualified();
    await nextLook();
    const lookedAt = world.clock.now();
    world.salesforce.seed('Task', {
      TaskSubtype: 'Call',
      AccountId: account(),
      IsClosed: true,
      CompletedDateTime: isoInstant(lookedAt - 2 * MINUTE),
      SystemModstamp: isoInstant(lookedAt - 2 * MINUTE),
    });
    await nextLook();
    expect(await touches()).toEqual(['salesforce call ours']);
  });

  it('a look at accounts without news costs one call of HubSpot and one of Salesforce', async () => {
    await qualified();
    await nextLook();
    world.hubspot.forgetLog();
    world.salesforce.forgetLog();
    await nextLook();
    expect(reads()).toBe(1);
    expect(world.salesforce.calls().filter(({ path }) => path.endsWith('/composite'))).toHaveLength(1);
  });
});

describe('what is kept', () => {
  it('nothing of what was said or of who wrote it, and nothing at all after 180 days', async () => {
    await qualified();
    await log(world.hubspot, 'emails', company(), {
      ...time(),
      hs_email_direction: 'INCOMING_EMAIL',
      hs_email_subject: 'Secret',
      hs_email_text: 'from ada@acme.example',
    });
    await nextLook();
    const { rows } = await world.database.db.query('SELECT * FROM touches');
    expect(Object.keys(rows[0]).sort()).toEqual([
      'account',
      'at',
      'connection',
      'id',
      'kind',
      'noted',
      'owner',
      'seen_at',
      'side',
    ]);
    expect(JSON.stringify(rows)).not.toMatch(/secret|ada/i);
    const inDays = (days: number) => () => world.clock.now() + days * DAY;
    const life = { stopping: false };
    const { db } = world.database;
    await thin({ db, now: inDays(179), historyDays: 90, days: 400, life });
    expect(await touches()).toHaveLength(1);
    await thin({ db, now: inDays(181), historyDays: 90, days: 400, life });
    expect(await touches()).toEqual([]);
  });

  it('S4-91, S4-164: a task of ours that we closed is no conversation: the next crossing is not held by it', async () => {
    await qualified();
    const [task] = world.salesforce.records('Task');
    // As when the account cooled, or bought: the day on which our own task was due shows as the last activity.
    world.salesforce.touch('Task', String(task?.Id), { Status: 'Completed', IsClosed: true });
    world.salesforce.touch('Account', account(), { LastActivityDate: String(task?.ActivityDate) });
    await world.database.db.query(`UPDATE crm_records SET facts_read_at = now() - interval '2 days'`);
    await world.settle();
    expect(await crmFacts(world, 'acme')).not.toHaveProperty('last_crm_activity');
    world.salesforce.touch('Account', account(), { LastActivityDate: '2026-03-01' });
    await world.database.db.query(`UPDATE crm_records SET facts_read_at = now() - interval '2 days'`);
    await world.settle();
    expect(await crmFacts(world, 'acme')).toMatchObject({ last_crm_activity: '2026-03-01' });
  });

  it('S4-91, S4-164: a call is a touch and the last activity, at one instant; our task, open or completed, is no activity', async () => {
    await qualified();
    const factsAgain = async () => {
      await world.database.db.query(`UPDATE crm_records SET facts_read_at = now() - interval '2 days'`);
      await nextLook();
      return crmFacts(world, 'acme');
    };
    expect(await factsAgain()).not.toHaveProperty('last_crm_activity');
    await asRep(world.hubspot, world.hubspot.records('tasks')[0]?.id, { hs_task_status: 'COMPLETED' });
    expect(await factsAgain()).not.toHaveProperty('last_crm_activity');
    await call();
    const at = world.clock.now();
    expect(await factsAgain()).toMatchObject({ last_crm_activity: isoInstant(at) });
    expect(await heard()).toEqual({ touched: at, replied: null });
  });
});
