import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TouchPlan } from '../../src/decide/standing.ts';
import { SfError } from '../../src/sandbox/salesforce/index.ts';
import { DAY, HOUR } from '../../src/shared/time.ts';
import { retryParked } from '../../src/store/errors.ts';
import { asRep } from '../support/rep.ts';
import { personOf, qualifying, startWorld, type World } from '../support/world.ts';

interface AccountAnswer {
  score: { value: number; tier: string; validUntil: string | null; explanation: { points: number }[] };
  route: { to: string; sla: { due: string } } | null;
  standing: { plan: TouchPlan };
  actions: { kind: string; crm: string; state: string; reason: string; crmId: string | null }[];
}

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.stop());

const account = (key: string) => world.api<AccountAnswer>(`/accounts/${key}`);
const companies = () => world.hubspot.records('companies');
const contacts = () => world.hubspot.records('contacts');
const hubspotTasks = () => world.hubspot.records('tasks');
const listed = () => world.hubspot.records('lists').flatMap((list) => list.associations.contacts ?? []);
const org = (object: string) => world.salesforce.records(object);

describe('S0-23, S1-56, S1-67, S1-68, S2-35, S2-37, S3-22, S3-23: from a signed request to the records of both CRMs', () => {
  beforeEach(async () => {
    await world.send(...qualifying('acme', world.clock));
    await world.settle();
  });

  it('I10: the score is the sum of what the explanation lists', async () => {
    const { score } = await account('acme');
    expect(score).toMatchObject({ value: 85, tier: 'mql' });
    expect(score.explanation.reduce((sum, { points }) => sum + points, 0)).toBe(85);
  });

  it('HubSpot has the company, the contact, the membership, the lifecycle stage and one task on both', () => {
    expect(companies()).toMatchObject([
      { properties: { pql_account_id: 'acme', pql_score: '85', pql_tier: 'mql', domain: 'acme.example' } },
    ]);
    expect(contacts()).toMatchObject([
      {
        properties: { email: 'ada@acme.example', pql_tier: 'mql', lifecyclestage: 'marketingqualifiedlead' },
      },
    ]);
    expect(listed()).toEqual([contacts()[0]?.id]);
    expect(hubspotTasks()).toHaveLength(1);
    expect(hubspotTasks()[0]?.associations).toEqual({
      companies: [companies()[0]?.id],
      contacts: [contacts()[0]?.id],
    });
  });

  it('S0-21, S0-22, S2-109, X-8: Salesforce has the account, a contact under it, a member of the campaign and one task on both', () => {
    const [sfAccount] = org('Account');
    const [contact] = org('Contact');
    expect(sfAccount).toMatchObject({ PQL_Account_Id__c: 'acme', PQL_Score__c: 85, PQL_Tier__c: 'mql' });
    expect(contact).toMatchObject({ Email: 'ada@acme.example', AccountId: sfAccount?.Id, PQL_Score__c: 85 });
    const [campaign] = org('Campaign');
    expect(campaign).toMatchObject({ Name: 'PQL MQL', IsActive: true });
    expect(org('CampaignMember')).toMatchObject([{ CampaignId: campaign?.Id, ContactId: contact?.Id }]);
    expect(org('Task')).toMatchObject([{ WhatId: sfAccount?.Id, WhoId: contact?.Id, Status: 'Not Started' }]);
  });

  it('the task says which behaviour, with numbers and the date', () => {
    const text = JSON.stringify(hubspotTasks()[0]?.properties);
    expect(text).toContain('invited 4 teammates');
    expect(text).toContain('2026-03-02');
    expect(text).toContain('240 employees');
  });

  it('the account shows its route, its deadline (24 hours, S0-18) and every act as done', async () => {
    const { route, actions } = await account('acme');
    expect(route).toMatchObject({ to: 'SDR', sla: { due: '2026-03-03T12:00:00.000Z' } });
    const task = actions.find(({ kind }) => kind === 'task');
    expect(task?.reason).toBe('crossed into mql with 85 points (no owner: the account has no owner)');
    expect(actions.map(({ crm, kind, state }) => `${crm} ${kind} ${state}`).sort()).toEqual([
      'hubspot campaign done',
      'hubspot fields done',
      'hubspot task done',
      'salesforce campaign done',
      'salesforce fields done',
      'salesforce task done',
    ]);
  });

  it('I2, I8: the same events again change nothing and cost no call', async () => {
    const again = qualifying('acme', world.clock).map((call, i) => ({ ...call, messageId: `again-${i}` }));
    await world.send(...again);
    await world.settle();
    world.hubspot.forgetLog();
    world.salesforce.forgetLog();
    await world.send(...again);
    await world.settle();
    expect([world.hubspot.calls(), world.salesforce.calls()]).toEqual([[], []]);
  });

  it('I8: a changed score sends only what changed', async () => {
    world.hubspot.forgetLog();
    world.salesforce.forgetLog();
    const { track } = personOf('acme', 'ada-acme', world.clock);
    world.clock.advance(HOUR);
    await world.send(track('Limit Breach Attempted', { limit: 'seats' }));
    await world.settle();
    const [update] = world.hubspot.writes().filter(({ object }) => object === 'companies');
    expect(Object.keys(update?.fields ?? {}).sort()).toEqual(['pql_reasons', 'pql_score', 'pql_scored_at']);
    expect(world.hubspot.writes().filter(({ object }) => object === 'tasks')).toEqual([]);
    expect(world.salesforce.writes().filter(({ object }) => object === 'Task')).toEqual([]);
  });
});

describe('S0-11: silence alone ends an MQL', () => {
  it('on the day the last depth of use is 7 x 24 hours old, with no event', async () => {
    await world.send(...qualifying('acme', world.clock));
    await world.settle();
    world.clock.advance(7 * DAY - 1);
    await world.settle();
    expect((await account('acme')).score.tier).toBe('mql');
    world.clock.advance(1);
    await world.settle();
    expect((await account('acme')).score).toMatchObject({ value: 85, tier: 'stage_2' });
    expect(companies()[0]?.properties.pql_tier).toBe('stage_2');
    expect(org('Account')[0]?.PQL_Tier__c).toBe('stage_2');
  });

  it('X-40: touches on days 0 and 3 are tasks of both CRMs, no work that waits in between, and the plan ends with the tier', async () => {
    await world.send(...qualifying('acme', world.clock));
    await world.settle();
    world.clock.advance(3 * DAY - 1);
    await world.settle();
    expect([hubspotTasks().length, org('Task').length]).toEqual([1, 1]);
    expect((await account('acme')).standing.plan).toMatchObject({
      touch: 1,
      next: '2026-03-05T12:00:00.000Z',
    });
    world.clock.advance(1);
    await world.settle();
    await world.settle();
    const subjects = hubspotTasks().map(({ properties }) => properties.hs_task_subject);
    expect(subjects).toEqual([
      expect.stringContaining('invited 4 teammates'),
      expect.stringContaining('no reply yet'),
    ]);
    expect(org('Task')).toMatchObject([{}, { Status: 'Not Started', WhoId: org('Contact')[0]?.Id }]);
    world.clock.advance(7 * DAY);
    await world.settle();
    expect([hubspotTasks().length, org('Task').length]).toEqual([2, 2]);
    expect((await account('acme')).standing.plan.stopped?.why).toMatch(/^cooled to stage_2 with 85 points$/);
  });

  it('I6: coming back within 30 days acts on nothing; after 30 days a task that is open still gets a line, else there is a second', async () => {
    await world.send(...qualifying('acme', world.clock));
    await world.settle();
    const first = hubspotTasks()[0]?.id;
    await asRep(world.hubspot, first, { hs_task_status: 'COMPLETED' });
    const { track } = personOf('acme', 'ada-acme', world.clock);
    for (const [days, tasks] of [
      [10, [1, 1]],
      [19, [1, 1]],
      [10, [2, 1]],
    ] as const) {
      world.clock.advance(days * DAY);
      await world.settle();
      await world.send(track('Key Feature Used', { feature: 'reports' }));
      await world.settle();
      expect((await account('acme')).score.tier).toBe('mql');
      expect([hubspotTasks().length, org('Task').length]).toEqual(tasks);
    }
    expect(org('Task')[0]?.Description).toMatch(/2026-04-10: crossed into mql .* \[pql-\w+\]$/);
    expect(hubspotTasks().find(({ id }) => id === first)?.properties.hs_task_body).not.toContain(
      '2026-04-10',
    );
    expect(listed()).toHaveLength(1);
    expect(org('CampaignMember')).toHaveLength(1);
  });
});

describe('who became qualified by what people did before they were known to belong to it (decision 11)', () => {
  it('is not acted on by itself, and once when somebody says so for this account', async () => {
    const invite = (n: number) => ({
      ...personOf('', 'late', world.clock).track('Invite Sent', { invitee_email: `p${n}@acme.example` }),
      context: {},
    });
    await world.send(...qualifying('acme', world.clock).slice(0, -4), ...[1, 2, 3, 4].map(invite));
    await world.settle();
    const { identify } = personOf('acme', 'late', world.clock);
    await world.send({ ...identify({ email: 'late@acme.example' }), context: {} });
    await world.settle();
    expect((await account('acme')).score).toMatchObject({ value: 85, tier: 'mql' });
    expect([hubspotTasks(), org('Task')]).toEqual([[], []]);

    const by = { author: 'ann', reason: 'they asked for a call' };
    expect(await world.service.recompute({ account: 'nobody' }, true, by)).toBe(0);
    for (let times = 0; times < 2; times++) {
      expect(await world.service.recompute({ account: 'acme' }, true, by)).toBe(1);
      await world.settle();
      expect([hubspotTasks().length, org('Task').length]).toEqual([1, 1]);
    }
  });
});

describe('I6: an answer that was lost does not make a second record', () => {
  it('of a task, a member, an account and a contact in both CRMs', async () => {
    for (const path of ['*/tasks*', '*/companies*', '*/contacts*', '*/memberships*']) {
      world.hubspot.faults.add({ method: 'POST', path, reset: 'after' });
      world.hubspot.faults.add({ method: 'PUT', path, reset: 'after' });
    }
    for (const method of ['POST', 'PATCH']) {
      world.salesforce.faults.add({ method, path: '*/composite/sobjects*', reset: 'after', times: 2 });
    }
    await world.send(...qualifying('acme', world.clock));
    await world.settle();
    const hubspot = [companies(), contacts(), hubspotTasks(), listed()].map((records) => records.length);
    const salesforce = ['Account', 'Contact', 'CampaignMember', 'Task'].map((object) => org(object).length);
    expect([hubspot, salesforce]).toEqual([
      [1, 1, 1, 1],
      [1, 1, 1, 1],
    ]);
  });
});

describe('I9: one record that a CRM refuses', () => {
  const refused = 'Accounts of this name are not wanted';

  it('is parked with the CRM’s words, its neighbours go through, and a retry after the repair finishes it', async () => {
    let strict = true;
    world.salesforce.refuse((object, record) =>
      strict && object === 'Account' && record.Name === 'Company bad'
        ? new SfError('FIELD_CUSTOM_VALIDATION_EXCEPTION', refused, ['Name'])
        : null,
    );
    await world.send(...['one', 'bad', 'two'].flatMap((key) => qualifying(key, world.clock)));
    await world.settle();
    expect(
      org('Account')
        .map((one) => one.PQL_Account_Id__c)
        .sort(),
    ).toEqual(['one', 'two']);
    const { actions } = await account('bad');
    const parked = actions.filter(({ state }) => state === 'parked');
    expect(parked.find(({ kind }) => kind === 'fields')?.reason).toContain(refused);
    expect(companies()).toHaveLength(3);

    strict = false;
    await retryParked(world.database.db, {}, Date.now(), { author: 'ann', reason: '' });
    await world.settle();
    expect(
      org('Account')
        .map((one) => one.PQL_Account_Id__c)
        .sort(),
    ).toEqual(['bad', 'one', 'two']);
    expect(org('Task')).toHaveLength(3);
    expect(org('CampaignMember')).toHaveLength(3);
  });

  it('regression: whose next write goes through takes along what was parked for want of it, without anybody', async () => {
    let strict = true;
    world.salesforce.refuse((object) =>
      strict && object === 'Account'
        ? new SfError('FIELD_CUSTOM_VALIDATION_EXCEPTION', refused, ['Name'])
        : null,
    );
    await world.send(...qualifying('bad', world.clock));
    await world.settle();
    expect([org('Task'), org('CampaignMember')]).toEqual([[], []]);
    strict = false;
    await world.send(personOf('bad', 'ada-bad', world.clock).track('Limit Breach Attempted'));
    await world.settle();
    expect([org('Account').length, org('Task').length, org('CampaignMember').length]).toEqual([1, 1, 1]);
    const { actions } = await account('bad');
    expect(actions.filter(({ state }) => state === 'parked')).toEqual([]);
  });
});

describe('a record that somebody deletes in the CRM between two acts', () => {
  it('a contact, before it joins the campaign: it is made again, and joins', async () => {
    world.hubspot.faults.add({ path: '*/memberships/add', times: 2, reply: { status: 503, body: '' } });
    await world.send(...qualifying('acme', world.clock));
    await world.until(() => contacts().length > 0);
    const gone = contacts()[0]?.id;
    world.hubspot.archive('contacts', gone ?? '');
    await world.settle();
    expect(contacts()).toMatchObject([{ properties: { email: 'ada@acme.example', pql_tier: 'mql' } }]);
    expect(listed()).toEqual([contacts()[0]?.id]);
    expect(contacts()[0]?.id).not.toBe(gone);
    expect((await account('acme')).actions.filter(({ state }) => state !== 'done')).toEqual([]);
  });
});

describe('a CRM that is out of order', () => {
  it('does not hold up the other, and gets everything once it is back', async () => {
    world.hubspot.faults.add({
      path: '*',
      times: 'always',
      reply: { status: 502, body: '<html>bad gateway</html>' },
    });
    await world.send(...qualifying('acme', world.clock));
    await world.until(() => org('Task').length > 0);
    expect(org('Task')).toHaveLength(1);
    expect(companies()).toHaveLength(0);
    world.hubspot.faults.clear();
    await world.settle();
    expect([companies().length, listed().length, hubspotTasks().length]).toEqual([1, 1, 1]);
  });
});
