import { describe, expect, it } from 'vitest';
import { measure } from '../../../src/accounts/measure.ts';
import { readSignals } from '../../../src/accounts/signal-plan.ts';
import type { CountMode } from '../../../src/accounts/signals-config.ts';
import { DAY } from '../../../src/shared/time.ts';
import { event, NOON } from '../../support/event.ts';
import { shippedSignals } from '../../support/shipped.ts';
import { accountOf, occurrences } from '../../support/tally.ts';

const plan = shippedSignals();
const WEEK = { days: 7 };

function amountOf(id: string, state: ReturnType<typeof accountOf>): number | null {
  const signal = plan.signals.get(id);
  return signal === undefined ? Number.NaN : measure(signal, state, WEEK, NOON).amount;
}

describe('each count mode makes one number of a tally', () => {
  const invites = ['ann', 'bob', 'ann'].map((invitee_email, i) =>
    event({ name: 'Invite Sent', at: NOON - i * DAY, properties: { invitee_email } }),
  );
  const state = accountOf({
    'u:1': [
      ...invites,
      ...occurrences('Report Shared', [NOON, NOON - 1, NOON - DAY]),
      ...occurrences('Aha Moment Reached', [NOON, NOON - 1]),
      ...occurrences('API Calls Made', [NOON, NOON - DAY], { count: '1.25' }),
    ],
    'u:2': occurrences('Report Shared', [NOON, NOON - 30 * DAY]),
  });

  it.each([
    ['once', 'aha', 1],
    ['once, never', 'onboarding_completed', 0],
    ['each', 'shared_asset', 4],
    ['distinct value', 'seats_invited', 2],
    ['sum', 'api_calls', 2.5],
    ['derived, never', 'checkout_abandoned', 0],
  ])('%s: %s', (_, id, amount) => {
    expect(amountOf(id, state)).toBe(amount);
  });

  it.each<[CountMode, number]>([
    ['distinct users', 2],
    ['distinct days', 2],
  ])('%s', (count, amount) => {
    const own = readSignals('s.yaml', `signals:\n  shared_asset: { events: [X], count: ${count} }`);
    const signal = own.ok ? own.value.signals.get('shared_asset') : undefined;
    expect(signal === undefined ? null : measure(signal, state, WEEK, NOON).amount).toBe(amount);
  });
});
