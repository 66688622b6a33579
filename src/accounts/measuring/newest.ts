import type { SignalInfo } from '../signal.ts';
import type { AccountState } from '../state.ts';
import { measureShares } from './evidence.ts';
import { measureNumber } from './numbers.ts';

/** The newest instant of a signal, by anybody; and when one that lies ahead of now comes. null: none. */
export interface Newest {
  last: number | null;
  begins: number | null;
}

/** Over all time nothing leaves: what remains as the next change is something that begins. */
export function newestOf(signal: SignalInfo, state: AccountState, now: number): Newest {
  return newestCounted(signal, state, now) ?? newestMeasured(signal, state, now);
}

/** Tallies know their newest instant; null: they must be looked into. */
function newestCounted({ source }: SignalInfo, { parts }: AccountState, now: number): Newest | null {
  if (source.kind !== 'counted' || source.during !== null) {
    return null;
  }
  let last: number | null = null;
  for (const { signals } of parts) {
    const own = signals[source.tally]?.last;
    if (own !== undefined && own > now) {
      return null;
    }
    last = own !== undefined && (last === null || own > last) ? own : last;
  }
  return { last, begins: null };
}

function newestMeasured(signal: SignalInfo, state: AccountState, now: number): Newest {
  const found =
    measureNumber(signal, state, 'lifetime', now) ?? measureShares(signal, state, 'lifetime', now);
  return { last: found.last, begins: found.nextChange };
}
