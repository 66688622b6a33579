import type { ReadSpec } from '../decide/mapping.ts';
import type { Json } from '../shared/json.ts';
import { stableJson } from '../shared/stable-json.ts';
import { DAY, HOUR, MINUTE } from '../shared/time.ts';
import { adoptReads, claimDue, giveBack, type Read, saveRead } from '../store/facts/read-back.ts';
import { ownTaskDays } from '../store/handoff/own-task-days.ts';
import { factsRead, ownersNamed } from '../sync/read-facts.ts';
import { ownersFor } from './read-owners.ts';
import { CALLS, noteFailure, type Reached, type ReadBackDeps } from './reading.ts';

/** How long (ms) after a task its account is looked at every hour: did somebody act on it? */
const HOT = 30 * DAY;

/** Reads the linked companies and people that are due, a few calls at a time. Gives how many accounts must be scored again. */
export async function readRecordsBack(deps: ReadBackDeps, reached: Reached): Promise<number> {
  const { reads, personReads } = reached.crm.mapping;
  const woken = await readAll(deps, reached, 'account', reads);
  return woken + (await readAll(deps, reached, 'person', personReads));
}

async function readAll(
  deps: ReadBackDeps,
  reached: Reached,
  object: Read,
  reads: readonly ReadSpec[],
): Promise<number> {
  const said = reads.length === 0 ? null : stableJson(reads);
  await adoptReads(deps.db, reached.connection, object, said, deps.realNow());
  // An account without fields to read is looked at all the same: that it is linked now is news.
  const isAsked = object === 'account' || reads.length > 0;
  let woken = 0;
  for (let call = 0; isAsked && call < CALLS && !deps.life.stopping; call++) {
    const done = await readBatch(deps, reached, object, reads);
    woken += done.woken;
    if (!done.more) {
      break;
    }
  }
  return woken;
}

async function readBatch(
  deps: ReadBackDeps,
  reached: Reached,
  object: Read,
  reads: readonly ReadSpec[],
): Promise<{ woken: number; more: boolean }> {
  const { db, now, realNow } = deps;
  const { crm, connection } = reached;
  const times = { before: realNow() - DAY, beforeHot: realNow() - HOUR, hotFrom: now() - HOT };
  const due = await claimDue(db, connection, object, times, crm.connector.reads.batch, realNow());
  if (due.length === 0) {
    return { woken: 0, more: false };
  }
  const ids = due.map(({ crmId }) => crmId);
  const fieldsOf = (optional: boolean) =>
    reads.filter((spec) => spec.optional === optional).map(({ field }) => field);
  const fields = { needed: fieldsOf(false), optional: fieldsOf(true) };
  // With nothing to read it is still noted that the account is linked now: that no deal is known of it is news.
  const answer =
    reads.length === 0
      ? { state: 'read' as const, records: new Map(ids.map((id) => [id, {}])) }
      : await crm.connector.reads.records(object, ids, fields);
  if (answer.state === 'failed') {
    await giveBack(db, connection, object, due, realNow() - DAY + Math.max(answer.afterMs, MINUTE));
    await noteFailure(deps, reached, 'facts', answer);
    return { woken: 0, more: false };
  }
  const owners = await ownersFor(deps, reached, ownersNamed(answer.records.values(), reads));
  const shown = object === 'account' ? await withoutOwnTasks(deps, reached, due) : asItIs;
  const read = due.flatMap(({ key, account, crmId, backfill }) => {
    const record = answer.records.get(crmId);
    return record === undefined
      ? []
      : [{ key, backfill, facts: factsRead(shown(account, record), reads, owners) }];
  });
  const woken = await saveRead(db, connection, object, read, realNow());
  return { woken, more: due.length === crm.connector.reads.batch };
}

/** What is taken from the record of an account, by the account's id. */
type Shown = (account: string, record: Record<string, Json>) => Record<string, Json>;

const asItIs: Shown = (_account, record) => record;

/**
 * Records without the days on which only our own tasks were due: closing one of them, for whatever reason, must not look
 * like a conversation with sales, which would hold back the account's next crossing.
 */
async function withoutOwnTasks(
  { db }: ReadBackDeps,
  { crm, connection }: Reached,
  due: readonly { account: string }[],
): Promise<Shown> {
  const { movedByTasks } = crm.connector.reads;
  const asked = crm.mapping.reads.some(({ field }) => movedByTasks.includes(field));
  const accounts = due.map(({ account }) => account);
  const days = asked ? await ownTaskDays(db, connection, accounts) : new Map<string, string[]>();
  return (account, record) => {
    const own = days.get(account) ?? [];
    const shown = Object.entries(record).filter(
      ([field, value]) => !(movedByTasks.includes(field) && own.includes(String(value))),
    );
    return Object.fromEntries(shown);
  };
}
