import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { badAnswers } from '../../src/sandbox/hubspot/index.ts';
import { silentLogger } from '../../src/shared/log.ts';
import { MINUTE } from '../../src/shared/time.ts';
import { UNLIMITED } from '../../src/sync/calls.ts';
import type { CrmConnector } from '../../src/sync/crm.ts';
import type { FeedCursor } from '../../src/sync/feed.ts';
import { readDeals } from '../../src/wiring/read-deals.ts';
import type { Reached } from '../../src/wiring/reading.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { shippedMappings } from '../support/policy.ts';
import { callsTo, NOON, type World, world } from './hubspot-world.ts';

const CONNECTION = 'hubspot:1';
const SEARCH = '/crm/v3/objects/deals/search';
const DEALS = 20;
/** Together three pages of a search. */
const MORE = 480;

let database: TestDatabase;
let portal: World;
let realNow = NOON;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  portal = await world();
  seedDeals(DEALS, NOON);
  await database.db.query('TRUNCATE crm_deals, crm_feeds, crm_owners');
});
afterEach(() => portal.close());

function seedDeals(count: number, from: number): void {
  const deal = (_: unknown, i: number) =>
    ({ object: 'deals', properties: { dealname: `${i}`, amount: '1' }, createdAt: from + i }) as const;
  portal.sandbox.seed(Array.from({ length: count }, deal));
}

const deps = () => ({
  db: database.db,
  logger: silentLogger(),
  now: () => realNow,
  realNow: () => realNow,
  life: { stopping: false },
});

function reached(over: Partial<CrmConnector['reads']> = {}, every: number | null = 15 * MINUTE): Reached {
  const connector = { ...portal.crm, reads: { ...portal.crm.reads, ...over } };
  const mapping = { ...shippedMappings().hubspot, readDealsEvery: every };
  return {
    crm: { name: 'hubspot', mapping, connector, budget: UNLIMITED, sandbox: true },
    connection: CONNECTION,
  };
}

/** A process that dies with its n-th page. */
function dyingAt(n: number): Reached {
  let page = 0;
  return reached({
    deals: async (from: FeedCursor) => {
      page += 1;
      if (page === n) {
        throw new Error('killed');
      }
      return portal.crm.reads.deals(from);
    },
  });
}

async function kept(): Promise<number> {
  const rows = await database.db.query<{ n: number }>('SELECT count(*) AS n FROM crm_deals');
  return rows.rows[0]?.n ?? 0;
}

/** Reads on until the pass is over. */
async function finish(): Promise<void> {
  for (let look = 0; look < 5; look++) {
    await readDeals(deps(), reached());
  }
}

describe('the feed of deals', () => {
  it.each([1, 2, 3])(
    'killed at page %i it goes on behind the last page that was kept, and reads none twice',
    async (n) => {
      seedDeals(MORE, NOON + DEALS);
      await expect(readDeals(deps(), dyingAt(n))).rejects.toThrow('killed');
      const before = await kept();
      expect(before).toBe(n === 1 ? 0 : 200 + 190 * (n - 2));
      await readDeals(deps(), reached());
      expect(await kept()).toBe(before);
      realNow += 2 * MINUTE;
      await finish();
      expect(await kept()).toBe(DEALS + MORE);
      expect(callsTo(portal.sandbox, SEARCH)).toBe(3);
    },
  );

  it('with every other answer broken, in whichever way, everything is there in the end, each with its company', async () => {
    const [company = ''] = portal.sandbox.seed([{ object: 'companies', properties: { name: 'One' } }]);
    for (const { id } of portal.sandbox.records('deals')) {
      portal.sandbox.associate('deals', id, 'companies', company);
    }
    const broken = [
      badAnswers.internalError(),
      badAnswers.badGateway(),
      badAnswers.secondlyLimit(),
      badAnswers.lostBefore(),
      badAnswers.lostAfter(),
      { replyAfter: { status: 200, body: {} } },
    ];
    for (const path of [SEARCH, '/crm/v4/associations/deals/companies/batch/read']) {
      broken.forEach((fault, i) => void portal.sandbox.faults.add({ path, skip: i, ...fault }));
    }
    for (let look = 0; look < 20; look++) {
      await readDeals(deps(), reached());
      realNow += 16 * MINUTE;
    }
    const rows = await database.db.query('SELECT DISTINCT account_crm_id AS company FROM crm_deals');
    expect([await kept(), rows.rows]).toEqual([DEALS, [{ company }]]);
  });

  it('of two processes one reads', async () => {
    await Promise.all([readDeals(deps(), reached()), readDeals(deps(), reached())]);
    await finish();
    expect([await kept(), callsTo(portal.sandbox, SEARCH)]).toEqual([DEALS, 1]);
  });

  it('a process that was silent for so long that another one took over keeps nothing any more', async () => {
    let slept = false;
    const sleeper = reached({
      deals: async (from: FeedCursor) => {
        const page = await portal.crm.reads.deals(from);
        if (!slept) {
          slept = true;
          realNow += 2 * MINUTE;
          await finish();
          await database.db.query('UPDATE crm_deals SET name = NULL');
        }
        return page;
      },
    });
    await readDeals(deps(), sleeper);
    const named = await database.db.query('SELECT 1 FROM crm_deals WHERE name IS NOT NULL');
    expect([named.rowCount, await kept()]).toEqual([0, DEALS]);
  });

  it('an older word never replaces a newer one', async () => {
    await finish();
    await database.db.query(
      `UPDATE crm_deals SET name = 'newer', modified_at = modified_at + interval '1 day'`,
    );
    await database.db.query('UPDATE crm_feeds SET next_at = $1, watermark = NULL', [new Date(realNow)]);
    await finish();
    const names = await database.db.query('SELECT DISTINCT name FROM crm_deals');
    expect(names.rows).toEqual([{ name: 'newer' }]);
  });

  it('when deals are to be read no longer, what they said is forgotten', async () => {
    await finish();
    await readDeals(deps(), reached({}, null));
    expect(await kept()).toBe(0);
    expect((await database.db.query('SELECT 1 FROM crm_feeds')).rowCount).toBe(0);
  });

  it('a text that PostgreSQL refuses keeps no page out (I9)', async () => {
    portal.sandbox.seed([
      { object: 'deals', properties: { dealname: 'NUL \0 here' }, createdAt: NOON + DEALS },
    ]);
    await finish();
    expect(await kept()).toBe(DEALS + 1);
  });
});
