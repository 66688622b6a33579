import { applyAccountTraits, applySignals, applyTraits, emptyPart } from '../../src/accounts/fold.ts';
import type { SignalPlan } from '../../src/accounts/signal-plan.ts';
import type { AccountState, Part, SignalTally } from '../../src/accounts/state.ts';
import type { ProductEvent } from '../../src/events/event.ts';
import type { JsonObject } from '../../src/shared/json.ts';
import { event } from './event.ts';
import { shippedSignals } from './shipped.ts';

const shipped = shippedSignals();

/** One person's part after these events, in the given order. */
export function partOf(events: readonly ProductEvent[], plan: SignalPlan = shipped): Part {
  const part = emptyPart();
  for (const one of events) {
    applySignals(plan, part, one);
    applyTraits(part.traits, one);
    applyAccountTraits(part, one);
  }
  return part;
}

/** What `events` leave of one signal. */
export function tallyIn(part: Part, signal: string): SignalTally {
  const tally = part.signals[signal];
  if (tally === undefined) {
    throw new Error(`no ${signal} in ${Object.keys(part.signals).join(', ')}`);
  }
  return tally;
}

/** An account of named people, each with their own events. */
export function accountOf(
  people: Record<string, readonly ProductEvent[]>,
  plan: SignalPlan = shipped,
): AccountState {
  const parts = Object.entries(people).map(([person, events]) => ({ person, ...partOf(events, plan) }));
  return { key: 'acct-7', parts };
}

/** Occurrences of one event name at the given instants. */
export function occurrences(name: string, instants: readonly number[], properties: JsonObject = {}) {
  return instants.map((at) => event({ name, at, properties }));
}
