import type { BulkJob, BulkObject, BulkPlanned } from './bulk.ts';
import type { ActPlan } from './bulk-jobs.ts';
import { type BulkDeps, PAGE, settleActs, WHY_NOT } from './bulk-settling.ts';
import type { FieldsItem } from './outbox.ts';
import { accountChange, onePerRecord, type Planned, personChange, sort } from './planned.ts';
import { planAccounts, planPeople } from './planning.ts';

/** Room for the rows of one page, so that a job never holds more rows than it may. */
const MARGIN = 5 * PAGE;
/** Decides how each record goes; what needs no job is settled at once, what is too much for one waits for the next. */
export async function planJob(deps: BulkDeps, job: BulkJob): Promise<void> {
  const { jobs, writer } = deps;
  let [rows, bytes, following] = [0, 0, 0];
  for (;;) {
    const items = await jobs.acts(job.id, 'unplanned', PAGE);
    if (items.length === 0) {
      break;
    }
    if (rows >= writer.rows - MARGIN || bytes >= writer.bytes) {
      await jobs.release(
        job.id,
        items.map(({ id }) => id),
      );
      continue;
    }
    const { plans, later } = await planPage(deps, items);
    following += later;
    rows += plans.reduce((sum, one) => sum + one.rows.length, 0);
    bytes += Buffer.byteLength(JSON.stringify(plans.map((one) => one.rows)));
    if (!(await jobs.plan(job.id, plans))) {
      return;
    }
  }
  await jobs.split(job, rows + following > writer.above ? writer.fewest : Number.MAX_SAFE_INTEGER);
  await settleActs(deps, { id: job.id, object: null }, 'without_rows', new Map(), WHY_NOT);
}

/**
 * An account that differs goes before its people: they may hang on a record that is only made now. `later`: how many of
 * those people differ.
 */
async function planPage(
  deps: BulkDeps,
  items: readonly FieldsItem[],
): Promise<{ plans: ActPlan[]; later: number }> {
  const planned = await planAccounts(deps, items);
  const accounts = sort(planned, deps.realNow());
  const ways = await deps.writer.plan('account', accounts.writes.map(accountChange));
  const changed = new Set(accounts.writes.map(({ item }) => item));
  const linked = items.filter(
    (item) => !changed.has(item) && accounts.settled.get(item.payload.account.ref)?.state === 'done',
  );
  const people = await plannedPeople(deps, linked);
  const after = await plannedPeople(deps, [...changed]);
  const peopleWays = await deps.writer.plan(
    'person',
    people.map((one) => personChange(one, accounts.settled.get(one.item.payload.account.ref))),
  );
  const byItem = Map.groupBy(people, ({ item }) => item);
  const plans = planned.map(({ item, link }) =>
    changed.has(item)
      ? actPlan(item.id, 'account', [ways.get(item.payload.account.ref)])
      : actPlan(
          item.id,
          'person',
          (byItem.get(item) ?? []).map(({ desired }) => peopleWays.get(desired.ref)),
          link?.crmId,
        ),
  );
  return { plans, later: after.length };
}

async function plannedPeople(deps: BulkDeps, items: readonly FieldsItem[]): Promise<Planned[]> {
  return onePerRecord(sort(await planPeople(deps, items), deps.realNow()).writes);
}

/** One act goes by one job: rows of another operation than the first's go the ordinary way when it is over. */
function actPlan(
  act: string,
  object: BulkObject,
  ways: readonly (BulkPlanned | undefined)[],
  parent = '',
): ActPlan {
  const jobs = ways.filter((way) => way?.by === 'job');
  const operation = jobs[0]?.operation ?? null;
  const rows = jobs.filter((way) => way.operation === operation).map(({ row }) => row);
  const settled = ways
    .filter((way) => way?.by === 'nobody')
    .map(({ key, outcome }) => [key, outcome] as const);
  return {
    act,
    object: operation === null ? null : object,
    operation,
    parent,
    rows,
    settled: Object.fromEntries(settled),
  };
}
