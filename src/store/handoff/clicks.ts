import type { Press } from '../../alerts/press.ts';
import { isOver, type ThreadState } from '../../alerts/slack/words.ts';
import type { AlertPayload } from '../../decide/handoff/alerts.ts';
import { DAY, isoInstant, MINUTE } from '../../shared/time.ts';
import { type Db, inTransaction, type Tx } from '../db.ts';
import { audit, markDirty, WAITS } from '../fold/accounts.ts';
import { addAlert, changeState, type Times } from './threads.ts';

/** How long (ms) an account is left alone that somebody calls no fit. */
export const NO_FIT_FOR = 90 * DAY;

/** A press that is remembered for a day is not worked off twice. */
const KEPT = DAY;

export interface ClickDeps {
  db: Db;
  /** The connection whose presses these are. */
  connection: string;
  now: () => number;
  realNow: () => number;
  /** E-mail of a Slack user; null: unknown. */
  emailOf: (user: string) => Promise<string | null>;
  /** When somebody works again who snoozes an account now (ms, business time). `sla`: id of its promise. */
  silentUntil: (sla: string | null, now: number) => number;
  suppress: Suppress;
}

/** Leaves an account alone until then (ms), in a transaction of its own. A repeat replaces what it wrote. */
export type Suppress = (key: string, why: string, author: string, until: number) => Promise<void>;

/** Writes presses down, each once. */
export async function notePresses(db: Db, presses: readonly Press[], { now, realNow }: Times): Promise<void> {
  await db.query(
    `INSERT INTO slack_clicks (id, team, act, what, user_id, at, next_at)
     SELECT id, team, act, what, user_id, $2, $3
     FROM json_to_recordset($1) AS row (id uuid, team text, act uuid, what text, user_id text) ORDER BY id
     ON CONFLICT (id) DO NOTHING`,
    [
      JSON.stringify(presses.map(({ user, ...press }) => ({ ...press, user_id: user }))),
      isoInstant(now),
      isoInstant(realNow),
    ],
  );
}

interface Click {
  id: string;
  act: string;
  what: Press['what'];
  user_id: string;
  at: Date;
}

/** Works off what was pressed; gives how many. One that fails is tried again later, and the others go on (I9). */
export async function workOffClicks(deps: ClickDeps): Promise<number> {
  const { db, connection, now, realNow } = deps;
  const due = await db.query<Click>(
    `UPDATE slack_clicks SET next_at = $3, attempts = attempts + 1
     WHERE id IN (SELECT id FROM slack_clicks WHERE 'slack:' || team = $1 AND next_at <= $2
                  ORDER BY next_at LIMIT 100 FOR UPDATE SKIP LOCKED)
     RETURNING id, act, what, user_id, at`,
    [connection, isoInstant(realNow()), isoInstant(realNow() + MINUTE)],
  );
  const inOrder = due.rows.sort((a, b) => a.at.getTime() - b.at.getTime() || (a.id < b.id ? -1 : 1));
  for (const click of inOrder) {
    const email = await deps.emailOf(click.user_id);
    await inTransaction(db, (tx) => workOff(tx, deps, click, email)).catch(() => {});
  }
  if (inOrder.length > 0) {
    await db.query('DELETE FROM slack_clicks WHERE at < $1 AND next_at IS NULL', [isoInstant(now() - KEPT)]);
  }
  return inOrder.length;
}

interface Found {
  id: string;
  key: string;
  connection: string;
  account: string;
  account_key: string | null;
  payload: AlertPayload;
  state: ThreadState;
}

async function workOff(tx: Tx, deps: ClickDeps, click: Click, email: string | null): Promise<void> {
  const found = await tx.query<Found>(
    `SELECT a.id, a.key, a.connection, a.account, a.payload, accounts.key AS account_key, th.state
     FROM actions a JOIN slack_threads th ON th.connection = a.connection AND th.account = a.account AND th.act = a.id
       LEFT JOIN accounts ON accounts.id = a.account
     WHERE a.id = $1 AND a.connection = $2 FOR UPDATE OF th`,
    [click.act, deps.connection],
  );
  const [crossing] = found.rows;
  const did = crossing === undefined ? null : await press(tx, deps, click, email, crossing);
  const by = {
    author: email ?? `slack:${click.user_id}`,
    reason: did ?? 'nothing: it was over, or somebody was first',
  };
  const detail = { button: click.what, user: click.user_id };
  await audit(tx, 'slack button', crossing?.account_key ?? null, detail, deps.now(), by);
  await tx.query('UPDATE slack_clicks SET next_at = NULL WHERE id = $1', [click.id]);
}

/** What the press did, in words; null: nothing. */
async function press(
  tx: Tx,
  deps: ClickDeps,
  click: Click,
  email: string | null,
  crossing: Found,
): Promise<string | null> {
  const { state } = crossing;
  if (isOver(state)) {
    return null;
  }
  switch (click.what) {
    case 'claim':
      return state === 'claimed' ? null : claim(tx, deps, click, email, crossing);
    case 'snooze':
      return state === 'claimed' || state === 'snoozed' ? null : snooze(tx, deps, click, crossing);
    default:
      return noFit(tx, deps, click, email, crossing);
  }
}

/** Somebody of ours takes care of it: that counts as a first touch. */
async function claim(tx: Tx, deps: ClickDeps, click: Click, email: string | null, crossing: Found) {
  const times = { now: deps.now(), realNow: deps.realNow() };
  await tx.query(
    `INSERT INTO touches (connection, id, account, kind, side, at, seen_at, owner)
     VALUES ('slack', $1, $2, 'claim', 'ours', $3, $4, $5) ON CONFLICT (connection, id) DO NOTHING`,
    [`claim ${crossing.id}`, crossing.account, click.at.toISOString(), isoInstant(times.now), email],
  );
  const by = click.user_id;
  await changeState(tx, crossing.connection, crossing.account, { state: 'claimed', by }, times);
  const why = `claimed by ${email ?? by}`;
  await addAlert(tx, crossing, { what: 'claimed', word: 'claimed', line: '', why, by }, times);
  await scoreAgain(tx, crossing.account, times.realNow);
  return why;
}

async function snooze(tx: Tx, deps: ClickDeps, click: Click, crossing: Found) {
  const times = { now: deps.now(), realNow: deps.realNow() };
  const remindAt = deps.silentUntil(crossing.payload.card.sla, click.at.getTime());
  const change = { state: 'snoozed', by: click.user_id, remindAt };
  await changeState(tx, crossing.connection, crossing.account, change, times);
  return `silent until ${isoInstant(remindAt)}`;
}

async function noFit(tx: Tx, deps: ClickDeps, click: Click, email: string | null, crossing: Found) {
  const times = { now: deps.now(), realNow: deps.realNow() };
  const until = times.now + NO_FIT_FOR;
  const by = click.user_id;
  await changeState(tx, crossing.connection, crossing.account, { state: 'not_a_fit', by }, times);
  const line = `Left alone until ${isoInstant(until).slice(0, 10)}.`;
  const why = `not a fit, says ${email ?? by}`;
  await addAlert(tx, crossing, { what: 'not_a_fit', word: 'not_a_fit', line, why, by }, times);
  if (crossing.account_key !== null) {
    // A press that is not noted as done for all that is worked off again, and suppresses the same again.
    await deps.suppress(
      crossing.account_key,
      'not a fit, by the button in Slack',
      email ?? `slack:${by}`,
      until,
    );
  }
  await scoreAgain(tx, crossing.account, times.realNow);
  return why;
}

async function scoreAgain(tx: Tx, account: string, realNow: number): Promise<void> {
  await markDirty(tx, [{ account, triggers: [], act: true, joined: [] }], realNow, { ...WAITS, ordinary: 0 });
}
