/**
 * READ FIRST. The whole flow, from a committed event to a CRM record, as three functions:
 *
 *   receive/ commits events to the journal, then wakes `ingest`
 *     ingest   journal -> account states        (accounts/: whose event, which account, the fold)
 *     assess   states -> scores and acts        (score/: the model; decide/: tiers, crossings, desired fields)
 *     deliver  acts -> CRM records              (sync/: outbox, batches, outcomes; crm/: HubSpot, Salesforce)
 *
 * Beside them, over the same acts and accounts:
 *     clocks   promises of first contact: told when due, broken or passed on  (decide/handoff/clock.ts, store/handoff/)
 *     alert    acts -> Slack, and what was pressed there                     (alerts/)
 *     digest   the day's mails                                               (read-model/digest.ts, mail/)
 *     facts    what CRMs know: fields, deals, calls, mails and meetings      (wiring/read-back.ts, wiring/read-activities.ts)
 *
 * Each drains what the database says is there and says when to look again. A wake-up only makes it sooner (I7).
 */

/** Milliseconds until there may be more work with no new wake-up; null: only a wake-up can bring more. */
export type Next = number | null;

export interface IngestPort {
  /** Folds a batch of journaled events into account states. */
  foldBatch(): Promise<{ folded: number; urgent: boolean }>;
}

/** Journal -> account states. Scores of urgent accounts follow at once, the others when their debounce is over. */
export async function ingest(port: IngestPort, wakeAssess: (urgent: boolean) => void): Promise<Next> {
  for (;;) {
    const { folded, urgent } = await port.foldBatch();
    if (folded === 0) {
      return null;
    }
    wakeAssess(urgent);
  }
}

export interface AssessPort {
  /** Scores a batch of due accounts, and writes what should happen. */
  assessBatch(): Promise<number>;
  /** Milliseconds until the next dirty account is due. */
  nextDue(): Promise<Next>;
}

/** Account states -> scores and acts. */
export async function assess(port: AssessPort, wakeDeliver: () => void): Promise<Next> {
  while ((await port.assessBatch()) > 0) {
    wakeDeliver();
  }
  return port.nextDue();
}

export interface DeliverPort {
  /** Delivers to every connected CRM; one that is down or paused does not hold up the other. */
  deliverTo: { crm: string; drain(): Promise<Next> }[];
}

/** Acts -> CRM records. */
export async function deliver(port: DeliverPort): Promise<Next> {
  const next = await Promise.all(port.deliverTo.map(({ drain }) => drain()));
  const waits = next.filter((wait) => wait !== null);
  return waits.length === 0 ? null : Math.min(...waits);
}
