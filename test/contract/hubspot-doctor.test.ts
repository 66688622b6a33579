import { afterEach, describe, expect, it } from 'vitest';
import type { HubspotOptions } from '../../src/crm/hubspot/index.ts';
import type { Fault } from '../../src/sandbox/faults.ts';
import { badAnswers, type HubspotSandbox, startHubspotSandbox } from '../../src/sandbox/hubspot/index.ts';
import { ManualClock } from '../../src/shared/clock.ts';
import type { CrmConnector, Examination } from '../../src/sync/crm.ts';
import { examination, red } from '../support/examination.ts';
import { at, connectorTo, FIELDS, NOON, VERSION } from './hubspot-world.ts';

let sandbox: HubspotSandbox;
afterEach(() => sandbox.close());

/** A portal that setup has been run in. */
async function start(
  settings: NonNullable<Parameters<typeof startHubspotSandbox>[0]>['settings'] = {},
  options: Partial<HubspotOptions> = {},
): Promise<CrmConnector> {
  const clock = new ManualClock(NOON);
  sandbox = await startHubspotSandbox({ clock, settings });
  const stages = ['marketingqualifiedlead'];
  const crm = connectorTo(sandbox, { clock, timeoutMs: 500, stages, ...options });
  await crm.setup(FIELDS, ['PQL MQL'], true).catch(() => []);
  sandbox.forgetLog();
  return crm;
}

const LOOK = examination({ fields: FIELDS, campaigns: ['PQL MQL'], deals: true, activities: true });
const named = (...names: string[]) => names.map((name) => ({ name, queue: false }));

describe('the doctor on a portal that was set up', () => {
  it('is green in every line, and has only read', async () => {
    const crm = await start();
    const findings = await crm.examine({ ...LOOK, owners: named('101', 'BEN.rep@sandbox.example') });
    expect(red(findings)).toEqual([]);
    expect(findings.map(({ check }) => check)).toEqual([
      'credentials',
      'API version',
      'clock',
      'scope crm.objects.companies.read',
      'scope crm.objects.contacts.read',
      'scope crm.objects.owners.read',
      'scope crm.objects.deals.read',
      'scope sales-email-read',
      ...FIELDS.slice(0, 5).map(({ field }) => `field company.${field}`),
      'field contact.pql_person_id',
      'field contact.pql_score',
      'lifecycle stage marketingqualifiedlead',
      'field task.pql_key',
      'owner 101',
      'owner BEN.rep@sandbox.example',
      'list PQL MQL',
      'daily limit',
    ]);
    expect(new Set(sandbox.calls().map(({ method }) => method))).toEqual(new Set(['GET']));
    expect(sandbox.writes()).toEqual([]);
  });

  it.each<[string, Fault, string, RegExp, RegExp]>([
    [
      'a missing scope',
      { path: at('/crm/v3/objects/companies'), ...badAnswers.missingScopes('crm.objects.companies.read') },
      'scope crm.objects.companies.read',
      /403/,
      /add crm.objects.companies.read/,
    ],
    [
      'the scope of deals, where deals are read back',
      { path: at('/crm/v3/objects/deals'), ...badAnswers.missingScopes('crm.objects.deals.read') },
      'scope crm.objects.deals.read',
      /403/,
      /add crm.objects.deals.read/,
    ],
    [
      'the scope of mails, where activities are read',
      { path: at('/crm/v3/objects/emails'), ...badAnswers.missingScopes('sales-email-read') },
      'scope sales-email-read',
      /403/,
      /add sales-email-read/,
    ],
    [
      'a scope that only tasks lack',
      { path: at('/crm/v3/objects/tasks'), ...badAnswers.missingScopes('crm.objects.contacts.read') },
      'scope crm.objects.contacts.read',
      /403/,
      /add crm.objects.contacts.read/,
    ],
    [
      'properties that may not be read',
      { path: at('/crm/v3/properties/companies'), ...badAnswers.missingScopes('crm.schemas.companies.read') },
      'properties of company',
      /403/,
      /add crm.schemas.companies.read/,
    ],
    [
      'lists that may not be read',
      { path: at('/crm/v3/lists/*'), ...badAnswers.missingScopes('crm.lists.read') },
      'list PQL MQL',
      /403/,
      /add crm.lists.read/,
    ],
    [
      'a clock that is wrong',
      {
        path: at('/account-info/v3/details'),
        replyAfter: {
          status: 200,
          headers: { date: new Date(Date.now() + 600_000).toUTCString() },
          body: { portalId: 1, timeZone: 'UTC' },
        },
      },
      'clock',
      /HubSpot is (59\d|600) s ahead/,
      /NTP/,
    ],
  ])(
    'shows %s in its own line, and everything else is looked at',
    async (_what, fault, check, detail, remedy) => {
      const crm = await start();
      sandbox.faults.add(fault);
      const findings = await crm.examine(LOOK);
      expect(red(findings)).toMatchObject([
        { check, detail: expect.stringMatching(detail), remedy: expect.stringMatching(remedy) },
      ]);
      expect(findings.at(-1)?.check).toBe('daily limit');
    },
  );

  it.each<[string, Partial<Examination>, string, RegExp]>([
    [
      'a field that was renamed',
      { fields: [{ object: 'company', field: 'pql_scores', type: 'number', unique: false }] },
      'field company.pql_scores',
      /setup --apply/,
    ],
    [
      'a field of another type',
      { fields: [{ object: 'company', field: 'pql_score', type: 'datetime', unique: false }] },
      'field company.pql_score',
      /datetime or string/,
    ],
    [
      'a value that a picklist lacks',
      {
        fields: [
          { object: 'company', field: 'industry', type: 'picklist', unique: false, values: ['FARMING'] },
        ],
      },
      'field company.industry',
      /add them/,
    ],
    [
      'a mapping that cannot make a company',
      {
        fields: [{ object: 'company', field: 'pql_score', type: 'number', unique: false }],
        creates: ['company'],
      },
      'field company.name',
      /create: never/,
    ],
    [
      'a field that HubSpot fills itself',
      { fields: [{ object: 'company', field: 'createdate', type: 'datetime', unique: false }] },
      'field company.createdate',
      /takes writes/,
    ],
    [
      'a key that is not unique',
      { fields: [{ object: 'company', field: 'domain', type: 'text', unique: true }] },
      'field company.domain',
      /another one/,
    ],
    ['an owner who left', { owners: named('103') }, 'owner 103', /another owner/],
    ['an owner nobody knows', { owners: named('x@y.example') }, 'owner x@y.example', /another owner/],
  ])('shows %s', async (_what, look, check, remedy) => {
    const crm = await start();
    expect(red(await crm.examine({ ...LOOK, ...look }))).toMatchObject([
      { check, remedy: expect.stringMatching(remedy) },
    ]);
  });

  it('shows a lifecycle stage that the portal lacks', async () => {
    const crm = await start({}, { stages: ['mql'] });
    expect(red(await crm.examine(LOOK))).toMatchObject([{ check: 'lifecycle stage mql' }]);
  });

  it('shows a list that HubSpot fills by itself', async () => {
    const crm = await start();
    await fetch(`${sandbox.url}/crm/v3/lists`, {
      method: 'POST',
      headers: { authorization: 'Bearer pat-test', 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Hot', objectTypeId: '0-1', processingType: 'DYNAMIC' }),
    });
    expect(red(await crm.examine({ ...LOOK, campaigns: ['Hot', 'New'] }))).toMatchObject([
      { check: 'list Hot', remedy: expect.stringContaining('MANUAL') },
    ]);
  });

  it('shows a day that is nearly used up', async () => {
    const crm = await start();
    const left = async () => {
      const found = (await crm.examine(LOOK)).find(({ check }) => check === 'daily limit');
      return Number(/^(\d+) of/.exec(found?.detail ?? '')?.[1]);
    };
    const before = await left();
    const after = await left();
    const calls = before - after;
    sandbox.settings.dailyLimit -= after - calls - 1;
    expect(red(await crm.examine(LOOK))).toMatchObject([
      { check: 'daily limit', detail: expect.stringMatching(/^1 of \d+ calls left/) },
    ]);
  });
});

describe('the doctor on a portal that cannot be reached', () => {
  it.each<[string, Fault, RegExp, RegExp]>([
    ['a lost connection', { path: '*', reset: 'before', times: 'always' }, /econnreset/, /network/],
    ['silence', { path: '*', hang: true, times: 'always' }, /timeout/, /network/],
    ['a gateway', { path: '*', times: 'always', ...badAnswers.badGateway() }, /502/, /wait/],
    [
      'a revoked token',
      { path: '*', times: 'always', reply: { status: 401, body: { message: 'expired' } } },
      /401 expired/,
      /HUBSPOT_ACCESS_TOKEN/,
    ],
  ])('%s is one red line, soon', async (_what, fault, detail, remedy) => {
    const crm = await start();
    sandbox.faults.add(fault);
    expect(await crm.examine(LOOK)).toMatchObject([
      {
        check: 'credentials',
        ok: false,
        detail: expect.stringMatching(detail),
        remedy: expect.stringMatching(remedy),
      },
    ]);
  });

  it('paths that the portal does not know are a matter of the API version', async () => {
    const crm = await start();
    sandbox.faults.add({ path: '*', times: 'always', reply: { status: 404, body: {} } });
    expect(await crm.examine(LOOK)).toMatchObject([
      { check: 'API version', ok: false, remedy: expect.stringContaining('HUBSPOT_API_VERSION') },
    ]);
  });
});

it('v3 is red from the day on which HubSpot ends v4; the dated version is not', async () => {
  const crm = await start({}, { clock: new ManualClock(Date.UTC(2027, 2, 30)) });
  const found = red(await crm.examine(LOOK));
  expect(found).toMatchObject(
    VERSION === 'v3'
      ? [{ check: 'API version', remedy: expect.stringContaining('HUBSPOT_API_VERSION=2026-09') }]
      : [],
  );
});

it('what a stand-in lacks is made at the next start: no line of it is red', async () => {
  sandbox = await startHubspotSandbox();
  const crm = connectorTo(sandbox, { clock: new ManualClock(NOON) });
  expect(red(await crm.examine({ ...LOOK, sandbox: true }))).toEqual([]);
  expect(red(await crm.examine(LOOK)).length).toBeGreaterThan(5);
});
