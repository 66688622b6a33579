import type { Wake } from '../jobs/stages.ts';
import type { Recomputed } from '../read-model/recompute.ts';
import type { Clock } from '../shared/clock.ts';
import type { AssessDeps } from '../store/assess.ts';
import type { Db } from '../store/db.ts';
import { audit, BY_API, type By, type Waits } from '../store/fold/accounts.ts';
import { findAccount } from '../store/read/find-account.ts';
import { type Replay, type ReplayDeps, type Replayed, replay } from '../store/replay/index.ts';
import { wakeAll, wakeExpired } from '../store/wake.ts';

/** `act`: also on what a new model, a merge or a backfill made. Gives how many accounts; 0 where there is none of the key. */
export type Recompute = (what: Recomputed, act: boolean, by?: By) => Promise<number>;

/** What an operator asks of a worker. */
export interface Orders {
  recompute: Recompute;
  replay(what: Replay, told: (left: number) => void): Promise<Replayed>;
}

export interface OrderDeps extends ReplayDeps {
  db: Db;
  scoring: AssessDeps;
  clock: Clock;
  wake: Wake;
  waits: Waits;
}

export function operatorsOrders(deps: OrderDeps): Orders {
  const { db, scoring, clock, wake, waits } = deps;
  const wokenFor = async (what: Recomputed, act: boolean) => {
    if (what === 'due') {
      return wakeExpired(scoring);
    }
    if (what === 'all') {
      return wakeAll(scoring, act);
    }
    const account = await findAccount(db, what.account);
    return account === null ? 0 : wakeAll(scoring, act, account.id);
  };
  return {
    recompute: async (what, act, by = BY_API) => {
      const woken = await wokenFor(what, act);
      if (what === 'all') {
        await audit(db, 'recompute of all accounts', null, { act, accounts: woken }, clock.now(), by);
      } else if (what !== 'due' && woken > 0) {
        await audit(db, 'recompute of an account', what.account, { act }, clock.now(), by);
      }
      wake('assess');
      return woken;
    },
    replay: async (what, told) => {
      const done = await replay(deps, what, told);
      wake('assess', waits.ordinary);
      return done;
    },
  };
}
