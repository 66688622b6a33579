import { afterEach, describe, expect, it } from 'vitest';
import { startSalesforceSandbox } from '../../src/sandbox/salesforce/index.ts';
import { ManualClock } from '../../src/shared/clock.ts';
import { MINUTE } from '../../src/shared/time.ts';
import { firstCursor, newest } from '../../src/sync/feed.ts';
import { readAll } from './feed-pages.ts';
import { connectorTo } from './salesforce-world.ts';

const NOON = Date.UTC(2026, 10, 24, 12);

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function org() {
  const clock = new ManualClock(NOON);
  const sandbox = await startSalesforceSandbox({ clock });
  closing.push(() => sandbox.close());
  return { sandbox, clock, reads: connectorTo(sandbox).reads };
}

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

  it.each<[string, number, unknown]>([
    ['an object of a gateway', 500, { status: 'error', message: 'internal error' }],
    ['a list without a code', 503, [{ message: 'busy' }]],
    ['a page', 502, '<html>Bad Gateway</html>'],
  ])('a failure that names no code is known by its HTTP status: %s', async (_what, status, body) => {
    const { sandbox, reads } = await org();
    sandbox.faults.add({ path: '*/query*', times: 'always', reply: { status, body } });
    const read = await reads.owners(['005000000000000AAA']);
    expect(read).toMatchObject({ state: 'failed', code: `ERROR_HTTP_${status}`, pause: false });
    expect(read.state === 'failed' && read.afterMs).toBeLessThan(MINUTE);
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
