import { assess, observe, type Previous } from '../decide/assess.ts';
import type { Policy } from '../decide/decide.ts';
import type { Standing } from '../decide/standing.ts';
import type { Evaluation } from '../score/evaluation.ts';
import type { Model } from '../score/model.ts';
import { isoInstant } from '../shared/time.ts';
import { type Db, inTransaction, type Tx } from './db.ts';
import type { FactLookup } from './facts/attach.ts';
import { loadStates } from './read/accounts.ts';
import { type Scored, saveScored } from './save-scored.ts';
import { withoutPoison } from './without-poison.ts';

export interface AssessDeps {
  db: Db;
  policy: () => Policy;
  shadows: () => Model[];
  facts: () => FactLookup;
  /** Business time, ms. */
  now: () => number;
  /** Real time, ms: for the debounce and the outbox. */
  realNow: () => number;
  /** An account could not be scored and is tried again in a minute. */
  onUnscorable: (account: string, error: Error) => void;
}

interface DirtyRow {
  account: string;
  act: boolean;
  triggers: string[];
  joined: string[];
}

/**
 * Scores up to `limit` dirty accounts and writes scores, history and acts, in one transaction with taking the
 * accounts off the dirty list: a crossing and its acts exist together or not at all (I6). One that cannot be scored
 * is looked for in ever smaller batches and postponed.
 *
 * @returns how many were scored
 */
export function assessDirty(deps: AssessDeps, limit: number): Promise<number> {
  return withoutPoison<DirtyRow, number>(deps.db, limit, {
    claim: (tx, most) => claimDirty(tx, deps, most),
    work: (tx, claimed) => assessClaimed(tx, deps, claimed),
    setAside: ({ account }, error) => postpone(deps, account, error),
  });
}

async function claimDirty(tx: Tx, deps: AssessDeps, limit: number): Promise<DirtyRow[]> {
  const dirty = await tx.query<DirtyRow>({
    name: 'assess-claim',
    text: `SELECT account, act, triggers, joined FROM dirty_accounts WHERE due_at <= $1
           ORDER BY urgent DESC, due_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
    values: [isoInstant(deps.realNow()), limit],
  });
  return dirty.rows;
}

async function assessClaimed(tx: Tx, deps: AssessDeps, rows: readonly DirtyRow[]): Promise<number> {
  if (rows.length > 0) {
    await assessRows(tx, deps, rows);
    await tx.query({
      name: 'assess-leave',
      text: 'DELETE FROM dirty_accounts WHERE account = ANY($1::uuid[])',
      values: [rows.map((row) => row.account)],
    });
  }
  return rows.length;
}

/** How long (ms) an account waits that could not be scored. */
const POSTPONED = 60_000;

/** An account that cannot be scored stays dirty, for all to see, and out of the others' way (I9). */
async function postpone(deps: AssessDeps, account: string, error: Error): Promise<number> {
  await deps.db.query('UPDATE dirty_accounts SET due_at = $2 WHERE account = $1', [
    account,
    isoInstant(deps.realNow() + POSTPONED),
  ]);
  deps.onUnscorable(account, error);
  return 1;
}

/** Milliseconds until the next dirty account is due; null: none. */
export async function nextAssessment(deps: AssessDeps): Promise<number | null> {
  const rows = await deps.db.query<{ at: Date | null }>('SELECT min(due_at) AS at FROM dirty_accounts');
  const at = rows.rows[0]?.at;
  return at === null || at === undefined ? null : Math.max(0, at.getTime() - deps.realNow());
}

/**
 * Accounts whose score stopped holding become dirty (I5). New behaviour is not needed: silence acts too. One that
 * the champion has not scored in its present version does not act: the entry could be the new version's.
 */
export async function wakeExpired(deps: AssessDeps): Promise<number> {
  const { model } = deps.policy();
  const woken = await deps.db.query(
    `INSERT INTO dirty_accounts (account, due_at, act)
     SELECT account, $2::timestamptz, bool_or(model = $3 AND version = $4)
     FROM scores WHERE account IN (SELECT account FROM scores WHERE valid_until <= $1) GROUP BY account ORDER BY account
     ON CONFLICT (account) DO UPDATE SET due_at = least(dirty_accounts.due_at, excluded.due_at)`,
    [isoInstant(deps.now()), isoInstant(deps.realNow()), model.model, model.version],
  );
  return woken.rowCount ?? 0;
}

/** Every account is scored again, whatever it holds. `act`: what it then crosses into is acted on. */
export async function wakeAll(deps: AssessDeps, act: boolean): Promise<number> {
  const woken = await deps.db.query(
    `INSERT INTO dirty_accounts (account, due_at, act) SELECT id, $1, $2 FROM accounts ORDER BY id
     ON CONFLICT (account) DO UPDATE SET due_at = least(dirty_accounts.due_at, excluded.due_at),
       act = dirty_accounts.act OR excluded.act`,
    [isoInstant(deps.realNow()), act],
  );
  return woken.rowCount ?? 0;
}

/**
 * Accounts that another version of a model scored, or that a model new to this database has not scored yet. They
 * are scored without acting: nobody did anything (decision 11). Costs two looks into an index when there are none.
 */
export async function wakeOutdated(deps: AssessDeps): Promise<number> {
  const models = [deps.policy().model, ...deps.shadows()];
  const names = models.map(({ model }) => model);
  return inTransaction(deps.db, async (tx) => {
    const known = await tx.query<{ value: string }>(`SELECT value FROM settings WHERE name = 'models'`);
    const isNew = known.rows[0]?.value !== names.join(',');
    const woken = await tx.query(
      `INSERT INTO dirty_accounts (account, due_at, act)
       SELECT account, $1::timestamptz, false FROM (
         SELECT scores.account FROM unnest($2::text[], $3::text[]) AS now (model, version)
         JOIN scores ON scores.model = now.model AND (scores.version < now.version OR scores.version > now.version)
         UNION
         SELECT accounts.id FROM accounts CROSS JOIN unnest($2::text[]) AS now (model)
         WHERE $4 AND NOT EXISTS (SELECT 1 FROM scores WHERE account = accounts.id AND scores.model = now.model)
       ) AS outdated ORDER BY account ON CONFLICT DO NOTHING`,
      [isoInstant(deps.realNow()), names, models.map(({ version }) => version), isNew],
    );
    if (isNew) {
      await tx.query(
        `INSERT INTO settings (name, value) VALUES ('models', $1)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
        [names.join(',')],
      );
    }
    return woken.rowCount ?? 0;
  });
}

async function assessRows(tx: Tx, deps: AssessDeps, rows: readonly DirtyRow[]): Promise<void> {
  const ids = rows.map((row) => row.account);
  const policy = deps.policy();
  const now = deps.now();
  const states = await loadStates(tx, ids, deps.facts());
  const previous = await loadPrevious(tx, ids);
  const scored: Scored[] = [];
  for (const { account, act, triggers, joined } of rows) {
    const state = states.get(account);
    if (state !== undefined) {
      const before = (model: string) => previous.get(`${account} ${model}`);
      const { model } = policy.model;
      scored.push({
        account,
        state,
        model,
        result: assess(policy, state, before(model), { now, act, triggers, joined }),
      });
      for (const shadow of deps.shadows()) {
        scored.push({
          account,
          state,
          model: shadow.model,
          result: observe(shadow, state, before(shadow.model), now),
        });
      }
    }
  }
  await saveScored(tx, scored, policy, {
    now,
    realNow: deps.realNow(),
    dataThrough: await dataThrough(tx, now),
  });
}

interface PreviousRow {
  account: string;
  model: string;
  evaluation: Evaluation;
  standing: Standing;
  route: Previous['route'];
  changed_at: Date;
}

async function loadPrevious(tx: Tx, ids: readonly string[]): Promise<Map<string, Previous>> {
  const rows = await tx.query<PreviousRow>({
    name: 'assess-previous',
    text: `SELECT account, model, evaluation, standing, route, changed_at FROM scores WHERE account = ANY($1::uuid[])`,
    values: [ids],
  });
  return new Map(
    rows.rows.map(({ account, model, changed_at, ...row }) => [
      `${account} ${model}`,
      { ...row, changedAt: changed_at.toISOString() },
    ]),
  );
}

/** Everything received before this instant is in the scores. */
async function dataThrough(tx: Tx, now: number): Promise<string> {
  const rows = await tx.query<{ oldest: Date | null }>('SELECT min(received_at) AS oldest FROM inbox');
  return rows.rows[0]?.oldest?.toISOString() ?? isoInstant(now);
}
