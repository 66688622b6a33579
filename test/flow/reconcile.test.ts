import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { badAnswers } from '../../src/sandbox/hubspot/index.ts';
import { silentLogger } from '../../src/shared/log.ts';
import { formerLinks, loadLinks } from '../../src/store/read/links.ts';
import { reconciliationReport } from '../../src/store/reads/report.ts';
import { reconcile } from '../../src/wiring/reconcile.ts';
import { qualifying, startWorld, type World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await startWorld();
  await world.send(...qualifying('acme', world.clock));
  await world.settle();
  // Once linked, its fields are read back.
  await world.settle();
});
afterEach(() => world.stop());

/** As though a day had passed since the last pass. */
async function nextPass(): Promise<void> {
  await world.database.db.query('UPDATE crm_passes SET next_at = now()');
  await world.settle();
}

async function drift() {
  const { drift: found } = await reconciliationReport(world.database.db, 100);
  return found.map(({ connection, object, field, why, done }) => ({
    crm: connection.split(':')[0],
    object,
    field,
    why,
    done,
  }));
}

/** What `pql crm links` shows of the account: the records of today, and those of before. */
async function links(key = 'acme') {
  const { db } = world.database;
  const found = await db.query<{ id: string }>('SELECT id FROM accounts WHERE key = $1', [key]);
  return loadLinks(db, found.rows[0]?.id ?? '');
}

function former() {
  return formerLinks(world.database.db, 'acme');
}

const company = () => world.hubspot.records('companies')[0];
const account = () => world.salesforce.records('Account')[0];

describe('reconciliation', () => {
  it('writes again what a person changed or emptied, by the ordinary act, and tells both', async () => {
    const score = company()?.properties.pql_score;
    expect(score).toBe('85');
    world.hubspot.touch('companies', company()?.id ?? '', { pql_score: '12', name: 'By hand', pql_tier: '' });
    world.salesforce.touch('Account', account()?.Id ?? '', { PQL_Score__c: null });
    world.hubspot.forgetLog();
    await nextPass();
    expect(company()?.properties).toMatchObject({ pql_score: '85', pql_tier: 'mql', name: 'By hand' });
    expect(account()).toMatchObject({ PQL_Score__c: 85 });
    expect(await drift()).toEqual(
      expect.arrayContaining([
        { crm: 'hubspot', object: 'account', field: 'pql_score', why: 'by_hand', done: 'queued' },
        { crm: 'hubspot', object: 'account', field: 'pql_tier', why: 'emptied', done: 'queued' },
        { crm: 'salesforce', object: 'account', field: 'PQL_Score__c', why: 'emptied', done: 'queued' },
      ]),
    );
    const written = world.hubspot.writes().filter(({ object }) => object === 'companies');
    expect(written.map(({ fields }) => Object.keys(fields).sort())).toEqual([['pql_score', 'pql_tier']]);
  });

  it('finds nothing where nothing changed, writes nothing, and one batch costs one call', async () => {
    world.hubspot.forgetLog();
    world.salesforce.forgetLog();
    await nextPass();
    expect(await drift()).toEqual([]);
    expect([...world.hubspot.writes(), ...world.salesforce.writes()]).toEqual([]);
    const reads = world.hubspot.calls().filter(({ path }) => path.endsWith('/batch/read'));
    expect(reads.map(({ path }) => path).sort()).toEqual(
      ['companies', 'contacts', 'tasks'].map((object) => `/crm/v3/objects/${object}/batch/read`),
    );
    const { crm } = await world.service.status();
    expect(crm.hubspot?.reconciliation).toMatchObject({ records: 3, repaired: 0, drift: {} });
    expect(crm.hubspot?.reconciliation?.finishedAt).not.toBeNull();
  });

  it('matches and makes again what was deleted, with its people under it; a deleted task is told and never made twice (I6)', async () => {
    const [task] = world.hubspot.records('tasks');
    const [contact] = world.hubspot.records('contacts');
    const gone = company()?.id ?? '';
    world.hubspot.archive('companies', gone);
    world.hubspot.archive('tasks', task?.id ?? '');
    await nextPass();
    expect(company()?.properties).toMatchObject({ pql_account_id: 'acme', pql_score: '85' });
    expect(company()?.associations.contacts).toEqual([contact?.id]);
    expect(world.hubspot.records('tasks')).toEqual([]);
    expect(await former()).toEqual([
      expect.objectContaining({
        object: 'account',
        crmId: gone,
        why: expect.stringContaining('reconciliation'),
      }),
    ]);
    expect(await drift()).toEqual(
      expect.arrayContaining([
        { crm: 'hubspot', object: 'account', field: '', why: 'gone', done: 'queued' },
        { crm: 'hubspot', object: 'task', field: '', why: 'gone', done: 'reported' },
      ]),
    );
  });

  it('a record that was merged into another is told as such, and the other one is found', async () => {
    const [winner = ''] = world.hubspot.seed([
      { object: 'companies', properties: { domain: 'acme.example', name: 'Acme' }, createdAt: 1 },
    ]);
    const master = world.salesforce.seed('Account', { Name: 'Acme', Website: 'https://acme.example' });
    world.hubspot.merge('companies', winner, company()?.id ?? '', 'forwards');
    const loser = world.salesforce.records('Account').find(({ PQL_Account_Id__c: key }) => key === 'acme');
    world.salesforce.touch('Account', loser?.Id ?? '', { MasterRecordId: master.Id });
    world.salesforce.remove('Account', loser?.Id ?? '');
    await nextPass();
    expect(await drift()).toEqual(
      expect.arrayContaining([
        { crm: 'hubspot', object: 'account', field: '', why: 'merged', done: 'queued' },
        { crm: 'salesforce', object: 'account', field: '', why: 'merged', done: 'queued' },
      ]),
    );
    expect(company()).toMatchObject({ id: winner, properties: { pql_account_id: 'acme', pql_score: '85' } });
    expect(world.salesforce.records('Account')).toEqual([
      expect.objectContaining({ Id: master.Id, PQL_Score__c: 85 }),
    ]);
  });

  it('an account that was merged into one of another web site is followed there, and none is made', async () => {
    const loser = account()?.Id ?? '';
    const master = world.salesforce.seed('Account', { Name: 'Holding', Website: 'https://holding.example' });
    world.salesforce.merge('Account', master.Id, loser);
    await nextPass();
    expect(world.salesforce.records('Account')).toEqual([
      expect.objectContaining({ Id: master.Id, PQL_Account_Id__c: 'acme', PQL_Score__c: 85 }),
    ]);
    expect(await links()).toContainEqual(
      expect.objectContaining({ object: 'account', crmId: master.Id, how: 'merge' }),
    );
    expect(await former()).toContainEqual(
      expect.objectContaining({ crmId: loser, why: expect.stringContaining('was merged into') }),
    );
  });

  it('an address that the field is too short for stands with the link, and no pass queues it again', async () => {
    const key = 'k'.repeat(240);
    await world.send(...qualifying(key, world.clock, 'long.example'));
    await world.settle();
    const made = world.salesforce.records('Account').find(({ PQL_Account_Id__c: id }) => id === key);
    expect([made?.PQL_Score__c, made?.PQL_Link__c ?? null]).toEqual([85, null]);
    const told = (await links(key)).find(({ crmId }) => crmId === made?.Id);
    expect(told?.held).toEqual({ PQL_Link__c: { why: 'too_long' } });
    world.salesforce.forgetLog();
    await nextPass();
    expect([await drift(), world.salesforce.writes()]).toEqual([[], []]);
  });

  it('with its calls used up it ends, and the next pass goes on behind the last batch', async () => {
    const [crm] = world.service.crms.crms;
    const { connection } = (await crm?.connector.connect()) ?? { connection: '' };
    if (crm === undefined) {
      throw new Error('no CRM');
    }
    const deps = {
      db: world.database.db,
      logger: silentLogger(),
      now: () => world.clock.now(),
      realNow: () => Date.now(),
      life: { stopping: false },
    };
    const ends = [];
    for (let i = 0; i < 4; i++) {
      ends.push((await reconcile(deps, { crm, connection }, { calls: 1, now: true })).end);
    }
    expect(ends).toEqual(['budget', 'budget', 'budget', 'done']);
    const { passes } = await reconciliationReport(world.database.db, 1);
    expect(passes[connection]).toMatchObject({ records: 3, calls: 3 });
  });

  it.each([
    ['a success that holds nothing', badAnswers.emptySuccess(200)],
    ['an answer about no record', { replyAfter: { status: 200, body: { status: 'COMPLETE' } } }],
    [
      'a record that was not looked at',
      {
        reply: {
          status: 207,
          body: {
            status: 'COMPLETE',
            results: [],
            numErrors: 1,
            errors: [{ status: 'error', category: 'RATE_LIMITS', message: 'later' }],
          },
        },
      },
    ],
  ])('%s takes no record for deleted', async (_, fault) => {
    for (const object of ['companies', 'contacts', 'tasks']) {
      world.hubspot.faults.add({ path: `/crm/v3/objects/${object}/batch/read`, times: 3, ...fault });
    }
    const before = await world.database.db.query('SELECT crm_id FROM crm_records ORDER BY 1');
    await nextPass();
    await nextPass();
    expect(await drift()).toEqual([]);
    const after = await world.database.db.query('SELECT crm_id FROM crm_records ORDER BY 1');
    expect(after.rows).toEqual(before.rows);
  });

  it('a batch that could not be read loses nothing: the pass goes on there', async () => {
    world.hubspot.touch('companies', company()?.id ?? '', { pql_score: '12' });
    world.hubspot.faults.add({
      path: '/crm/v3/objects/companies/batch/read',
      times: 2, // a read that is lost once is asked for again at once
      reply: { status: 502, body: '<html>' },
    });
    await nextPass();
    expect(company()?.properties.pql_score).toBe('12');
    await nextPass();
    expect(company()?.properties.pql_score).toBe('85');
  });
});
