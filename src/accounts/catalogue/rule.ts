import type { SignalConfig, SignalsConfig } from '../signals-config.ts';

/** Something that each key alone allows and together makes no sense. `path` starts at the signal. */
export interface Contradiction {
  path: PropertyKey[];
  found: unknown;
  allowed: string;
  /** Set when `found` should be one of these names; `allowed` then says what they are. */
  names?: readonly string[];
}

/** What is wrong with one signal. The rest of the catalogue is there for references. */
export type Rule = (signal: SignalConfig, id: string, config: SignalsConfig) => Contradiction[];

/** Whether a signal is counted when events are folded, and not derived later. */
export function isCounted({ events, activity }: SignalConfig): boolean {
  return events !== undefined || activity !== undefined;
}
