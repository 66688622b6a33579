import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Ours } from '../../src/crm/salesforce/index.ts';
import { movesForward } from '../../src/crm/salesforce/members.ts';
import {
  type SalesforceSandbox,
  SfError,
  startSalesforceSandbox,
} from '../../src/sandbox/salesforce/index.ts';
import type { CrmConnector, MembershipChange } from '../../src/sync/crm.ts';
import type { TaskLine } from '../../src/sync/crm-tasks.ts';
import { examination } from '../support/examination.ts';
import { connectorTo, membership, task } from './salesforce-world.ts';

let sandbox: SalesforceSandbox;
let crm: CrmConnector;

const FIELDS = [
  { object: 'CampaignMember', field: 'PQL_Key__c', type: 'text', unique: true } as const,
  { object: 'Task', field: 'PQL_Key__c', type: 'text', unique: true } as const,
];
const STATUSES = [
  { label: 'Sent', default: true, responded: false },
  { label: 'Qualified', default: false, responded: false },
  { label: 'Responded', default: false, responded: true },
];

const connector = (ours: Partial<Ours> = {}) =>
  connectorTo(sandbox, { ours: { campaign: { type: null, statuses: STATUSES }, ...ours } });

beforeEach(async () => {
  sandbox = await startSalesforceSandbox();
  await connector().setup(FIELDS, [], true);
  crm = connector();
  sandbox.forgetLog();
});
afterEach(() => sandbox.close());

const idOf = (name: string) => String(sandbox.records('User').find(({ Name }) => Name === name)?.Id);
const contact = () => sandbox.seed('Contact', { LastName: 'Lovelace', Email: 'ada@initech.example' }).Id;
const lead = () =>
  sandbox.seed('Lead', { LastName: 'Lovelace', Company: 'Initech', Email: 'ada@initech.example' }).Id;
const calls = (path: RegExp, method?: string) =>
  sandbox.calls().filter((call) => path.test(call.path) && (method ?? call.method) === call.method).length;

const member = (personCrmId: string, over: Partial<MembershipChange> = {}) =>
  membership(personCrmId, { campaign: 'PQL 2026-03', ...over });

describe('a campaign that the org lacks', () => {
  it('is made active, with its type, its start and its member statuses, before anybody joins', async () => {
    crm = connector({ campaign: { type: 'Other', statuses: STATUSES } });
    await crm.addMembers([member(contact())]);
    expect(sandbox.records('Campaign')).toMatchObject([
      {
        Name: 'PQL 2026-03',
        IsActive: true,
        Type: 'Other',
        StartDate: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      },
    ]);
    const made = sandbox
      .writes()
      .filter(({ op, object }) => op === 'create' && object.startsWith('Campaign'))
      .map(({ object, fields }) => fields.Label ?? object);
    expect(made).toEqual(['Campaign', 'Sent', 'Responded', 'Qualified', 'CampaignMember']);
  });

  it('is made with its statuses by setup, which shows what a campaign of that name lacks', async () => {
    const step = async (apply: boolean) => (await crm.setup([], ['PQL 2026-03'], apply)).at(-1);
    expect(await step(false)).toMatchObject({ state: 'missing', detail: 'would be created' });
    expect(await step(true)).toMatchObject({ state: 'created' });
    expect(await step(true)).toMatchObject({ state: 'present' });
    const qualified = sandbox.records('CampaignMemberStatus').find(({ Label }) => Label === 'Qualified');
    sandbox.touch('CampaignMemberStatus', qualified?.Id ?? '', { Label: 'Somebody’s own' });
    expect(await step(false)).toMatchObject({ state: 'missing', detail: 'would get the statuses Qualified' });
    expect(await step(true)).toMatchObject({ state: 'changed' });
    expect(await step(true)).toMatchObject({ state: 'present' });
  });

  it('is made once, although the answer was lost', async () => {
    sandbox.faults.add({ method: 'POST', path: '*/sobjects/Campaign', reset: 'after' });
    const change = member(contact());
    expect((await crm.addMembers([change])).get(change.key)).toMatchObject({ state: 'retry' });
    expect((await crm.addMembers([change])).get(change.key)).toMatchObject({ state: 'done' });
    expect(sandbox.records('Campaign')).toHaveLength(1);
  });

  it('a status that somebody made between our look and our write is there, and that is all we want', async () => {
    sandbox.faults.add({
      method: 'POST',
      path: '*/sobjects/CampaignMemberStatus',
      reply: {
        status: 400,
        body: [{ errorCode: 'FIELD_INTEGRITY_EXCEPTION', message: 'This label already exists' }],
      },
    });
    const change = member(contact());
    expect((await crm.addMembers([change])).get(change.key)).toMatchObject({ state: 'done' });
  });

  it('a default of ours takes the place of the one that every campaign begins with', async () => {
    const statuses = [{ label: 'Qualified', default: true, responded: true }];
    crm = connector({ campaign: { type: null, statuses } });
    await crm.addMembers([member(contact(), { status: null })]);
    const defaults = sandbox.records('CampaignMemberStatus').filter(({ IsDefault }) => IsDefault);
    expect(defaults.map(({ Label }) => Label)).toEqual(['Qualified']);
  });

  it('a status that comes later is made as well', async () => {
    crm = connector({ campaign: { type: null, statuses: [] } });
    const [one, two] = [contact(), contact()];
    await crm.addMembers([member(one, { status: null })]);
    await crm.addMembers([member(two, { status: 'Qualified' })]);
    const statuses = sandbox.records('CampaignMember').map(({ Status }) => Status);
    expect(statuses).toEqual(['Sent', 'Qualified']);
  });

  it('is asked for once an hour, with its statuses', async () => {
    await crm.addMembers([member(contact())]);
    sandbox.forgetLog();
    await crm.addMembers([member(contact())]);
    expect(sandbox.calls().map(({ method }) => method)).toEqual(['GET', 'PATCH']);
  });

  it('that somebody deleted is made again, and no person is unlinked', async () => {
    const change = member(contact());
    await crm.addMembers([change]);
    const campaign = sandbox.records('Campaign')[0]?.Id ?? '';
    sandbox.touch('Campaign', campaign, { IsDeleted: true });
    const next = member(contact());
    expect((await crm.addMembers([next])).get(next.key)).toMatchObject({
      state: 'retry',
      code: 'campaign_gone',
    });
    expect((await crm.addMembers([next])).get(next.key)).toMatchObject({ state: 'done' });
  });
});

describe('the status of a member moves forward only', () => {
  it.each<[string | null, string | null, boolean]>([
    ['Sent', 'Qualified', true],
    ['sent', 'QUALIFIED', true],
    ['Qualified', 'Sent', false],
    ['Qualified', 'Qualified', false],
    ['Responded', 'Qualified', false],
    ['Meeting booked', 'Qualified', false],
    ['Sent', 'Unheard of', false],
    ['Sent', null, false],
    [null, 'Sent', true],
  ])('from %s to %s: %s', (from, to, expected) => {
    expect(movesForward(STATUSES, from, to)).toBe(expected);
  });

  it('without declared statuses it never moves', () => {
    expect(movesForward([], 'Sent', 'Qualified')).toBe(false);
  });

  it('in the org: a later one is kept, an earlier one moves, each person once', async () => {
    const [early, late] = [contact(), contact()];
    await crm.addMembers([member(early), member(late)]);
    const row = (person: string) =>
      sandbox.records('CampaignMember').find(({ ContactId }) => ContactId === person);
    sandbox.touch('CampaignMember', row(late)?.Id ?? '', { Status: 'Responded' });
    const outcomes = await crm.addMembers([
      member(early, { status: 'Qualified' }),
      member(late, { status: 'Qualified' }),
    ]);
    expect([...outcomes.values()].map(({ state }) => state)).toEqual(['done', 'done']);
    expect([row(early)?.Status, row(late)?.Status]).toEqual(['Qualified', 'Responded']);
    expect(sandbox.records('CampaignMember')).toHaveLength(2);
  });
});

describe('several who are one person in the org', () => {
  it.each([
    ['join', []],
    ['move', ['Sent']],
  ])('%s once, with the status that is furthest', async (_what, before) => {
    const one = contact();
    await crm.addMembers(before.map((status) => member(one, { status })));
    const statuses = ['Sent', 'Responded', 'Qualified'];
    const outcomes = await crm.addMembers(statuses.map((status) => member(one, { key: status, status })));
    expect([...outcomes.values()].map(({ state }) => state)).toEqual(['done', 'done', 'done']);
    expect(sandbox.records('CampaignMember')).toMatchObject([{ ContactId: one, Status: 'Responded' }]);
  });
});

describe('somebody who joined between our look and our write', () => {
  it('is a member, and has the status moved forward', async () => {
    const one = contact();
    await crm.addMembers([member(one)]);
    const row = sandbox.records('CampaignMember')[0];
    sandbox.touch('CampaignMember', row?.Id ?? '', { PQL_Key__c: null });
    // Of the lead conversions that are looked for first, and of the members.
    const none = { totalSize: 0, done: true, records: [] };
    sandbox.faults.add({ method: 'GET', path: '*/query', reply: { status: 200, body: none } });
    const change = member(one, { key: 'other', status: 'Qualified' });
    expect((await crm.addMembers([change])).get('other')).toMatchObject({ state: 'done', crmId: row?.Id });
    expect(sandbox.records('CampaignMember')).toMatchObject([{ Id: row?.Id, Status: 'Qualified' }]);
  });
});

describe('a lead that was converted since it was linked', () => {
  function converted() {
    const leadId = lead();
    const accountId = sandbox.seed('Account', { Name: 'Initech' }).Id;
    return { leadId, contactId: sandbox.convertLead(leadId, accountId).Id };
  }

  it('joins as the contact that it has become', async () => {
    const { leadId, contactId } = converted();
    const change = member(leadId);
    expect((await crm.addMembers([change])).get(change.key)).toMatchObject({ state: 'done' });
    expect(sandbox.records('CampaignMember')).toMatchObject([{ ContactId: contactId }]);
  });

  it('who was a member before stays one: the key names the person, not the lead', async () => {
    const leadId = lead();
    const change = member(leadId, { key: 'pql-u:ada' });
    await crm.addMembers([change]);
    const contactId = sandbox.convertLead(leadId, sandbox.seed('Account', { Name: 'Initech' }).Id).Id;
    const again = member(contactId, { key: 'pql-u:ada' });
    expect((await crm.addMembers([again])).get(again.key)).toMatchObject({ state: 'done' });
    expect((await crm.addMembers([change])).get(again.key)).toMatchObject({ state: 'done' });
    expect(sandbox.records('CampaignMember')).toMatchObject([
      { PQL_Key__c: 'pql-u:ada', ContactId: contactId },
    ]);
  });

  it('has the task on its contact, and the account beside it', async () => {
    const { leadId, contactId } = converted();
    const accountCrmId = sandbox.seed('Account', { Name: 'Initech' }).Id;
    const outcomes = await crm.createTasks([task({ personCrmId: leadId, accountCrmId })]);
    expect(outcomes.get('pql-t1')).toMatchObject({ state: 'done' });
    expect(sandbox.records('Task')).toMatchObject([{ WhoId: contactId, WhatId: accountCrmId }]);
  });
});

describe('owners', () => {
  const queue = (name: string, sobject: string) => {
    const { Id } = sandbox.seed('Group', {
      Name: name,
      DeveloperName: name.replaceAll(' ', '_'),
      Type: 'Queue',
    });
    sandbox.seed('QueueSobject', { QueueId: Id, SobjectType: sobject });
    return Id;
  };
  const find = async (names: string[], ids: string[] = []) => {
    const read = await crm.tasks.owners(
      names.map((name) => ({ name, queue: true })),
      ids,
    );
    return read.state === 'read'
      ? (read.owners ?? []).map(({ label, active }) => `${label} ${active}`)
      : read;
  };

  it('are users by e-mail, user name or id, active or not, and queues that may own tasks', async () => {
    queue('SDR Queue', 'Task');
    queue('Cases', 'Case');
    expect(await find(['ADA.rep@sandbox.example', 'SDR Queue', 'Cases'], [idOf('Former Rep')])).toEqual([
      'ada.rep@sandbox.example true',
      'former.rep@sandbox.example false',
      'SDR Queue true',
      'Cases false',
    ]);
  });

  it('cost one query for all people, once an hour, also for those who are not there', async () => {
    const names = ['ada.rep@sandbox.example', 'ben.rep@sandbox.example', 'typo@sandbox.example'];
    await find(names, [idOf('Former Rep')]);
    await find(names, [idOf('Former Rep')]);
    expect(calls(/\/query$/)).toBe(1);
  });

  it('the integration user is known as such', async () => {
    const read = await crm.tasks.owners([], [idOf('Integration User')]);
    expect(read).toMatchObject({ state: 'read', owners: [{ ourselves: true }] });
  });

  it('a typing mistake is found, somebody inactive is none', async () => {
    queue('SDR Queue', 'Task');
    const names = ['former.rep@sandbox.example', 'SDR Queue', 'adda@sandbox.example', 'SDR Queu'];
    const unknown = await crm.tasks.unknownOwners(names.map((name) => ({ name, queue: true })));
    expect(unknown).toEqual(['adda@sandbox.example', 'SDR Queu']);
  });

  it('of 200 accounts cost one query', async () => {
    const ids = Array.from(
      { length: 200 },
      (_, i) => sandbox.seed('Account', { Name: `a${i}`, OwnerId: idOf('Ada Rep') }).Id,
    );
    const read = await crm.tasks.accountOwners(ids);
    expect(read.state === 'read' && read.owners.size).toBe(200);
    expect(calls(/\/query$/)).toBe(1);
  });

  it('one who is inactive, or unknown, is refused apart from other mistakes, and the link stays', async () => {
    const outcomes = await crm.createTasks([
      task({ key: 'inactive', ownerId: idOf('Former Rep') }),
      task({ key: 'unknown', ownerId: '005000000000000AAA' }),
      task({ key: 'ok', ownerId: idOf('Ada Rep') }),
    ]);
    expect(outcomes.get('inactive')).toMatchObject({
      state: 'parked',
      code: 'INACTIVE_OWNER_OR_USER',
      ownerRefused: true,
    });
    expect(outcomes.get('unknown')).toMatchObject({ state: 'parked', ownerRefused: true });
    expect(outcomes.get('ok')).toMatchObject({ state: 'done' });
  });

  it('a queue can own a task', async () => {
    const ownerId = queue('SDR Queue', 'Task');
    await crm.createTasks([task({ ownerId })]);
    expect(sandbox.records('Task')).toMatchObject([{ OwnerId: ownerId }]);
  });
});

describe('tasks say what they are', () => {
  it.each([
    ['call', { Type: 'Call', TaskSubtype: 'Call' }],
    ['email', { Type: 'Email', TaskSubtype: 'Email' }],
    ['todo', { TaskSubtype: 'Task' }],
  ] as const)('%s', async (type, fields) => {
    await crm.createTasks([task({ type, priority: 'low' })]);
    expect(sandbox.records('Task')).toMatchObject([{ ...fields, Priority: 'Low' }]);
    expect(sandbox.records('Task')[0]?.Type).toBe('Type' in fields ? fields.Type : undefined);
  });
});

describe('lines for tasks that were made', () => {
  async function made() {
    await crm.createTasks([task()]);
    const Id = sandbox.records('Task')[0]?.Id ?? '';
    sandbox.forgetLog();
    return { Id, shown: () => sandbox.records('Task')[0] };
  }

  const line = (taskId: string, over: Partial<TaskLine> = {}): TaskLine => ({
    key: 'k',
    taskId,
    mark: 'pql-abc123abc123',
    line: 'Bought.',
    close: false,
    ...over,
  });

  it('join the text, and nothing else changes', async () => {
    const { Id, shown } = await made();
    sandbox.touch('Task', Id, { Subject: 'Called Ada', Status: 'In Progress' });
    expect((await crm.tasks.addLines([line(Id)])).get('k')).toEqual({ state: 'done', crmId: Id });
    expect(shown()).toMatchObject({
      Description: 'why\n\nBought. [pql-abc123abc123]',
      Subject: 'Called Ada',
      Status: 'In Progress',
    });
  });

  it('hand the task to another owner, and say so, unless somebody has done that by hand', async () => {
    const { Id, shown } = await made();
    const handTo = { from: null, to: idOf('Ben Rep'), said: 'It goes to Ben.' };
    expect((await crm.tasks.addLines([line(Id, { handTo })])).get('k')).toEqual({ state: 'done', crmId: Id });
    expect(shown()).toMatchObject({
      OwnerId: idOf('Ben Rep'),
      Description: 'why\n\nBought. It goes to Ben. [pql-abc123abc123]',
    });
    sandbox.touch('Task', Id, { OwnerId: idOf('Ada Rep') });
    const kept = line(Id, { mark: 'pql-2', handTo: { ...handTo, from: idOf('Ben Rep') } });
    expect((await crm.tasks.addLines([kept])).get('k')).toMatchObject({
      note: 'somebody else has the task by now',
    });
    expect(shown()).toMatchObject({ OwnerId: idOf('Ada Rep') });
  });

  it('I9: an owner whom the org refuses parks the line and leaves the task as it is', async () => {
    const { Id, shown } = await made();
    const handTo = { from: null, to: idOf('Former Rep'), said: 'It goes to Former.' };
    expect((await crm.tasks.addLines([line(Id, { handTo })])).get('k')).toMatchObject({
      state: 'parked',
      ownerRefused: true,
    });
    expect(shown()).toMatchObject({ Description: 'why' });
  });

  it('close it with the status that the org calls closed', async () => {
    const { Id, shown } = await made();
    const completed = sandbox.records('TaskStatus').find(({ ApiName }) => ApiName === 'Completed')?.Id ?? '';
    sandbox.touch('TaskStatus', completed, { ApiName: 'Erledigt' });
    await crm.tasks.addLines([line(Id, { close: true })]);
    expect(shown()).toMatchObject({ Status: 'Erledigt', IsClosed: true });
  });

  it('or with the one that the mapping names', async () => {
    const { Id, shown } = await made();
    sandbox.seed('TaskStatus', { ApiName: 'Cancelled', IsClosed: true, SortOrder: 9 });
    await connector({ closedStatus: 'Cancelled' }).tasks.addLines([line(Id, { close: true })]);
    expect(shown()).toMatchObject({ Status: 'Cancelled', IsClosed: true });
  });

  it('leave a task alone that a rep has closed or deleted', async () => {
    const { Id } = await made();
    sandbox.touch('Task', Id, { Status: 'Completed', IsClosed: true });
    const outcomes = await crm.tasks.addLines([line(Id), line('00T000000000999AAA', { key: 'gone' })]);
    expect(outcomes.get('k')).toMatchObject({ state: 'skipped', code: 'task_closed' });
    expect(outcomes.get('gone')).toMatchObject({ state: 'skipped', code: 'task_gone' });
    expect(calls(/composite/, 'PATCH')).toBe(0);
  });

  it.each(['before', 'after'] as const)(
    'I6: stand there once, when the connection breaks %s the write',
    async (reset) => {
      const { Id, shown } = await made();
      sandbox.faults.add({ method: 'PATCH', path: '*/composite/sobjects', reset });
      const close = [line(Id, { close: true })];
      expect((await crm.tasks.addLines(close)).get('k')).toMatchObject({ state: 'retry' });
      expect((await crm.tasks.addLines(close)).get('k')).toMatchObject({ state: 'done' });
      expect(String(shown()?.Description).split('pql-abc123abc123')).toHaveLength(2);
      expect(shown()).toMatchObject({ IsClosed: true });
    },
  );

  it('I9: one that the org refuses is parked with its words, the others go on', async () => {
    await crm.createTasks([task({ key: 'a' }), task({ key: 'b', subject: 'Locked' })]);
    const [a, b] = sandbox.records('Task').map(({ Id }) => Id);
    sandbox.refuse((object, { Subject }) =>
      object === 'Task' && Subject === 'Locked'
        ? new SfError('FIELD_CUSTOM_VALIDATION_EXCEPTION', 'Only the owner may close it.')
        : null,
    );
    const outcomes = await crm.tasks.addLines([
      line(a ?? '', { key: 'a', close: true }),
      line(b ?? '', { key: 'b', close: true }),
    ]);
    expect(outcomes.get('a')).toMatchObject({ state: 'done' });
    expect(outcomes.get('b')).toMatchObject({
      state: 'parked',
      reason: expect.stringContaining('Only the owner'),
    });
  });
});

describe('the doctor', () => {
  it('finds owners by address, id and name of a queue, and shows who cannot have a task', async () => {
    const { Id } = sandbox.seed('Group', { Name: 'Cases', DeveloperName: 'Cases', Type: 'Queue' });
    sandbox.seed('QueueSobject', { QueueId: Id, SobjectType: 'Case' });
    const names = [
      'ada.rep@sandbox.example',
      idOf('Ada Rep'),
      'former.rep@sandbox.example',
      'Cases',
      'Nobody',
    ];
    const owners = names.map((name) => ({ name, queue: true }));
    const lines = await crm.examine(examination({ owners }));
    const found = lines.filter(({ check }) => check.startsWith('owner '));
    expect(found.map(({ check, ok }) => [check.slice('owner '.length), ok])).toEqual(
      names.map((name, i) => [name, i < 2]),
    );
  });
});
