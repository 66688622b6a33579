import type { ProductEvent } from '../../src/events/event.ts';
import { appendEntries } from '../../src/events/journal.ts';
import { foldRules, type Mappings } from '../../src/mappings.ts';
import { HOUR } from '../../src/shared/time.ts';
import { type AssessDeps, assessDirty } from '../../src/store/assess.ts';
import { WAITS } from '../../src/store/fold/accounts.ts';
import { type FoldDeps, foldInbox } from '../../src/store/fold/index.ts';
import { postgresJournal } from '../../src/store/journal/index.ts';
import { factLookup } from '../../src/wiring/facts.ts';
import type { TestDatabase } from './database.ts';
import { emptyRecord } from './empty.ts';
import { NOON } from './event.ts';
import { shippedMappings, shippedPolicy } from './policy.ts';

/** The journal, the fold and the score over a real database, on a clock that goes on by an hour with each batch. */
export interface Live {
  now: number;
  mappings: Mappings;
  fold: FoldDeps;
  scoring: AssessDeps;
  /** Ids of accounts that could not be scored. */
  unscorable: string[];
  /** Folds and scores each batch before the next one comes, an hour later. */
  live(...batches: ProductEvent[][]): Promise<void>;
  /** Scores what is dirty. */
  score(): Promise<void>;
  /** As if nothing had ever come. */
  empty(): Promise<void>;
}

export function liveOn(database: TestDatabase): Live {
  const mappings = shippedMappings();
  const { rules } = foldRules(mappings);
  const policy = shippedPolicy(mappings);
  const { tiers } = mappings.champion;
  const tierRank = (_model: string, tier: string) => tiers.findIndex(({ id }) => id === tier);
  const clocks = { now: () => world.now, realNow: () => world.now };
  const { db } = database;
  const fold: FoldDeps = { db, plan: mappings.signals, rules, waits: WAITS, tierRank, ...clocks };
  const onUnscorable = (account: string) => world.unscorable.push(account);
  const scoring: AssessDeps = {
    db,
    policy: () => policy,
    shadows: () => [],
    rules: () => foldRules(mappings),
    facts: () => factLookup(mappings.facts),
    onUnscorable,
    ...clocks,
  };
  const world: Live = {
    now: NOON,
    mappings,
    fold,
    scoring,
    unscorable: [],
    live: async (...batches) => {
      for (const batch of batches) {
        const events = batch.map((one) => ({ ...one, at: world.now, receivedAt: world.now }));
        await appendEntries(
          postgresJournal(db),
          events.map((one) => ({ type: 'event', event: one })),
        );
        while ((await foldInbox(fold, 1000)).folded > 0) {
          // until the inbox is empty
        }
        world.now += HOUR;
        await world.score();
      }
    },
    score: async () => {
      while ((await assessDirty(scoring, 100)) > 0) {
        // until nothing is dirty
      }
    },
    empty: async () => {
      world.now = NOON;
      await emptyRecord(db);
    },
  };
  return world;
}
