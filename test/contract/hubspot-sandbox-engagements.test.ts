import { Client } from '@hubspot/api-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HubspotSandbox, startHubspotSandbox } from '../../src/sandbox/hubspot/index.ts';
import { ManualClock } from '../../src/shared/clock.ts';
import { DAY, HOUR, isoInstant, MINUTE } from '../../src/shared/time.ts';
import { log } from '../support/engagements.ts';

/** Activities of a portal, as HubSpot's own client sees them in the stand-in. */

const NOON = Date.UTC(2026, 10, 24, 12);

let clock: ManualClock;
let sandbox: HubspotSandbox;
let client: Client;
let company: string;

beforeEach(async () => {
  clock = new ManualClock(NOON);
  sandbox = await startHubspotSandbox({ clock });
  client = new Client({ accessToken: 'pat-test', basePath: sandbox.url, numberOfApiCallRetries: 1 });
  [company = ''] = sandbox.seed([{ object: 'companies', properties: { name: 'Acme' } }]);
});
afterEach(() => sandbox.close());

const at = (time: number) => ({ hs_timestamp: isoInstant(time) });

async function rollUps() {
  const names = [
    'notes_last_contacted',
    'num_contacted_notes',
    'hs_latest_meeting_activity',
    'hs_sales_email_last_replied',
  ];
  const { properties } = await client.crm.companies.basicApi.getById(company, names);
  return names.map((name) => properties[name]);
}

describe('what a company shows of its activities', () => {
  it('the last contact leaves out notes and tasks, and a meeting may lie ahead', async () => {
    await log(sandbox, 'notes', company, at(NOON));
    sandbox.associate(
      'tasks',
      sandbox.seed([{ object: 'tasks', properties: at(NOON) }])[0] ?? '',
      'companies',
      company,
    );
    expect(await rollUps()).toEqual([null, null, null, null]);
    await log(sandbox, 'calls', company, { ...at(NOON - HOUR), hs_call_direction: 'OUTBOUND' });
    await log(sandbox, 'meetings', company, at(NOON + DAY));
    expect(await rollUps()).toEqual([isoInstant(NOON + DAY), '2', isoInstant(NOON + DAY), null]);
    await log(sandbox, 'emails', company, { ...at(NOON - MINUTE), hs_email_direction: 'INCOMING_EMAIL' });
    expect((await rollUps())[3]).toBe(isoInstant(NOON - MINUTE));
  });

  it('what is deleted counts no more, leaves no trace, and is no change of the company', async () => {
    const before = await client.crm.companies.basicApi.getById(company);
    clock.advance(MINUTE);
    const id = await log(sandbox, 'calls', company, at(NOON));
    expect((await rollUps())[1]).toBe('1');
    await client.crm.objects.calls.basicApi.archive(id);
    expect((await rollUps())[1]).toBeNull();
    const after = await client.crm.companies.basicApi.getById(company);
    expect(after.properties.hs_lastmodifieddate).toBe(before.properties.hs_lastmodifieddate);
    const read = await client.crm.objects.calls.batchApi.read({
      inputs: [{ id }],
      properties: [],
      propertiesWithHistory: [],
    });
    expect(read.results).toEqual([]);
  });
});

describe('activities of a portal', () => {
  it('are found by search with the lag of the index, and by company at once, 500 a page', async () => {
    sandbox.settings.indexLagMs = MINUTE;
    const id = await log(sandbox, 'calls', company, { ...at(NOON), hs_call_direction: 'INBOUND' });
    const search = () =>
      client.crm.objects.calls.searchApi.doSearch({
        filterGroups: [
          {
            filters: [{ propertyName: 'hs_lastmodifieddate', operator: 'GTE' as never, value: String(NOON) }],
          },
        ],
        properties: ['hs_call_direction'],
        limit: 200,
        after: '0',
        sorts: [],
      });
    expect((await search()).total).toBe(0);
    const found = await client.crm.associations.v4.batchApi.getPage('companies', 'calls', {
      inputs: [{ id: company }],
    });
    expect(found.results[0]?.to).toEqual([
      expect.objectContaining({ associationTypes: [expect.objectContaining({ typeId: 181 })] }),
    ]);
    clock.advance(MINUTE);
    expect((await search()).results).toMatchObject([{ id, properties: { hs_call_direction: 'INBOUND' } }]);
    const many = sandbox.seed(
      Array.from({ length: 600 }, () => ({ object: 'emails' as const, properties: at(NOON) })),
    );
    for (const mail of many) {
      sandbox.associate('emails', mail, 'companies', company);
    }
    const mails = await client.crm.associations.v4.batchApi.getPage('companies', 'emails', {
      inputs: [{ id: company }],
    });
    expect(mails.results[0]?.to).toHaveLength(500);
    expect(mails.results[0]?.paging?.next?.after).toBe('500');
  });

  it('mails ask for a scope of their own; without it the other kinds are read as before', async () => {
    const id = await log(sandbox, 'emails', company, { ...at(NOON), hs_email_direction: 'EMAIL' });
    sandbox.settings.emailScope = false;
    const inputs = { inputs: [{ id }], properties: [], propertiesWithHistory: [] };
    await expect(client.crm.objects.emails.batchApi.read(inputs)).rejects.toMatchObject({ code: 403 });
    await expect(client.crm.objects.calls.batchApi.read(inputs)).resolves.toMatchObject({ results: [] });
  });

  it('a task says when it was completed, and no more once it is opened again', async () => {
    const task = await client.crm.objects.tasks.basicApi.create({ properties: at(NOON), associations: [] });
    const becomes = async (hs_task_status: string) => {
      clock.advance(MINUTE);
      await client.crm.objects.tasks.basicApi.update(task.id, { properties: { hs_task_status } });
      const read = await client.crm.objects.tasks.basicApi.getById(task.id, ['hs_task_completion_date']);
      return read.properties.hs_task_completion_date;
    };
    expect(await becomes('COMPLETED')).toBe(isoInstant(NOON + MINUTE));
    expect(await becomes('NOT_STARTED')).toBe('');
  });
});
