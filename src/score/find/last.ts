import { newestOf } from '../../accounts/measure.ts';
import type { SignalInfo } from '../../accounts/signal.ts';
import { earliest } from '../../accounts/window.ts';
import type { Json } from '../../shared/json.ts';
import { isoDate, isoInstant } from '../../shared/time.ts';
import type { Look, Scene } from './look.ts';

/** The newest occurrence of any of some signals, by anybody. */
export class LastLook implements Look {
  readonly amount = null;
  readonly missing = null;
  readonly last: number | null;
  readonly nextChange: number | null;
  private readonly signals: readonly SignalInfo[];
  private readonly signal: string;

  constructor(signals: readonly SignalInfo[], { state, now }: Pick<Scene, 'state' | 'now'>) {
    let [last, signal, begins]: [number | null, string, number | null] = [null, '', null];
    for (const one of signals) {
      const found = newestOf(one, state, now);
      begins = earliest(begins, found.begins);
      if (found.last !== null && (last === null || found.last > last)) {
        [last, signal] = [found.last, one.id];
      }
    }
    this.signals = signals;
    this.signal = signal;
    this.last = last;
    this.nextChange = begins;
  }

  evidence(): Record<string, Json> {
    return this.last === null ? {} : { signal: this.signal, last: isoInstant(this.last) };
  }

  words(): Record<string, Json> {
    return this.last === null ? {} : { signal: this.signal, last: isoDate(this.last) };
  }

  short(): string {
    return this.last === null
      ? `none so far of ${this.signals.map(({ id }) => id).join(', ')}`
      : `last ${this.signal} at ${isoInstant(this.last)}`;
  }
}
