import { newestOf } from '../../accounts/measure.ts';
import type { SignalInfo } from '../../accounts/signal.ts';
import { earliest } from '../../accounts/window.ts';
import { isoDate, isoInstant } from '../../shared/time.ts';
import type { Look, Scene } from './look.ts';

/** The newest occurrence of any of some signals, by anybody. */
export function lookAtLast(signals: readonly SignalInfo[], scene: Scene): Look {
  const { last, signal, begins } = newest(signals, scene);
  return {
    amount: null,
    last,
    missing: null,
    nextChange: begins,
    evidence: () => (last === null ? {} : { signal, last: isoInstant(last) }),
    words: () => (last === null ? {} : { signal, last: isoDate(last) }),
    short: () =>
      last === null
        ? `none so far of ${signals.map(({ id }) => id).join(', ')}`
        : `last ${signal} at ${isoInstant(last)}`,
  };
}

/** `begins`: when something that lies ahead of now comes. */
export function newest(signals: readonly SignalInfo[], { state, now }: Pick<Scene, 'state' | 'now'>) {
  let [last, signal, begins]: [number | null, string, number | null] = [null, '', null];
  for (const one of signals) {
    const found = newestOf(one, state, now);
    begins = earliest(begins, found.begins);
    if (found.last !== null && (last === null || found.last > last)) {
      [last, signal] = [found.last, one.id];
    }
  }
  return { last, signal, begins };
}
