import { mergeParts } from '../../src/accounts/fold.ts';
import type { FoldRules } from '../../src/accounts/person.ts';
import type { Part } from '../../src/accounts/state.ts';
import type { ProductEvent } from '../../src/events/event.ts';
import { appendEntries } from '../../src/events/journal.ts';
import { stableJson } from '../../src/shared/stable-json.ts';
import { WAITS } from '../../src/store/fold/accounts.ts';
import { type FoldDeps, foldInbox } from '../../src/store/fold/index.ts';
import { postgresJournal } from '../../src/store/journal/index.ts';
import type { TestDatabase } from './database.ts';
import { emptyRecord } from './empty.ts';
import { NOON } from './event.ts';
import type { States } from './reference-fold.ts';

/** The journal and the fold over a real database, without scores. */
export interface Folding {
  deps: FoldDeps;
  /** Folds each batch before the next one comes. */
  arrive(...batches: ProductEvent[][]): Promise<void>;
  /** Puts events into the inbox and folds none. */
  receive(events: readonly ProductEvent[]): Promise<void>;
  /** Folds what is in the inbox, `size` events at a time. */
  work(size: number): Promise<void>;
  states(): Promise<States>;
  /** Which people each account has. */
  people(): Promise<Record<string, string[]>>;
  /** As if nothing had ever come. */
  empty(): Promise<void>;
}

export function foldingOn({ db }: TestDatabase, rules: FoldRules): Folding {
  const clocks = { now: () => NOON, realNow: () => NOON };
  const tierRank = (_model: string, tier: string) => ['none', 'stage_1', 'stage_2', 'mql'].indexOf(tier);
  const deps: FoldDeps = { db, ...rules, ...clocks, waits: WAITS, tierRank };
  const folding: Folding = {
    deps,
    receive: async (events) => {
      await appendEntries(
        postgresJournal(db),
        events.map((one) => ({ type: 'event', event: one })),
      );
    },
    work: async (size) => {
      while ((await foldInbox(deps, size)).folded > 0) {
        // until nothing is left that another worker does not hold
      }
    },
    arrive: async (...batches) => {
      for (const batch of batches) {
        await folding.receive(batch);
        await folding.work(1000);
      }
    },
    states: async () => {
      const rows = await db.query<{ key: string; ref: string; part: Part }>(
        `SELECT accounts.key, people.ref, part FROM parts
         JOIN accounts ON accounts.id = parts.account JOIN people ON people.id = parts.person`,
      );
      const parts: Record<string, Record<string, Part>> = {};
      for (const { key, ref, part } of rows.rows) {
        const there = parts[key]?.[ref];
        parts[key] = { ...parts[key], [ref]: there === undefined ? part : mergeParts(there, part) };
      }
      const asText = (people: Record<string, Part>) =>
        Object.fromEntries(Object.entries(people).map(([ref, part]) => [ref, stableJson(part)]));
      return Object.fromEntries(Object.entries(parts).map(([key, people]) => [key, asText(people)]));
    },
    people: async () =>
      Object.fromEntries(
        Object.entries(await folding.states())
          .map(([key, parts]) => [key, Object.keys(parts).sort()] as const)
          .sort(),
      ),
    empty: () => emptyRecord(db),
  };
  return folding;
}
