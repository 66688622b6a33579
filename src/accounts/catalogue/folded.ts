import { stableJson } from '../../shared/stable-json.ts';
import type { SignalConfig, SignalsConfig } from '../signals-config.ts';
import { ACTIVITY, RECENT_DEFAULT, SIGNED_UP } from '../state.ts';
import { isCounted } from './rule.ts';

/** What of a signal decides what the fold keeps: not the ways of counting that only a score applies. */
export interface Folded {
  events: readonly string[] | undefined;
  kinds: readonly string[] | undefined;
  where: SignalConfig['where'];
  of: string | undefined;
  sum: boolean;
  recent: number;
  fine: boolean;
}

export function foldedOf(signal: SignalConfig): Folded {
  const { events, kinds, where, of, count, recent } = signal;
  return { events, kinds, where, of, sum: count === 'sum', recent, fine: isFine(signal) };
}

const ACTIVITY_FOLDED: Folded = {
  events: undefined,
  kinds: undefined,
  where: undefined,
  of: undefined,
  sum: false,
  recent: RECENT_DEFAULT,
  fine: false,
};

/** Whether local time is asked of the signal, which the fold cannot know yet: the zone may be told later. */
export function isFine({ days, during }: SignalConfig): boolean {
  return days === 'local' || during !== undefined;
}

/**
 * By id of each counted signal, the id under which states keep its tally. Signals that differ only in how a score
 * counts them share one: active days and a streak of them cost no more than activity itself.
 */
export function talliesOf({ signals }: SignalsConfig): Map<string, string> {
  const counted = Object.entries(signals).filter(([, signal]) => isCounted(signal));
  const owners = new Map([[stableJson(ACTIVITY_FOLDED), ACTIVITY]]);
  // In a fixed order, whatever the file's; the one that others look for by its name keeps it.
  const ordered = counted.sort(([a], [b]) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1));
  return new Map(
    ordered.map(([id, signal]) => {
      const key = stableJson(foldedOf(signal));
      const owner = owners.get(key) ?? id;
      owners.set(key, owner);
      return [id, owner];
    }),
  );
}

function rankOf(id: string): number {
  return id === SIGNED_UP ? 0 : 1;
}
