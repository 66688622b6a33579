import type { Priority, Told } from './budget.ts';

/** How a call that went out ended. */
export interface Answered {
  told: Told | null;
  /** No answer came: the CRM may still be at work on it. */
  lost?: boolean;
  /** The CRM refused it for its rate: nobody makes a call of this kind for so long (ms). */
  pauseMs?: number;
}

/** A call's turn: it may go out and must be reported when it has ended, or it must not go out now. */
export type Turn =
  | { go: true; done: (how: Answered) => Promise<void> }
  | { go: false; afterMs: number; reason: string };

export type CallKind = 'call' | 'search';

/** The limiter as a connector sees it: asked before every call, told after it. Never throws. */
export interface Calls {
  turn(kind: CallKind): Promise<Turn>;
}

/** The limiter as the delivery sees it. Never throws. */
export interface CallBudget {
  /**
   * Milliseconds for which each priority must wait; 0: it may go on.
   *
   * @param ask makes one call whose headers tell the count; made by one worker now and then, while something waits
   */
  held(ask: () => Promise<void>): Promise<Record<Priority, number>>;
  /** Does `work`; its calls go out at this priority. Outside of it calls are counted and never held back. */
  at<T>(priority: Priority, work: () => Promise<T>): Promise<T>;
}

/** Where the day's count is written down for those who make no calls themselves. */
export interface BudgetRecord {
  note(day: { max: number; used: number; until: number; toldAt: number }): Promise<void>;
  /** What was noted last, by whichever process; null: nothing yet. */
  read(): Promise<{ max: number; used: number; until: number; toldAt: number } | null>;
}

/** No limit: where a connector stands alone. */
export const UNLIMITED: Calls & CallBudget = {
  turn: () => Promise.resolve({ go: true, done: () => Promise.resolve() }),
  held: () => Promise.resolve({ act: 0, hot: 0, mass: 0 }),
  at: (_priority, work) => work(),
};
