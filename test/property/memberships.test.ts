import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SEVERAL_ACCOUNTS } from '../../src/accounts/accounts-config.ts';
import { type Base, emptyBase, extendBase, placeOver } from '../../src/accounts/base.ts';
import { byTime } from '../../src/accounts/identity.ts';
import { ALONE, FALLBACK, placeSteps, stepOf } from '../../src/accounts/memberships.ts';
import { appendToPerson, emptyRecord, type PersonRecord, rebuildPerson } from '../../src/accounts/person.ts';
import type { ProductEvent } from '../../src/events/event.ts';
import { HOUR } from '../../src/shared/time.ts';
import { event, group, NOON } from '../support/event.ts';
import { shippedRules } from '../support/shipped.ts';
import { accountOf, BY_MAIL, STANDS_ALONE } from '../support/slow-memberships.ts';

const anyEvent = fc
  .record({
    shape: fc.constantFrom('deed', 'deed', 'group', 'named deed', 'removed', 'removed from all'),
    account: fc.constantFrom('a', 'b', 'c'),
    hour: fc.integer({ min: 0, max: 9 }),
    // At one instant the id decides, not who came first.
    tie: fc.integer({ min: 0, max: 1e9 }),
  })
  .map(({ shape, account, hour, tie }): ProductEvent => {
    const base = { at: NOON + hour * HOUR, id: `m-${tie}` };
    switch (shape) {
      case 'group':
        return group(account, {}, base);
      case 'named deed':
        return event({ ...base, accountId: account });
      case 'removed':
        return event({ ...base, accountId: account, name: 'Account Removed User' });
      case 'removed from all':
        return event({ ...base, name: 'account_removed_user' });
      default:
        return event(base);
    }
  });

// An id counts once (I2): of two events with one id and one instant nothing would say which comes first.
const histories = fc.uniqueArray(anyEvent, { minLength: 1, maxLength: 12, selector: ({ id }) => id });
const slotNames = new Map([
  [FALLBACK, BY_MAIL],
  [ALONE, STANDS_ALONE],
]);

function plain(record: PersonRecord): object {
  return { facts: record.facts, parts: Object.fromEntries(record.parts), traits: record.traits };
}

describe.each(SEVERAL_ACCOUNTS)('which account an event belongs to, several in force: %s', (rule) => {
  const rules = shippedRules({ several_accounts: rule });

  it('is what decision 8 says, read line by line', () => {
    fc.assert(
      fc.property(histories, (events) => {
        const sorted = [...events].sort(byTime);
        const { slots } = placeSteps(
          rules.rules,
          sorted.map((one) => stepOf(rules.rules, one)),
        );
        expect(slots.map((slot) => slotNames.get(slot) ?? slot)).toEqual(
          sorted.map((one) => accountOf(one, events, rule, rules.rules.removes)),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('I3: adding events in any order and batches, or starting anew where that is needed, is folding all at once', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 12, maxLength: 12 });
    let appended = 0;
    fc.assert(
      fc.property(histories, cuts, (events, sizes) => {
        let record = emptyRecord('u:u-1');
        let seen: ProductEvent[] = [];
        for (const size of sizes) {
          const batch = events.slice(seen.length, seen.length + size);
          seen = [...seen, ...batch];
          const next = appendToPerson(rules, structuredClone(record), batch);
          appended += next === null ? 0 : 1;
          record = next ?? rebuildPerson(rules, 'u:u-1', seen);
          expect(plain(record)).toEqual(plain(rebuildPerson(rules, 'u:u-1', seen)));
        }
      }),
      { numRuns: 1500 },
    );
    // Else every history would only have been compared with itself.
    expect(appended).toBeGreaterThan(1000);
  });

  it('I3: a person folded from the base of what left the journal and from what it holds is the person folded from all', () => {
    fc.assert(
      fc.property(histories, fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), (events, dropped) => {
        const whole = rebuildPerson(rules, 'u:u-1', events);
        const held: ProductEvent[] = [...events];
        let base: Base | null = null;
        for (const [i, one] of events.entries()) {
          if (dropped[i]) {
            const sorted = [...held].sort(byTime);
            const { slots } = placeOver(rules.rules, base, sorted);
            held.splice(held.indexOf(one), 1);
            base = extendBase(
              rules,
              base ?? emptyBase(),
              [one],
              [slots[sorted.indexOf(one)] ?? FALLBACK],
              held,
            );
          }
        }
        expect(plain(rebuildPerson(rules, 'u:u-1', held, base))).toEqual(plain(whole));
      }),
      { numRuns: 2000 },
    );
  });

  it('what the journal holds is placed as if nothing had left it, also when it was received after that', () => {
    let late = 0;
    fc.assert(
      fc.property(histories, histories, (old, recent) => {
        const sorted = [...old].sort(byTime);
        const { slots } = placeOver(rules.rules, null, sorted);
        const base = extendBase(rules, emptyBase(), sorted, slots);
        const after = recent.filter(({ at }) => at >= Math.max(...old.map((one) => one.at))).sort(byTime);
        late += after.length;
        const all = [...old, ...after].sort(byTime);
        const without = placeOver(rules.rules, base, after).slots;
        const { slots: wanted } = placeOver(rules.rules, null, all);
        expect(without).toEqual(after.map((one) => wanted[all.indexOf(one)]));
      }),
      { numRuns: 1000 },
    );
    expect(late).toBeGreaterThan(500);
  });
});

it('regression: a removal at the very instant of what left the journal stands between its declarations', () => {
  const rules = shippedRules({ several_accounts: 'first declared' });
  const named = (id: string, accountId: string, at: number) => event({ id, accountId, at });
  const old = [
    named('m-3', 'b', NOON - HOUR),
    named('m-4', 'c', NOON - HOUR),
    named('m-5', 'c', NOON),
    named('m-6', 'b', NOON),
  ];
  const held = [event({ id: 'm-1', at: NOON, name: 'account_removed_user' }), event({ id: 'm-7', at: NOON })];
  const base = extendBase(rules, emptyBase(), old, placeOver(rules.rules, null, old).slots);
  expect(placeOver(rules.rules, base, held).slots).toEqual(['b', 'c']);
});
