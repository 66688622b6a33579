import type {
  FieldsItem,
  Link,
  MembershipItem,
  Outbox,
  RecordState,
  TaskChangeItem,
  TaskItem,
} from '../sync/outbox.ts';
import { whileAway } from './away.ts';
import { claimActs, hold, type Only, type Which } from './claims.ts';
import { pause, pausedUntil } from './connections.ts';
import { type Db, hashId, inTransaction } from './db.ts';
import { withoutForgotten } from './forget/settle.ts';
import { giveTasks } from './handoff/assignments.ts';
import { noteTasks } from './handoff/note-tasks.ts';
import { heldNow } from './handoff/suppressions.ts';
import { saveLinks, saveSettled } from './settled.ts';
import { loadTaskActs } from './task-acts.ts';

/** Attempts of an account's fields, a few minutes of them, after which a task goes without the person it is about. */
const STUCK_AFTER = 8;

/**
 * For how long (ms) after a claim the database is waited for: before the CRM is called, and with what it answered. Given up at once,
 * claimed acts would lie until their lease ends. Both leave the call its time, and end before the lease does.
 */
const WAITED_FOR = { question: 15_000, outcome: 75_000 };

/** The outbox on PostgreSQL. `realNow`: real time (ms), for leases and retries. `now`: business time, for what is shown. */
export function postgresOutbox(
  db: Db,
  realNow: () => number,
  now: () => number,
  only: Only | null = null,
): Outbox {
  const claimedAt = new Map<string, number>();
  const claimed = <Item>(connection: string, which: Which, limit: number) => {
    claimedAt.set(connection, realNow());
    return claimActs<Item>(db, connection, which, limit, realNow(), only);
  };
  const patient = <T>(connection: string, what: keyof typeof WAITED_FOR, ask: () => Promise<T>) =>
    whileAway(db, (claimedAt.get(connection) ?? 0) + WAITED_FOR[what], realNow, ask);
  return {
    claimFields: (connection, which, limit) => claimed<FieldsItem>(connection, which, limit),
    claimMemberships: (connection, limit) => claimed<MembershipItem>(connection, 'campaign', limit),
    claimTasks: (connection, limit) => claimed<TaskItem>(connection, 'task', limit),
    claimTaskChanges: (connection, limit) => claimed<TaskChangeItem>(connection, 'taskChange', limit),
    giveTasks: (connection, toGive, choose) =>
      patient(connection, 'question', () =>
        giveTasks(db, { connection, now: now(), realNow: realNow() }, toGive, choose),
      ),
    taskActs: (connection, accounts) =>
      patient(connection, 'question', () => loadTaskActs(db, connection, accounts)),
    held: (connection, accounts) => patient(connection, 'question', () => heldNow(db, accounts, now())),
    hold: (items, work) => hold(db, items, work, realNow),
    links: (connection, object, refs) =>
      patient(connection, 'question', () => loadLinks(db, connection, object, refs)),
    members: (connection, accounts) =>
      patient(connection, 'question', () => members(db, connection, accounts)),
    recordStates: (connection, accounts) =>
      patient(connection, 'question', () => recordStates(db, connection, accounts)),
    settle: (connection, settled, links) =>
      patient(connection, 'outcome', () =>
        inTransaction(db, async (tx) => {
          const kept = await withoutForgotten(db, tx, { settled, links });
          await saveLinks(tx, connection, kept.links, realNow());
          await saveSettled(tx, kept.settled, realNow(), now());
          await noteTasks(tx, kept.settled, now());
        }),
      ),
    pause: (connection, until, code, reason) => pause(db, connection, until, code, reason),
    pausedUntil: (connection) => pausedUntil(db, connection),
    nextDue: (connection) => nextDue(db, connection, realNow(), only),
  };
}

async function loadLinks(
  db: Db,
  connection: string,
  object: Link['object'],
  refs: readonly string[],
): Promise<Map<string, Link>> {
  const rows = await db.query<{
    ref: string;
    crm_id: string;
    acknowledged: Link['acknowledged'];
    held: Link['held'] | null;
    linked_at: Date;
  }>({
    name: 'links',
    text: `SELECT ref, crm_id, acknowledged, held, linked_at FROM crm_records
           WHERE connection = $1 AND object = $2 AND key = ANY($3::uuid[])`,
    values: [connection, object, refs.map(hashId)],
  });
  return new Map(
    rows.rows.map((row) => [
      row.ref,
      {
        object,
        ref: row.ref,
        crmId: row.crm_id,
        acknowledged: row.acknowledged,
        held: row.held ?? {},
        at: row.linked_at.getTime(),
      },
    ]),
  );
}

/** A membership that was skipped makes nobody a member; one that is still to come does. */
async function members(
  db: Db,
  connection: string,
  accounts: readonly string[],
): Promise<Map<string, ReadonlySet<string>>> {
  const rows = await db.query<{ account: string; people: string[] }>(
    `SELECT account, array_agg(person) AS people FROM actions
     WHERE connection = $1 AND kind = 'campaign' AND person IS NOT NULL AND state <> 'skipped'
       AND account = ANY($2::uuid[]) GROUP BY account`,
    [connection, accounts],
  );
  return new Map(rows.rows.map(({ account, people }) => [account, new Set(people)]));
}

async function recordStates(
  db: Db,
  connection: string,
  accounts: readonly string[],
): Promise<Map<string, RecordState>> {
  const rows = await db.query<{ account: string; state: string }>(
    `SELECT account, CASE WHEN state = 'waiting' AND attempts >= $3 THEN 'stuck' ELSE state END AS state
     FROM actions WHERE connection = $1 AND kind = 'fields' AND account = ANY($2::uuid[])`,
    [connection, accounts, STUCK_AFTER],
  );
  const words: Record<string, RecordState> = {
    waiting: 'pending',
    stuck: 'stuck',
    done: 'linked',
    skipped: 'absent',
    parked: 'parked',
  };
  return new Map(rows.rows.map((row) => [row.account, words[row.state] ?? 'pending']));
}

async function nextDue(db: Db, connection: string, now: number, only: Only | null): Promise<number | null> {
  const rows = await db.query<{ at: Date | null }>(
    `SELECT min(next_at) AS at FROM actions WHERE connection = $1 AND state = 'waiting' AND bulk_job IS NULL
       AND ($2::uuid[] IS NULL OR id = ANY($2))`,
    [connection, only && [...only.keys()]],
  );
  const at = rows.rows[0]?.at;
  return at === null || at === undefined ? null : Math.max(0, at.getTime() - now);
}
