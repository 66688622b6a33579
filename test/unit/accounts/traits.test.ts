import { describe, expect, it } from 'vitest';
import { mergeParts } from '../../../src/accounts/fold.ts';
import { traitValue } from '../../../src/accounts/traits.ts';
import type { ProductEvent, TraitChange } from '../../../src/events/event.ts';
import type { Json } from '../../../src/shared/json.ts';
import { event, NOON } from '../../support/event.ts';
import { partOf } from '../../support/tally.ts';

const LATER = NOON + 1;
type Over = Partial<ProductEvent>;

function says(op: TraitChange['op'], value: Json, over: Over = {}, name = 'plan'): ProductEvent {
  return event({ kind: 'identify', declared: true, personTraits: [{ op, name, value }], ...over });
}

const snapshot: Over = { kind: 'track', declared: false };

/** The value in force, however the events are ordered, and also when each was folded alone. */
function valueAfter(events: readonly ProductEvent[], name = 'plan'): Json {
  const values = [events, [...events].reverse()].flatMap((order) => [
    traitValue(partOf(order).traits[name]),
    traitValue(order.map((one) => partOf([one])).reduce(mergeParts).traits[name]),
  ]);
  expect(new Set(values.map((value) => JSON.stringify(value))).size).toBe(1);
  return values[0] ?? null;
}

describe('last writer wins (decision 7)', () => {
  const rows: [string, ProductEvent[], Json][] = [
    ['the later value', [says('set', 'free'), says('set', 'pro', { at: LATER })], 'pro'],
    [
      'at the same time the greater message id',
      [says('set', 'free', { id: 'a' }), says('set', 'pro', { id: 'b' })],
      'pro',
    ],
    [
      'one message id of two vendors: always the same of the two',
      [says('set', 'free', { id: 'a' }), says('set', 'pro', { id: 'a', vendor: 'amplitude' })],
      'free',
    ],
    [
      'a declared value, though a snapshot is newer',
      [says('set', 'pro'), says('set', 'free', { ...snapshot, at: LATER })],
      'pro',
    ],
    [
      'the newer of two snapshots',
      [says('set', 'free', snapshot), says('set', 'pro', { ...snapshot, at: LATER })],
      'pro',
    ],
    ['nothing, once unset', [says('set', 'pro'), says('unset', null, { at: LATER })], null],
    ['what was set after unsetting', [says('unset', null), says('set', 'pro', { at: LATER })], 'pro'],
    ['the earliest set_once', [says('set_once', 'ads', { at: LATER }), says('set_once', 'search')], 'search'],
    [
      'of set_once at one time the smaller message id',
      [says('set_once', 'ads', { id: 'b' }), says('set_once', 'search', { id: 'a' })],
      'search',
    ],
    [
      'the earliest set_once, declared or not',
      [says('set_once', 'ads', { at: LATER }), says('set_once', 'search', snapshot)],
      'search',
    ],
    [
      'a set value over an earlier set_once',
      [says('set_once', 'ads'), says('set', 'pro', { at: LATER })],
      'pro',
    ],
    [
      'a set value over a later set_once',
      [says('set', 'pro'), says('set_once', 'ads', { at: LATER })],
      'pro',
    ],
    ['nothing, unset after set_once', [says('set_once', 'ads'), says('unset', null, { at: LATER })], null],
    ['a false value as a value', [says('set', true), says('set', false, { at: LATER })], false],
  ];
  it.each(rows)('%s', (_, events, value) => {
    expect(valueAfter(events)).toEqual(value);
  });

  it('within one event the last word counts', () => {
    const personTraits: TraitChange[] = ['free', 'pro'].map((value) => ({ op: 'set', name: 'plan', value }));
    expect(valueAfter([event({ personTraits })])).toBe('pro');
  });

  it('of nobody who said anything is null', () => {
    expect(traitValue(undefined)).toBeNull();
    expect(traitValue({})).toBeNull();
  });
});

describe('cohort membership (decisions 7 and 10)', () => {
  const member = (isIn: boolean, over: Over = {}) =>
    says('set', isIn, { kind: 'cohort', ...over }, 'cohort:k3');

  it.each([
    ['z', 'a'],
    ['a', 'z'],
  ])('left wins at equal computed times, whatever the message ids (%s entered, %s left)', (entered, left) => {
    expect(valueAfter([member(true, { id: entered }), member(false, { id: left })], 'cohort:k3')).toBe(false);
  });

  it('entered again later counts', () => {
    expect(valueAfter([member(false), member(true, { at: LATER })], 'cohort:k3')).toBe(true);
  });

  it('is a rule for cohorts only: another flag goes by message id', () => {
    expect(valueAfter([says('set', true, { id: 'z' }), says('set', false, { id: 'a' })])).toBe(true);
  });
});
