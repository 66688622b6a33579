import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tallyAbandoned } from '../../src/accounts/abandoned.ts';
import type { AccountState } from '../../src/accounts/state.ts';
import { type Tally, tallyOf, type Window } from '../../src/accounts/window.ts';
import type { ProductEvent } from '../../src/events/event.ts';
import { DAY, HOUR, utcDay } from '../../src/shared/time.ts';
import { event, NOON } from '../support/event.ts';
import { accountOf } from '../support/tally.ts';

/** At most seven per person: as many instants as every state knows, so that nothing is estimated. */
const history = fc.array(
  fc.record({
    name: fc.constantFrom('Invite Sent', 'Checkout Started', 'Checkout Completed'),
    at: fc.oneof(
      fc.integer({ min: -10 * 24, max: 48 }).map((hours) => NOON + hours * HOUR),
      fc.integer({ min: -3 * DAY, max: DAY }).map((ms) => NOON + ms),
    ),
    member: fc.constantFrom('ann', 'bob', 'cy'),
  }),
  { maxLength: 7 },
);

type History = { name: string; at: number; member: string }[];
const windows = fc.oneof(
  fc.constant<Window>('lifetime'),
  fc.integer({ min: 1, max: 8 }).map((days): Window => ({ days })),
  fc.integer({ min: 1, max: 200 }).map((hours): Window => ({ hours })),
);

function accountWith(people: readonly History[]): AccountState {
  const named = people.map((own, i): [string, ProductEvent[]] => [
    `u:${i}`,
    own.map(({ name, at, member }) => event({ name, at, properties: { invitee_email: member } })),
  ]);
  return accountOf(Object.fromEntries(named));
}

/** By definition, from the events themselves. */
function counted(people: readonly History[], window: Window, now: number) {
  const inside = people.flatMap((own, i) =>
    own
      .filter(({ name, at }) => name === 'Invite Sent' && at <= now && holds(window, at, now))
      .map((one) => ({ ...one, user: `u:${i}` })),
  );
  const instants = inside.map(({ at }) => at);
  return {
    count: inside.length,
    users: [...new Set(inside.map(({ user }) => user))].sort(),
    members: [...new Set(inside.map(({ member }) => member))].sort(),
    days: [...new Set(instants.map(utcDay))].sort((a, b) => a - b),
    last: instants.length === 0 ? null : Math.max(...instants),
  };
}

function holds(window: Window, at: number, now: number): boolean {
  if (window === 'lifetime') {
    return true;
  }
  if ('firstDays' in window) {
    return false;
  }
  return 'days' in window
    ? Math.floor(at / DAY) > Math.floor(now / DAY) - window.days
    : now - at < window.hours * HOUR;
}

const seen = ({ nextChange: _, ...rest }: Tally) => JSON.stringify(rest);

describe('tallies of random histories', () => {
  it('are what counting the events gives, when none of them is ahead', () => {
    fc.assert(
      fc.property(fc.array(history, { maxLength: 3 }), windows, (people, window) => {
        const now = NOON + 2 * DAY;
        const tally = tallyOf(accountWith(people), 'seats_invited', window, now);
        expect(tally).toMatchObject(counted(people, window, now));
        expect(tally.distinct).toBe(tally.members.length);
      }),
      { numRuns: 300 },
    );
  });

  it('nothing dated after now exists yet (decision 6): counts, people, days and instants', () => {
    fc.assert(
      fc.property(fc.array(history, { maxLength: 3 }), windows, (people, window) => {
        const { count, users, days, last } = counted(people, window, NOON);
        const tally = tallyOf(accountWith(people), 'seats_invited', window, NOON);
        expect(tally).toMatchObject({ count, users, days, last });
      }),
      { numRuns: 300 },
    );
  });

  const flow = { started: 'checkout_started', completed: 'checkout_completed', afterHours: 24 };
  it.each<[string, (state: AccountState, window: Window, now: number) => Tally]>([
    ['a counted signal', (state, window, now) => tallyOf(state, 'seats_invited', window, now)],
    ['an abandoned flow', (state, window, now) => tallyAbandoned(state, flow, window, now)],
  ])('I5: %s is constant until nextChange, and every step to it ends', (_, tallyAt) => {
    fc.assert(
      fc.property(
        fc.array(history, { maxLength: 3 }),
        windows,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (people, window, share) => {
          const state = accountWith(people);
          let now = NOON - 11 * DAY;
          for (let step = 0; step < 100; step++) {
            const tally = tallyAt(state, window, now);
            const next = tally.nextChange ?? now + 500 * DAY;
            expect(next).toBeGreaterThan(now);
            for (const at of [now + Math.floor((next - 1 - now) * share), next - 1]) {
              expect(seen(tallyAt(state, window, at))).toBe(seen(tally));
            }
            if (tally.nextChange === null) {
              return;
            }
            now = next;
          }
          expect.fail('nextChange never came to an end');
        },
      ),
      { numRuns: 200 },
    );
  });
});
