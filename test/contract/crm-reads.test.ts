import { afterEach, describe, expect, it } from 'vitest';
import { salesforceConnector } from '../../src/crm/salesforce/index.ts';
import { badAnswers } from '../../src/sandbox/hubspot/index.ts';
import { startSalesforceSandbox } from '../../src/sandbox/salesforce/index.ts';
import { ManualClock } from '../../src/shared/clock.ts';
import { MINUTE } from '../../src/shared/time.ts';
import type { CrmReads, Deal } from '../../src/sync/crm-reads.ts';
import { type FeedCursor, firstCursor, newest } from '../../src/sync/feed.ts';
import { callsTo, NOON, world } from './hubspot-world.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function portal(options: Parameters<typeof world>[0] = {}) {
  const started = await world(options);
  closing.push(started.close);
  return { ...started, reads: started.crm.reads };
}

async function org() {
  const clock = new ManualClock(NOON);
  const sandbox = await startSalesforceSandbox({ clock });
  const { clientId, clientSecret } = sandbox;
  const crm = salesforceConnector({
    loginUrl: sandbox.url,
    apiVersion: '64.0',
    auth: { kind: 'client_credentials', clientId, clientSecret },
  });
  closing.push(() => sandbox.close());
  return { sandbox, clock, reads: crm.reads };
}

/** Every deal behind a cursor, with how many pages it took. */
async function readAll(reads: CrmReads, from: FeedCursor): Promise<{ deals: Deal[]; pages: number }> {
  const deals: Deal[] = [];
  let pages = 0;
  for (let next: FeedCursor | null = from; next !== null; pages++) {
    const page = await reads.deals(next);
    if (page.state === 'failed') {
      throw new Error(page.reason);
    }
    deals.push(...page.deals);
    next = page.next;
  }
  return { deals, pages };
}

const ids = (deals: readonly Deal[]) => new Set(deals.map(({ id }) => id));

describe('reading deals of a portal', () => {
  it('every one of them, also when an import changed more at one instant than a page holds', async () => {
    const { sandbox, reads } = await portal();
    const many = (n: number, createdAt: number) =>
      sandbox.seed(
        Array.from({ length: n }, (_, i) => ({
          object: 'deals' as const,
          properties: { dealname: `${i}` },
          createdAt,
        })),
      );
    const all = [...many(30, NOON - 2), ...many(450, NOON - 1), ...many(30, NOON)];
    const { deals, pages } = await readAll(reads, firstCursor(null));
    expect(ids(deals)).toEqual(new Set(all));
    // One of what came before, one of the instant, three by id, one of the rest: never a page by its number.
    expect(pages).toBeLessThanOrEqual(7);
  });

  it('a deal that the index shows late is found by the overlap', async () => {
    const { sandbox, reads, clock } = await portal({ settings: { indexLagMs: 2 * MINUTE } });
    const [early = ''] = sandbox.seed([{ object: 'deals', properties: { dealname: 'early' } }]);
    clock.advance(MINUTE);
    const [late = ''] = sandbox.seed([{ object: 'deals', properties: { dealname: 'late' } }]);
    sandbox.touch('deals', early, { amount: '1' });
    clock.advance(MINUTE);
    sandbox.touch('deals', late, { amount: '2' });
    const first = await readAll(reads, firstCursor(null));
    clock.advance(3 * MINUTE);
    const again = await readAll(reads, firstCursor(newest(null, first.deals)));
    expect(ids(again.deals)).toEqual(new Set([early, late]));
  });

  it('companies of 250 deals cost three calls; the primary one counts, and who has none is missing', async () => {
    const { sandbox, reads } = await portal();
    const companies = sandbox.seed(['a', 'b'].map((name) => ({ object: 'companies', properties: { name } })));
    const deals = sandbox.seed(Array.from({ length: 250 }, () => ({ object: 'deals', properties: {} })));
    const [one = '', two = ''] = deals;
    for (const company of companies) {
      sandbox.associate('deals', one, 'companies', company);
    }
    sandbox.forgetLog();
    const read = await reads.dealAccounts?.(deals);
    expect(read?.state === 'read' && [read.accounts.get(one), read.accounts.get(two)]).toEqual([
      companies[0],
      undefined,
    ]);
    expect(callsTo(sandbox, '/crm/v4/associations/deals/companies/batch/read')).toBe(3);
  });

  it.each([
    ['a missing scope stops only this reading', badAnswers.missingScopes('crm.objects.deals.read'), false],
    ['the daily limit stops the connection', badAnswers.dailyLimit(), true],
    ['the limit of a second is over soon', badAnswers.secondlyLimit(), false],
  ])('%s', async (_, fault, pause) => {
    const { sandbox, reads } = await portal();
    sandbox.faults.add({ path: '/crm/v3/objects/deals/search', ...fault });
    expect(await reads.deals(firstCursor(null))).toMatchObject({ state: 'failed', pause });
  });

  it('owners are read a hundred a call, those who left among them', async () => {
    const { reads } = await portal();
    const read = await reads.owners([]);
    expect(read.state === 'read' && read.owners.map(({ email, active }) => [email, active])).toEqual([
      ['ada.rep@sandbox.example', true],
      ['ben.rep@sandbox.example', true],
      ['former.rep@sandbox.example', false],
    ]);
  });
});

describe('reading opportunities of an org', () => {
  const row = { Name: 'O', StageName: 'Prospecting', CloseDate: '2027-01-31' };

  it('in pages behind the last row, whatever the size of a page and however many share one second', async () => {
    const { sandbox, clock, reads } = await org();
    const make = (n: number) => Array.from({ length: n }, () => sandbox.seed('Opportunity', row).Id);
    const all = make(2300);
    clock.advance(MINUTE);
    all.push(...make(5));
    sandbox.forgetLog();
    const { deals, pages } = await readAll(reads, firstCursor(null));
    expect(deals.map(({ id }) => id)).toEqual(all);
    expect(pages).toBe(2);
    expect(sandbox.calls().filter(({ path }) => path.endsWith('/queryAll'))).toHaveLength(2);
  });

  it('a deleted one comes as a change', async () => {
    const { sandbox, clock, reads } = await org();
    const { Id } = sandbox.seed('Opportunity', row);
    const before = await readAll(reads, firstCursor(null));
    clock.advance(MINUTE);
    sandbox.remove('Opportunity', Id);
    const { deals } = await readAll(reads, firstCursor(newest(null, before.deals)));
    expect(deals).toEqual([expect.objectContaining({ id: Id, deleted: true })]);
    expect(await reads.dealsById([Id])).toEqual({ state: 'read', deals: [] });
  });

  it('users by id, in one query', async () => {
    const { sandbox, reads } = await org();
    const { Id } = sandbox.seed('User', { Name: 'Ada Rep', Email: 'Ada@Rep.example', IsActive: false });
    expect(await reads.owners([Id, '005000000000000AAA'])).toEqual({
      state: 'read',
      owners: [{ id: Id, name: 'Ada Rep', email: 'ada@rep.example', active: false }],
    });
  });

  it('people are contacts or leads, by the first letters of their id', async () => {
    const { sandbox, reads } = await org();
    const contact = sandbox.seed('Contact', { LastName: 'C', Title: 'CEO' });
    const lead = sandbox.seed('Lead', { LastName: 'L', Company: 'X', Title: 'CTO' });
    const read = await reads.records('person', [contact.Id, lead.Id], {
      needed: [],
      optional: ['Title', 'Nope__c'],
    });
    expect(read.state === 'read' && [...read.records.values()].map(({ Title }) => Title)).toEqual([
      'CEO',
      'CTO',
    ]);
  });
});
