import { describe, expect, it } from 'vitest';
import { badAnswers } from '../../src/sandbox/hubspot/index.ts';
import { MINUTE } from '../../src/shared/time.ts';
import type { Deal } from '../../src/sync/crm-reads.ts';
import { firstCursor, newest } from '../../src/sync/feed.ts';
import { readAll } from './feed-pages.ts';
import { at, callsTo, NOON, worlds } from './hubspot-world.ts';

const start = worlds();

async function portal(options: Parameters<typeof start>[0] = {}) {
  const started = await start(options);
  return { ...started, reads: started.crm.reads };
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
    expect(callsTo(sandbox, at('/crm/v4/associations/deals/companies/batch/read'))).toBe(3);
  });

  it.each([
    ['a missing scope stops only this reading', badAnswers.missingScopes('crm.objects.deals.read'), false],
    ['the daily limit stops the connection', badAnswers.dailyLimit(), true],
    ['the limit of a second is over soon', badAnswers.secondlyLimit(), false],
  ])('%s', async (_, fault, pause) => {
    const { sandbox, reads } = await portal();
    sandbox.faults.add({ path: at('/crm/v3/objects/deals/search'), ...fault });
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

  it('a record that is not there is asked for alone before it counts as deleted', async () => {
    const { sandbox, reads } = await portal();
    const [there = ''] = sandbox.seed([{ object: 'deals', properties: { dealname: 'there' } }]);
    expect(await reads.dealsById(['4711'])).toEqual({ state: 'read', deals: [] });
    expect(callsTo(sandbox, at('/crm/v3/objects/deals/4711'))).toBe(1);
    const silent = {
      path: at('/crm/v3/objects/deals/batch/read'),
      replyAfter: { status: 200, body: { status: 'COMPLETE', results: [] } },
    };
    sandbox.faults.add(silent);
    expect(await reads.dealsById([there])).toMatchObject({ state: 'read', deals: [{ id: there }] });
    sandbox.faults.add({ ...silent, times: 2 });
    expect(await reads.dealsById([there])).toMatchObject({ state: 'failed', pause: false });
  });
});
