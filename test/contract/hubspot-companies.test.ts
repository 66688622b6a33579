import { describe, expect, it } from 'vitest';
import { badAnswers, type Seed } from '../../src/sandbox/hubspot/index.ts';
import { account, at, callsTo, crmIdOf, only, world, worlds } from './hubspot-world.ts';

const start = worlds();

const UPDATE = at('/crm/v3/objects/companies/batch/update');
const CREATE = at('/crm/v3/objects/companies/batch/create');
const READ = at('/crm/v3/objects/companies/batch/read');
const SEARCH = at('/crm/v3/objects/companies/search');

const initech = (properties: Record<string, string> = {}, createdAt?: number): Seed => ({
  object: 'companies',
  properties: { name: 'Initech Inc.', domain: 'initech.example', ...properties },
  ...(createdAt === undefined ? {} : { createdAt }),
});

describe('finding the company of an account', () => {
  it('creates one when nothing matches and it may', async () => {
    const { crm, sandbox } = await start();
    const outcome = only(await crm.writeAccounts([account()]));
    expect(outcome).toMatchObject({ state: 'done', created: true });
    expect(sandbox.records('companies')).toMatchObject([
      { id: crmIdOf(outcome), properties: { pql_account_id: 'acct-7', pql_score: '85', name: 'Initech' } },
    ]);
  });

  it('creates none while it may not, and says so', async () => {
    const { crm, sandbox } = await start();
    const outcome = only(await crm.writeAccounts([account({ create: false })]));
    expect(outcome).toMatchObject({ state: 'skipped', code: 'no_match' });
    expect(sandbox.writes()).toEqual([]);
  });

  it('finds a grown portal’s company by domain, links it, and leaves its name alone', async () => {
    const { crm, sandbox } = await start({ seed: [initech()] });
    const outcome = only(await crm.writeAccounts([account()]));
    const [company, ...others] = sandbox.records('companies');
    expect(others).toEqual([]);
    expect(crmIdOf(outcome)).toBe(company?.id);
    expect(company?.properties).toMatchObject({
      name: 'Initech Inc.',
      pql_account_id: 'acct-7',
      pql_tier: 'mql',
    });
  });

  it('makes no second company for another account with the domain, while the search does not show the first', async () => {
    const { crm, sandbox, clock } = await start({ settings: { indexLagMs: 5_000 } });
    only(await crm.writeAccounts([account()]));
    clock.advance(1_000);
    const other = account({ key: 'acct-8' });
    expect(only(await crm.writeAccounts([other]))).toMatchObject({ state: 'parked', code: 'company_taken' });
    expect(sandbox.records('companies')).toHaveLength(1);
    expect(only(await crm.writeAccounts([account()]))).toMatchObject({ state: 'done' });
  });

  it('looks by domain only where the mapping says so, and in its order', async () => {
    const seed = [initech(), initech({ domain: 'other.example', pql_account_id: 'acct-7' })];
    const owner = async (company: string[]) => {
      const { crm, sandbox, close } = await world({ seed, match: { company, contact: ['email'] } });
      const crmId = crmIdOf(only(await crm.writeAccounts([account()])));
      const found = sandbox.records('companies').find(({ id }) => id === crmId);
      const searches = callsTo(sandbox, SEARCH);
      await close();
      return [found?.properties.domain, searches];
    };
    expect(await owner(['link', 'unique', 'domain'])).toEqual(['other.example', 0]);
    expect(await owner(['link', 'unique'])).toEqual(['other.example', 0]);
    const byDomain = await start({ seed: [initech()], match: { company: ['link', 'unique'], contact: [] } });
    only(await byDomain.crm.writeAccounts([account()]));
    expect(byDomain.sandbox.records('companies')).toHaveLength(2);
  });

  it('keeps the account’s key in whichever property the mapping names', async () => {
    const fields = [{ object: 'company', field: 'pql_other_id', type: 'text' as const, unique: true }];
    const { crm, sandbox } = await start({ fields, keys: { company: 'pql_other_id' } });
    const change = account({ fields: {}, allFields: {} });
    const first = only(await crm.writeAccounts([change]));
    expect(crmIdOf(only(await crm.writeAccounts([change])))).toBe(crmIdOf(first));
    expect(sandbox.records('companies')).toMatchObject([{ properties: { pql_other_id: 'acct-7' } }]);
  });

  it('finds it by an additional domain', async () => {
    const seed = [initech({ domain: 'initech.test', hs_additional_domains: 'initech.io;initech.example' })];
    const { crm, sandbox } = await start({ seed });
    only(await crm.writeAccounts([account()]));
    expect(sandbox.records('companies')).toHaveLength(1);
  });

  it('takes the oldest of several with the domain and says so', async () => {
    const seed = [initech({ name: 'young' }, 2_000), initech({ name: 'old' }, 1_000)];
    const { crm, sandbox } = await start({ seed });
    const outcome = only(await crm.writeAccounts([account()]));
    expect(outcome).toMatchObject({ state: 'done', note: expect.stringContaining('2 companies') });
    const linked = sandbox.records('companies').find(({ properties }) => properties.pql_account_id);
    expect(linked?.properties.name).toBe('old');
  });

  it('finds the company it created although the search index does not show it yet', async () => {
    const { crm, sandbox } = await start({ settings: { indexLagMs: 60_000 } });
    const first = crmIdOf(only(await crm.writeAccounts([account()])));
    const second = crmIdOf(only(await crm.writeAccounts([account()])));
    expect(second).toBe(first);
    expect(sandbox.records('companies')).toHaveLength(1);
  });

  it('leaves a company that belongs to another account, and parks with a remedy', async () => {
    const { crm, sandbox } = await start({ seed: [initech({ pql_account_id: 'acct-other' })] });
    const outcome = only(await crm.writeAccounts([account()]));
    expect(outcome).toMatchObject({ state: 'parked', code: 'company_taken' });
    expect(sandbox.writes()).toEqual([]);
  });

  it('an account that would get no company of its own yet is passed over, and not parked, where another key owns its company', async () => {
    const { crm, sandbox } = await start({ seed: [initech({ pql_account_id: 'acct-other' })] });
    const outcome = only(await crm.writeAccounts([account({ create: false })]));
    expect(outcome).toMatchObject({ state: 'skipped', code: 'no_match' });
    expect(sandbox.writes()).toEqual([]);
  });

  it('takes over the company of its own earlier domain account', async () => {
    const { crm, sandbox } = await start({ seed: [initech({ pql_account_id: 'initech.example' })] });
    only(await crm.writeAccounts([account()]));
    expect(sandbox.records('companies')).toMatchObject([{ properties: { pql_account_id: 'acct-7' } }]);
  });

  it('gives one company to the first of two accounts that share a domain', async () => {
    const { crm, sandbox } = await start({ seed: [initech()] });
    const outcomes = await crm.writeAccounts([account({ key: 'a' }), account({ key: 'b' })]);
    expect(outcomes.get('a')).toMatchObject({ state: 'done' });
    expect(outcomes.get('b')).toMatchObject({ state: 'parked', code: 'company_taken' });
    expect(sandbox.records('companies')).toHaveLength(1);
  });

  it('gives each a company of its own where the mapping does not go by the domain', async () => {
    const { crm, sandbox } = await start({ match: { company: ['link', 'unique'], contact: ['email'] } });
    const outcomes = await crm.writeAccounts([account({ key: 'a' }), account({ key: 'b' })]);
    expect([...outcomes.values()].map(({ state }) => state)).toEqual(['done', 'done']);
    expect(only(await crm.writeAccounts([account({ key: 'c' })]))).toMatchObject({ state: 'done' });
    expect(sandbox.records('companies')).toHaveLength(3);
  });

  it.each([
    ['a read by key', READ],
    ['a search by domain', SEARCH],
  ])('%s that gets lost among many is asked for once more, and nobody waits for it', async (_, path) => {
    const { crm, sandbox } = await start();
    sandbox.faults.add({ path, skip: 1, ...badAnswers.badGateway() });
    const changes = Array.from({ length: 250 }, (_, i) =>
      account({ key: `k${i}`, domain: `d${i}.example`, create: i === 0 }),
    );
    const outcomes = await crm.writeAccounts(changes);
    expect(Map.groupBy(outcomes.values(), ({ state }) => state).get('retry')).toBeUndefined();
  });

  it('halts with the command that helps when the unique property is missing', async () => {
    const { crm } = await start({ fields: [] });
    const outcome = only(await crm.writeAccounts([account()]));
    expect(outcome).toMatchObject({
      state: 'halt',
      code: 'missing_key',
      reason: expect.stringContaining('crm setup'),
    });
  });
});

describe('updating by link', () => {
  it('sends only the changed fields, a hundred in a call (I8)', async () => {
    const { crm, sandbox } = await start({ seed: Array.from({ length: 100 }, () => initech()) });
    const ids = sandbox.records('companies').map(({ id }) => id);
    const changes = ids.map((crmId, n) => account({ key: `k${n}`, crmId, fields: { pql_score: n } }));
    const outcomes = await crm.writeAccounts(changes);
    expect([...outcomes.values()].every(({ state }) => state === 'done')).toBe(true);
    expect(sandbox.calls().map(({ path }) => path)).toEqual([UPDATE]);
    expect(sandbox.writes()).toHaveLength(100);
    for (const [n, id] of ids.entries()) {
      expect(sandbox.writes().find((write) => write.id === id)?.fields).toEqual({ pql_score: String(n) });
    }
  });

  it('makes no call when nothing changed (I8)', async () => {
    const { crm, sandbox } = await start({ seed: [initech()] });
    const crmId = sandbox.records('companies')[0]?.id ?? '';
    expect(only(await crm.writeAccounts([account({ crmId, fields: {} })]))).toEqual({ state: 'done', crmId });
    expect(sandbox.calls()).toEqual([]);
  });

  it('clears a field with the empty text', async () => {
    const { crm, sandbox } = await start({ seed: [initech({ pql_tier: 'mql' })] });
    const crmId = sandbox.records('companies')[0]?.id ?? '';
    await crm.writeAccounts([account({ crmId, fields: { pql_tier: null } })]);
    expect(sandbox.records('companies')[0]?.properties.pql_tier).toBe('');
  });

  it('parks one poison record of a hundred and writes the others (I9)', async () => {
    const { crm, sandbox } = await start({ seed: Array.from({ length: 100 }, () => initech()) });
    const ids = sandbox.records('companies').map(({ id }) => id);
    const score = (n: number) => (n === 41 ? 'many' : n);
    const changes = ids.map((crmId, n) => account({ key: `k${n}`, crmId, fields: { pql_score: score(n) } }));
    const outcomes = await crm.writeAccounts(changes);
    expect(outcomes.get('k41')).toMatchObject({
      state: 'parked',
      code: 'invalid_number',
      reason: expect.stringContaining('many was not a valid number'),
    });
    expect([...outcomes.values()].filter(({ state }) => state === 'done')).toHaveLength(99);
    expect(sandbox.writes()).toHaveLength(99);
  });

  it.each([0, 3, 99])(
    'finds poison number %i by halves where a portal refuses whole batches (I9)',
    async (bad) => {
      const seed = Array.from({ length: 100 }, () => initech());
      const { crm, sandbox } = await start({ seed, settings: { batchErrors: 'whole_batch' } });
      const ids = sandbox.records('companies').map(({ id }) => id);
      const score = (n: number) => (n === bad ? 'many' : n);
      const changes = ids.map((crmId, n) =>
        account({ key: `k${n}`, crmId, fields: { pql_score: score(n) } }),
      );
      const outcomes = await crm.writeAccounts(changes);
      expect(outcomes.get(`k${bad}`)).toMatchObject({ state: 'parked', code: 'invalid_number' });
      expect([...outcomes.values()].filter(({ state }) => state === 'done')).toHaveLength(99);
      expect(callsTo(sandbox, UPDATE)).toBeLessThan(16);
    },
  );

  it('asks for a new match when the record is gone, and keeps the others', async () => {
    const { crm, sandbox } = await start({ seed: [initech()] });
    const crmId = sandbox.records('companies')[0]?.id ?? '';
    const outcomes = await crm.writeAccounts([
      account({ key: 'gone', crmId: '999' }),
      account({ key: 'there', crmId }),
    ]);
    expect(outcomes.get('gone')).toMatchObject({ state: 'rematch' });
    expect(outcomes.get('there')).toEqual({ state: 'done', crmId });
  });

  it('follows a merge to the surviving record', async () => {
    const { crm, sandbox } = await start({ seed: [initech(), initech()] });
    const [winner = '', loser = ''] = sandbox.records('companies').map(({ id }) => id);
    sandbox.merge('companies', winner, loser, 'forwards');
    expect(only(await crm.writeAccounts([account({ crmId: loser })]))).toEqual({
      state: 'done',
      crmId: winner,
      how: 'merge',
      note: `record ${loser} was merged into ${winner}`,
    });
    expect(sandbox.records('companies')[0]?.properties.pql_account_id).toBe('acct-7');
  });

  it('gives up a link that leads, after a merge, to the company of another account', async () => {
    const { crm, sandbox } = await start({ seed: [initech({ pql_account_id: 'acct-8' }), initech()] });
    const [winner = '', loser = ''] = sandbox.records('companies').map(({ id }) => id);
    sandbox.merge('companies', winner, loser, 'forwards');
    const linked = only(await crm.writeAccounts([account({ crmId: loser })]));
    expect(linked).toMatchObject({ state: 'rematch', code: 'merged_away' });
    const again = only(await crm.writeAccounts([account()]));
    expect(again).toMatchObject({ state: 'parked', code: 'company_taken' });
    expect(sandbox.records('companies')[0]?.properties.pql_account_id).toBe('acct-8');
  });

  it('writes two accounts that are linked to one company in separate calls', async () => {
    const { crm, sandbox } = await start({ seed: [initech()] });
    const crmId = sandbox.records('companies')[0]?.id ?? '';
    const outcomes = await crm.writeAccounts([account({ key: 'a', crmId }), account({ key: 'b', crmId })]);
    expect([...outcomes.values()]).toEqual([
      { state: 'done', crmId },
      { state: 'done', crmId },
    ]);
    expect(callsTo(sandbox, UPDATE)).toBe(2);
  });
});

describe('answers that are lost or mean nothing', () => {
  it.each([
    ['reset after the create was done', badAnswers.lostAfter()],
    ['answered 502 after the create was done', { replyAfter: { status: 502, body: 'x' } }],
    ['answered without a Content-Type after it was done', { replyAfter: { status: 201 } }],
  ])('%s: the repeat finds the company instead of making a second', async (_name, fault) => {
    const { crm, sandbox } = await start();
    sandbox.faults.add({ path: CREATE, ...fault });
    expect(only(await crm.writeAccounts([account()]))).toMatchObject({ state: 'retry' });
    expect(only(await crm.writeAccounts([account()]))).toMatchObject({ state: 'done' });
    expect(sandbox.records('companies')).toHaveLength(1);
  });

  it.each(['conflict', 'validation'] as const)(
    'adopts the record that a %s names when another create was faster',
    async (uniqueClash) => {
      const { crm, sandbox } = await start({ settings: { uniqueClash } });
      // The look-up by key answers "not there", as it would just before the other create.
      sandbox.seed([initech({ domain: 'other.example', pql_account_id: 'acct-7' })]);
      const empty = { status: 'COMPLETE', results: [] };
      sandbox.faults.add({
        path: at('/crm/v3/objects/companies/batch/read'),
        times: 2,
        reply: { status: 200, body: empty },
      });
      const outcome = only(await crm.writeAccounts([account()]));
      const [company, ...others] = sandbox.records('companies');
      expect(others).toEqual([]);
      expect(outcome).toEqual({ state: 'done', crmId: company?.id, how: 'unique' });
      expect(company?.properties).toMatchObject({ name: 'Initech Inc.', pql_score: '85' });
    },
  );

  it('parks what carries a property that was deleted, at once, and writes the others', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const seed = names.map((name) => initech({ name, domain: `${name}.example` }));
    const { crm, sandbox } = await start({ seed });
    const changes = sandbox.records('companies').map(({ id }, i) => {
      const fields = i === 2 ? { pql_score: 85 } : { pql_score: 85, pql_gone: 'x' };
      return account({ key: names[i] ?? '', crmId: id, fields, allFields: fields });
    });
    const inner = { isValid: false, message: 'x', error: 'PROPERTY_DOESNT_EXIST', name: 'pql_gone' };
    const message = `Property values were not valid: ${JSON.stringify([inner])}`;
    const body = { status: 'error', category: 'VALIDATION_ERROR', message };
    sandbox.faults.add({ path: UPDATE, reply: { status: 400, body } });
    const outcomes = await crm.writeAccounts(changes);
    expect([...outcomes].filter(([, { state }]) => state === 'parked').map(([key]) => key)).toEqual([
      'a',
      'b',
      'd',
      'e',
    ]);
    expect(outcomes.get('c')).toMatchObject({ state: 'done' });
    expect(callsTo(sandbox, UPDATE)).toBe(2);
  });

  it('takes out the records that a refusal of the whole batch names, and writes the others', async () => {
    const { crm, sandbox } = await start({ seed: [initech()] });
    const crmId = sandbox.records('companies')[0]?.id ?? '';
    const gone = ['991', '992', '993'];
    const body = {
      status: 'error',
      category: 'OBJECT_NOT_FOUND',
      message: 'Could not get some COMPANY objects, they may be deleted or not exist.',
      context: { ids: gone },
    };
    sandbox.faults.add({ path: UPDATE, reply: { status: 404, body } });
    const changes = [crmId, ...gone].map((id) => account({ key: id, crmId: id }));
    const outcomes = await crm.writeAccounts(changes);
    expect([...outcomes.values()].map(({ state }) => state).sort()).toEqual([
      'done',
      'rematch',
      'rematch',
      'rematch',
    ]);
    expect(callsTo(sandbox, UPDATE)).toBe(2);
  });

  it('does not believe a success that names no record', async () => {
    const { crm, sandbox } = await start({ seed: [initech()] });
    const crmId = sandbox.records('companies')[0]?.id ?? '';
    sandbox.faults.add({ path: UPDATE, ...badAnswers.emptySuccess(200) });
    const outcome = only(await crm.writeAccounts([account({ crmId })]));
    expect(outcome).toMatchObject({ state: 'retry', code: 'unaccounted' });
  });

  it('takes a success with a status the client does not know for what it is', async () => {
    const { crm, sandbox } = await start();
    const result = { id: '77', properties: {}, objectWriteTraceId: 'pql-0' };
    sandbox.faults.add({
      path: CREATE,
      reply: { status: 200, body: { status: 'COMPLETE', results: [result] } },
    });
    const made = { state: 'done', crmId: '77', created: true, how: 'created' };
    expect(only(await crm.writeAccounts([account()]))).toEqual(made);
  });

  it('stops waiting for an answer that never comes', async () => {
    const { crm, sandbox } = await start({ seed: [initech()], timeoutMs: 100 });
    const crmId = sandbox.records('companies')[0]?.id ?? '';
    sandbox.faults.add({ path: UPDATE, ...badAnswers.silence() });
    const outcome = only(await crm.writeAccounts([account({ crmId })]));
    expect(outcome).toMatchObject({ state: 'retry', code: 'timeout' });
  }, 5_000);

  it('never repeats a call by itself', async () => {
    const { crm, sandbox } = await start();
    sandbox.faults.add({ path: CREATE, times: 'always', ...badAnswers.internalError() });
    await crm.writeAccounts([account()]);
    expect(callsTo(sandbox, CREATE)).toBe(1);
  });

  it('gets further on a large first run although searches are limited', async () => {
    const { crm, sandbox } = await start();
    const changes = Array.from({ length: 20 }, (_, n) =>
      account({ key: `k${n}`, domain: `d${n}.example`, createFields: { domain: `d${n}.example` } }),
    );
    // The first search and two of the five for additional domains, then the limit.
    sandbox.faults.add({ path: SEARCH, skip: 3, times: 'always', ...badAnswers.secondlyLimit() });
    const outcomes = [...(await crm.writeAccounts(changes)).values()];
    expect(outcomes.filter(({ state }) => state === 'done')).toHaveLength(8);
    expect(outcomes.filter(({ state }) => state === 'retry')).toHaveLength(12);
    expect(callsTo(sandbox, SEARCH)).toBe(4);
  });

  it('looks for the others when HubSpot refuses to look for one (I9)', async () => {
    const { crm, sandbox } = await start({ seed: [initech({ pql_account_id: 'a', domain: 'a.example' })] });
    const body = { status: 'error', category: 'VALIDATION_ERROR', message: 'one of the ids is not valid' };
    // The whole read, then the half that holds the second account only.
    sandbox.faults.add({ path: READ, reply: { status: 400, body } });
    sandbox.faults.add({ path: READ, skip: 1, reply: { status: 400, body } });
    const outcomes = await crm.writeAccounts([
      account({ key: 'a', domain: null }),
      account({ key: 'b', domain: null }),
    ]);
    expect(outcomes.get('a')).toMatchObject({ state: 'done', crmId: sandbox.records('companies')[0]?.id });
    expect(outcomes.get('b')).toMatchObject({ state: 'done', created: true });
  });

  it('writes nothing when the search fails', async () => {
    const { crm, sandbox } = await start();
    sandbox.faults.add({ path: SEARCH, ...badAnswers.secondlyLimit() });
    expect(only(await crm.writeAccounts([account()]))).toMatchObject({ state: 'retry', afterMs: 1_000 });
    expect(sandbox.writes()).toEqual([]);
  });
});

describe('reading companies back', () => {
  const ids = (n: number) => Array.from({ length: n }, (_, i) => String(900_000 + i));

  it('a hundred in a call; who is not there is missing, and an id that HubSpot refuses hides nobody (I9)', async () => {
    const { crm, sandbox } = await start({ seed: [initech({ numberofemployees: '240' })] });
    const [company] = sandbox.records('companies');
    const read = await crm.reads.records('account', [company?.id ?? '', ...ids(149), 'no id'], {
      needed: ['numberofemployees', 'industry'],
      optional: [],
    });
    expect(read.state === 'read' && [...read.records]).toEqual([
      [company?.id, expect.objectContaining({ numberofemployees: '240', industry: null })],
    ]);
    expect(callsTo(sandbox, READ)).toBeGreaterThanOrEqual(2);
  });

  it.each([
    ['daily limit', badAnswers.dailyLimit(), true],
    ['internal error', badAnswers.internalError(), false],
    ['reset before', badAnswers.lostBefore(), false],
  ])('after a %s nothing was read, and it is known when to ask again', async (_, fault, pause) => {
    const { crm, sandbox } = await start();
    // Twice: one that got lost is asked for again.
    sandbox.faults.add({ path: READ, times: 2, ...fault });
    const read = await crm.reads.records('account', ['1'], { needed: ['industry'], optional: [] });
    expect(read).toMatchObject({ state: 'failed', pause, afterMs: expect.any(Number) });
  });
});
