import { describe, expect, it } from 'vitest';
import { badAnswers, type Seed } from '../../src/sandbox/hubspot/index.ts';
import { at, callsTo, crmIdOf, FIELDS, only, person, worlds } from './hubspot-world.ts';

const start = worlds();

const ASSOCIATE = at('/crm/v4/associations/contacts/companies/batch/associate/default');
const CREATE = at('/crm/v3/objects/contacts/batch/create');

const UNIQUE_PERSON = FIELDS.map((field) =>
  field.field === 'pql_person_id' ? { ...field, unique: true } : field,
);

const peter = (properties: Record<string, string> = {}): Seed => ({
  object: 'contacts',
  properties: { email: 'peter@initech.example', firstname: 'Pete', ...properties },
});
const initech: Seed = { object: 'companies', properties: { name: 'Initech', domain: 'initech.example' } };

describe('finding the contact of a person', () => {
  it('creates one with its e-mail, under the account’s company', async () => {
    const { crm, sandbox } = await start({ seed: [initech] });
    const accountCrmId = sandbox.records('companies')[0]?.id ?? '';
    const outcome = only(await crm.writePeople([person({ accountCrmId })]));
    expect(outcome).toMatchObject({ state: 'done', created: true });
    expect(sandbox.records('contacts')).toMatchObject([
      {
        id: crmIdOf(outcome),
        properties: { email: 'peter@initech.example', firstname: 'Peter', pql_score: '85' },
        associations: { companies: [accountCrmId] },
      },
    ]);
  });

  it('finds it by e-mail in any case and leaves the rep’s words alone', async () => {
    const { crm, sandbox } = await start({ seed: [peter()] });
    const outcome = only(await crm.writePeople([person({ email: 'Peter@Initech.example' })]));
    const [contact, ...others] = sandbox.records('contacts');
    expect(others).toEqual([]);
    expect(crmIdOf(outcome)).toBe(contact?.id);
    expect(contact?.properties).toMatchObject({ firstname: 'Pete', pql_score: '85' });
  });

  it('does not believe an answer that names no contact, found or missing, before it is said twice', async () => {
    const { crm, sandbox } = await start({ seed: [peter()] });
    sandbox.faults.add({ path: at('/crm/v3/objects/contacts/batch/read'), ...badAnswers.emptySuccess(200) });
    expect(only(await crm.writePeople([person({ create: false })]))).toMatchObject({ state: 'done' });
    expect(sandbox.records('contacts')).toMatchObject([{ properties: { pql_score: '85' } }]);
  });

  it('finds it by its unique person id when the address has changed', async () => {
    const seed = [peter({ email: 'new@initech.example', pql_person_id: 'user-1' })];
    const { crm, sandbox } = await start({ seed, fields: UNIQUE_PERSON });
    only(await crm.writePeople([person()]));
    expect(sandbox.records('contacts')).toMatchObject([
      { properties: { email: 'new@initech.example', pql_score: '85' } },
    ]);
  });

  it('looks by e-mail only where the mapping says so, and never makes a second contact', async () => {
    const match = { company: [], contact: ['link'] };
    const { crm, sandbox } = await start({ seed: [peter()], match });
    expect(only(await crm.writePeople([person({ create: false })]))).toMatchObject({ state: 'skipped' });
    expect(only(await crm.writePeople([person()]))).toMatchObject({ state: 'done' });
    expect(sandbox.records('contacts')).toMatchObject([
      { properties: { firstname: 'Pete', pql_score: '85' } },
    ]);
  });

  it('finds a person by what the mapping fills the unique property with', async () => {
    const seed = [peter({ email: 'new@initech.example', pql_person_id: 'peter-1' })];
    const { crm, sandbox } = await start({ seed, fields: UNIQUE_PERSON });
    only(await crm.writePeople([person({ allFields: { pql_person_id: 'peter-1', pql_score: 85 } })]));
    expect(sandbox.records('contacts')).toMatchObject([
      { properties: { pql_person_id: 'peter-1', pql_score: '85' } },
    ]);
  });

  it('does not ask by a person id that is not unique', async () => {
    const { crm, sandbox } = await start();
    expect(only(await crm.writePeople([person()]))).toMatchObject({ state: 'done' });
    expect(sandbox.calls().filter(({ status }) => status === 400)).toEqual([]);
  });

  it('leaves a contact under the company a rep put it under', async () => {
    const { crm, sandbox } = await start({
      seed: [initech, { ...initech, properties: { name: 'Parent' } }, peter()],
    });
    const [ours = '', theirs = ''] = sandbox.records('companies').map(({ id }) => id);
    const contact = sandbox.records('contacts')[0]?.id ?? '';
    await fetch(
      `${sandbox.url}/crm/v4/objects/contacts/${contact}/associations/default/companies/${theirs}`,
      {
        method: 'PUT',
        headers: { authorization: 'Bearer a-rep' },
      },
    );
    await crm.writePeople([person({ accountCrmId: ours })]);
    expect(sandbox.records('contacts')[0]?.associations).toEqual({ companies: [theirs] });
  });

  it.each([
    ['it may not', { create: false }, 'no_match'],
    ['there is no e-mail', { email: null }, 'no_email'],
  ])('creates none when %s', async (_why, change, code) => {
    const { crm, sandbox } = await start();
    expect(only(await crm.writePeople([person(change)]))).toMatchObject({ state: 'skipped', code });
    expect(sandbox.records('contacts')).toEqual([]);
  });

  it('puts two persons with one address on one contact, in turn', async () => {
    const { crm, sandbox } = await start({ fields: UNIQUE_PERSON });
    const outcomes = await crm.writePeople([person({ key: 'a' }), person({ key: 'b' })]);
    const ids = [...outcomes.values()].map(crmIdOf);
    expect(new Set(ids).size).toBe(1);
    expect(sandbox.records('contacts')).toMatchObject([{ properties: { pql_person_id: 'a' } }]);
  });
});

describe('what goes wrong', () => {
  it('adopts the contact that a 409 names when another create was faster', async () => {
    const { crm, sandbox } = await start({ seed: [peter()] });
    const empty = { status: 'COMPLETE', results: [] };
    sandbox.faults.add({
      path: at('/crm/v3/objects/contacts/batch/read'),
      reply: { status: 200, body: empty },
    });
    const outcome = only(await crm.writePeople([person()]));
    const [contact, ...others] = sandbox.records('contacts');
    expect(others).toEqual([]);
    expect(outcome).toMatchObject({ state: 'done', crmId: contact?.id, how: 'email' });
    expect(contact?.properties).toMatchObject({ firstname: 'Pete', pql_score: '85' });
  });

  it('makes one contact although the answer to its create was lost', async () => {
    const { crm, sandbox } = await start();
    sandbox.faults.add({ path: CREATE, ...badAnswers.lostAfter() });
    expect(only(await crm.writePeople([person()]))).toMatchObject({ state: 'retry' });
    expect(only(await crm.writePeople([person()]))).toMatchObject({ state: 'done' });
    expect(sandbox.records('contacts')).toHaveLength(1);
  });

  it('parks a wrong address and creates the others (I9)', async () => {
    const { crm, sandbox } = await start();
    const changes = Array.from({ length: 100 }, (_, n) =>
      person({ key: `u${n}`, email: `u${n}@initech.example` }),
    );
    const outcomes = await crm.writePeople([
      ...changes.slice(0, 99),
      person({ key: 'bad', email: 'nobody at all' }),
    ]);
    const bad = outcomes.get('bad');
    expect(bad).toMatchObject({ state: 'parked', code: 'invalid_email' });
    expect(sandbox.records('contacts')).toHaveLength(99);
  });

  it('keeps e-mail addresses out of the reasons it gives', async () => {
    const { crm, sandbox } = await start();
    const message =
      'Property values were not valid: [{"message":"Email address peter@initech.example is invalid"}]';
    sandbox.faults.add({
      path: CREATE,
      reply: { status: 400, body: { status: 'error', category: 'VALIDATION_ERROR', message } },
    });
    const outcome = only(await crm.writePeople([person()]));
    expect(JSON.stringify(outcome)).not.toContain('peter@initech.example');
    expect(outcome).toMatchObject({ state: 'parked', reason: expect.stringContaining('[e-mail]') });
  });

  it('is not done before the contact is under its company', async () => {
    const { crm, sandbox } = await start({ seed: [initech] });
    const accountCrmId = sandbox.records('companies')[0]?.id ?? '';
    sandbox.faults.add({ path: ASSOCIATE, ...badAnswers.internalError() });
    expect(only(await crm.writePeople([person({ accountCrmId })]))).toMatchObject({ state: 'retry' });
    expect(only(await crm.writePeople([person({ accountCrmId })]))).toMatchObject({ state: 'done' });
    expect(sandbox.records('contacts')).toMatchObject([{ associations: { companies: [accountCrmId] } }]);
    expect(callsTo(sandbox, ASSOCIATE)).toBe(2);
  });

  it('is done with a note when the company is gone', async () => {
    const { crm } = await start();
    const outcome = only(await crm.writePeople([person({ accountCrmId: '999' })]));
    expect(outcome).toMatchObject({ state: 'done', note: expect.stringContaining('company') });
  });

  it('puts the others under their company when one company is gone (I9)', async () => {
    const { crm, sandbox } = await start({ seed: [initech] });
    const company = sandbox.records('companies')[0]?.id ?? '';
    const changes = ['a', 'b', 'c', 'd'].map((key) =>
      person({ key, email: `${key}@initech.example`, accountCrmId: key === 'c' ? '999' : company }),
    );
    const outcomes = await crm.writePeople(changes);
    expect([...outcomes.values()].map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done']);
    const under = sandbox
      .records('contacts')
      .filter(({ associations }) => associations.companies !== undefined);
    expect(under.map(({ properties }) => properties.email?.slice(0, 1))).toEqual(['a', 'b', 'd']);
  });

  it('asks for a new match when the contact is gone', async () => {
    const { crm } = await start();
    expect(only(await crm.writePeople([person({ crmId: '999' })]))).toMatchObject({ state: 'rematch' });
  });
});
