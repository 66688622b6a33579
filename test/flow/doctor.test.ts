import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEnvironment } from '../../src/config.ts';
import { loadMappings } from '../../src/mappings.ts';
import { type HubspotSandbox, startHubspotSandbox } from '../../src/sandbox/hubspot/index.ts';
import { type SalesforceSandbox, startSalesforceSandbox } from '../../src/sandbox/salesforce/index.ts';
import { askCrms } from '../../src/wiring/check-crms.ts';
import { diagnose, type Line } from '../../src/wiring/doctor.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { red } from '../support/examination.ts';
import { copyOfMappings } from '../support/folder.ts';
import { runPql } from '../support/pql.ts';

let database: TestDatabase;
let hubspot: HubspotSandbox;
let salesforce: SalesforceSandbox;
const dataDir = mkdtempSync(join(tmpdir(), 'pql-doctor-'));

beforeAll(async () => {
  database = await testDatabase();
  hubspot = await startHubspotSandbox();
  salesforce = await startSalesforceSandbox();
});
afterAll(async () => {
  await Promise.all([database.drop(), hubspot.close(), salesforce.close()]);
  rmSync(dataDir, { recursive: true });
});

const environment = (over: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  DATABASE_URL: database.url,
  PQL_DATA_DIR: dataDir,
  HUBSPOT_ACCESS_TOKEN: 'pat-test',
  HUBSPOT_BASE_URL: hubspot.url,
  SALESFORCE_LOGIN_URL: salesforce.url,
  SALESFORCE_CLIENT_ID: salesforce.clientId,
  SALESFORCE_CLIENT_SECRET: salesforce.clientSecret,
  ...over,
});

const pql = (...args: string[]) => runPql(args, environment());

describe('pql crm setup and pql doctor, side by side', () => {
  it('red with exit code 1 before setup, and nothing was written; green after it', async () => {
    const { code, out } = await pql('doctor', '--json');
    const before = JSON.parse(out) as { ok: boolean; lines: Line[] };
    expect({ code, ok: before.ok }).toEqual({ code: 1, ok: false });
    expect(red(before.lines).map(({ part }) => part)).toContain('hubspot');
    expect(red(before.lines).every(({ check, remedy }) => /^field/.test(check) && remedy !== '')).toBe(true);
    expect([...hubspot.writes(), ...salesforce.writes()]).toEqual([]);
    const setup = await pql('crm', 'setup', '--apply', '--json');
    expect(setup.code).toBe(0);
    const { steps } = JSON.parse(setup.out) as { steps: { state: string }[] };
    expect(steps.filter(({ state }) => state === 'created').length).toBeGreaterThan(25);
    expect(red(await diagnose(environment()))).toEqual([]);
  });

  it('people and pools of handoff.yaml whom a CRM does not know are red, and stop no start', async () => {
    const folder = copyOfMappings();
    try {
      const people = '[ada.rep@sandbox.example, zoe@sandbox.example]';
      folder.edit('handoff.yaml', 'plays:\n', `pools: { sdr: { people: ${people} } }\nplays:\n`);
      const lines = red(await diagnose(environment({ MAPPINGS_DIR: folder.dir })));
      expect(lines.map(({ part, check }) => `${part} ${check}`)).toEqual([
        'hubspot owner zoe@sandbox.example',
        'salesforce owner zoe@sandbox.example',
      ]);
    } finally {
      folder.remove();
    }
  });

  it('one CRM that is down is one red line, and the other is looked at', async () => {
    const away = { HUBSPOT_BASE_URL: 'http://127.0.0.1:9', REDIS_URL: 'redis://127.0.0.1:9' };
    const lines = await diagnose(environment(away));
    expect(red(lines).map(({ part, check }) => `${part} ${check}`)).toEqual([
      'queue connection',
      'hubspot credentials',
    ]);
    expect(lines.filter(({ part }) => part === 'salesforce').length).toBeGreaterThan(20);
  });

  it('a database that is away, and a folder that is not there, are lines as well', async () => {
    const lines = await diagnose(
      environment({
        DATABASE_URL: 'postgres://nobody:x@127.0.0.1:9/none',
        MAPPINGS_DIR: join(dataDir, 'none'),
      }),
    );
    expect(new Set(red(lines).map(({ part }) => part))).toEqual(new Set(['configuration', 'database']));
    expect(JSON.stringify(lines)).not.toContain('nobody:x');
  });

  it('tells of a wrong environment, without the value of a secret', async () => {
    const lines = await diagnose(
      environment({ HUBSPOT_API_VERSION: 'v4', DATABASE_URL: 'mysql://u:secret@h/d' }),
    );
    expect(lines.map(({ detail }) => detail)).toEqual([
      expect.stringMatching(/DATABASE_URL: found a value/),
      expect.stringMatching(/HUBSPOT_API_VERSION: found "v4"; allowed: v3 or 2026-09/),
    ]);
  });

  it('pql check asks the CRMs that have credentials: what a field can never take is refused at its line, one that is yet to be made is not', async () => {
    const folder = copyOfMappings();
    const asked = (over: NodeJS.ProcessEnv = {}) => {
      const [config, mappings] = [readEnvironment(environment(over)), loadMappings(folder.dir)];
      return config.ok && mappings.ok ? askCrms(config.value, mappings.value) : null;
    };
    try {
      folder.edit('hubspot.yaml', 'pql_link:', 'pql_yet_to_be_made:');
      folder.edit('salesforce.yaml', 'PQL_Link__c:', 'PQL_Yet_To_Be_Made__c:');
      const yet = (crm: string) =>
        expect.stringMatching(new RegExp(`^${crm}: [0-9]+ mapped field.*crm setup`));
      expect(await asked()).toEqual({ problems: [], notes: [yet('hubspot'), yet('salesforce')] });
      const away = { HUBSPOT_BASE_URL: 'http://127.0.0.1:1', SALESFORCE_LOGIN_URL: 'http://127.0.0.1:1' };
      const silent = (crm: string) =>
        expect.stringMatching(new RegExp(`^${crm}: its fields were not looked at`));
      expect(await asked(away)).toEqual({ problems: [], notes: [silent('hubspot'), silent('salesforce')] });

      folder.edit(
        'hubspot.yaml',
        'pql_yet',
        'lifecyclestage: { from: score.value, type: number }\n    pql_yet',
      );
      folder.edit(
        'salesforce.yaml',
        'PQL_Yet',
        'LastActivityDate: { from: score.at, type: date }\n    PQL_Yet',
      );
      const { code, out } = await runPql(['check'], environment({ MAPPINGS_DIR: folder.dir }));
      expect(code).toBe(2);
      expect(out).toMatch(
        /hubspot\.yaml:[0-9]+ company\.fields\.lifecyclestage: found a property of type enumeration/,
      );
      expect(out).toMatch(
        /salesforce\.yaml:[0-9]+ Account\.fields\.LastActivityDate: found LastActivityDate is read-only/,
      );
    } finally {
      folder.remove();
    }
  });

  it('writes the metadata folder without calling anybody', async () => {
    const dir = join(dataDir, 'folder');
    hubspot.forgetLog();
    salesforce.forgetLog();
    expect((await pql('crm', 'setup', '--folder', dir)).code).toBe(0);
    expect(readFileSync(join(dir, 'package.xml'), 'utf8')).toContain(
      '<members>Activity.PQL_Key__c</members>',
    );
    expect(existsSync(join(dir, 'permissionsets', 'PQL_Sync.permissionset'))).toBe(true);
    expect([...hubspot.calls(), ...salesforce.calls()]).toEqual([]);
  });
});
