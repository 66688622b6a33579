import { afterEach, describe, expect, it } from 'vitest';
import { badAnswers, type HubspotSandbox, startHubspotSandbox } from '../../src/sandbox/hubspot/index.ts';
import { ManualClock } from '../../src/shared/clock.ts';
import type { CrmConnector, MappedField } from '../../src/sync/crm.ts';
import { account, at, connectorTo, FIELDS, NOON, only } from './hubspot-world.ts';

const DETAILS = at('/account-info/v3/details');

let sandbox: HubspotSandbox;
afterEach(() => sandbox.close());

/** A portal nobody has set anything up in. */
async function start(options: Parameters<typeof startHubspotSandbox>[0] = {}): Promise<CrmConnector> {
  const clock = new ManualClock(NOON);
  sandbox = await startHubspotSandbox({ clock, ...options });
  return connectorTo(sandbox, { clock, timeoutMs: 300, stages: ['marketingqualifiedlead'] });
}

describe('connect', () => {
  it('names the portal', async () => {
    const crm = await start({ settings: { portalId: 4711 } });
    expect(await crm.connect()).toEqual({ connection: 'hubspot:4711' });
  });

  it.each([
    ['a wrong token is permanent', {}, true, /401/],
    ['a missing scope is permanent', badAnswers.missingScopes('crm.objects.companies.read'), true, /403/],
    ['an overloaded portal is not', badAnswers.badGateway(), false, /502/],
    ['a lost connection is not', badAnswers.lostBefore(), false, /econnreset/],
    ['silence is not', badAnswers.silence(), false, /timeout/],
  ])('%s', async (_what, fault, permanent, words) => {
    const crm = await start({
      settings: { accessToken: Object.keys(fault).length === 0 ? 'another' : null },
    });
    if (Object.keys(fault).length > 0) {
      sandbox.faults.add({ path: DETAILS, ...fault });
    }
    const failure = await crm.connect().catch((error: unknown) => error);
    expect(failure).toMatchObject({
      name: 'CrmUnreachable',
      permanent,
      message: expect.stringMatching(words),
    });
    expect(String(failure)).not.toContain('pat-test');
  });

  it('says when nobody listens, without being permanent', async () => {
    const crm = await start();
    await sandbox.close();
    await expect(crm.connect()).rejects.toMatchObject({ name: 'CrmUnreachable', permanent: false });
    sandbox = await startHubspotSandbox();
  });
});

describe('the schema check', () => {
  const check = (crm: CrmConnector, field: Partial<MappedField>) =>
    crm.checkSchema([{ object: 'company', field: 'name', type: 'text', unique: false, ...field }]);

  it.each<[string, Partial<MappedField>, RegExp]>([
    [
      'a property the portal lacks',
      { field: 'pql_score', type: 'number' },
      /no company property "pql_score"/,
    ],
    [
      'a misspelt one, with the nearest name',
      { field: 'numberofemployes' },
      /did you mean "numberofemployees"/,
    ],
    [
      'a wrong type',
      { field: 'numberofemployees', type: 'datetime' },
      /type number; allowed: datetime or string/,
    ],
    ['a property HubSpot fills', { field: 'createdate', type: 'datetime' }, /by itself/],
    ['one that is not unique', { field: 'domain', unique: true }, /not unique/],
  ])('reports %s', async (_what, field, words) => {
    const crm = await start();
    const [problem, ...others] = await check(crm, field);
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ object: 'company', field: field.field });
    expect(`found ${problem?.problem}; allowed: ${problem?.remedy}`).toMatch(words);
  });

  it('reports every problem at once (I11)', async () => {
    const crm = await start();
    const problems = await crm.checkSchema(FIELDS);
    expect(problems.map(({ object, field }) => `${object}.${field}`)).toEqual([
      'company.pql_account_id',
      'company.pql_score',
      'company.pql_tier',
      'company.pql_scored_at',
      'contact.pql_person_id',
      'contact.pql_score',
    ]);
    expect(problems[0]?.remedy).toContain('pql crm setup --apply');
  });

  it('finds nothing wrong after setup', async () => {
    const crm = await start();
    await crm.setup(FIELDS, ['PQL MQL'], true);
    expect(await crm.checkSchema(FIELDS)).toEqual([]);
  });

  it('reports a lifecycle stage that the portal does not have', async () => {
    await start();
    const crm = connectorTo(sandbox, { clock: new ManualClock(NOON), stages: ['marketingqualifiedlaed'] });
    expect(await crm.checkSchema([])).toMatchObject([
      {
        object: 'campaign',
        field: 'lifecycle_stage',
        remedy: expect.stringContaining('did you mean "marketingqualifiedlead"'),
      },
    ]);
  });

  it('throws CrmUnreachable when it cannot look', async () => {
    const crm = await start();
    sandbox.faults.add({ path: at('/crm/v3/properties/*'), ...badAnswers.badGateway() });
    await expect(check(crm, {})).rejects.toMatchObject({ name: 'CrmUnreachable', permanent: false });
  });
});

describe('setup', () => {
  it('without apply only says what is missing', async () => {
    const crm = await start();
    const steps = await crm.setup(FIELDS, ['PQL MQL'], false);
    expect(steps.filter(({ state }) => state === 'missing').map(({ what }) => what)).toContain(
      'list PQL MQL',
    );
    expect(sandbox.writes()).toEqual([]);
  });

  it('makes group, properties and list, and the second time finds all of them present', async () => {
    const crm = await start();
    const first = await crm.setup(FIELDS, ['PQL MQL'], true);
    expect(first.filter(({ state }) => state === 'failed')).toEqual([]);
    const second = await crm.setup(FIELDS, ['PQL MQL'], true);
    expect(second.every(({ state }) => state === 'present')).toBe(true);
    expect(second).toHaveLength(first.length);
  });

  it('takes "already exists" for success when two run at once', async () => {
    const crm = await start();
    const both = await Promise.all([
      crm.setup(FIELDS, ['PQL MQL'], true),
      crm.setup(FIELDS, ['PQL MQL'], true),
    ]);
    expect(both.flat().filter(({ state }) => state !== 'created' && state !== 'present')).toEqual([]);
    expect(sandbox.records('lists')).toHaveLength(1);
  });

  it('makes no property that is not plainly ours', async () => {
    const crm = await start();
    const misspelt: MappedField = { object: 'company', field: 'nmae', type: 'text', unique: false };
    expect(await crm.setup([misspelt], [], true)).toMatchObject([{ state: 'missing' }]);
    expect(sandbox.writes()).toEqual([]);
  });

  it('says that tasks carry a marker where the portal allows no property on them', async () => {
    const crm = await start({ settings: { taskProperties: 'refused' } });
    const steps = await crm.setup(FIELDS, [], true);
    expect(steps.filter(({ state }) => !['created', 'present'].includes(state))).toMatchObject([
      { what: 'task property pql_key', state: 'missing', detail: expect.stringContaining('marker') },
    ]);
  });

  it('fails when HubSpot did not say whether it makes the task property', async () => {
    const crm = await start();
    sandbox.faults.add({ method: 'POST', path: at('/crm/v3/properties/tasks'), ...badAnswers.badGateway() });
    const steps = await crm.setup(FIELDS, [], true);
    expect(steps.filter(({ state }) => state === 'failed')).toMatchObject([
      { what: 'task property pql_key' },
    ]);
  });
});

describe('the budget', () => {
  // Noon UTC is 21:00 in Tokyo and 07:00 in New York, which HubSpot may call by its older name.
  it.each([
    ['Asia/Tokyo', 3],
    ['US/Eastern', 17],
    ['no such zone', 12],
  ])('halts until midnight in the portal’s time zone %s when it is used up', async (timeZone, hours) => {
    const crm = await start({ settings: { dailyLimit: 1, timeZone } });
    await crm.connect();
    const outcome = only(await crm.writeAccounts([account()]));
    expect(outcome).toMatchObject({ state: 'halt', code: 'daily_limit', afterMs: hours * 3_600_000 });
  });
});
