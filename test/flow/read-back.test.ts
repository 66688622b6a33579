import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadMappings, type Mappings } from '../../src/mappings.ts';
import { badAnswers } from '../../src/sandbox/hubspot/index.ts';
import { arrive, crmFacts } from '../support/crm-facts.ts';
import { qualifying, startWorld, type World } from '../support/world.ts';

/** The shipped files, with fields that are read back. */
function reading(): Mappings {
  const dir = mkdtempSync(join(tmpdir(), 'pql-read-'));
  try {
    cpSync('mappings', dir, { recursive: true });
    const add = (file: string, ...reads: string[]) => {
      const path = join(dir, file);
      const text = readFileSync(path, 'utf8');
      writeFileSync(
        path,
        text.replace(/\n {2}read:.*\n/, (line) => `${line}    ${reads.join('\n    ')}\n`),
      );
    };
    add('hubspot.yaml', 'employees: numberofemployees', 'industry: industry');
    add('salesforce.yaml', 'employees: NumberOfEmployees', 'tech_stack: { field: Industry, type: list }');
    const read = loadMappings(dir);
    if (!read.ok) {
      throw new Error(JSON.stringify(read.error));
    }
    return read.value;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

let world: World;
beforeEach(async () => {
  world = await startWorld({ mappings: reading() });
});
afterEach(() => world.stop());

/** As though a day had passed since companies were read: what is due goes by real time. */
async function nextDay(): Promise<void> {
  await world.database.db.query(`UPDATE crm_records SET facts_read_at = facts_read_at - interval '25 hours'`);
  await world.settle();
}

describe("a CRM's own fields are read back as facts of linked companies", () => {
  it('once linked, and again a day later; of both CRMs, HubSpot first; an empty field is unknown', async () => {
    world.hubspot.seed([
      { object: 'companies', properties: { domain: 'one.example', numberofemployees: '240', industry: '' } },
    ]);
    const record = world.salesforce.seed('Account', {
      Name: 'One',
      Website: 'one.example',
      NumberOfEmployees: 12,
      Industry: 'Slack; AWS',
    });
    await arrive(world, 'one');
    expect(await crmFacts(world, 'one')).toMatchObject({ employees: '240', tech_stack: ['Slack', 'AWS'] });

    record.Industry = 'AWS';
    await world.settle();
    expect(await crmFacts(world, 'one')).toMatchObject({ tech_stack: ['Slack', 'AWS'] });
    await nextDay();
    expect(await crmFacts(world, 'one')).toMatchObject({ employees: '240', tech_stack: ['AWS'] });
  });

  it('a CRM that refuses is asked again later, and nothing is lost meanwhile', async () => {
    world.hubspot.seed([
      { object: 'companies', properties: { domain: 'two.example', numberofemployees: '7' } },
    ]);
    await arrive(world, 'two');
    world.hubspot.faults.add({
      path: '/crm/v3/objects/companies/batch/read',
      times: 1,
      ...badAnswers.internalError(),
    });
    await nextDay();
    expect(await crmFacts(world, 'two')).toMatchObject({ employees: '7' });
    const waiting = await world.database.db.query<{ minutes: number }>(
      `SELECT extract(epoch FROM now() - facts_read_at)::int / 60 AS minutes FROM crm_records
       WHERE object = 'account' AND connection LIKE 'hubspot%'`,
    );
    expect(waiting.rows[0]?.minutes).toBeGreaterThan(23 * 60);
    await nextDay();
    expect(await crmFacts(world, 'two')).toMatchObject({ employees: '7' });
  });

  it('what changes acts, but the first reading of companies linked long before does not (decision 11)', async () => {
    world.hubspot.seed([
      { object: 'companies', properties: { domain: 'new.example', numberofemployees: '7' } },
    ]);
    await arrive(world, 'new');
    const touches = async (backfill: boolean) => {
      await world.database.db.query(
        `UPDATE crm_records SET facts = '{}', facts_read_at = NULL, facts_backfill = $1 WHERE object = 'account'`,
        [backfill],
      );
      await world.database.db.query(
        'CREATE TABLE IF NOT EXISTS touched (act boolean); TRUNCATE touched; ' +
          'CREATE OR REPLACE FUNCTION note() RETURNS trigger AS $$ BEGIN INSERT INTO touched VALUES (NEW.act); RETURN NEW; END $$ LANGUAGE plpgsql; ' +
          'CREATE OR REPLACE TRIGGER noted BEFORE INSERT ON dirty_accounts FOR EACH ROW EXECUTE FUNCTION note()',
      );
      await world.settle();
      const rows = await world.database.db.query<{ act: boolean }>('SELECT act FROM touched');
      return rows.rows.map(({ act }) => act);
    };
    expect(await touches(false)).toEqual([true]);
    expect(await touches(true)).toEqual([false]);
  });
});

describe('S4-91: who opted out of e-mail in a CRM', () => {
  const linked = async (hubspot: Record<string, string>, salesforce: Record<string, boolean>) => {
    world.hubspot.seed([
      { object: 'companies', properties: { domain: 'acme.example' } },
      { object: 'contacts', properties: { email: 'ada@acme.example', ...hubspot } },
    ]);
    const company = world.salesforce.seed('Account', { Name: 'Acme', Website: 'acme.example' });
    const person = { LastName: 'Lovelace', Email: 'ada@acme.example', AccountId: company.Id };
    world.salesforce.seed('Contact', { ...person, ...salesforce });
    await arrive(world, 'acme');
    await world.send(...qualifying('acme', world.clock));
    await world.settle();
    const { route } = await world.api<{ route: { held?: string[] } }>('/accounts/acme');
    return route.held;
  };

  it.each<[string, Record<string, string>, Record<string, boolean>]>([
    ['HubSpot', { hs_email_optout: 'true' }, {}],
    ['Salesforce', {}, { HasOptedOutOfEmail: true }],
  ])(
    '%s says so of the only person of an account that it knows: the account is held',
    async (_crm, hubspot, salesforce) => {
      expect(await linked(hubspot, salesforce)).toEqual(['unsubscribed']);
      expect(world.hubspot.records('tasks')).toEqual([]);
    },
  );

  it('neither says so: it is handed over; what a contact says later takes back nothing that was made', async () => {
    expect(await linked({}, {})).toBeUndefined();
    expect(world.hubspot.records('tasks')).toHaveLength(1);
    for (const record of world.salesforce.records('Contact')) {
      record.HasOptedOutOfEmail = true;
    }
    await nextDay();
    const { standing } = await world.api<{ standing: { held?: { id: string }[] } }>('/accounts/acme');
    expect(standing.held).toMatchObject([{ id: 'unsubscribed' }]);
    expect(world.hubspot.records('tasks')).toHaveLength(1);
  });
});
