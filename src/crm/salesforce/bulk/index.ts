import type { BulkReply, BulkRow, BulkSpec, BulkWriter, Standing } from '../../../sync/bulk.ts';
import type { AccountChange, PersonChange } from '../../../sync/crm.ts';
import type { RecentDomains } from '../../recent-domains.ts';
import type { SalesforceClient } from '../client.ts';
import type { Describes } from '../describe.ts';
import { failureOf } from '../failure.ts';
import type { AccountMatching } from '../match-accounts.ts';
import type { PeopleMatching } from '../match-people.ts';
import { type Failure, isJobGone, isPastThat, isUploadedAlready, outcomeOf } from '../outcomes.ts';
import { keyColumn, writeCsv } from './csv.ts';
import { planAccounts, planPeople } from './plan.ts';
import { leavesOut, type ResultFiles, readResults } from './results.ts';

/** Salesforce's own advice: collections below, Bulk API 2.0 above. */
const ABOVE = 2000;
/** Five collections: about what a job costs. */
const FEWEST = 1000;
const ROWS_MAX = 50_000;
/** Salesforce takes 150 MB once encoded, and asks for no more than 100 MB of CSV. */
const BYTES_MAX = 90_000_000;

/**
 * Bulk API 2.0 through jsforce's job objects, one call at a time and with raw results. `loadAndWaitForResults` is never
 * used: it deletes the job, running or failed, when its patience ends.
 */
export function bulkWriter(
  client: SalesforceClient,
  describes: Describes,
  matching: { account: AccountMatching; people: PeopleMatching; recent: RecentDomains },
): BulkWriter {
  const columnOf = ({ object, operation }: BulkSpec) =>
    keyColumn(operation, object === 'account' ? matching.account.key : (matching.people.key ?? ''));
  return {
    above: ABOVE,
    fewest: FEWEST,
    rows: ROWS_MAX,
    bytes: BYTES_MAX,
    plan: (object, changes: readonly (AccountChange | PersonChange)[]) =>
      object === 'account'
        ? planAccounts(
            client,
            describes,
            matching.account,
            matching.recent,
            changes as readonly AccountChange[],
          )
        : planPeople(client, describes, matching.people, changes as readonly PersonChange[]),
    open: (spec) => replied(() => openJob(client, spec, columnOf(spec))),
    upload: (id, spec, rows) => upload(client, id, writeCsv(columnOf(spec), rows)),
    close: (id) => close(client, id),
    check: (id) => check(client, id),
    read: (id, spec, rows, standing) => read(client, id, { spec, column: columnOf(spec), rows }, standing),
  };
}

async function openJob(
  client: SalesforceClient,
  { object, operation }: BulkSpec,
  column: string,
): Promise<string> {
  const job = await client.bulk((bulk) =>
    bulk
      .createJob({
        object: object === 'account' ? 'Account' : 'Contact',
        operation,
        lineEnding: 'LF',
        ...(operation === 'upsert' ? { externalIdFieldName: column } : {}),
      })
      .open(),
  );
  return String(job.id);
}

function upload(client: SalesforceClient, id: string, csv: string) {
  return replied<'there' | 'elsewhere'>(
    async () => {
      await client.bulk((bulk) => bulk.job('ingest', { id }).uploadData(csv));
      return 'there';
    },
    (failure) => (isUploadedAlready(failure) ? 'there' : isPastThat(failure) ? 'elsewhere' : null),
  );
}

function close(client: SalesforceClient, id: string) {
  return replied<'closed' | 'elsewhere'>(
    async () => {
      await client.bulk((bulk) => bulk.job('ingest', { id }).close());
      return 'closed';
    },
    (failure) => (isPastThat(failure) ? 'elsewhere' : null),
  );
}

function check(client: SalesforceClient, id: string): Promise<BulkReply<Standing>> {
  return replied<Standing>(
    async () => standingOf(await client.bulk((bulk) => bulk.job('ingest', { id }).check())),
    (failure) => (isJobGone(failure) ? { state: 'gone' } : null),
  );
}

function standingOf({ state, errorMessage }: { state: string; errorMessage?: string | null }): Standing {
  switch (state) {
    case 'Open':
      return { state: 'open' };
    case 'JobComplete':
      return { state: 'complete' };
    case 'Failed':
      return { state: 'failed', message: errorMessage ?? 'without a message' };
    case 'Aborted':
      return { state: 'failed', message: 'somebody aborted it in Salesforce' };
    default:
      return { state: 'running' };
  }
}

interface Sent {
  spec: BulkSpec;
  column: string;
  rows: readonly BulkRow[];
}

function read(client: SalesforceClient, id: string, { spec, column, rows }: Sent, standing: Standing) {
  const results = (files: ResultFiles) => readResults(files, spec, column, rows, standing);
  const nothing = () => results({ successful: '', failed: '' });
  if (standing.state === 'gone') {
    return replied(async () => nothing());
  }
  const file = async (get: (job: ReturnType<typeof jobOf>) => Promise<unknown>) =>
    String(await client.bulk((bulk) => get(jobOf(bulk, id))));
  return replied(
    async () => {
      const successful = await file((job) => job.getSuccessfulResults(true));
      const failed = await file((job) => job.getFailedResults(true));
      const found = results({ successful, failed });
      return leavesOut(found)
        ? results({ successful, failed, unprocessed: await file((job) => job.getUnprocessedRecords(true)) })
        : found;
    },
    (failure) => (isJobGone(failure) ? nothing() : null),
  );
}

function jobOf(bulk: Parameters<Parameters<SalesforceClient['bulk']>[0]>[0], id: string) {
  return bulk.job('ingest', { id });
}

/** A failure becomes an outcome by the one table, unless it says that the step is not needed. */
async function replied<T>(
  call: () => Promise<T>,
  unneeded: (failure: Failure) => T | null = () => null,
): Promise<BulkReply<T>> {
  try {
    return { ok: true, value: await call() };
  } catch (error) {
    const failure = failureOf(error);
    const value = unneeded(failure);
    return value === null ? { ok: false, outcome: outcomeOf(failure, 'harmless') } : { ok: true, value };
  }
}
