import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shownOnLine } from '../../src/shared/shown-text.ts';
import { personOf, qualifying, startWorld, type World } from '../support/world.ts';

/** Companies whose traits were made to do harm, each by one trait; and one like any other, which must not notice. */
const NAMES: Record<string, string> = {
  'acct-sql': "'); DROP TABLE accounts; --",
  'acct-soql': "x' OR Name != '",
  'acct-html': '<script>alert(1)</script><img src=x onerror=alert(1)>',
  'acct-liquid': '{{ 7 | times: 7 }}{% for i in (1..1000000000) %}x{% endfor %}',
  'acct-formula': "=cmd|' /C calc'!A0",
  'acct-escape': '\u001b]0;owned\u0007\u009b2J\u202e',
  'acct-lines': 'Acme\r\nX-Injected: 1\r\n\r\nbody',
  'acct-cut': `${'x'.repeat(199)}😀`,
  'acct-long': 'y'.repeat(100_000),
  "acct-quote' OR '1'='1": 'quoted key',
  'acct-\\': 'a backslash',
  'acct-good': 'Good company',
};
const domainOf = (i: number) => `hostile${i}.example`;

let world: World;
beforeAll(async () => {
  world = await startWorld();
  for (const [i, [key, name]] of Object.entries(NAMES).entries()) {
    const calls = qualifying(key, world.clock, domainOf(i));
    await world.send(...calls);
    world.clock.advance(1000);
    const { group, identify } = personOf(key, `ada-${key}`, world.clock);
    await world.send(group({ name }), identify({ name, title: name }));
  }
  await world.settle();
}, 120_000);
afterAll(() => world.stop());

const hubspot = () => world.hubspot.records('companies').map(({ properties }) => properties);

describe('companies that were named to do harm, through the whole service into both CRMs', () => {
  it('regression: every one of them is scored and delivered, and none keeps another from it (I9)', async () => {
    const { accounts } = await world.api<{ accounts: { key: string; tier: string }[] }>(
      '/accounts?limit=100',
    );
    expect(accounts.map(({ key, tier }) => `${key} ${tier}`).sort()).toEqual(
      Object.keys(NAMES)
        .map((key) => `${key} mql`)
        .sort(),
    );
    const acts = await world.database.db.query<{ state: string; kind: string; reason: string }>(
      `SELECT kind, state, reason FROM actions WHERE state <> 'done'`,
    );
    expect(acts.rows).toEqual([]);
    expect(
      hubspot()
        .map(({ pql_account_id }) => pql_account_id)
        .sort(),
    ).toEqual(Object.keys(NAMES).sort());
    expect(world.salesforce.records('Account')).toHaveLength(Object.keys(NAMES).length);
    expect(world.hubspot.records('tasks')).toHaveLength(Object.keys(NAMES).length);
    expect(world.salesforce.records('Task')).toHaveLength(Object.keys(NAMES).length);
  });

  it('names reach the CRMs as data: as they are, or cut to their field', () => {
    const names = hubspot().map(({ name }) => String(name));
    for (const key of ['acct-sql', 'acct-soql', 'acct-html', 'acct-liquid', 'acct-formula']) {
      expect(names).toContain(NAMES[key]);
    }
    expect(names.every((name) => name.isWellFormed())).toBe(true);
  });

  it('tasks show them as text on one line, and hold nothing that was run', () => {
    for (const { properties } of world.hubspot.records('tasks')) {
      const { hs_task_subject: subject, hs_task_body: body } = properties;
      expect(shownOnLine(String(subject))).toBe(subject);
      expect(String(subject)).not.toMatch(/^49/);
      expect(String(subject).isWellFormed()).toBe(true);
      expect(String(body)).not.toMatch(/<(?!br>)/);
    }
  });

  it('tables are all there', async () => {
    expect((await world.database.db.query('SELECT count(*)::int AS n FROM accounts')).rows).toEqual([
      { n: Object.keys(NAMES).length },
    ]);
  });
});
