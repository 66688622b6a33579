import type { Alerts } from '../decide/handoff/alerts.ts';
import { MINUTE } from '../shared/time.ts';
import type { BurstRules } from './burst.ts';
import type { AlertStore, Directory, Messenger } from './port.ts';

export interface AlertDeps {
  store: AlertStore;
  messenger: Messenger;
  directory: Directory;
  /** `slack:` and the team, or the webhook. */
  connection: string;
  /** The section of handoff.yaml in force; null: it was taken out, and what waits still goes. */
  alerts: () => Alerts | null;
  /** Business time, ms: what is said to have happened when, and the windows of bursts. */
  now: () => number;
  /** Real time, ms: leases, pauses, limits of Slack. */
  realNow: () => number;
  /** Once stopping, a delivery ends after the message under way. */
  life: { readonly stopping: boolean };
  /** Accounts that must not be contacted now, by id, with the reason. Absent: nobody knows of any. */
  held?: (accounts: readonly string[]) => Promise<Map<string, string>>;
  /** Works off the buttons that were pressed; gives how many. Absent: there are none. */
  clicks?: () => Promise<number>;
  /** Nothing is written to the CRMs but by hand: an alert waits for its task for as long as that takes. */
  manual?: boolean;
  /** Presses reach us, so that messages have buttons. */
  buttons: boolean;
  /** Address of the list of accounts. */
  list: string;
  /** Where a record can be looked at in its CRM; null: it is not known. */
  recordLink: (connection: string, crmId: string) => { label: string; url: string } | null;
  /** What lies between two messages of one channel (ms): Slack takes one a second. */
  every?: number;
}

export const EVERY = 1100;

const NO_RULES: BurstRules = { rollUp: { from: 6, within: 10 * MINUTE }, perHour: 30 };

export function rulesOf({ alerts }: AlertDeps): BurstRules {
  return alerts() ?? NO_RULES;
}
