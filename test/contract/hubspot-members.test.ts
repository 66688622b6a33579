import { describe, expect, it } from 'vitest';
import { badAnswers } from '../../src/sandbox/hubspot/index.ts';
import { at, callsTo, membership, only, type World, worlds } from './hubspot-world.ts';

const startWorld = worlds();

/** A portal with one contact at a lifecycle stage. */
async function start(stage = '', options: Parameters<typeof startWorld>[0] = {}) {
  const properties = { email: 'peter@initech.example', ...(stage === '' ? {} : { lifecyclestage: stage }) };
  const world = await startWorld({ ...options, seed: [{ object: 'contacts', properties }] });
  const personCrmId = world.sandbox.records('contacts')[0]?.id ?? '';
  return { ...world, personCrmId };
}

const MQL = 'marketingqualifiedlead';
const UPDATE = at('/crm/v3/objects/contacts/batch/update');

describe('a campaign is a MANUAL list of contacts', () => {
  it('adds a contact to the list that setup made', async () => {
    const { crm, sandbox, personCrmId } = await start();
    const outcome = only(await crm.addMembers([membership({ personCrmId })]));
    const [list] = sandbox.records('lists');
    expect(outcome).toEqual({ state: 'done', crmId: `${list?.id}:${personCrmId}` });
    expect(list).toMatchObject({
      properties: { name: 'PQL MQL' },
      associations: { contacts: [personCrmId] },
    });
  });

  it('does not take an answer that says nothing for success', async () => {
    const { crm, sandbox, personCrmId } = await start();
    const body = { status: 'COMPLETE', results: [], errors: [] };
    sandbox.faults.add({ path: at('/crm/v3/lists/*/memberships/add'), reply: { status: 200, body } });
    expect(only(await crm.addMembers([membership({ personCrmId })]))).toMatchObject({ state: 'retry' });
    only(await crm.addMembers([membership({ personCrmId })]));
    expect(sandbox.records('lists')[0]?.associations).toEqual({ contacts: [personCrmId] });
  });

  it('takes a repeat for success and asks for the list only once', async () => {
    const { crm, sandbox, personCrmId } = await start();
    const first = only(await crm.addMembers([membership({ personCrmId })]));
    const again = only(await crm.addMembers([membership({ personCrmId, uncertain: true })]));
    expect(again).toEqual(first);
    expect(sandbox.records('lists')[0]?.associations).toEqual({ contacts: [personCrmId] });
    expect(sandbox.calls().filter(({ method }) => method === 'GET')).toHaveLength(1);
  });

  it('makes a list that is missing, once, although the answer was lost', async () => {
    const { crm, sandbox, personCrmId } = await start();
    sandbox.faults.add({ method: 'POST', path: at('/crm/v3/lists'), ...badAnswers.lostAfter() });
    const change = membership({ personCrmId, campaign: 'PQL Autumn' });
    expect(only(await crm.addMembers([change]))).toMatchObject({ state: 'retry' });
    expect(only(await crm.addMembers([change]))).toMatchObject({ state: 'done' });
    expect(sandbox.records('lists').map(({ properties }) => properties.name)).toEqual([
      'PQL MQL',
      'PQL Autumn',
    ]);
  });

  it('finds the list that somebody made between its look and its create', async () => {
    const { crm, sandbox, personCrmId } = await start();
    const message = 'List does not exist with name PQL MQL and object type ID 0-1.';
    const body = { status: 'error', category: 'VALIDATION_ERROR', message };
    sandbox.faults.add({ path: at('/crm/v3/lists/object-type-id/*'), reply: { status: 400, body } });
    expect(only(await crm.addMembers([membership({ personCrmId })]))).toMatchObject({ state: 'done' });
    expect(sandbox.records('lists')).toHaveLength(1);
  });

  it('asks for a new match when the contact is gone, and adds the others', async () => {
    const { crm, personCrmId } = await start();
    const outcomes = await crm.addMembers([
      membership({ key: 'gone', personCrmId: '999', lifecycleStage: MQL }),
      membership({ key: 'there', personCrmId, lifecycleStage: MQL }),
    ]);
    expect(outcomes.get('gone')).toMatchObject({ state: 'rematch' });
    expect(outcomes.get('there')).toMatchObject({ state: 'done' });
  });

  it('looks the list up again after somebody deleted it', async () => {
    const { crm, sandbox, personCrmId } = await start();
    await crm.addMembers([membership({ personCrmId })]);
    await fetch(`${sandbox.url}/crm/v3/lists/1`, {
      method: 'DELETE',
      headers: { authorization: 'Bearer a-rep' },
    });
    expect(only(await crm.addMembers([membership({ personCrmId })]))).toMatchObject({ code: 'list_gone' });
    expect(only(await crm.addMembers([membership({ personCrmId })]))).toMatchObject({ state: 'done' });
  });

  it('parks members of a list that HubSpot fills by itself', async () => {
    const { crm, sandbox, personCrmId } = await start();
    await fetch(`${sandbox.url}/crm/v3/lists`, {
      method: 'POST',
      headers: { authorization: 'Bearer a-rep', 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Smart', objectTypeId: '0-1', processingType: 'DYNAMIC' }),
    });
    const outcome = only(await crm.addMembers([membership({ personCrmId, campaign: 'Smart' })]));
    expect(outcome).toMatchObject({ state: 'parked', code: 'list_not_manual' });
  });
});

describe('the lifecycle stage of a contact that HubSpot did not show', () => {
  const READ = at('/crm/v3/objects/contacts/batch/read');
  const stageOf = ({ sandbox }: Pick<World, 'sandbox'>) =>
    sandbox.records('contacts')[0]?.properties.lifecyclestage;

  it('is not taken for empty: the contact is matched again, and stays a customer', async () => {
    const { crm, sandbox, personCrmId } = await start('customer');
    sandbox.faults.add({ path: READ, times: 2, ...badAnswers.emptySuccess(200) });
    const change = membership({ personCrmId, lifecycleStage: MQL });
    expect(only(await crm.addMembers([change]))).toMatchObject({ state: 'rematch' });
    expect(stageOf({ sandbox })).toBe('customer');
    expect(callsTo(sandbox, UPDATE)).toBe(0);
  });

  it('is asked for again when HubSpot says that it failed to read it', async () => {
    const { crm, sandbox, personCrmId } = await start();
    const failed = { status: 'error', category: 'INTERNAL_ERROR', message: 'internal error' };
    const body = { status: 'COMPLETE', numErrors: 1, results: [], errors: [failed] };
    sandbox.faults.add({ path: READ, reply: { status: 207, body } });
    const change = membership({ personCrmId, lifecycleStage: MQL });
    expect(only(await crm.addMembers([change]))).toMatchObject({ state: 'retry' });
    expect(only(await crm.addMembers([change]))).toMatchObject({ state: 'done' });
    expect(stageOf({ sandbox })).toBe(MQL);
  });
});

describe('the lifecycle stage goes forward only', () => {
  it.each([
    ['', MQL],
    ['subscriber', MQL],
    ['lead', MQL],
    [MQL, MQL],
    ['salesqualifiedlead', 'salesqualifiedlead'],
    ['opportunity', 'opportunity'],
    ['customer', 'customer'],
    ['evangelist', 'evangelist'],
    ['other', 'other'],
  ])('from "%s" to %s', async (from, expected) => {
    const { crm, sandbox, personCrmId } = await start(from);
    const outcome = only(await crm.addMembers([membership({ personCrmId, lifecycleStage: MQL })]));
    expect(outcome).toMatchObject({ state: 'done' });
    expect(sandbox.records('contacts')[0]?.properties.lifecyclestage).toBe(expected);
  });

  it.each(['ignored', 'refused'] as const)(
    'never sends a step backward, where one is %s',
    async (backwardStage) => {
      const { crm, sandbox, personCrmId } = await start('opportunity', { settings: { backwardStage } });
      const outcome = only(await crm.addMembers([membership({ personCrmId, lifecycleStage: MQL })]));
      expect(outcome).toMatchObject({ state: 'done', note: expect.stringContaining('opportunity') });
      expect(callsTo(sandbox, UPDATE)).toBe(0);
    },
  );

  it('is not done before the stage is set', async () => {
    const { crm, sandbox, personCrmId } = await start('lead');
    sandbox.faults.add({ path: UPDATE, ...badAnswers.locked() });
    const change = membership({ personCrmId, lifecycleStage: MQL });
    expect(only(await crm.addMembers([change]))).toMatchObject({ state: 'retry', code: 'locked' });
    expect(only(await crm.addMembers([change]))).toMatchObject({ state: 'done' });
    expect(sandbox.records('contacts')[0]?.properties.lifecyclestage).toBe(MQL);
    expect(sandbox.writes().filter(({ op }) => op === 'add')).toHaveLength(1);
  });
});
