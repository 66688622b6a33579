import { describe, expect, it } from 'vitest';
import { FALLBACK } from '../../../src/accounts/memberships.ts';
import { appendToPerson, emptyRecord, rebuildPerson } from '../../../src/accounts/person.ts';
import { ACTIVITY } from '../../../src/accounts/state.ts';
import type { ProductEvent } from '../../../src/events/event.ts';
import { HOUR } from '../../../src/shared/time.ts';
import { event, group, NOON } from '../../support/event.ts';
import { shippedRules } from '../../support/shipped.ts';

const plan = shippedRules();
const at = (hours: number) => NOON + hours * HOUR;

/** How many of the person's deeds each account has. */
function deeds(events: readonly ProductEvent[]): Record<string, number> {
  const { parts } = rebuildPerson(plan, 'u:u-1', events);
  return Object.fromEntries([...parts].map(([key, { signals }]) => [key, signals[ACTIVITY]?.count ?? 0]));
}

describe('which of their accounts an event of a person belongs to (decision 8)', () => {
  const both = [group('a', {}, { at: at(0) }), group('b', {}, { at: at(10) })];

  it.each<[string, number, Record<string, number>]>([
    ['before the first declaration: the first', -1, { a: 1, b: 0 }],
    ['between: the one in force', 9, { a: 1, b: 0 }],
    ['at the very instant of a declaration: that one', 10, { a: 0, b: 1 }],
    ['after: the most recent', 11, { a: 0, b: 1 }],
  ])('%s', (_title, hours, expected) => {
    expect(deeds([...both, event({ at: at(hours) })])).toEqual(expected);
  });

  it('the one it names itself, whatever is in force', () => {
    expect(deeds([...both, event({ accountId: 'a', at: at(20) })])).toEqual({ a: 1, b: 0 });
  });

  it('none while none was ever named', () => {
    expect(deeds([event()])).toEqual({ [FALLBACK]: 1 });
  });
});

describe('events that come late (I3)', () => {
  it.each<[string, ProductEvent[], ProductEvent[], boolean]>([
    ['one after all others is appended', [group('a'), group('b')], [event({ at: at(1) })], true],
    [
      'a second account at the instant of an older event moves it',
      [group('a', {}, { at: at(-1) }), event()],
      [group('b')],
      false,
    ],
    [
      'a deed before the last declaration is placed anew',
      [group('a'), group('b', {}, { at: at(2) })],
      [event({ at: at(1) })],
      false,
    ],
    ['a first account takes all', [event()], [group('a', {}, { at: at(5) })], true],
  ])('%s', (_title, before, late, appendable) => {
    const appended = appendToPerson(plan, rebuildPerson(plan, 'u:u-1', before), late);
    expect(appended !== null).toBe(appendable);
    if (appended !== null) {
      const whole = rebuildPerson(plan, 'u:u-1', [...before, ...late]);
      expect(appended.parts).toEqual(whole.parts);
      expect(appended.facts).toEqual(whole.facts);
    }
  });

  it('a person begins with nothing', () => {
    expect(appendToPerson(plan, emptyRecord('u:u-1'), [])?.parts.size).toBe(0);
  });
});
