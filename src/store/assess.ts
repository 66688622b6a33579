import { textOf } from '../accounts/coerce.ts';
import type { AccountState } from '../accounts/state.ts';
import { accountDomain, accountTraits, people } from '../accounts/views.ts';
import { type Assessment, assess, observe, type Previous } from '../decide/assess.ts';
import type { Act, Policy } from '../decide/decide.ts';
import type { Standing } from '../decide/standing.ts';
import type { Evaluation } from '../score/evaluation.ts';
import type { Model } from '../score/model.ts';
import { isoInstant } from '../shared/time.ts';
import { type Db, inTransaction, type Tx } from './db.ts';
import { actionId, pendingConnection } from './outbox.ts';
import { loadStates } from './read/accounts.ts';

export interface AssessDeps {
  db: Db;
  policy: () => Policy;
  shadows: () => Model[];
  /** Business time, ms. */
  now: () => number;
  /** Real time, ms: for the debounce and the outbox. */
  realNow: () => number;
}

interface DirtyRow {
  account: string;
  act: boolean;
  triggers: string[];
  joined: string[];
}

/**
 * Scores up to `limit` dirty accounts and writes scores, history and acts, in one transaction with taking the
 * accounts off the dirty list: a crossing and its acts exist together or not at all (I6).
 *
 * @returns how many were scored
 */
export async function assessDirty(deps: AssessDeps, limit: number): Promise<number> {
  return inTransaction(deps.db, async (tx) => {
    const dirty = await tx.query<DirtyRow>({
      name: 'assess-claim',
      text: `SELECT account, act, triggers, joined FROM dirty_accounts WHERE due_at <= $1
             ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
      values: [isoInstant(deps.realNow()), limit],
    });
    if (dirty.rows.length === 0) {
      return 0;
    }
    await assessRows(tx, deps, dirty.rows);
    await tx.query({
      name: 'assess-leave',
      text: 'DELETE FROM dirty_accounts WHERE account = ANY($1::uuid[])',
      values: [dirty.rows.map((row) => row.account)],
    });
    return dirty.rows.length;
  });
}

/** Milliseconds until the next dirty account is due; null: none. */
export async function nextAssessment(deps: AssessDeps): Promise<number | null> {
  const rows = await deps.db.query<{ at: Date | null }>('SELECT min(due_at) AS at FROM dirty_accounts');
  const at = rows.rows[0]?.at;
  return at === null || at === undefined ? null : Math.max(0, at.getTime() - deps.realNow());
}

/** Accounts whose score stopped holding become dirty (I5). New behaviour is not needed: silence acts too. */
export async function wakeExpired(deps: AssessDeps): Promise<number> {
  const woken = await deps.db.query(
    `INSERT INTO dirty_accounts (account, due_at, act)
     SELECT DISTINCT account, $2::timestamptz, true FROM scores WHERE valid_until <= $1 ORDER BY account
     ON CONFLICT (account) DO UPDATE SET due_at = least(dirty_accounts.due_at, excluded.due_at)`,
    [isoInstant(deps.now()), isoInstant(deps.realNow())],
  );
  return woken.rowCount ?? 0;
}

/** Every account is scored again, whatever it holds; new crossings act. */
export async function wakeAll(deps: AssessDeps): Promise<number> {
  const woken = await deps.db.query(
    `INSERT INTO dirty_accounts (account, due_at, act) SELECT id, $1, true FROM accounts ORDER BY id
     ON CONFLICT (account) DO UPDATE SET due_at = least(dirty_accounts.due_at, excluded.due_at)`,
    [isoInstant(deps.realNow())],
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

interface Scored {
  account: string;
  state: AccountState;
  model: string;
  result: Assessment;
}

async function assessRows(tx: Tx, deps: AssessDeps, rows: readonly DirtyRow[]): Promise<void> {
  const ids = rows.map((row) => row.account);
  const policy = deps.policy();
  const now = deps.now();
  const states = await loadStates(tx, ids);
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
  await saveAccounts(tx, scored, policy);
  await saveScores(tx, scored, now, await dataThrough(tx, now));
  await saveHistory(tx, scored, now);
  await saveActs(tx, scored, deps);
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

async function saveAccounts(tx: Tx, scored: readonly Scored[], policy: Policy): Promise<void> {
  const rows = scored.map(({ account, state }) => {
    const seen = state.parts.flatMap((part) => (part.lastSeen === null ? [] : [part.lastSeen]));
    const first = state.parts.flatMap((part) => (part.firstSeen === null ? [] : [part.firstSeen]));
    return {
      id: account,
      name: textOf(accountTraits(state).name),
      domain: accountDomain(state, policy.isWork),
      people: people(state).length,
      first_seen: first.length === 0 ? null : isoInstant(Math.min(...first)),
      last_seen: seen.length === 0 ? null : isoInstant(Math.max(...seen)),
    };
  });
  await tx.query({
    name: 'assess-accounts',
    text: `UPDATE accounts SET name = row.name, domain = row.domain, people = row.people,
             first_seen = row.first_seen, last_seen = row.last_seen
           FROM json_to_recordset($1) AS row
             (id uuid, name text, domain text, people integer, first_seen timestamptz, last_seen timestamptz)
           WHERE accounts.id = row.id`,
    values: [JSON.stringify(rows)],
  });
}

async function saveScores(tx: Tx, scored: readonly Scored[], now: number, through: string): Promise<void> {
  const rows = scored.map(({ account, model, result }) => ({
    account,
    model,
    version: result.evaluation.version,
    value: result.evaluation.value,
    tier: result.evaluation.tier,
    changed_at: result.changedAt,
    valid_until: result.evaluation.validUntil,
    evaluation: result.evaluation,
    standing: result.standing,
    route: result.route,
  }));
  await tx.query({
    name: 'assess-scores',
    text: `INSERT INTO scores (account, model, version, value, tier, computed_at, data_through, changed_at, valid_until,
             evaluation, standing, route)
           SELECT account, model, version, value, tier, $2, $3, changed_at, valid_until, evaluation, standing, route
           FROM json_to_recordset($1) AS row (account uuid, model text, version text, value float8, tier text,
             changed_at timestamptz, valid_until timestamptz, evaluation json, standing json, route json)
           ON CONFLICT (account, model) DO UPDATE SET version = excluded.version, value = excluded.value,
             tier = excluded.tier, computed_at = excluded.computed_at, data_through = excluded.data_through,
             changed_at = excluded.changed_at, valid_until = excluded.valid_until, evaluation = excluded.evaluation,
             standing = excluded.standing, route = excluded.route`,
    values: [JSON.stringify(rows), isoInstant(now), through],
  });
}

async function saveHistory(tx: Tx, scored: readonly Scored[], now: number): Promise<void> {
  const rows = scored
    .filter(
      ({ result }) => result.changed || result.decision?.crossing != null || result.decision?.note != null,
    )
    .map(({ account, model, result }) => ({
      account,
      model,
      version: result.evaluation.version,
      value: result.evaluation.value,
      tier: result.evaluation.tier,
      crossing: result.decision?.crossing?.tier ?? null,
      note: result.decision?.note ?? (result.decision?.cooled ? 'fell out of an acting tier' : null),
      evaluation: result.evaluation,
    }));
  if (rows.length > 0) {
    await tx.query({
      name: 'assess-history',
      text: `INSERT INTO score_history (account, at, model, version, value, tier, crossing, note, evaluation)
             SELECT account, $2, model, version, value, tier, crossing, note, evaluation
             FROM json_to_recordset($1) AS row (account uuid, model text, version text, value float8, tier text,
               crossing text, note text, evaluation json)`,
      values: [JSON.stringify(rows), isoInstant(now)],
    });
  }
}

/**
 * Writes acts into the ledger. A task or membership is written once and never again. An account's fields are one
 * row that follows the score: the same payload leaves it alone, a new one makes it wait again with a new `rev`.
 */
async function saveActs(tx: Tx, scored: readonly Scored[], deps: AssessDeps): Promise<void> {
  const connections = await tx.query<{ crm: string; connection: string }>(
    'SELECT crm, connection FROM connections',
  );
  const known = new Map(connections.rows.map((row) => [row.crm, row.connection]));
  const rows = scored.flatMap(({ account, result }) =>
    (result.decision?.acts ?? []).map((act) =>
      actRow(account, act, known.get(act.crm) ?? pendingConnection(act.crm)),
    ),
  );
  if (rows.length > 0) {
    await tx.query({
      name: 'assess-acts',
      text: `INSERT INTO actions (id, key, connection, crm, kind, account, person, crossing, state, reason, payload,
               next_at, created_at, updated_at)
             SELECT id, key, connection, crm, kind, account, person, crossing, state, reason, payload, $2, $3, $3
             FROM json_to_recordset($1) AS row (id uuid, key text, connection text, crm text, kind text, account uuid,
               person text, crossing text, state text, reason text, payload json)
             ON CONFLICT (id) DO UPDATE SET payload = excluded.payload, state = 'waiting', rev = actions.rev + 1,
               next_at = $2, attempts = 0, code = NULL, remedy = NULL, reason = excluded.reason, updated_at = $3
             WHERE actions.kind = 'fields' AND actions.payload::text <> excluded.payload::text`,
      values: [JSON.stringify(rows), isoInstant(deps.realNow()), isoInstant(deps.now())],
    });
  }
}

function actRow(account: string, act: Act, connection: string) {
  return {
    id: actionId(connection, act.key),
    key: act.key,
    connection,
    crm: act.crm,
    kind: act.kind,
    account,
    person: act.person,
    crossing: act.crossing,
    state: act.skip === null ? 'waiting' : 'skipped',
    reason: act.skip ?? act.reason,
    payload: act.payload,
  };
}
