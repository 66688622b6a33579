import { Client } from '@hubspot/api-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { badAnswers, type HubspotSandbox, startHubspotSandbox } from '../../src/sandbox/hubspot/index.ts';
import { ManualClock } from '../../src/shared/clock.ts';

/** The sandbox is worth as much as its likeness: what HubSpot's documents and recordings say, seen by its own client. */

const NOON = Date.UTC(2026, 10, 24, 12);

let clock: ManualClock;
let sandbox: HubspotSandbox;
let client: Client;

beforeEach(async () => {
  clock = new ManualClock(NOON);
  sandbox = await startHubspotSandbox({ clock });
  client = new Client({ accessToken: 'pat-test', basePath: sandbox.url, numberOfApiCallRetries: 1 });
});
afterEach(() => sandbox.close());

/** The status and body of a refusal, whichever of the client's exception classes it is. */
async function refusal(call: Promise<unknown>): Promise<{ code: number; body: Record<string, unknown> }> {
  try {
    await call;
  } catch (error) {
    const { code, body } = error as { code: number; body: Record<string, unknown> };
    return { code, body };
  }
  throw new Error('a refusal was expected');
}

async function raw(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${sandbox.url}${path}`, {
    method,
    headers: { authorization: 'Bearer pat-test', 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) };
}

const uniqueProperty = (name: string) => ({
  groupName: 'companiesinformation',
  name,
  label: name,
  type: 'string' as never,
  fieldType: 'text' as never,
  hasUniqueValue: true,
});

const named = (name: string, more: Record<string, string> = {}) => ({
  properties: { name, ...more },
  associations: [],
});

describe('batches', () => {
  it('answer in another order and echo the trace id', async () => {
    const inputs = ['a', 'b', 'c'].map((name) => ({ ...named(name), objectWriteTraceId: `t-${name}` }));
    const { results } = await client.crm.companies.batchApi.create({ inputs });
    expect(results.map(({ properties }) => properties.name)).not.toEqual(['a', 'b', 'c']);
    for (const { properties, objectWriteTraceId } of results) {
      expect(objectWriteTraceId).toBe(`t-${properties.name}`);
    }
  });

  it('answer per record (207) when every input has a trace id of its own', async () => {
    const inputs = [
      { ...named('good'), objectWriteTraceId: 't-1' },
      { ...named('bad', { nonsense: 'x' }), objectWriteTraceId: 't-2' },
    ];
    const answer = await client.crm.companies.batchApi.createWithHttpInfo({ inputs });
    expect(answer.httpStatusCode).toBe(207);
    expect(answer.data).toMatchObject({
      numErrors: 1,
      results: [{ objectWriteTraceId: 't-1' }],
      errors: [{ category: 'VALIDATION_ERROR', context: { objectWriteTraceId: ['t-2'] } }],
    });
    expect(sandbox.records('companies')).toHaveLength(1);
  });

  it.each([
    ['none has one', [undefined, undefined]],
    ['one lacks one', ['t-1', undefined]],
    ['two are the same', ['t-1', 't-1']],
  ])('fail whole, with nothing written, when %s', async (_why, traces) => {
    const trace = (n: number) => (traces[n] === undefined ? {} : { objectWriteTraceId: traces[n] });
    const inputs = [
      { ...named('good'), ...trace(0) },
      { ...named('bad', { nonsense: 'x' }), ...trace(1) },
    ];
    const { code, body } = await refusal(client.crm.companies.batchApi.create({ inputs }));
    expect(code).toBe(400);
    expect(body.message).toContain('"error":"PROPERTY_DOESNT_EXIST"');
    expect(sandbox.records('companies')).toEqual([]);
  });

  it('take 100 inputs and no more', async () => {
    const inputs = Array.from({ length: 101 }, (_, n) => named(`c${n}`));
    expect((await refusal(client.crm.companies.batchApi.create({ inputs }))).code).toBe(400);
    const { results } = await client.crm.companies.batchApi.create({ inputs: inputs.slice(1) });
    expect(results).toHaveLength(100);
  });

  it('refuse one id twice', async () => {
    const [id = ''] = sandbox.seed([{ object: 'companies', properties: { name: 'a' } }]);
    const inputs = [1, 2].map((n) => ({ id, properties: { name: `a${n}` } }));
    expect((await refusal(client.crm.companies.batchApi.update({ inputs }))).body.message).toContain(
      'Duplicate IDs',
    );
  });

  it('refuse an upsert by domain in the words that were seen', async () => {
    const inputs = [{ id: 'acme.example', idProperty: 'domain', properties: { name: 'Acme' } }];
    const { code, body } = await refusal(client.crm.companies.batchApi.upsert({ inputs }));
    expect(code).toBe(400);
    expect(body.message).toBe('Unable to perform update/upsert by non-unique 0-2 property domain');
  });

  it('upsert by a unique property: new, then not', async () => {
    await client.crm.properties.coreApi.create('companies', uniqueProperty('our_id'));
    const upsert = () =>
      client.crm.companies.batchApi.upsert({
        inputs: [{ id: 'A', idProperty: 'our_id', properties: { name: 'Acme' } }],
      });
    expect((await upsert()).results).toMatchObject([{ _new: true, properties: { our_id: 'A' } }]);
    expect((await upsert()).results).toMatchObject([{ _new: false }]);
  });

  it('name the ids they could not read', async () => {
    const [id = ''] = sandbox.seed([{ object: 'companies', properties: { name: 'a' } }]);
    const answer = await client.crm.companies.batchApi.readWithHttpInfo({
      inputs: [{ id }, { id: '999' }],
      properties: ['name'],
      propertiesWithHistory: [],
    });
    expect(answer.httpStatusCode).toBe(207);
    expect(answer.data).toMatchObject({ results: [{ id }], errors: [{ context: { ids: ['999'] } }] });
  });
});

describe('records', () => {
  it('keep unique values unique', async () => {
    await client.crm.properties.coreApi.create('companies', uniqueProperty('our_id'));
    const first = await client.crm.companies.basicApi.create(named('a', { our_id: 'X' }));
    const { code, body } = await refusal(client.crm.companies.basicApi.create(named('b', { our_id: 'x' })));
    expect(code).toBe(409);
    expect(body).toMatchObject({ category: 'CONFLICT', context: { existingId: [first.id] } });
  });

  it('free a unique value when it changes', async () => {
    await client.crm.properties.coreApi.create('companies', uniqueProperty('our_id'));
    const first = await client.crm.companies.basicApi.create(named('a', { our_id: 'X' }));
    await client.crm.companies.basicApi.update(first.id, { properties: { our_id: 'Y' } });
    await expect(client.crm.companies.basicApi.create(named('b', { our_id: 'X' }))).resolves.toBeDefined();
  });

  it('name the contact that has the e-mail', async () => {
    const create = () =>
      client.crm.contacts.basicApi.create({ properties: { email: 'a@b.example' }, associations: [] });
    const { id } = await create();
    expect((await refusal(create())).body.message).toBe(`Contact already exists. Existing ID: ${id}`);
  });

  it('are read and patched by a unique property', async () => {
    sandbox.seed([{ object: 'contacts', properties: { email: 'a@b.example', firstname: 'A' } }]);
    await client.crm.contacts.basicApi.update('a@b.example', { properties: { firstname: 'B' } }, 'email');
    const contact = await client.crm.contacts.basicApi.getById(
      'a@b.example',
      ['firstname'],
      undefined,
      undefined,
      false,
      'email',
    );
    expect(contact.properties.firstname).toBe('B');
  });

  it.each([
    ['a number', { numberofemployees: 'many' }, 'INVALID_NUMBER'],
    ['an option', { industry: 'PAPER' }, 'INVALID_OPTION'],
    ['an owner', { hubspot_owner_id: '103' }, 'INVALID_OWNER_ID'],
    ['what HubSpot fills', { createdate: '2026-01-01' }, 'READ_ONLY_VALUE'],
    ['an unknown property', { nonsense: 'x' }, 'PROPERTY_DOESNT_EXIST'],
  ])('refuse a wrong value for %s', async (_what, properties, code) => {
    const { body } = await refusal(client.crm.companies.basicApi.create(named('a', properties as never)));
    expect(body.message).toContain(code);
  });

  it('fill the website of a company from its domain', async () => {
    await client.crm.companies.basicApi.create(named('a', { domain: 'A.example' }));
    expect(sandbox.records('companies')[0]?.properties).toMatchObject({
      domain: 'a.example',
      website: 'a.example',
    });
  });

  it('need hs_timestamp to be a task', async () => {
    const call = client.crm.objects.tasks.basicApi.create({
      properties: { hs_task_subject: 'x' },
      associations: [],
    });
    expect((await refusal(call)).body.message).toContain('hs_timestamp');
  });

  it.each([
    ['ignored', 200, 'customer'],
    ['refused', 400, 'customer'],
  ] as const)('keep a lifecycle stage from going backward: %s', async (backwardStage, status, stage) => {
    sandbox.settings.backwardStage = backwardStage;
    const [id] = sandbox.seed([
      { object: 'contacts', properties: { email: 'a@b.c', lifecyclestage: 'customer' } },
    ]);
    const answer = await raw('PATCH', `/crm/v3/objects/contacts/${id}`, {
      properties: { lifecyclestage: 'lead' },
    });
    expect(answer.status).toBe(status);
    expect(sandbox.records('contacts')[0]?.properties.lifecyclestage).toBe(stage);
  });

  it('let a lifecycle stage go anywhere once it was cleared', async () => {
    const [id] = sandbox.seed([
      { object: 'contacts', properties: { email: 'a@b.c', lifecyclestage: 'customer' } },
    ]);
    for (const lifecyclestage of ['', 'lead']) {
      await raw('PATCH', `/crm/v3/objects/contacts/${id}`, { properties: { lifecyclestage } });
    }
    expect(sandbox.records('contacts')[0]?.properties.lifecyclestage).toBe('lead');
  });
});

describe('search', () => {
  const byDomain = (...values: string[]) => [
    { filters: [{ propertyName: 'domain', operator: 'IN' as never, values }] },
  ];

  it('finds by domain, oldest first, and pages', async () => {
    sandbox.seed(
      [3, 1, 2].map((n) => ({
        object: 'companies' as const,
        properties: { domain: 'a.example', name: `${n}` },
        createdAt: n,
      })),
    );
    const first = await client.crm.companies.searchApi.doSearch({
      filterGroups: byDomain('a.example'),
      sorts: ['createdate'],
      properties: ['name'],
      limit: 2,
    });
    expect(first.total).toBe(3);
    expect(first.results.map(({ properties }) => properties.name)).toEqual(['1', '2']);
    expect(first.paging?.next?.after).toBe('2');
  });

  it('does not see a write before the index does, and sees the old value until then', async () => {
    sandbox.settings.indexLagMs = 30_000;
    const { id } = await client.crm.companies.basicApi.create(named('a', { domain: 'a.example' }));
    const total = async (domain: string) =>
      (await client.crm.companies.searchApi.doSearch({ filterGroups: byDomain(domain) })).total;
    expect(await total('a.example')).toBe(0);
    clock.advance(30_000);
    expect(await total('a.example')).toBe(1);
    await client.crm.companies.basicApi.update(id, { properties: { domain: 'b.example' } });
    expect([await total('a.example'), await total('b.example')]).toEqual([1, 0]);
  });

  it.each<[string, object]>([
    ['more than 10,000 results', { after: '9900', limit: 200 }],
    ['more than 200 a page', { limit: 201 }],
    ['six groups', { filterGroups: Array.from({ length: 6 }, () => ({ filters: [] })) }],
    [
      'an unknown property',
      { filterGroups: [{ filters: [{ propertyName: 'x', operator: 'EQ', value: '1' }] }] },
    ],
  ])('refuses %s', async (_what, body) => {
    expect((await raw('POST', '/crm/v3/objects/companies/search', body)).status).toBe(400);
  });

  it.each<[string, object, boolean]>([
    ['EQ', { value: 'INITECH' }, true],
    ['NEQ', { value: 'initech' }, false],
    ['NOT_IN', { values: ['initech'] }, false],
    ['HAS_PROPERTY', {}, true],
    ['NOT_HAS_PROPERTY', {}, false],
    ['CONTAINS_TOKEN', { value: 'initech' }, true],
    ['NOT_CONTAINS_TOKEN', { value: 'init' }, true],
    ['GT', { value: 'zebra' }, false],
    ['BETWEEN', { value: 'a', highValue: 'z' }, true],
  ])('knows %s %j', async (operator, filter, hit) => {
    sandbox.seed([{ object: 'companies', properties: { name: 'Initech' } }]);
    const filters = [{ propertyName: 'name', operator, ...filter }];
    const answer = await raw('POST', '/crm/v3/objects/companies/search', { filterGroups: [{ filters }] });
    expect(answer.json().total).toBe(hit ? 1 : 0);
  });
});

describe('lists, properties, associations', () => {
  const manual = (name: string) => ({ name, objectTypeId: '0-1', processingType: 'MANUAL' });

  it('keep list names unique', async () => {
    await client.crm.lists.listsApi.create(manual('PQL'));
    const { body } = await refusal(client.crm.lists.listsApi.create(manual('PQL')));
    expect(body.subCategory).toBe('ILS.DUPLICATE_LIST_NAMES');
  });

  it('answer 400 to an unknown list name', async () => {
    const { code, body } = await refusal(client.crm.lists.listsApi.getByName('PQL', '0-1'));
    expect(code).toBe(400);
    expect(body.message).toBe('List does not exist with name PQL and object type ID 0-1.');
  });

  it('ignore a member that is there, and name an unknown one', async () => {
    const [id = ''] = sandbox.seed([{ object: 'contacts', properties: { email: 'a@b.c' } }]);
    const { list } = await client.crm.lists.listsApi.create(manual('PQL'));
    const add = () => client.crm.lists.membershipsApi.add(list.listId, [id, '999']);
    expect(await add()).toMatchObject({ recordsIdsAdded: [id], recordIdsMissing: ['999'] });
    expect(await add()).toMatchObject({ recordsIdsAdded: [] });
    const { results } = await client.crm.lists.membershipsApi.getPage(list.listId);
    expect(results.map(({ recordId }) => recordId)).toEqual([id]);
    expect(await client.crm.lists.membershipsApi.remove(list.listId, [id])).toMatchObject({
      recordIdsRemoved: [id],
    });
  });

  it('give the lifecycle stages in order', async () => {
    const { options } = await client.crm.properties.coreApi.getByName('contacts', 'lifecyclestage');
    expect(options.map(({ value }) => value).slice(0, 3)).toEqual([
      'subscriber',
      'lead',
      'marketingqualifiedlead',
    ]);
  });

  it('answer 409 to a property that exists and 400 to an unknown group', async () => {
    await client.crm.properties.coreApi.create('companies', uniqueProperty('our_id'));
    const again = client.crm.properties.coreApi.create('companies', uniqueProperty('our_id'));
    expect((await refusal(again)).code).toBe(409);
    const homeless = { ...uniqueProperty('other'), groupName: 'nowhere' };
    expect((await refusal(client.crm.properties.coreApi.create('companies', homeless))).code).toBe(400);
  });

  it('carry what the specification requires of a property and a group', async () => {
    const property = await raw('GET', '/crm/v3/properties/companies/domain');
    expect(await property.json()).toMatchObject({ name: 'domain', description: '' });
    const groups = await raw('GET', '/crm/v3/properties/companies/groups');
    expect(await groups.json()).toMatchObject({ results: [{ archived: false }] });
  });

  it('make the first company of a contact its primary one', async () => {
    const [contact = '', company = ''] = sandbox.seed([
      { object: 'contacts', properties: { email: 'a@b.c' } },
      { object: 'companies', properties: { name: 'a' } },
    ]);
    const { basicApi, batchApi } = client.crm.associations.v4;
    await basicApi.createDefault('contacts', contact, 'companies', company);
    const { results } = await batchApi.getPage('contacts', 'companies', { inputs: [{ id: contact }] });
    const [link] = results[0]?.to ?? [];
    expect(String(link?.toObjectId)).toBe(company);
    expect(link?.associationTypes.map(({ typeId }) => typeId).sort()).toEqual([1, 279]);
    expect(sandbox.records('contacts')[0]?.properties.associatedcompanyid).toBe(company);
  });

  it.each<['contacts' | 'deals', number]>([
    ['contacts', 1],
    ['deals', 5],
  ])(
    'keep one primary company of %s: who is given another keeps the old one as a plain company',
    async (object, primary) => {
      const [record = '', old = '', other = ''] = sandbox.seed([
        { object, properties: {} },
        { object: 'companies', properties: { name: 'old' } },
        { object: 'companies', properties: { name: 'other' } },
      ]);
      const { basicApi, batchApi } = client.crm.associations.v4;
      await basicApi.createDefault(object, record, 'companies', old);
      const types = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: primary }];
      await raw('POST', `/crm/v4/associations/${object}/companies/batch/create`, {
        inputs: [{ from: { id: record }, to: { id: other }, types }],
      });
      const { results } = await batchApi.getPage(object, 'companies', { inputs: [{ id: record }] });
      const kept = results[0]?.to.map(({ toObjectId, associationTypes }) => {
        const labels = associationTypes.map(({ typeId }) => typeId);
        return [String(toObjectId), labels.includes(primary), labels.length];
      });
      expect(kept).toEqual([
        [old, false, 1],
        [other, true, 2],
      ]);
    },
  );

  it('answers dated paths like the ones they replace', async () => {
    const details = await raw('GET', '/crm/owners/2026-09');
    expect(details.json().results).toHaveLength(2);
    const created = await raw('POST', '/crm/objects/2026-09/companies', { properties: { name: 'a' } });
    const contact = await raw('POST', '/crm/objects/2026-09/contacts', {
      properties: { email: 'a@b.example' },
    });
    const ids = [contact.json().id, created.json().id];
    const path = `/crm/objects/2026-09/contacts/${ids[0]}/associations/default/companies/${ids[1]}`;
    expect((await raw('PUT', path)).status).toBe(200);
    expect(sandbox.records('companies')[0]?.associations).toEqual({ contacts: [ids[0]] });
  });

  it.each([
    ['/crm/v3/properties/companies', '/crm/v4/associations/contacts/companies', 201],
    ['/crm/properties/2026-09/companies', '/crm/associations/2026-09/contacts/companies', 200],
  ])(
    'answers a batch that makes properties or associations by %s with the status of its version',
    async (properties, associations, status) => {
      const made = await raw('POST', `${properties}/batch/create`, { inputs: [uniqueProperty('tier')] });
      expect(made.status).toBe(status);
      const [contact = '', company = ''] = sandbox.seed([
        { object: 'contacts', properties: { email: 'a@b.example' } },
        { object: 'companies', properties: { name: 'a' } },
      ]);
      const types = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 1 }];
      const linked = await raw('POST', `${associations}/batch/create`, {
        inputs: [{ from: { id: contact }, to: { id: company }, types }],
      });
      expect(linked.status).toBe(status);
      expect(sandbox.records('contacts')[0]?.properties.associatedcompanyid).toBe(company);
    },
  );
});

describe('limits and bad days', () => {
  it('refuses a call without the token', async () => {
    sandbox.settings.accessToken = 'pat-test';
    expect((await raw('GET', '/crm/v3/owners', undefined, { authorization: 'Bearer other' })).status).toBe(
      401,
    );
    expect((await raw('GET', '/crm/v3/owners')).status).toBe(200);
  });

  it('says its limits everywhere but on search', async () => {
    const owners = await raw('GET', '/crm/v3/owners');
    const search = await raw('POST', '/crm/v3/objects/companies/search', {});
    expect(owners.headers.get('x-hubspot-ratelimit-max')).toBe('190');
    expect(search.headers.get('x-hubspot-ratelimit-max')).toBeNull();
    expect(search.headers.get('x-hubspot-ratelimit-daily-remaining')).toBe('624998');
  });

  it.each<[string, object, number, string | RegExp]>([
    ['daily limit', badAnswers.dailyLimit(), 429, '"policyName":"DAILY"'],
    ['search limit without a policy', badAnswers.secondlyLimit(), 429, 'secondly limit'],
    ['lock', badAnswers.locked(), 423, 'locked'],
    ['migration', badAnswers.migrating(60), 477, 'moved'],
    ['missing scope', badAnswers.missingScopes('crm.lists.write'), 403, 'crm.lists.write'],
    ['HTML', badAnswers.badGateway(), 502, '<html>'],
    ['nothing at all', badAnswers.unavailableWithoutType(), 503, ''],
    ['an empty success', badAnswers.emptySuccess(207), 207, '"results":[]'],
  ])('can answer: %s', async (_what, bad, status, text) => {
    sandbox.faults.add({ path: '/crm/v3/owners', ...bad });
    const answer = await raw('GET', '/crm/v3/owners');
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(text);
    expect((await raw('GET', '/crm/v3/owners')).status).toBe(200);
  });

  it.each([
    ['a lock, when asked to', badAnswers.locked(7), '7'],
    ['a lock', badAnswers.locked(), null],
    ['a migration', badAnswers.migrating(60), '60'],
  ])('says how long %s lasts in Retry-After', async (_what, bad, seconds) => {
    sandbox.faults.add({ path: '/crm/v3/owners', ...bad });
    expect((await raw('GET', '/crm/v3/owners')).headers.get('retry-after')).toBe(seconds);
  });
});
