import { describe, expect, it } from 'vitest';
import type { HubspotOptions } from '../../src/crm/hubspot/index.ts';
import { badAnswers } from '../../src/sandbox/hubspot/index.ts';
import { HOUR } from '../../src/shared/time.ts';
import type { TaskLine } from '../../src/sync/crm-tasks.ts';
import { examination } from '../support/examination.ts';
import { asRep } from '../support/rep.ts';
import {
  at,
  callsTo,
  connectorTo,
  crmIdOf,
  membership,
  only,
  task,
  VERSION,
  type World,
  worlds,
} from './hubspot-world.ts';

const start = worlds();

const connector = ({ sandbox, clock }: World, over: Partial<HubspotOptions>) =>
  connectorTo(sandbox, { clock, timeoutMs: 2_000, ...over });

const OWNERS = at('/crm/v3/owners/').replace(/\/$/, VERSION === 'v3' ? '/' : '');

describe('owners', () => {
  it('are read page by page, once an hour; who left is not among them', async () => {
    const { crm, sandbox, clock } = await start();
    for (let i = 0; i < 150; i++) {
      sandbox.owners.push({
        id: `9${i}`,
        email: `rep${i}@a.example`,
        firstName: '',
        lastName: '',
        archived: false,
      });
    }
    const read = async () => {
      const answer = await crm.tasks.owners([], []);
      return answer.state === 'read' ? (answer.owners ?? []) : [];
    };
    expect((await read()).map(({ id }) => id)).toContain('9149');
    expect((await read()).find(({ id }) => id === '103')).toBeUndefined();
    expect(callsTo(sandbox, OWNERS)).toBe(2);
    clock.advance(HOUR);
    await read();
    expect(callsTo(sandbox, OWNERS)).toBe(4);
  });

  it('without the scope nobody is known, and nothing stops', async () => {
    const { crm } = await start({ settings: { ownersScope: false } });
    expect(await crm.tasks.owners([], [])).toEqual({ state: 'read', owners: null });
    expect(await crm.tasks.unknownOwners([{ name: 'typo@a.example', queue: false }])).toEqual([]);
  });

  it('a portal that does not answer makes the task wait', async () => {
    const { crm, sandbox } = await start();
    sandbox.faults.add({ path: OWNERS, ...badAnswers.badGateway() });
    expect(await crm.tasks.owners([], [])).toMatchObject({ state: 'failed', pause: false });
  });

  it('a typing mistake is found, somebody who left is none', async () => {
    const { crm } = await start();
    const named = ['Ada.Rep@sandbox.example', 'former.rep@sandbox.example', 'adda@sandbox.example'];
    const unknown = await crm.tasks.unknownOwners(named.map((name) => ({ name, queue: false })));
    expect(unknown).toEqual(['adda@sandbox.example']);
  });

  it('of 150 companies cost two calls', async () => {
    const { crm, sandbox } = await start();
    const ids = sandbox.seed(
      Array.from({ length: 150 }, (_, i) => ({
        object: 'companies' as const,
        properties: { name: `c${i}`, ...(i % 2 === 0 ? { hubspot_owner_id: '101' } : {}) },
      })),
    );
    const read = await crm.tasks.accountOwners(ids);
    expect(read.state === 'read' && read.owners.size).toBe(75);
    expect(callsTo(sandbox, at('/crm/v3/objects/companies/batch/read'))).toBe(2);
  });

  it('an owner that HubSpot refuses is told apart from other mistakes', async () => {
    const { crm } = await start();
    const outcomes = await crm.createTasks([
      task({ key: 'left', ownerId: '103' }),
      task({ key: 'ok', ownerId: '101' }),
    ]);
    expect(outcomes.get('left')).toMatchObject({ state: 'parked', ownerRefused: true });
    expect(outcomes.get('ok')).toMatchObject({ state: 'done' });
  });
});

describe('tasks say what they are', () => {
  it.each([
    ['todo', 'high', 'TODO', 'HIGH'],
    ['call', 'normal', 'CALL', 'MEDIUM'],
    ['email', 'low', 'EMAIL', 'LOW'],
  ] as const)('%s, %s', async (type, priority, hs_task_type, hs_task_priority) => {
    const { crm, sandbox } = await start();
    await crm.createTasks([task({ type, priority })]);
    expect(sandbox.records('tasks')[0]?.properties).toMatchObject({ hs_task_type, hs_task_priority });
  });
});

describe('lines for tasks that were made', () => {
  const READ = at('/crm/v3/objects/tasks/batch/read');
  const UPDATE = at('/crm/v3/objects/tasks/batch/update');

  async function made(body = 'Invited 5 teammates') {
    const started = await start();
    const taskId = crmIdOf(only(await started.crm.createTasks([task({ body })])));
    started.sandbox.forgetLog();
    const rep = (properties: Record<string, string>) => asRep(started.sandbox, taskId, properties);
    const shown = () => started.sandbox.records('tasks').find(({ id }) => id === taskId)?.properties ?? {};
    return { ...started, taskId, rep, shown };
  }

  const line = (taskId: string, over: Partial<TaskLine> = {}): TaskLine => ({
    key: 'k',
    taskId,
    mark: 'pql-abc123abc123',
    line: 'Cooled <b>to</b> pql.',
    close: false,
    ...over,
  });

  it('join the text, escaped, and nothing else changes', async () => {
    const { crm, taskId, rep, shown } = await made();
    await rep({ hs_task_subject: 'Called Peter', hs_task_status: 'IN_PROGRESS' });
    expect(only(await crm.tasks.addLines([line(taskId)]))).toEqual({ state: 'done', crmId: taskId });
    expect(shown()).toMatchObject({
      hs_task_body: 'Invited 5 teammates<br><br>Cooled &lt;b&gt;to&lt;/b&gt; pql. [pql-abc123abc123]',
      hs_task_subject: 'Called Peter',
      hs_task_status: 'IN_PROGRESS',
    });
  });

  it('close the task, where they say so', async () => {
    const { crm, taskId, shown } = await made();
    await crm.tasks.addLines([line(taskId, { close: true })]);
    expect(shown()).toMatchObject({ hs_task_status: 'COMPLETED' });
  });

  it('leave a task alone that a rep has closed or deleted', async () => {
    const { crm, taskId, rep, sandbox } = await made();
    await rep({ hs_task_status: 'COMPLETED' });
    const outcomes = await crm.tasks.addLines([line(taskId), line('999', { key: 'gone' })]);
    expect(outcomes.get('k')).toMatchObject({ state: 'skipped', code: 'task_closed' });
    expect(outcomes.get('gone')).toMatchObject({ state: 'skipped', code: 'task_gone' });
    expect(callsTo(sandbox, UPDATE)).toBe(0);
  });

  it.each([
    ['the answer is lost after the write', badAnswers.lostAfter()],
    ['the connection is reset before anything is done', badAnswers.lostBefore()],
    ['a gateway answers', badAnswers.badGateway()],
  ])('I6: stand there once, when %s', async (_how, fault) => {
    const { crm, taskId, sandbox, shown } = await made();
    sandbox.faults.add({ path: UPDATE, ...fault });
    expect(only(await crm.tasks.addLines([line(taskId, { close: true })]))).toMatchObject({ state: 'retry' });
    expect(only(await crm.tasks.addLines([line(taskId, { close: true })]))).toMatchObject({ state: 'done' });
    expect(shown().hs_task_body?.split('pql-abc123abc123')).toHaveLength(2);
    expect(shown().hs_task_status).toBe('COMPLETED');
  });

  const handTo = { from: null, to: '102', said: 'It goes to Ben.' };

  it('hand the task to another owner, and say so, unless somebody has done that by hand', async () => {
    const { crm, taskId, rep, shown } = await made();
    expect(only(await crm.tasks.addLines([line(taskId, { handTo })]))).toEqual({
      state: 'done',
      crmId: taskId,
    });
    expect(shown()).toMatchObject({
      hubspot_owner_id: '102',
      hs_task_body: expect.stringContaining(
        'Cooled &lt;b&gt;to&lt;/b&gt; pql. It goes to Ben. [pql-abc123abc123]',
      ),
    });
    await rep({ hubspot_owner_id: '101' });
    const kept = line(taskId, { mark: 'pql-2', handTo: { ...handTo, from: '102', to: '102' } });
    expect(only(await crm.tasks.addLines([kept]))).toMatchObject({
      note: 'somebody else has the task by now',
    });
    expect(shown()).toMatchObject({ hubspot_owner_id: '101' });
    expect(shown().hs_task_body?.split('It goes to Ben')).toHaveLength(2);
  });

  it('I9: an owner whom the portal refuses parks the line and leaves the task as it is', async () => {
    const { crm, taskId, shown } = await made();
    const before = shown();
    const outcome = only(await crm.tasks.addLines([line(taskId, { handTo: { ...handTo, to: '103' } })]));
    expect(outcome).toMatchObject({ state: 'parked', ownerRefused: true });
    expect(shown()).toEqual(before);
  });

  it('two of them for one task go in one write', async () => {
    const { crm, taskId, sandbox, shown } = await made();
    const outcomes = await crm.tasks.addLines([
      line(taskId, { key: 'note', mark: 'pql-1' }),
      line(taskId, { key: 'close', mark: 'pql-2', line: 'Bought.', close: true }),
    ]);
    expect([...outcomes.values()].map(({ state }) => state)).toEqual(['done', 'done']);
    expect(shown().hs_task_body).toMatch(/pql-1\]<br><br>Bought. \[pql-2\]$/);
    expect([callsTo(sandbox, READ), callsTo(sandbox, UPDATE)]).toEqual([1, 1]);
  });

  it('a text that is full is only closed', async () => {
    const { crm, taskId, shown } = await made('x'.repeat(65_530));
    await crm.tasks.addLines([line(taskId, { close: true })]);
    expect(shown()).toMatchObject({ hs_task_status: 'COMPLETED', hs_task_body: 'x'.repeat(65_530) });
  });
});

const GUID = '7d4e7f6a-1b2c-4d5e-8f90-0123456789ab';
const ASSETS = at('/marketing/v3/campaigns/*');

/** What the doctor says of the marketing campaign. */
async function doctorOf(crm: World['crm']) {
  const lines = await crm.examine(examination());
  return lines.filter(({ check }) => check.startsWith('marketing campaign'));
}

describe('a list is attached to a marketing campaign', () => {
  async function withContact(over: Partial<HubspotOptions>, settings = {}) {
    const started = await start({ settings });
    started.sandbox.campaigns.push(
      { id: 'other', name: 'Growth 2025', lists: [] },
      { id: GUID, name: 'Growth', lists: [] },
    );
    const [personCrmId = ''] = started.sandbox.seed([
      { object: 'contacts', properties: { email: 'p@a.example' } },
    ]);
    const change = membership({ personCrmId });
    return { ...started, crm: connector(started, over), change };
  }

  it.each([GUID, 'growth'])('by %s, once for all members', async (marketingCampaign) => {
    const { crm, sandbox, change } = await withContact({ marketingCampaign });
    expect(only(await crm.addMembers([change]))).toEqual({ state: 'done', crmId: expect.any(String) });
    await crm.addMembers([change]);
    expect(sandbox.campaigns[1]?.lists).toEqual(['1']);
    expect(await doctorOf(crm)).toMatchObject([{ ok: true, detail: GUID }]);
    expect(sandbox.calls().filter(({ path }) => path.includes('/assets/'))).toHaveLength(1);
  });

  it('a portal without Marketing Hub says so once, and people join all the same', async () => {
    const { crm, sandbox, change, clock } = await withContact(
      { marketingCampaign: GUID },
      { marketingHub: false },
    );
    expect(only(await crm.addMembers([change]))).toMatchObject({
      state: 'done',
      note: expect.stringMatching(/not attached to the marketing campaign .*403/),
    });
    expect(only(await crm.addMembers([change]))).not.toHaveProperty('note');
    expect(sandbox.records('lists')[0]?.associations.contacts).toHaveLength(1);
    expect(await crm.checkSchema([])).toEqual([]);
    expect(await doctorOf(crm)).toMatchObject([{ ok: false, remedy: expect.stringContaining('scope') }]);
    clock.advance(HOUR);
    expect(only(await crm.addMembers([change]))).toHaveProperty('note');
  });

  it('a lost answer is asked again an hour later, and stops nobody', async () => {
    const { crm, sandbox, change, clock } = await withContact({ marketingCampaign: GUID });
    sandbox.faults.add({ method: 'PUT', path: ASSETS, ...badAnswers.lostBefore() });
    expect(only(await crm.addMembers([change]))).toMatchObject({ state: 'done' });
    clock.advance(HOUR);
    await crm.addMembers([change]);
    expect(sandbox.campaigns[1]?.lists).toEqual(['1']);
  });

  it.each(['Grow', 'deadbeef-0000-4000-8000-000000000000'])(
    '%s, which is none, is a mistake of the mapping',
    async (name) => {
      const { crm } = await withContact({ marketingCampaign: name });
      expect(await doctorOf(crm)).toMatchObject([{ ok: false, remedy: expect.stringContaining('id of a') }]);
      expect(await crm.checkSchema([])).toMatchObject([{ object: 'campaign', field: 'marketing_campaign' }]);
    },
  );
});

describe('the lead status of a member', () => {
  async function status(before: string, from: string[]) {
    const { crm, sandbox } = await start();
    const properties = { email: 'p@a.example', ...(before === '' ? {} : { hs_lead_status: before }) };
    const [personCrmId = ''] = sandbox.seed([{ object: 'contacts', properties }]);
    const outcome = only(
      await crm.addMembers([membership({ personCrmId, leadStatus: { to: 'OPEN', from } })]),
    );
    return { outcome, after: sandbox.records('contacts')[0]?.properties.hs_lead_status ?? '' };
  }

  it.each([
    ['', ['', 'NEW'], 'OPEN'],
    ['NEW', ['', 'NEW'], 'OPEN'],
    ['CONNECTED', ['', 'NEW'], 'CONNECTED'],
    ['NEW', [''], 'NEW'],
    ['OPEN', ['OPEN'], 'OPEN'],
  ])('from "%s", where it may come from %j', async (before, from, after) => {
    expect((await status(before, from)).after).toBe(after);
  });

  it('that stays says so', async () => {
    expect((await status('CONNECTED', [''])).outcome).toMatchObject({
      state: 'done',
      note: 'lead status stays at CONNECTED',
    });
  });

  it('goes in one write with the lifecycle stage', async () => {
    const { crm, sandbox } = await start();
    const [personCrmId = ''] = sandbox.seed([{ object: 'contacts', properties: { email: 'p@a.example' } }]);
    const lifecycleStage = 'marketingqualifiedlead';
    await crm.addMembers([
      membership({ personCrmId, lifecycleStage, leadStatus: { to: 'OPEN', from: [''] } }),
    ]);
    expect(sandbox.records('contacts')[0]?.properties).toMatchObject({
      lifecyclestage: lifecycleStage,
      hs_lead_status: 'OPEN',
    });
    expect(callsTo(sandbox, at('/crm/v3/objects/contacts/batch/update'))).toBe(1);
  });

  it('that the portal does not have is a mistake of the mapping', async () => {
    const started = await start();
    const crm = connector(started, { leadStatuses: ['OPENED'] });
    expect(await crm.checkSchema([])).toMatchObject([
      { object: 'campaign', field: 'lead_status', remedy: expect.stringContaining('OPEN') },
    ]);
  });
});
