import { amountOf, measure } from '../src/accounts/measure.ts';
import type { SignalInfo } from '../src/accounts/signal.ts';
import type { AccountState } from '../src/accounts/state.ts';
import type { Window } from '../src/accounts/window.ts';
import { utcDay } from '../src/shared/time.ts';
import { eventsOf, foldEvents, NOW, shippedPlan } from './account.ts';
import { bestOf, table } from './timing.ts';

const ROUNDS = 2000;

/** What an activation-gated model asks of an account. */
const ASKED: readonly [string, Window, SignalInfo['count']?][] = [
  ['aha', 'lifetime'],
  ['limit_reached', { days: 90 }, 'once'],
  ['premium_feature_attempted', { days: 90 }, 'once'],
  ['user_breadth', { days: 30 }],
  ['demo_requested', { days: 90 }, 'once'],
  ['checkout_started', { days: 90 }, 'once'],
  ['pricing_viewed', { days: 30 }],
  ['active_days', { days: 30 }],
  ['key_features', { days: 90 }],
  ['seats_invited', { days: 90 }],
  ['core_actions', { hours: 168 }, 'once'],
  ['active_days', { firstDays: 14 }],
];

/**
 * Time per signal for an account of four people with 90 days of history: with evidence, the amount alone, and a
 * plain sum over the days of the same state, which knows neither people nor values nor what comes next.
 */
export function measuring(): void {
  const plan = shippedPlan();
  const rows = [['account', 'with evidence', 'amount alone', 'plain sum', 'evidence : sum', 'amount : sum']];
  for (const size of [200, 2000]) {
    const state = foldEvents(plan, eventsOf(size));
    const asked = ASKED.map(([id, window, count]) => {
      const signal = plan.signals.get(id);
      if (signal === undefined) {
        throw new Error(`no signal ${id}`);
      }
      return { signal: count === undefined ? signal : { ...signal, count }, window };
    });
    const per = (work: (one: (typeof asked)[number]) => unknown) =>
      (bestOf(5, () => {
        for (let i = 0; i < ROUNDS; i++) {
          asked.forEach(work);
        }
      }) *
        1e6) /
      ROUNDS /
      asked.length;
    const evidence = per(({ signal, window }) => measure(signal, state, window, NOW));
    const amount = per(({ signal, window }) => amountOf(signal, state, window, NOW));
    const plain = per(({ signal }) => plainSum(signal, state));
    const ns = (value: number) => `${Math.round(value)} ns`;
    rows.push([
      `${size} events`,
      ns(evidence),
      ns(amount),
      ns(plain),
      (evidence / plain).toFixed(1),
      (amount / plain).toFixed(1),
    ]);
  }
  console.log(table(rows));
}

function plainSum({ id, source }: SignalInfo, { parts }: AccountState): number {
  const from = utcDay(NOW) - 90;
  let sum = 0;
  for (const { signals } of parts) {
    const days = signals[source.kind === 'counted' ? source.tally : id]?.days ?? [];
    for (let i = days.length - 2; i >= 0 && (days[i] ?? 0) > from; i -= 2) {
      sum += days[i + 1] ?? 0;
    }
  }
  return sum;
}
