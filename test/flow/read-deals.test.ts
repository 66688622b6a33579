import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { badAnswers } from '../../src/sandbox/hubspot/index.ts';
import { DAY, HOUR, isoInstant } from '../../src/shared/time.ts';
import { arrive, crmFacts } from '../support/crm-facts.ts';
import { startWorld, type World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.stop());

/** As though the next look at the feeds were due. */
async function laterOn(): Promise<void> {
  world.clock.advance(HOUR);
  await world.database.db.query(`UPDATE crm_feeds SET next_at = now()`);
  await world.settle();
}

/** As though deals had not been seen for so many days. */
async function unseenFor(days: number): Promise<void> {
  await world.database.db.query(`UPDATE crm_deals SET checked_at = now() - $1 * interval '1 day'`, [days]);
  await world.settle();
}

const company = (name: string) =>
  world.hubspot.seed([{ object: 'companies', properties: { name, domain: `${name}.example` } }])[0] ?? '';

function deal(companyId: string | null, properties: Record<string, string>): string {
  const [id = ''] = world.hubspot.seed([
    { object: 'deals', properties: { dealname: 'A deal', ...properties } },
  ]);
  if (companyId !== null) {
    world.hubspot.associate('deals', id, 'companies', companyId);
  }
  return id;
}

const searches = () =>
  world.hubspot.calls().filter(({ path }) => path === '/crm/v3/objects/deals/search').length;
const lookUps = () => world.hubspot.calls().filter(({ path }) => path.includes('deals/companies')).length;

describe('deals come back and become facts (S4-91, S4-164)', () => {
  it('open, won, lost, moved and deleted, in HubSpot', async () => {
    const one = company('one');
    const open = deal(one, { dealstage: 'qualifiedtobuy', amount: '900.50' });
    await arrive(world, 'one');
    expect(await crmFacts(world, 'one')).toMatchObject({
      open_deal: true,
      open_deals: 1,
      open_amount: 900.5,
      won_deals: 0,
    });

    world.hubspot.touch('deals', open, { dealstage: 'closedwon', closedate: isoInstant(world.clock.now()) });
    await laterOn();
    expect(await crmFacts(world, 'one')).toMatchObject({
      open_deal: false,
      won_deals: 1,
      won_amount: 900.5,
      crm_customer: true,
    });

    world.hubspot.archive('deals', open);
    await laterOn();
    expect(await crmFacts(world, 'one')).toMatchObject({ won_deals: 1 });
    await unseenFor(31);
    expect(await crmFacts(world, 'one')).toMatchObject({ open_deal: false, won_deals: 0 });
    const rows = await world.database.db.query('SELECT account, state, deleted FROM crm_deals_of_accounts');
    expect(rows.rows).toEqual([{ account: 'one', state: 'won', deleted: true }]);
  });

  it('opportunities, with what lies in the recycle bin, and in a currency where the org has several', async () => {
    world.salesforce.severalCurrencies();
    const { Id: AccountId } = world.salesforce.seed('Account', { Name: 'Two', Website: 'two.example' });
    const row = {
      Name: 'O',
      AccountId,
      StageName: 'Prospecting',
      CloseDate: '2027-01-31',
      Amount: 100,
      CurrencyIsoCode: 'EUR',
    };
    const first = world.salesforce.seed('Opportunity', row);
    world.salesforce.seed('Opportunity', { ...row, IsClosed: true, IsWon: true, CloseDate: '2026-10-01' });
    await arrive(world, 'two');
    expect(await crmFacts(world, 'two')).toMatchObject({
      open_deal: true,
      deal_stage: 'Prospecting',
      open_amount: 100,
      won_amount: 100,
      last_won_at: '2026-10-01T00:00:00.000Z',
    });
    const kept = await world.database.db.query('SELECT DISTINCT currency FROM crm_deals');
    expect(kept.rows).toEqual([{ currency: 'EUR' }]);
    world.salesforce.remove('Opportunity', first.Id);
    await laterOn();
    expect(await crmFacts(world, 'two')).toMatchObject({ open_deal: false, won_deals: 1 });
  });

  it('a deal whose company is not ours is kept, and counts as soon as the company is', async () => {
    const three = company('three');
    deal(three, { dealstage: 'qualifiedtobuy' });
    await laterOn();
    const kept = await world.database.db.query('SELECT account, state FROM crm_deals_of_accounts');
    expect(kept.rows).toEqual([{ account: null, state: 'open' }]);
    await arrive(world, 'three');
    expect(await crmFacts(world, 'three')).toMatchObject({ open_deal: true });
  });

  it('a deal that is given another company is missed by one account and found by the other, at the daily look at the latest', async () => {
    const [four, five] = [company('four'), company('five')];
    const id = deal(null, { dealstage: 'qualifiedtobuy' });
    await arrive(world, 'four');
    await arrive(world, 'five');
    expect(await crmFacts(world, 'four')).toMatchObject({ open_deal: false });
    world.hubspot.associate('deals', id, 'companies', five);
    await unseenFor(2);
    expect(await crmFacts(world, 'five')).toMatchObject({ open_deal: true });
    expect(await crmFacts(world, 'four')).toMatchObject({ open_deal: false });

    world.hubspot.associate('deals', id, 'companies', four, [5]);
    await unseenFor(2);
    expect(await crmFacts(world, 'four')).toMatchObject({ open_deal: true, open_deals: 1 });
    expect(await crmFacts(world, 'five')).toMatchObject({ open_deal: false, open_deals: 0 });
  });

  it('nothing is known of an account that no CRM has, nor while the deals were never read to their end', async () => {
    world.hubspot.faults.add({
      path: '/crm/v3/objects/deals/search',
      times: 'always',
      ...badAnswers.missingScopes('crm.objects.deals.read'),
    });
    company('six');
    await arrive(world, 'six');
    await arrive(world, 'nowhere');
    expect(await crmFacts(world, 'six')).not.toHaveProperty('open_deal');
    expect(await crmFacts(world, 'nowhere')).toEqual({});
    const status = await world.service.status();
    expect(status.crm.hubspot?.paused).toBeNull();
  });

  it('nothing changed costs one search, and what the overlap shows again is looked up no more', async () => {
    const seven = company('seven');
    deal(seven, { dealstage: 'qualifiedtobuy' });
    await arrive(world, 'seven');
    world.hubspot.forgetLog();
    const scored = await scoredAt('seven');
    await laterOn();
    expect({ searches: searches(), lookUps: lookUps() }).toEqual({ searches: 1, lookUps: 0 });
    expect(await scoredAt('seven')).toEqual(scored);
  });

  it('a changed deal has its account scored, and no other', async () => {
    const eight = company('eight');
    company('nine');
    const id = deal(eight, { dealstage: 'qualifiedtobuy' });
    await arrive(world, 'eight');
    await arrive(world, 'nine');
    const before = [await scoredAt('eight'), await scoredAt('nine')];
    world.clock.advance(HOUR);
    world.hubspot.touch('deals', id, { dealstage: 'closedlost' });
    await laterOn();
    expect((await scoredAt('eight')) === before[0]).toBe(false);
    expect(await scoredAt('nine')).toBe(before[1]);
  });

  it('owners are named by their address, and one who left is told', async () => {
    world.hubspot.seed([
      {
        object: 'companies',
        properties: { domain: 'ten.example', hubspot_owner_id: '103', lifecyclestage: 'customer' },
      },
    ]);
    await arrive(world, 'ten');
    expect(await crmFacts(world, 'ten')).toMatchObject({
      crm_owner: 'former.rep@sandbox.example',
      crm_owner_active: false,
      crm_customer: true,
    });
    const { facts } = world.service.read.factsOf(await stateOf('ten'));
    expect(facts.customer).toBe(true);
  });

  it('an account with a task is looked at again within the hour, the others once a day', async () => {
    const [id = ''] = world.hubspot.seed([{ object: 'companies', properties: { domain: 'hot.example' } }]);
    await arrive(world, 'hot');
    const met = isoInstant(world.clock.now() - DAY);
    world.hubspot.touch('companies', id, { notes_last_contacted: met });
    const anHour = `UPDATE crm_records SET facts_read_at = now() - interval '61 minutes'`;
    await world.database.db.query(anHour);
    await world.settle();
    expect(await crmFacts(world, 'hot')).not.toHaveProperty('last_crm_activity');
    await world.database.db.query(
      `INSERT INTO actions (id, key, connection, crm, kind, account, state, why, reason, payload, next_at, created_at, updated_at)
       SELECT gen_random_uuid(), 'k', connection, 'hubspot', 'task', account, 'done', '', '', '{}', now(), $1, $1
       FROM crm_records WHERE connection LIKE 'hubspot%' AND object = 'account'`,
      [isoInstant(world.clock.now())],
    );
    await world.database.db.query(anHour);
    await world.settle();
    expect(await crmFacts(world, 'hot')).toMatchObject({ last_crm_activity: met });
  });
});

async function stateOf(account: string) {
  const found = await world.service.read.findAccount(account);
  if (found === null) {
    throw new Error(`no account ${account}`);
  }
  return world.service.read.loadState(found);
}

async function scoredAt(account: string): Promise<string | undefined> {
  const found = await world.service.read.findAccount(account);
  const [score] = found === null ? [] : await world.service.read.loadScores(found);
  return score?.computedAt;
}
