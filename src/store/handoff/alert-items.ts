import type { AlertItem, Thread } from '../../alerts/port.ts';
import type { Db } from '../db.ts';

type Claimed = Pick<
  AlertItem,
  'id' | 'account' | 'rev' | 'attempts' | 'uncertain' | 'payload' | 'firstTriedAt'
>;

interface Row {
  id: string;
  created_at: Date;
  sends: number;
  sent_at: Date | null;
  crossed: AlertItem['crossed'];
  tasks: { state: string; owner: string | null }[];
  records: AlertItem['records'];
  thread: Thread | null;
  touched: boolean;
  overtaken: boolean;
}

/** A row `th` of `slack_threads` as a `Thread`. */
export const THREAD = `json_build_object('channel', th.channel, 'ts', th.ts, 'cardTs', th.card_ts, 'act', th.act,
  'state', th.state, 'by', th.by_user, 'remindAt', th.remind_at)`;

/** Records in the CRMs of the account of an act `a`. */
export const RECORDS = `(SELECT coalesce(json_agg(json_build_object('connection', r.connection, 'crmId', r.crm_id)
    ORDER BY r.connection), '[]')
  FROM crm_records r WHERE r.account = a.account AND r.object = 'account' AND r.crm_id <> '')`;

/**
 * What is known of the accounts of alerts that were claimed. The owner is whoever has the crossing's task; of several CRMs the one
 * that has named somebody.
 */
export async function loadAlerts(
  db: Db,
  connection: string,
  claimed: readonly Claimed[],
): Promise<AlertItem[]> {
  if (claimed.length === 0) {
    return [];
  }
  const rows = await db.query<Row>({
    name: 'alert-items',
    text: `SELECT a.id, a.created_at, a.sends, a.sent_at,
        (SELECT c.state FROM actions c WHERE c.account = a.account AND c.kind = 'alert' AND c.connection = $1
           AND c.crossing = a.crossing AND c.payload ->> 'what' = 'crossed' ORDER BY c.created_at DESC LIMIT 1) AS crossed,
        (SELECT coalesce(json_agg(json_build_object('state', t.state, 'owner', t.owner ->> 'name') ORDER BY t.crm), '[]')
           FROM actions t WHERE t.account = a.account AND t.kind = 'task' AND t.crossing = a.crossing) AS tasks,
        ${RECORDS} AS records,
        (SELECT ${THREAD} FROM slack_threads th WHERE th.connection = $1 AND th.account = a.account) AS thread,
        EXISTS (SELECT 1 FROM touches JOIN slack_threads th ON th.connection = $1 AND th.account = touches.account
           WHERE touches.account = a.account AND touches.side = 'ours' AND touches.at >= th.at) AS touched,
        EXISTS (SELECT 1 FROM actions f WHERE f.account = a.account AND f.kind = 'alert' AND f.connection = $1
          AND f.crossing = a.crossing AND f.payload ->> 'what' IN ('bought', 'suppressed')) AS overtaken
      FROM actions a WHERE a.id = ANY($2::uuid[])`,
    values: [connection, claimed.map(({ id }) => id)],
  });
  const found = new Map(rows.rows.map((row) => [row.id, row]));
  return claimed.flatMap((item) => {
    const row = found.get(item.id);
    return row === undefined ? [] : [itemOf(item, row)];
  });
}

function itemOf(item: Claimed, row: Row): AlertItem {
  const { id, account, rev, attempts, uncertain, payload, firstTriedAt } = item;
  return {
    ...{ id, account, rev, attempts, uncertain, payload, firstTriedAt },
    createdAt: row.created_at.getTime(),
    sends: row.sends,
    sentAt: row.sent_at?.getTime() ?? null,
    owner: row.tasks.find(({ owner }) => owner !== null)?.owner ?? null,
    ownerPending: row.tasks.some(({ state }) => state === 'waiting'),
    crossed: row.crossed,
    thread: row.thread,
    records: row.records,
    touched: row.touched,
    overtaken: row.overtaken,
  };
}
