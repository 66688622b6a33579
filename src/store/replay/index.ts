import type { Db } from '../db.ts';
import { type FoldDeps, refoldStale } from '../fold/index.ts';
import { countPeople, markPeople, peopleMarked, type Whom } from './people.ts';
import { countQuarantined, type ReadAgain, retryQuarantined } from './quarantined.ts';

/** What is replayed: people, or quarantined elements of one code. */
export type Replay = Whom | { kind: 'error'; code: string };

/** What a replay did, or would do. */
export interface Replayed {
  /** People who are folded again. */
  people: number;
  /** Quarantined elements that were taken now, or would be tried. */
  elements: number;
  /** Quarantined elements that are refused as before. */
  refused: number;
}

export interface ReplayDeps {
  /** Asked for each batch: the configuration may have been replaced. */
  fold: () => FoldDeps;
  readAgain: ReadAgain;
  life: { readonly stopping: boolean };
}

const BATCH = 200;

/**
 * Rebuilds states from the journal, without acting (I6): people are marked, and every worker folds marked ones again; this
 * one until none is left. Cut off anywhere, the workers go on with what is marked, and what was not yet is marked when the
 * same is asked for again.
 *
 * @param told called with how many people are still to be folded again
 */
export async function replay(
  { fold, readAgain, life }: ReplayDeps,
  what: Replay,
  told: (left: number) => void,
): Promise<Replayed> {
  const { db } = fold();
  if (what.kind === 'error') {
    const { taken, refused } = await retryQuarantined(fold(), readAgain, what.code);
    return { people: 0, elements: taken, refused };
  }
  const people = await countPeople(db, what);
  await markPeople(db, what);
  while (!life.stopping && (await refoldStale(fold(), BATCH)) > 0) {
    told(await peopleMarked(db));
  }
  return { people, elements: 0, refused: 0 };
}

/** What a replay would be about; nothing is changed. */
export async function planReplay(db: Db, what: Replay): Promise<Replayed> {
  return what.kind === 'error'
    ? { people: 0, elements: await countQuarantined(db, what.code), refused: 0 }
    : { people: await countPeople(db, what), elements: 0, refused: 0 };
}
