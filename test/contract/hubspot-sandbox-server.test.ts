import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from '../../src/sandbox/faults.ts';
import { type HubspotSandbox, startHubspotSandbox } from '../../src/sandbox/hubspot/index.ts';

const OWNERS = '/crm/v3/owners';
const COMPANIES = '/crm/v3/objects/companies';

let folder: string;
let sandbox: HubspotSandbox;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hubspot-sandbox-'));
  sandbox = await startHubspotSandbox({ dataFile: join(folder, 'deep', 'hubspot.json') });
});
afterEach(async () => {
  await sandbox.close();
  await rm(folder, { recursive: true });
});

const HEADERS = { authorization: 'Bearer secret-token', 'content-type': 'application/json' };

async function call(method: string, path: string, body?: unknown): Promise<Response> {
  return fetch(`${sandbox.url}${path}`, {
    method,
    headers: HEADERS,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

/** The status, or `lost` when the connection broke. */
async function fate(method: string, path: string, body?: unknown): Promise<number | 'lost'> {
  return call(method, path, body).then(
    ({ status }) => status,
    () => 'lost' as const,
  );
}

async function idOf(answer: Promise<Response>): Promise<string> {
  return ((await (await answer).json()) as { id: string }).id;
}

const company = { properties: { name: 'Initech' } };

describe('faults', () => {
  it.each<[string, Fault[], (number | 'lost')[]]>([
    ['hit once unless told', [{ path: OWNERS, reply: { status: 503 } }], [503, 200]],
    ['hit as often as told', [{ path: OWNERS, times: 2, reply: { status: 503 } }], [503, 503, 200]],
    ['let calls pass first', [{ path: OWNERS, skip: 1, reply: { status: 503 } }], [200, 503, 200]],
    ['hit until cleared', [{ path: OWNERS, times: 'always', reply: { status: 503 } }], [503, 503, 503]],
    ['match any run of characters', [{ path: '/crm/*', reply: { status: 503 } }], [503]],
    ['take other characters as they are', [{ path: '/crm.v3.owners', reply: { status: 503 } }], [200]],
    ['keep to their method', [{ method: 'POST', path: '*', reply: { status: 503 } }], [200]],
    [
      'come one after the other',
      [
        { path: '*', reset: 'before' },
        { path: '*', reply: { status: 429 } },
      ],
      ['lost', 429, 200],
    ],
    [
      'combine with a delay',
      [
        { path: '*', delayMs: 5 },
        { path: '*', reply: { status: 429 } },
      ],
      [429, 200],
    ],
  ])('%s', async (_what, faults, expected) => {
    faults.forEach((fault) => {
      sandbox.faults.add(fault);
    });
    const fates: (number | 'lost')[] = [];
    for (const _ of expected) {
      fates.push(await fate('GET', OWNERS));
    }
    expect(fates).toEqual(expected);
  });

  it('can lose the answer before or after the write', async () => {
    sandbox.faults.add({ path: COMPANIES, reset: 'before' });
    expect(await fate('POST', COMPANIES, company)).toBe('lost');
    expect(sandbox.records('companies')).toHaveLength(0);
    sandbox.faults.add({ path: COMPANIES, reset: 'after' });
    expect(await fate('POST', COMPANIES, company)).toBe('lost');
    expect(sandbox.records('companies')).toHaveLength(1);
  });

  it('can answer something else after the write, exactly as told', async () => {
    sandbox.faults.add({ path: COMPANIES, replyAfter: { status: 503, headers: { 'x-a': 'b' } } });
    const answer = await call('POST', COMPANIES, company);
    expect([answer.status, answer.headers.get('x-a'), answer.headers.get('content-type')]).toEqual([
      503,
      'b',
      null,
    ]);
    expect(sandbox.records('companies')).toHaveLength(1);
  });

  it('wait as long as told', async () => {
    sandbox.faults.add({ path: OWNERS, delayMs: 60 });
    const start = performance.now();
    await call('GET', OWNERS);
    expect(performance.now() - start).toBeGreaterThanOrEqual(59);
  });

  it('are added, listed and cleared over HTTP', async () => {
    const added = await call('POST', '/__sandbox/faults', {
      path: OWNERS,
      times: 'always',
      reply: { status: 503 },
    });
    expect(added.status).toBe(201);
    expect(await fate('GET', OWNERS)).toBe(503);
    expect(await (await call('GET', '/__sandbox/faults')).json()).toHaveLength(1);
    await call('DELETE', '/__sandbox/faults');
    expect(await fate('GET', OWNERS)).toBe(200);
  });

  it('of an unknown shape are refused with the reason', async () => {
    const answer = await call('POST', '/__sandbox/faults', { path: OWNERS, resset: 'after' });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('resset');
  });
});

describe('the log', () => {
  it('keeps every call with its fate, and no token', async () => {
    sandbox.faults.add({ path: OWNERS, reset: 'before' });
    await fate('GET', `${OWNERS}?email=a`);
    await call('GET', OWNERS);
    expect(sandbox.calls()).toMatchObject([
      { method: 'GET', path: OWNERS, query: 'email=a', status: null },
      { method: 'GET', path: OWNERS, query: '', status: 200 },
    ]);
    expect(await (await call('GET', '/__sandbox/calls')).text()).not.toContain('secret-token');
  });

  it('keeps every write with its fields', async () => {
    await call('POST', COMPANIES, company);
    const [write] = sandbox.writes();
    expect(write).toMatchObject({ op: 'create', object: 'companies', fields: { name: 'Initech' } });
    expect(await (await call('GET', '/__sandbox/writes')).json()).toEqual(sandbox.writes());
  });

  it('shows records to whoever asks, and is forgotten on request', async () => {
    await call('POST', COMPANIES, company);
    const records = await (await call('GET', '/__sandbox/records/companies')).json();
    expect(records).toMatchObject([{ properties: { name: 'Initech' }, associations: {} }]);
    await call('DELETE', '/__sandbox/log');
    expect([sandbox.calls(), sandbox.writes()]).toEqual([[], []]);
    expect(sandbox.records('companies')).toHaveLength(1);
  });
});

describe('bad input', () => {
  it.each<[string, string, unknown, number]>([
    ['truncated JSON', COMPANIES, '{"properties":', 400],
    ['no properties', COMPANIES, {}, 400],
    ['a batch without inputs', `${COMPANIES}/batch/create`, {}, 400],
    ['an unknown object', '/crm/v3/objects/spaceships', company, 400],
    ['an unknown path', '/crm/v9/nothing', company, 404],
  ])('%s', async (_what, path, body, status) => {
    expect((await call('POST', path, body)).status).toBe(status);
  });
});

describe('the data file', () => {
  const restart = async () => {
    await sandbox.close();
    const seed = [{ object: 'companies' as const, properties: { name: 'seeded' } }];
    sandbox = await startHubspotSandbox({ dataFile: join(folder, 'deep', 'hubspot.json'), seed });
  };

  it('brings records, links, properties and lists back, and their unique values', async () => {
    const property = {
      groupName: 'contactsinformation',
      name: 'our_id',
      label: 'x',
      type: 'string',
      fieldType: 'text',
      hasUniqueValue: true,
    };
    await call('POST', '/crm/v3/properties/contacts', property);
    const companyId = await idOf(call('POST', COMPANIES, company));
    const contact = { properties: { email: 'a@b.example', our_id: 'A' } };
    const id = await idOf(call('POST', '/crm/v3/objects/contacts', contact));
    await call('PUT', `/crm/v4/objects/contacts/${id}/associations/default/companies/${companyId}`);
    await call('POST', '/crm/v3/lists', { name: 'PQL', objectTypeId: '0-1', processingType: 'MANUAL' });
    await call('PUT', '/crm/v3/lists/1/memberships/add', [id]);
    const before = ['companies', 'contacts', 'lists'].map((object) => sandbox.records(object));
    await restart();
    expect(['companies', 'contacts', 'lists'].map((object) => sandbox.records(object))).toEqual(before);
    const clash = { properties: { email: 'other@b.example', our_id: 'A' } };
    expect(await fate('POST', '/crm/v3/objects/contacts', clash)).toBe(409);
    const next = await idOf(call('POST', COMPANIES, company));
    expect(Number(next)).toBeGreaterThan(Number(id));
  });

  it('is replaced in one step: no draft is left', async () => {
    await call('POST', COMPANIES, company);
    await restart();
    expect(await readdir(join(folder, 'deep'))).toEqual(['hubspot.json']);
  });
});
