import type { Outcome } from './crm.ts';
import type { Link, LinkChange, MembershipItem, RecordState, TaskItem } from './outbox.ts';

/** What acts have in common that hang on records of their account. */

/** Acts taken in one round: enough to fill the CRM's largest batch, few enough to settle soon. */
export const ROUND = 200;

/** Code of an act whose record, or whose earlier act, is on its way: waiting for it is no attempt. */
export const RECORD_PENDING = 'record_pending';

/** How long (ms) an act waits for the record it needs, when that one is still on its way. */
const RECORD_WAIT = 1000;

export function hasRecord(links: ReadonlyMap<string, Link>, ref: string): boolean {
  return (links.get(ref)?.crmId ?? '') !== '';
}

/** What an act waits for that is still on its way. */
export function recordPending(reason: string): Outcome {
  return { state: 'retry', afterMs: RECORD_WAIT, code: RECORD_PENDING, reason };
}

/** What becomes of an act whose record is not there. */
export function withoutRecord(state: RecordState | undefined, reason: string): Outcome {
  switch (state) {
    case 'parked':
      return {
        state: 'parked',
        code: 'record_parked',
        reason,
        remedy: 'mend the parked record, then: pql errors retry',
      };
    case 'linked':
    case 'absent':
      return { state: 'skipped', code: 'no_record', reason };
    default:
      return recordPending('its record is on the way');
  }
}

/** The link of a record that the CRM knows no more. */
export function forget(
  { account }: MembershipItem | TaskItem,
  link: Pick<Link, 'object' | 'ref'>,
): LinkChange {
  return { ...link, account, crmId: null, acknowledged: {}, note: null };
}
