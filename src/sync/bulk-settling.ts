import { type BulkObject, type BulkWriter, NOT_BY_BULK } from './bulk.ts';
import type { BulkJobs } from './bulk-jobs.ts';
import type { CrmConnector, Outcome, Outcomes } from './crm.ts';
import { deliverItems } from './deliver-fields.ts';
import { RECORD_PENDING } from './hangs-on.ts';
import type { DeliverDeps } from './settle.ts';

export interface BulkDeps extends DeliverDeps {
  writer: BulkWriter;
  jobs: BulkJobs;
}

/** Acts read, planned or settled in one step: few enough for one transaction. */
export const PAGE = 1000;

export const WHY_NOT = 'a bulk job cannot do it';

/** To be written by collections next, which is no attempt. */
export function ordinary(why: string): Outcome {
  return { state: 'retry', afterMs: 0, code: NOT_BY_BULK, reason: `${why}; it goes by collections` };
}

/**
 * Settles acts of a job as the ordinary way settles its own, with what the job knows in the place of the CRM. What is
 * left to write of an act waits: people until their account's job is over, everything else for the ordinary way.
 */
export async function settleActs(
  deps: BulkDeps,
  { id, object }: { id: string; object: BulkObject | null },
  page: 'without_rows' | 'any',
  results: ReadonlyMap<string, Outcome>,
  why: string,
): Promise<void> {
  const { jobs, outbox } = deps;
  for (;;) {
    const items = await jobs.acts(id, page, PAGE);
    if (items.length === 0) {
      return;
    }
    const known = new Map([...results, ...items.flatMap(({ settled }) => Object.entries(settled))]);
    const answer = (of: BulkObject, changes: readonly { key: string }[]): Outcomes =>
      new Map(
        changes.map(({ key }) => [
          key,
          known.get(key) ?? (object === null || object === of ? ordinary(why) : LATER),
        ]),
      );
    const connector: CrmConnector = {
      ...deps.connector,
      writeAccounts: async (changes) => answer('account', changes),
      writePeople: async (changes) => answer('person', changes),
    };
    const held = {
      ...outbox,
      settle: (connection: string, settled: never, links: never) =>
        jobs.settle(id, connection, settled, links),
    };
    await deliverItems({ ...deps, connector, outbox: held }, items);
  }
}

const LATER: Outcome = {
  state: 'retry',
  afterMs: 0,
  code: RECORD_PENDING,
  reason: 'its account has just been written: the next round takes it',
};
