import type { ProductEvent } from '../src/events/event.ts';
import { eventsOf, foldEvents, shippedPlan } from './account.ts';
import { bestOf, table, whole } from './timing.ts';

/**
 * Events per second on one core from event to state, with the shipped catalogue, and the size of the state; beside
 * what no fold can avoid (reading the same events as JSON) and the least that could be called counting.
 */
export function fold(): void {
  const plan = shippedPlan();
  const rows = [
    [
      'events per account',
      'folded/s',
      'state bytes',
      'bytes/event',
      'JSON.parse/s',
      'counter/s',
      'fold : parse',
      'fold : counter',
    ],
  ];
  for (const size of [10, 1000, 100_000]) {
    // Small accounts many times over, so that each measurement is long enough to mean something.
    const repeat = Math.max(1, Math.round(100_000 / size));
    const events = eventsOf(size);
    const total = size * repeat;
    const folding = bestOf(5, () => times(repeat, () => foldEvents(plan, events)));
    const texts = events.map((event) => JSON.stringify(event));
    const parsing = bestOf(5, () => times(repeat, () => texts.map((text) => JSON.parse(text))));
    const counting = bestOf(5, () => times(repeat, () => countByName(events)));
    const bytes = Buffer.byteLength(JSON.stringify(foldEvents(plan, events)));
    const rate = (ms: number) => (total / ms) * 1000;
    rows.push([
      whole(size),
      whole(rate(folding)),
      whole(bytes),
      (bytes / size).toFixed(1),
      whole(rate(parsing)),
      whole(rate(counting)),
      (parsing / folding).toFixed(2),
      (counting / folding).toFixed(3),
    ]);
  }
  console.log(table(rows));
  console.log('fold : parse = 0.50 means: folding an event costs twice what reading it from JSON costs.');
}

function times(count: number, work: () => unknown): void {
  for (let i = 0; i < count; i++) {
    work();
  }
}

/** One number per person and event name: no days, no windows, no filters. */
function countByName(events: readonly ProductEvent[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { userId, name } of events) {
    const key = `${userId} ${name}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
