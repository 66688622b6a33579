import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amountOf, type Measure, measure, occasionsOf } from '../../src/accounts/measure.ts';
import type { AccountState } from '../../src/accounts/state.ts';
import type { Window } from '../../src/accounts/window.ts';
import type { ProductEvent } from '../../src/events/event.ts';
import { stableJson } from '../../src/shared/stable-json.ts';
import { DAY, HOUR, MINUTE, utcDay } from '../../src/shared/time.ts';
import { event, group, identify } from '../support/event.ts';
import { catalogue, signalIn } from '../support/measured.ts';
import { type Happening, type SlowCatalogue, slowAmount, type World } from '../support/slow-signals.ts';
import { accountOf } from '../support/tally.ts';

/** The day on which clocks change in Berlin and Beirut (there at midnight); a week before they do in Santiago. */
const BASE = Date.UTC(2026, 2, 29, 12);

/** Every kind of signal, so that each is tried with every kind of window, zone and history. */
const SIGNALS: SlowCatalogue = {
  signed_up: { events: ['Signed Up'], count: 'once' },
  a: { events: ['A'], count: 'each' },
  b: { events: ['B'], count: 'distinct users' },
  a_once: { events: ['A'], count: 'once' },
  a_days: { events: ['A', 'B'], count: 'distinct days' },
  streak: { events: ['A', 'B'], count: 'consecutive days' },
  invited: { events: ['I'], count: 'distinct value' },
  spent: { events: ['S'], count: 'sum' },
  local_days: { events: ['A', 'B'], count: 'distinct days', days: 'local' },
  local_each: { events: ['A'], count: 'each', days: 'local' },
  local_invited: { events: ['I'], count: 'distinct value', days: 'local' },
  local_streak: { events: ['A', 'B'], count: 'consecutive days', days: 'local' },
  work: {
    events: ['A', 'B', 'S'],
    count: 'each',
    during: { from: '08:45', to: '17:30', days: ['mon', 'tue', 'thu', 'sat', 'sun'] },
  },
  work_users: {
    events: ['A'],
    count: 'distinct users',
    during: { from: '00:00', to: '12:00', days: ['sun', 'mon', 'fri'] },
  },
  given_up: { abandoned: { started: 'a', completed: 'b', after_hours: 30 }, count: 'each' },
  given_up_local: {
    abandoned: { started: 'a', completed: 'b', after_hours: 5.5 },
    count: 'consecutive days',
    days: 'local',
  },
  path: { sequence: { steps: ['a', 'b'], within: '36 hours' }, count: 'each' },
  long_path: {
    sequence: { steps: ['a', 'invited', 'b'], within: '72 hours', by: 'account' },
    count: 'distinct users',
  },
  joined: { became_active: { invited: 'invited' }, count: 'distinct users' },
  either: { any_of: ['a', 'given_up', 'joined'], count: 'each' },
  either_days: { any_of: ['a', 'path', 'invited'], count: 'consecutive days' },
  either_local: { any_of: ['local_days', 'given_up_local'], count: 'distinct days' },
  either_users: { any_of: ['b', 'invited'], count: 'distinct users' },
  setup: { some_of: ['a', 'b', 'path', 'either', 'local_each'] },
  share: { ratio: { of: 'a', to: 'a_days', at_least_to: 2 } },
  growth: { trend: { of: 'a', days: 2 } },
  local_growth: { trend: { of: 'local_days', days: 3 } },
  habit: { trend: { of: 'streak', days: 4 } },
};

const PLAN = catalogue(
  ...Object.entries(SIGNALS).map(([id, signal]) => {
    const of =
      signal.events?.[0] === 'I'
        ? { of: 'mail' }
        : signal.events?.[0] === 'S' && signal.count === 'sum'
          ? { of: 'n' }
          : {};
    return `${id}: ${JSON.stringify({ ...signal, ...of })}`;
  }),
);

const ids = fc.constantFrom(...Object.keys(SIGNALS));
const windows = fc.oneof(
  fc.constant<Window>('lifetime'),
  fc.integer({ min: 1, max: 9 }).map((days): Window => ({ days })),
  fc.integer({ min: 1, max: 200 }).map((hours): Window => ({ hours })),
  fc.integer({ min: 1, max: 9 }).map((firstDays): Window => ({ firstDays })),
);

/** At most seven of each person: as many instants as every state knows, so that nothing is cut. */
const own = fc.array(
  fc.record({
    name: fc.constantFrom('A', 'A', 'B', 'B', 'I', 'S', 'Signed Up'),
    at: fc.oneof(
      fc.integer({ min: -10 * 24, max: 48 }).map((hours) => BASE + hours * HOUR),
      fc.integer({ min: -30, max: 30 }).map((quarters) => BASE - 12 * HOUR + quarters * 15 * MINUTE),
      fc.integer({ min: -3 * DAY, max: DAY }).map((ms) => BASE + ms),
    ),
    mail: fc.constantFrom('u0@x.example', 'u1@x.example', 'cy@x.example'),
    n: fc.integer({ min: 0, max: 9 }),
  }),
  { maxLength: 7 },
);

const worlds = fc
  .record({
    people: fc.array(own, { maxLength: 3 }),
    zone: fc.constantFrom(
      null,
      'Mars/Base',
      'Europe/Berlin',
      'Asia/Beirut',
      'America/Santiago',
      'America/Los_Angeles',
      'Asia/Kolkata',
      'Australia/Lord_Howe',
      'Pacific/Kiritimati',
    ),
    createdAt: fc.oneof(
      fc.constant(null),
      fc.integer({ min: -9, max: 2 }).map((days) => BASE + days * DAY),
    ),
  })
  .map(
    ({ people, zone, createdAt }): World => ({
      happenings: people.flatMap((events, i) =>
        events.map((one): Happening => ({ ...one, person: `u:${i}` })),
      ),
      mails: { 'u:0': 'u0@x.example', 'u:1': 'u1@x.example' },
      zone,
      createdAt,
    }),
  );

function eventsOf({ happenings, mails, zone, createdAt }: World): Record<string, ProductEvent[]> {
  const traits = {
    ...(zone === null ? {} : { timezone: zone }),
    ...(createdAt === null ? {} : { created_at: createdAt }),
  };
  const people: Record<string, ProductEvent[]> = { 'u:0': [group('acct-7', traits, { at: BASE })] };
  for (const [person, email] of Object.entries(mails)) {
    people[person] = [...(people[person] ?? []), identify({ email }, { at: BASE })];
  }
  for (const { person, name, at, mail, n } of happenings) {
    people[person] = [...(people[person] ?? []), event({ name, at, properties: { mail, n } })];
  }
  return people;
}

const stateOf = (world: World): AccountState => accountOf(eventsOf(world), PLAN);
const shown = ({ nextChange: _, ...rest }: Measure) => JSON.stringify(rest);

/** With instants still to come, sums know their day as a whole, and a value only its first and last instant. */
const KNOWS_TO_THE_INSTANT = Object.keys(SIGNALS).filter((id) => !/spent|invited$|setup/.test(id));

describe('signals of random histories', () => {
  it('are what counting all events anew gives, in every window, zone and way of counting', () => {
    fc.assert(
      fc.property(worlds, windows, fc.integer({ min: 0, max: 8 * 24 * 60 }), (world, window, minutes) => {
        const now = BASE + 2 * DAY + minutes * MINUTE;
        const state = stateOf(world);
        for (const id of Object.keys(SIGNALS)) {
          const expected = slowAmount(SIGNALS, id, world, window, now);
          expect([id, measure(signalIn(PLAN, id), state, window, now).amount]).toEqual([id, expected]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('nothing dated after now exists yet (decision 6)', () => {
    fc.assert(
      fc.property(worlds, windows, fc.integer({ min: -6 * 24, max: 48 }), (world, window, hours) => {
        const now = BASE + hours * HOUR;
        const state = stateOf(world);
        for (const id of KNOWS_TO_THE_INSTANT) {
          const expected = slowAmount(SIGNALS, id, world, window, now);
          expect([id, measure(signalIn(PLAN, id), state, window, now).amount]).toEqual([id, expected]);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('I5: a measure is constant until nextChange, something in it does change then, and it comes to an end', () => {
    fc.assert(
      fc.property(
        worlds,
        ids,
        windows,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (world, id, window, share) => {
          const [signal, state] = [signalIn(PLAN, id), stateOf(world)];
          let now = BASE - 11 * DAY;
          for (let step = 0; step < 150; step++) {
            const found = measure(signal, state, window, now);
            const next = found.nextChange ?? now + 500 * DAY;
            expect(next).toBeGreaterThan(now);
            for (const at of [now + Math.floor((next - 1 - now) * share), next - 1]) {
              expect(shown(measure(signal, state, window, at))).toBe(shown(found));
            }
            if (found.nextChange === null) {
              return;
            }
            expect(shown(measure(signal, state, window, next))).not.toBe(shown(found));
            now = next;
          }
          expect.fail('nextChange never came to an end');
        },
      ),
      { numRuns: 600 },
    );
  });

  it('the amount alone is the amount with evidence, and holds as long', () => {
    fc.assert(
      fc.property(worlds, ids, windows, fc.integer({ min: -48, max: 240 }), (world, id, window, hours) => {
        const [signal, state, now] = [signalIn(PLAN, id), stateOf(world), BASE + hours * HOUR];
        const { amount, nextChange } = measure(signal, state, window, now);
        expect(amountOf(signal, state, window, now)).toMatchObject({ amount, nextChange });
      }),
      { numRuns: 500 },
    );
  });

  it('what is dated on days adds up to the amount, oldest first, never later than today', () => {
    fc.assert(
      fc.property(worlds, ids, windows, fc.integer({ min: -48, max: 240 }), (world, id, window, hours) => {
        const [signal, state, now] = [signalIn(PLAN, id), stateOf(world), BASE + hours * HOUR];
        const { amount, days } = measure(signal, state, window, now);
        const occasions = occasionsOf(signal, state, window, now);
        expect(occasions.reduce((sum, one) => sum + one.amount, 0)).toBeCloseTo(amount ?? 0, 9);
        const dated = occasions.map(({ day }) => day);
        expect(dated).toEqual([...new Set(dated)].sort((a, b) => a - b));
        const inside = new Set(days.map((day) => Math.min(day, utcDay(now))));
        expect(dated.filter((day) => !inside.has(day))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('I3: the order of events, and which part they came to first, changes no measure', () => {
    fc.assert(
      fc.property(worlds, ids, windows, (world, id, window) => {
        const signal = signalIn(PLAN, id);
        const turned = { ...world, happenings: world.happenings.toReversed() };
        expect(stableJson(measure(signal, stateOf(turned), window, BASE))).toBe(
          stableJson(measure(signal, stateOf(world), window, BASE)),
        );
      }),
    );
  });
});
