import { setTimeout as wait } from 'node:timers/promises';
import { SECOND } from '../shared/time.ts';
import {
  burstLanes,
  type Lanes,
  lanesFrom,
  lanesOfMass,
  leavesToUrgent,
  nextLanes,
  URGENT_LASTS,
  untilPhase,
} from '../sync/budget.ts';
import type { CallKind } from '../sync/calls.ts';
import type { Counters } from './counters.ts';

/** How fast, and how many at a time. */
export interface Rates {
  /** Calls in a window, until an answer says better; null: the CRM has no such limit. */
  burst: { max: number; intervalMs: number } | null;
  search: Lanes | null;
  /** Calls at a time; each keeps its place until it is given back or its time is over. */
  atOnce: Lanes | null;
}

/** How long (ms) a call waits for its turn before its acts go back to the outbox. */
const PATIENCE = 30 * SECOND;
/** For how long (seconds) a call that was given up is taken to go on in the CRM. */
const GOES_ON = 20;
/** How soon (ms) a place is looked for again that may be given back at any moment. */
const LOOK_AGAIN = 100;

/** Turns in what is limited by the second, for all workers together. */
export class Places {
  private readonly counters: Counters;
  private readonly account: string;
  private readonly rates: Rates;
  private burst: Lanes | null;
  /** When this process last had a call, and a search, that is not of the mass. */
  private urgentAt = { call: Number.NEGATIVE_INFINITY, search: Number.NEGATIVE_INFINITY };

  constructor(counters: Counters, account: string, rates: Rates) {
    this.counters = counters;
    this.account = account;
    this.rates = rates;
    this.burst = rates.burst === null ? null : burstLanes(rates.burst.max, rates.burst.intervalMs);
  }

  /**
   * Waits for its turn; gives the place to give back (null: none has to be), or `late` when it took too long.
   *
   * @param isMass it leaves some of each window to what is urgent
   */
  async take(isMass: boolean): Promise<{ slot: string | null } | 'late'> {
    const until = performance.now() + PATIENCE;
    this.urgentAt.call = isMass ? this.urgentAt.call : performance.now();
    await (isMass ? this.leaveToUrgent() : null);
    const slot = await this.takeOne('slot', this.rates.atOnce, until);
    const burst = await this.takeOne('burst', this.burst, until);
    if (slot === 'late' || burst === 'late') {
      await this.give(slot === 'late' ? null : (slot?.lane ?? null));
      return 'late';
    }
    return { slot: slot?.lane ?? null };
  }

  /**
   * A search's turn of its own, taken last: whatever passes between it and the call brings searches closer together. Those of the
   * mass leave half of the lanes to the urgent ones of this process while there are some.
   */
  async search(isMass: boolean): Promise<boolean> {
    const { search } = this.rates;
    if (search === null) {
      return true;
    }
    const leaves = isMass && this.hadUrgent('search');
    this.urgentAt.search = isMass ? this.urgentAt.search : performance.now();
    const turn = await this.takeTurn(search, leaves ? lanesOfMass(search) : lanesFrom(0, search));
    await wait(Math.max(0, (turn ?? 0) - Date.now()));
    return turn !== null;
  }

  /**
   * The next turn (ms) of any of these lanes that nobody has; null: none came for too long. A lane is held for a second from when it was
   * asked for, which ends before its next turn: who finds it held until then waits for it, and only who finds the turn taken goes on
   * to the next lane, whose turn is later.
   */
  private async takeTurn(search: Lanes, among: readonly number[]): Promise<number | null> {
    const until = performance.now() + PATIENCE;
    while (performance.now() < until) {
      let pause = Number.POSITIVE_INFINITY;
      for (const lane of nextLanes(Date.now(), search, among)) {
        // From when it asked: a late answer would else move this turn into the second of the lane's next holder.
        const askedAt = Date.now();
        const left = untilPhase(askedAt, lane, search);
        const { lane: taken, waitMs } = await this.counters.take(this.key('search'), search, [lane]);
        if (taken !== null) {
          return askedAt + left;
        }
        pause = Math.min(pause, waitMs);
        if (waitMs <= left) {
          break;
        }
      }
      await wait(pause);
    }
    return null;
  }

  private async leaveToUrgent(): Promise<void> {
    const { burst } = this;
    const window = burst && (await this.counters.window(this.key('burst'), burst));
    if (burst !== null && window !== null) {
      await wait(leavesToUrgent(burst, window.taken, window.leftMs, this.hadUrgent('call')));
    }
  }

  private hadUrgent(what: 'call' | 'search'): boolean {
    return performance.now() - this.urgentAt[what] < URGENT_LASTS;
  }

  async give(slot: string | null): Promise<void> {
    if (slot !== null && this.rates.atOnce !== null) {
      await this.counters.give(slot, this.rates.atOnce);
    }
  }

  /** Its call was given up and may still go on in the CRM: the place stays taken for a while. */
  async keep(slot: string | null): Promise<void> {
    if (slot !== null && this.rates.atOnce !== null) {
      await this.counters.keep(slot, this.rates.atOnce, GOES_ON);
    }
  }

  /** The size of the window as an answer told it; a window that is used up, by whomever, closes for a second. */
  async told({ max, intervalMs, left }: { max: number; intervalMs: number; left: number }): Promise<void> {
    if (this.rates.burst === null) {
      return;
    }
    this.burst = burstLanes(max, intervalMs);
    if (left === 0) {
      await this.close('call', SECOND);
    }
  }

  /** Nobody makes a call of this kind for so long (ms). */
  async close(kind: CallKind, ms: number): Promise<void> {
    const closes = [
      ...(kind === 'search' ? [{ what: 'search', lanes: this.rates.search }] : []),
      // A second is the window of searches alone; whatever is longer is everybody's.
      ...(kind === 'call' || ms > SECOND ? [{ what: 'burst', lanes: this.burst }] : []),
    ];
    for (const { what, lanes } of closes) {
      await (lanes === null ? null : this.counters.close(this.key(what), lanes, ms / SECOND));
    }
  }

  private async takeOne(
    what: 'slot' | 'burst',
    lanes: Lanes | null,
    until: number,
  ): Promise<{ lane: string } | null | 'late'> {
    while (lanes !== null) {
      const { lane, waitMs } = await this.counters.take(this.key(what), lanes);
      if (lane !== null) {
        return { lane };
      }
      const pause = what === 'slot' ? Math.min(waitMs, LOOK_AGAIN) : waitMs;
      if (performance.now() + pause > until) {
        return 'late';
      }
      await wait(pause);
    }
    return null;
  }

  private key(what: string): string {
    return `${this.account}:${what}`;
  }
}
