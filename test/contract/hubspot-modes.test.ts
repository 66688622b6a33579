import { afterEach, describe, expect, it } from 'vitest';
import type { MappedField } from '../../src/sync/crm.ts';
import { guard } from '../support/field-spec.ts';
import {
  account,
  at,
  callsTo,
  connectorTo,
  crmIdOf,
  FIELDS,
  only,
  person,
  type World,
  world,
} from './hubspot-world.ts';

const READ = at('/crm/v3/objects/companies/batch/read');
const UPDATE = at('/crm/v3/objects/companies/batch/update');

let open: World;
afterEach(() => open.close());

const RULES = {
  pql_score: { type: 'number' },
  pql_tier: {},
  description: { write: 'fill_if_empty' },
  numberofemployees: { type: 'number', write: 'only_increase' },
  city: {},
} as const;

describe('fields whose present value decides', () => {
  it('are left, increased or restored, in one write with the others', async () => {
    open = await world();
    const held = { description: 'by a rep', numberofemployees: '500', city: 'Berlin', pql_tier: 'Hot' };
    const crmId = crmIdOf(
      only(await open.crm.writeAccounts([account({ createFields: { name: 'x', ...held } })])),
    );
    await open.crm.writeAccounts([account({ crmId, fields: held })]);
    const ours = { description: 'ours', numberofemployees: 240, city: 'Bonn', pql_score: 90 };
    const outcome = only(
      await open.crm.writeAccounts([
        account({
          crmId,
          fields: ours,
          allFields: { ...ours, pql_tier: 'mql' },
          guard: guard(RULES, { city: 'Köln', pql_tier: 'mql', pql_score: 85 }),
        }),
      ]),
    );
    expect(outcome).toMatchObject({
      state: 'done',
      held: {
        description: { why: 'not_empty', theirs: 'by a rep' },
        numberofemployees: { why: 'not_higher', theirs: '500' },
        city: { why: 'by_hand', theirs: 'Berlin', wrote: 'Köln' },
      },
      restored: { pql_tier: 'Hot' },
    });
    expect(open.sandbox.records('companies')[0]?.properties).toMatchObject({
      description: 'by a rep',
      numberofemployees: '500',
      city: 'Berlin',
      pql_tier: 'mql',
      pql_score: '90',
    });
  });

  it('I8: cost one read for 100 records beside the write, and without such a field none', async () => {
    open = await world();
    const made = await open.crm.writeAccounts(
      Array.from({ length: 100 }, (_, i) =>
        account({ key: `k${i}`, domain: null, createFields: { name: `n${i}` } }),
      ),
    );
    const linked = (more: object) =>
      [...made].map(([key, outcome]) => account({ key, crmId: crmIdOf(outcome), ...more }));
    open.sandbox.forgetLog();
    await open.crm.writeAccounts(
      linked({ guard: guard(RULES), fields: { pql_score: 90 }, allFields: { pql_score: 90 } }),
    );
    expect([callsTo(open.sandbox, READ), open.sandbox.calls().length]).toEqual([1, 2]);
    open.sandbox.forgetLog();
    await open.crm.writeAccounts(linked({}));
    expect([callsTo(open.sandbox, UPDATE), open.sandbox.calls().length]).toEqual([1, 1]);
  });

  it('what a rep left in a company or contact that is matched just now is kept too', async () => {
    open = await world({
      seed: [
        { object: 'companies', properties: { domain: 'initech.example', city: 'Berlin' } },
        { object: 'contacts', properties: { email: 'peter@initech.example', city: 'Berlin' } },
      ],
    });
    const rules = guard({ city: { write: 'fill_if_empty' } });
    const allFields = { pql_score: 85, city: 'Bonn' };
    const company = only(await open.crm.writeAccounts([account({ allFields, guard: rules })]));
    const contact = only(await open.crm.writePeople([person({ allFields, guard: rules })]));
    expect(company).toMatchObject({ how: 'domain', held: { city: { theirs: 'Berlin' } } });
    expect(contact).toMatchObject({ how: 'email', held: { city: { theirs: 'Berlin' } } });
    expect(open.sandbox.records('companies')[0]?.properties).toMatchObject({
      city: 'Berlin',
      pql_account_id: 'acct-7',
      pql_score: '85',
    });
  });

  it('a record that is gone when it is read asks for a new match', async () => {
    open = await world();
    const change = account({ crmId: '404', guard: guard(RULES) });
    expect(only(await open.crm.writeAccounts([change]))).toMatchObject({
      state: 'rematch',
      code: 'not_found',
    });
  });
});

describe('finding the company', () => {
  it('several: refuse chooses none of several with the domain, and names them', async () => {
    const company = (name: string) => ({
      object: 'companies' as const,
      properties: { name, domain: 'initech.example' },
    });
    open = await world({ seed: [company('a'), company('b')] });
    const crm = connectorTo(open.sandbox, { clock: open.clock, several: { company: 'refuse' } });
    const ids = open.sandbox.records('companies').map(({ id }) => id);
    expect(only(await crm.writeAccounts([account()]))).toMatchObject({
      state: 'parked',
      code: 'several_match',
      reason: `2 companies have the domain initech.example: ${ids.join(', ')}`,
    });
    expect(only(await open.crm.writeAccounts([account()]))).toMatchObject({ state: 'done', crmId: ids[0] });
  });
});

describe('before a call', () => {
  it('a company without name and domain is refused with the reason', async () => {
    open = await world();
    const outcome = only(await open.crm.writeAccounts([account({ domain: null, createFields: {} })]));
    expect(outcome).toMatchObject({ state: 'parked', code: 'required_missing' });
    expect(open.sandbox.writes()).toEqual([]);
  });

  it('the schema check refuses values that are no option, and a mapping that cannot make a company', async () => {
    open = await world();
    const industry: MappedField = {
      object: 'company',
      field: 'industry',
      type: 'picklist',
      unique: false,
      values: ['INTERNET', 'COMPUTER_SOFTWAR'],
    };
    const fields = [...FIELDS.filter(({ field }) => field !== 'name'), industry];
    const told = await open.crm.checkSchema(fields, ['company', 'contact']);
    expect(told.map(({ field, problem, remedy }) => `${field}: ${problem}; ${remedy}`)).toEqual([
      expect.stringMatching(/^name: nothing: a new company needs a name or a domain/),
      expect.stringMatching(
        /^industry: a picklist without COMPUTER_SOFTWAR; .*did you mean "COMPUTER_SOFTWARE"/,
      ),
    ]);
    expect(await open.crm.checkSchema(FIELDS)).toEqual([]);
  });

  it("text is cut at HubSpot's longest, and dates are days of the portal's zone", async () => {
    open = await world({ settings: { timeZone: 'America/New_York' } });
    await open.crm.connect();
    expect(open.crm.zone()).toBe('America/New_York');
    const description = 'x'.repeat(70_000);
    await open.crm.writeAccounts([account({ createFields: { name: 'x', description } })]);
    expect(open.sandbox.records('companies')[0]?.properties.description).toHaveLength(65_536);
  });
});
