/**
 * The stages that a wake-up can name. A wake-up carries nothing else: the work itself is found in the database,
 * so a lost wake-up costs seconds and loses nothing (I7).
 *
 * - `fold`: journaled events into account states.
 * - `assess`: dirty accounts into scores and actions.
 * - `deliver`: waiting actions into the CRMs.
 * - `clocks`: what is due of promises of first contact is told, and touches end them.
 * - `alert`: alerts into Slack, and what was pressed there.
 * - `due`: accounts whose score's validity has passed become dirty.
 * - `facts`: fields of linked companies, from the CRMs.
 * - `refold`: people folded with an older signal plan are folded again.
 * - `retain`: what is old leaves the journal and the history.
 * - `forget`: people who are to be forgotten.
 * - `digest`: mails of the day.
 */
export const STAGES = [
  'fold',
  'assess',
  'clocks',
  'deliver',
  'alert',
  'due',
  'facts',
  'refold',
  'retain',
  'forget',
  'digest',
] as const;
export type StageName = (typeof STAGES)[number];

export interface Stage {
  name: StageName;
  /**
   * Does all the work there is now. Gives the milliseconds until there may be more with no new wake-up,
   * or null when only a wake-up can bring more.
   */
  drain(): Promise<number | null>;
}

/** Asks that a stage be drained, now or after `delayMs`. Never throws, never waits: a request may not depend on it. */
export type Wake = (stage: StageName, delayMs?: number) => void;
