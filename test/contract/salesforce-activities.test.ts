import { afterEach, describe, expect, it } from 'vitest';
import {
  EMAIL_FIELDS,
  EVENT_FIELDS,
  TASK_FIELDS,
  TASK_FIELDS_WHERE_DESCRIBED,
} from '../../src/crm/salesforce/activity-rows.ts';
import { SfError, startSalesforceSandbox } from '../../src/sandbox/salesforce/index.ts';
import { ManualClock } from '../../src/shared/clock.ts';
import { DAY, HOUR, isoDate, isoInstant, MINUTE } from '../../src/shared/time.ts';
import type { Watched } from '../../src/sync/activities.ts';
import type { ActivityLook } from '../../src/sync/crm-reads.ts';
import { connectorTo, FIELDS } from './salesforce-world.ts';

const NOON = Date.UTC(2026, 10, 24, 12);

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function org() {
  const clock = new ManualClock(NOON);
  const sandbox = await startSalesforceSandbox({ clock });
  closing.push(() => sandbox.close());
  const crm = connectorTo(sandbox);
  await crm.setup(FIELDS, [], true);
  const account = sandbox.seed('Account', { Name: 'Acme' }).Id;
  const contact = sandbox.seed('Contact', { LastName: 'Ada', AccountId: account }).Id;
  const lead = sandbox.seed('Lead', { LastName: 'Bob', Company: 'Acme' }).Id;
  const watched = (over: Partial<Watched> = {}): Watched => ({
    account,
    people: [contact, lead],
    tasks: [],
    known: [],
    since: NOON - DAY,
    seen: null,
    again: false,
    ...over,
  });
  await crm.reads.activities.look([watched()]);
  sandbox.forgetLog();
  const look = (over?: Partial<Watched>) => crm.reads.activities.look([watched(over)]);
  const ada = sandbox.records('User').find(({ Name }) => Name === 'Ada Rep')?.Id;
  const task = (values: Record<string, unknown>) =>
    sandbox.seed('Task', {
      Status: 'Completed',
      IsClosed: true,
      CompletedDateTime: isoInstant(NOON),
      AccountId: account,
      ...values,
    });
  return { sandbox, clock, crm, account, contact, lead, ada, look, task };
}

const shown = ({ activities }: ActivityLook) =>
  activities
    .map(({ kind, side, state, automatic }) => `${kind} ${side} ${state}${automatic ? ' automatic' : ''}`)
    .sort();
const calls = ({ calls }: { calls(): readonly { path: string }[] }) =>
  calls().map(({ path }) => path.split('/').at(-1));

describe('reading activities of an org', () => {
  it('tasks, events and mails of an account and its people, in one call; with nothing new as well', async () => {
    const { sandbox, account, contact, lead, ada, look, task } = await org();
    task({ TaskSubtype: 'Call', CallType: 'Outbound', OwnerId: ada });
    task({ TaskSubtype: 'Call', CallType: 'Inbound', AccountId: null, WhoId: lead });
    sandbox.seed('Event', {
      AccountId: account,
      StartDateTime: isoInstant(NOON + DAY),
      EndDateTime: isoInstant(NOON + DAY + HOUR),
    });
    sandbox.seed('EmailMessage', {
      Incoming: true,
      MessageDate: isoInstant(NOON - HOUR),
      RelatedToId: account,
    });
    const mail = sandbox.seed('EmailMessage', { Incoming: false, MessageDate: isoInstant(NOON - HOUR) });
    sandbox.seed('EmailMessageRelation', {
      EmailMessageId: mail.Id,
      RelationId: contact,
      RelationType: 'ToAddress',
    });
    const seen = await look();
    expect(shown(seen)).toEqual([
      'call ours done',
      'call theirs done',
      'email ours done',
      'email theirs done',
      'meeting ours planned',
    ]);
    expect(seen.activities).toContainEqual(expect.objectContaining({ kind: 'call', owner: ada, account }));
    expect(seen.activities).toContainEqual(
      expect.objectContaining({ kind: 'call', account: null, person: lead }),
    );
    expect(seen.activities).toContainEqual(expect.objectContaining({ id: mail.Id, person: contact }));
    expect(seen.calls).toBe(1);
    sandbox.forgetLog();
    expect(await look({ people: [contact], since: NOON + MINUTE })).toMatchObject({
      activities: [],
      calls: 1,
    });
    expect(calls(sandbox)).toEqual(['composite']);
  });

  it.each<[string, Record<string, unknown>, string[]]>([
    ['a call between colleagues', { TaskSubtype: 'Call', CallType: 'Internal' }, ['call null done']],
    ['a mass mail', { TaskSubtype: 'ListEmail' }, ['email ours done automatic']],
    ['a step of a cadence', { TaskSubtype: 'Cadence' }, ['email ours done automatic']],
    ['a message over LinkedIn', { TaskSubtype: 'LinkedIn' }, ['email ours done']],
    ['a call that a connector wrote as a type', { Type: 'Call' }, ['call ours done']],
    ['a to-do of their own', {}, ['task null done']],
    ['an open task', { IsClosed: false, Status: 'Not Started', TaskSubtype: 'Call' }, ['call ours void']],
    ['a task of ours that is closed', { PQL_Key__c: 'pql-1', TaskSubtype: 'Call' }, ['task ours done']],
  ])('%s', async (_, values, expected) => {
    const { look, task } = await org();
    task(values);
    expect(shown(await look())).toEqual(expected);
  });

  it('a task of ours is known by its id too, where our field is hidden', async () => {
    const { sandbox, look, task } = await org();
    sandbox.dropField('Task', 'PQL_Key__c');
    const { Id } = task({ PQL_Key__c: 'pql-1', TaskSubtype: 'Call' });
    sandbox.refuseQueries(
      'Task',
      new SfError('INVALID_FIELD', "No such column 'PQL_Key__c' on entity 'Task'."),
    );
    expect(await look({ tasks: [Id] })).toMatchObject({ off: [{ kind: 'task', code: 'INVALID_FIELD' }] });
    sandbox.refuseQueries('Task', null);
    const other = connectorTo(sandbox).reads.activities;
    const watched = {
      account: 'x',
      people: [],
      tasks: [Id],
      known: [],
      since: NOON - DAY,
      seen: null,
      again: false,
    };
    expect(shown(await other.look([watched]))).toEqual(['task ours done']);
  });

  it('a call that is put in later was made by the end of its day; a queue is nobody', async () => {
    const { look, task } = await org();
    task({ TaskSubtype: 'Call', ActivityDate: isoDate(NOON - 3 * DAY), OwnerId: '00G000000000001AAA' });
    const { activities } = await look();
    expect(activities).toMatchObject([
      { at: Date.parse('2026-11-21T23:59:59.999Z'), loggedAt: NOON, owner: null },
    ]);
  });

  it('private events, rows of invitees and heads of series are left out; the archive is not', async () => {
    const { sandbox, account, ada, look, task } = await org();
    const event = { AccountId: account, StartDateTime: isoInstant(NOON), OwnerId: ada };
    sandbox.seed('Event', { ...event, IsPrivate: true });
    sandbox.seed('Event', { ...event, IsChild: true });
    sandbox.seed('Event', { ...event, IsRecurrence: true });
    task({ TaskSubtype: 'Call', IsArchived: true });
    expect(shown(await look())).toEqual(['call ours done', 'meeting ours void']);
  });

  it('a mail and the task that stands for it are one, whose direction the message tells', async () => {
    const { sandbox, account, look, task } = await org();
    const stands = task({ TaskSubtype: 'Email' });
    // Related to an opportunity, so that only its task knows the account.
    const message = {
      Incoming: true,
      MessageDate: isoInstant(NOON),
      RelatedToId: '006000000000001AAA',
      ActivityId: stands.Id,
    };
    sandbox.seed('EmailMessage', message);
    const seen = await look();
    expect(seen.activities).toMatchObject([{ id: stands.Id, kind: 'email', side: 'theirs', account }]);
  });

  it('mail of a case is support’s, and a draft is none', async () => {
    const { sandbox, account, look, task } = await org();
    const stands = task({ TaskSubtype: 'Email' });
    const mail = { Incoming: false, MessageDate: isoInstant(NOON) };
    sandbox.seed('EmailMessage', {
      ...mail,
      RelatedToId: '500000000000001AAA',
      ParentId: '500000000000001AAA',
      ActivityId: stands.Id,
    });
    sandbox.seed('EmailMessage', { ...mail, RelatedToId: account, Status: '5' });
    expect(shown(await look())).toEqual(['email ours void', 'email ours void']);
  });

  it('what is deleted comes as a change', async () => {
    const { sandbox, clock, look, task } = await org();
    const { Id } = task({ TaskSubtype: 'Call' });
    clock.advance(HOUR);
    sandbox.remove('Task', Id);
    expect(await look({ since: NOON + MINUTE })).toMatchObject({ activities: [{ id: Id, deleted: true }] });
  });

  it('more than a page is read behind its last row, whoever shares its second', async () => {
    const { look, task } = await org();
    const made = Array.from({ length: 2300 }, () => task({ TaskSubtype: 'Call' }).Id);
    const seen = await look();
    expect(new Set(seen.activities.map(({ id }) => id))).toEqual(new Set(made));
    expect(seen.calls).toBe(2);
  });

  it('INVALID_TYPE closes mails and nothing else, is said once and asked again only after a day', async () => {
    const { sandbox, crm, look, task } = await org();
    sandbox.withoutEmailMessages();
    task({ TaskSubtype: 'Call' });
    task({ TaskSubtype: 'Email' });
    const first = await look();
    expect(first).toMatchObject({ off: [{ kind: 'email', code: 'INVALID_TYPE' }], failure: null });
    expect(shown(first)).toEqual(['call ours done', 'email ours done']);
    expect(await look()).toMatchObject({ off: [], failure: null });
    expect(crm.reads.activities.off()).toMatchObject([{ kind: 'email' }]);
  });

  it('a query that fails for a while keeps what the others gave, and is not taken for done', async () => {
    const { sandbox, look, task } = await org();
    task({ TaskSubtype: 'Call' });
    sandbox.refuseQueries(
      'Event',
      new SfError('QUERY_TIMEOUT', 'Your query request was running for too long.'),
    );
    expect(await look()).toMatchObject({
      activities: [{ kind: 'call' }],
      failure: { code: 'QUERY_TIMEOUT', pause: false },
    });
    sandbox.refuseQueries('Event', null);
    expect(await look()).toMatchObject({ failure: null });
  });

  it.each([
    ['a server error', { reply: { status: 503, body: '<html>' } }, false],
    [
      'the daily limit stops the connection',
      {
        reply: {
          status: 403,
          body: [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' }],
        },
      },
      true,
    ],
    ['a lost answer', { reset: 'before' as const }, false],
  ])('%s', async (_, fault, pause) => {
    const { sandbox, look } = await org();
    sandbox.faults.add({ path: '*/composite', times: 'always', ...fault });
    expect(await look()).toMatchObject({ activities: [], failure: { state: 'failed', pause } });
  });

  it('nothing of what people wrote is ever asked for', async () => {
    const { sandbox, account, look, task } = await org();
    task({ TaskSubtype: 'Call', Subject: 'secret', Description: 'secret' });
    sandbox.seed('EmailMessage', {
      MessageDate: isoInstant(NOON),
      RelatedToId: account,
      Subject: 'secret',
      TextBody: 'secret',
    });
    expect(JSON.stringify(await look())).not.toContain('secret');
    const asked = [TASK_FIELDS, TASK_FIELDS_WHERE_DESCRIBED, EVENT_FIELDS, EMAIL_FIELDS];
    expect(asked.flat().join()).not.toMatch(/Subject,|Description|Body|Address|Headers/);
  });
});
