import { afterEach, describe, expect, it } from 'vitest';
import { loadMappings } from '../../src/mappings.ts';
import { type HubspotSandbox, startHubspotSandbox } from '../../src/sandbox/hubspot/index.ts';
import { ManualClock } from '../../src/shared/clock.ts';
import type { CrmConnector, MappedField, SetupStep } from '../../src/sync/crm.ts';
import type { Crm } from '../../src/wiring/crms.ts';
import { setUp } from '../../src/wiring/set-up.ts';
import { at, connectorTo, FIELDS, NOON } from './hubspot-world.ts';

let sandbox: HubspotSandbox;
afterEach(() => sandbox.close());

async function start(options: Parameters<typeof startHubspotSandbox>[0] = {}): Promise<CrmConnector> {
  const clock = new ManualClock(NOON);
  sandbox = await startHubspotSandbox({ clock, ...options });
  return connectorTo(sandbox, { clock });
}

const TIER: MappedField = {
  object: 'company',
  field: 'pql_tier',
  type: 'picklist',
  unique: false,
  values: ['mql', 'stage_1'],
};

interface Property {
  name: string;
  type: string;
  hasUniqueValue: boolean;
  options: { value: string; label: string }[];
}

async function property(object: string, name: string): Promise<Property> {
  const response = await fetch(`${sandbox.url}/crm/v3/properties/${object}/${name}`, { headers: AUTH });
  return (await response.json()) as Property;
}

const AUTH = { authorization: 'Bearer pat-test', 'content-type': 'application/json' };

/** As an admin, or another app, makes a property: outside our group. */
async function theirs(body: Record<string, unknown>): Promise<void> {
  const response = await fetch(`${sandbox.url}/crm/v3/properties/companies`, {
    method: 'POST',
    headers: AUTH,
    body: JSON.stringify({ groupName: 'companiesinformation', label: 'x', ...body }),
  });
  expect(response.status).toBe(201);
}

const methods = () => [...new Set(sandbox.calls().map(({ method }) => method))];
const stepOf = (steps: SetupStep[], what: string) => steps.find((step) => step.what === what);

describe('setup of a portal', () => {
  it('without apply, and a second time with it, sends nothing but reads', async () => {
    const crm = await start();
    await crm.setup(FIELDS, ['PQL MQL'], false);
    expect(methods()).toEqual(['GET']);
    await crm.setup(FIELDS, ['PQL MQL'], true);
    sandbox.forgetLog();
    const again = await crm.setup(FIELDS, ['PQL MQL'], true);
    expect(again.every(({ state }) => state === 'present')).toBe(true);
    expect(methods()).toEqual(['GET']);
  });

  it('makes the keys of company, contact and task unique, the contact’s although the mapping can do without', async () => {
    const crm = await start();
    await crm.setup(FIELDS, [], true);
    for (const [object, name] of [
      ['companies', 'pql_account_id'],
      ['contacts', 'pql_person_id'],
      ['tasks', 'pql_key'],
    ] as const) {
      expect(await property(object, name)).toMatchObject({ name, hasUniqueValue: true });
    }
    expect(await property('contacts', 'pql_score')).toMatchObject({ hasUniqueValue: false });
  });

  it('a portal that has no unique property left gets the contact’s key without, and says so', async () => {
    const crm = await start();
    const refused = { status: 'error', category: 'VALIDATION_ERROR', message: 'only 10 unique properties' };
    sandbox.faults.add({
      method: 'POST',
      path: at('/crm/v3/properties/contacts'),
      reply: { status: 400, body: refused },
    });
    const steps = await crm.setup(FIELDS, [], true);
    expect(stepOf(steps, 'contact property pql_person_id')).toMatchObject({
      state: 'created',
      detail: expect.stringMatching(/not unique.*only 10.*e-mail/),
    });
    expect(await property('contacts', 'pql_person_id')).toMatchObject({ hasUniqueValue: false });
  });

  it('makes a picklist with the values of the mapping, and gives it those that come later', async () => {
    const crm = await start();
    await crm.setup([TIER], [], true);
    expect(await property('companies', 'pql_tier')).toMatchObject({
      type: 'enumeration',
      options: [{ value: 'mql' }, { value: 'stage_1' }],
    });
    const more = { ...TIER, values: ['stage_2', 'mql'] };
    expect(stepOf(await crm.setup([more], [], false), 'company property pql_tier')).toMatchObject({
      state: 'missing',
      detail: 'would get the values stage_2',
    });
    const steps = await crm.setup([more], [], true);
    expect(stepOf(steps, 'company property pql_tier')).toMatchObject({ state: 'changed' });
    const { options } = await property('companies', 'pql_tier');
    expect(options.map(({ value }) => value)).toEqual(['mql', 'stage_1', 'stage_2']);
  });

  it.each<[string, Record<string, unknown>, MappedField, RegExp]>([
    [
      'of another type',
      { name: 'pql_score', type: 'datetime', fieldType: 'date' },
      { object: 'company', field: 'pql_score', type: 'number', unique: false },
      /type datetime: number or string/,
    ],
    [
      'that is not unique',
      { name: 'pql_account_id', type: 'string', fieldType: 'text' },
      { object: 'company', field: 'pql_account_id', type: 'text', unique: true },
      /not unique.*delete it/,
    ],
    [
      'that lacks values and was not made by setup',
      {
        name: 'pql_tier',
        type: 'enumeration',
        fieldType: 'select',
        options: [{ label: 'MQL', value: 'mql', displayOrder: 0, hidden: false }],
      },
      TIER,
      /without stage_1: add them to the property, or/,
    ],
  ])(
    'refuses to change a property %s, and says what differs and what to do',
    async (_what, body, field, words) => {
      const crm = await start();
      await theirs(body);
      const before = await property('companies', field.field);
      const steps = await crm.setup([field], [], true);
      expect(stepOf(steps, `company property ${field.field}`)).toMatchObject({
        state: 'failed',
        detail: expect.stringMatching(words),
      });
      expect(await property('companies', field.field)).toEqual(before);
    },
  );
});

describe('set-up on a bad day', () => {
  async function run(apply = true) {
    const mappings = loadMappings('mappings');
    if (!mappings.ok) {
      throw new Error('the shipped mappings have problems');
    }
    const waits: number[] = [];
    const clock = new ManualClock(NOON);
    const connector = connectorTo(sandbox, { clock });
    const crm = { name: 'hubspot', mapping: mappings.value.hubspot, connector } as unknown as Crm;
    const steps = await setUp(
      crm,
      apply,
      () => NOON,
      async (ms) => waits.push(ms),
    );
    return { waits, states: new Set(steps.map(({ state }) => state)), steps };
  }

  it('tries again what a bad answer stopped, and tells as made what the first try made', async () => {
    await start();
    sandbox.faults.add({ method: 'POST', path: at('/crm/v3/properties/companies'), reply: { status: 502 } });
    sandbox.faults.add({ method: 'POST', path: at('/crm/v3/lists'), reset: 'after' });
    const { steps, waits, states } = await run();
    expect({ waits, failed: states.has('failed') }).toEqual({ waits: [1000], failed: false });
    expect(stepOf(steps, 'company property pql_score')).toMatchObject({ state: 'created' });
    expect((await run()).states).toEqual(new Set(['present']));
  });

  it('gives up after the third try, and at once where only looking was asked for', async () => {
    await start();
    sandbox.faults.add({ path: at('/crm/v3/properties/companies'), times: 'always', reply: { status: 503 } });
    expect(await run()).toMatchObject({ waits: [1000, 3000], states: new Set(['failed']) });
    expect(await run(false)).toMatchObject({ waits: [] });
  });

  it('does not repeat what no wait can mend', async () => {
    await start();
    await theirs({ name: 'pql_tier', type: 'number', fieldType: 'number' });
    expect(await run()).toMatchObject({ waits: [] });
  });
});
