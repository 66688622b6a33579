import { textOf } from '../accounts/coerce.ts';
import type { AccountState } from '../accounts/state.ts';
import { accountDomain, accountTraits, people } from '../accounts/views.ts';
import type { Assessment } from '../decide/assess.ts';
import type { Act, Policy } from '../decide/decide.ts';
import { storedJson } from '../shared/stored-json.ts';
import { isoInstant } from '../shared/time.ts';
import { actionId, pendingConnection } from './connections.ts';
import { hashId, type Tx } from './db.ts';
import { saveClocks } from './handoff/clocks.ts';

/** One account under one model. */
export interface Scored {
  account: string;
  state: AccountState;
  model: string;
  result: Assessment;
  /** A trigger touched it: its fields are written before the mass of the others. */
  prompt: boolean;
  /** When the oldest event came in that it waited for, ms; null: none did. */
  receivedAt: number | null;
}

export interface Times {
  /** Business time, ms. */
  now: number;
  /** Real time, ms. */
  realNow: number;
  /** Everything received before this instant is in the scores, ISO 8601. */
  dataThrough: string;
}

/** Writes what scoring found: the accounts' faces, scores, their history and the acts that follow. */
export async function saveScored(
  tx: Tx,
  scored: readonly Scored[],
  policy: Policy,
  times: Times,
): Promise<void> {
  await saveAccounts(tx, scored, policy);
  await saveScores(tx, scored, times.now, times.dataThrough);
  await saveHistory(tx, scored, times.now);
  await saveActs(tx, scored, times);
  await takeBack(tx, scored, times.now);
  await saveClocks(tx, scored, times.now);
}

async function saveAccounts(tx: Tx, scored: readonly Scored[], policy: Policy): Promise<void> {
  const rows = scored.map(({ account, state }) => {
    const seen = state.parts.flatMap((part) => (part.lastSeen === null ? [] : [part.lastSeen]));
    const first = state.parts.flatMap((part) => (part.firstSeen === null ? [] : [part.firstSeen]));
    return {
      id: account,
      name: textOf(accountTraits(state).name),
      domain: accountDomain(state, policy.mail),
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
    values: [storedJson(rows)],
  });
}

async function saveScores(tx: Tx, scored: readonly Scored[], now: number, through: string): Promise<void> {
  const rows = scored.map(({ account, model, result }) => ({
    account,
    model,
    version: result.evaluation.version,
    value: result.evaluation.value,
    tier: result.standing.tier,
    changed_at: result.changedAt,
    valid_until: sooner(result.evaluation.validUntil, result.standing.wakeAt ?? null),
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
    values: [storedJson(rows), isoInstant(now), through],
  });
}

/** ISO instants compare as text. A score is due again when it stops holding, or when a cool-off ends. */
function sooner(a: string | null, b: string | null): string | null {
  return a === null || (b !== null && b < a) ? b : a;
}

async function saveHistory(tx: Tx, scored: readonly Scored[], now: number): Promise<void> {
  const rows = scored
    .filter(
      ({ result }) => result.historic || result.decision?.crossing != null || result.decision?.note != null,
    )
    .map(({ account, model, result }) => ({
      account,
      model,
      version: result.evaluation.version,
      value: result.evaluation.value,
      tier: result.standing.tier,
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
      values: [storedJson(rows), isoInstant(now)],
    });
  }
}

/**
 * Writes acts into the ledger. What concerns a task is written once and never again. An account's fields are one row
 * that follows the score, a person's membership one row that follows the crossings: the same payload leaves it alone, a
 * new one (a later member status) makes it wait again with a new `rev`, and so does a new crossing where it was not made because
 * the account was held back. What is
 * on its way to the CRM right now keeps its lease: sent by another worker at the same time, the older one could arrive last.
 */
async function saveActs(tx: Tx, scored: readonly Scored[], times: Times): Promise<void> {
  const decided = scored.flatMap(({ account, result, prompt }) =>
    (result.decision?.acts ?? []).map((act) => ({ account, act, prompt: prompt && act.kind === 'fields' })),
  );
  await insertActs(tx, decided, times);
}

/** Acts of accounts, by id, as `saveActs` writes them. */
export async function insertActs(
  tx: Tx,
  acts: readonly { account: string; act: Act; prompt: boolean }[],
  { now, realNow }: Pick<Times, 'now' | 'realNow'>,
): Promise<void> {
  if (acts.length === 0) {
    return;
  }
  const connections = await tx.query<{ crm: string; connection: string }>(
    'SELECT crm, connection FROM connections',
  );
  const known = new Map(connections.rows.map((row) => [row.crm, row.connection]));
  const decided = acts.map(({ account, act, prompt }) => ({
    ...actRow(account, act, known.get(act.crm) ?? pendingConnection(act.crm)),
    prompt,
  }));
  // A person of two accounts joins a campaign once, also when both cross in one batch.
  const rows = [...new Map(decided.map((row) => [row.id, row])).values()];
  await tx.query({
    name: 'assess-acts',
    text: `INSERT INTO actions (id, key, connection, crm, kind, account, person, crossing, state, why, reason, payload,
               prompt, next_at, created_at, updated_at)
             SELECT id, key, connection, crm, kind, account, person, crossing, state, why, reason, payload, prompt, $2, $3, $3
             FROM json_to_recordset($1) AS row (id uuid, key text, connection text, crm text, kind text, account uuid,
               person text, crossing text, state text, why text, reason text, payload json, prompt boolean)
             ON CONFLICT (id) DO UPDATE SET payload = excluded.payload, state = 'waiting', rev = actions.rev + 1,
               prompt = excluded.prompt OR (actions.prompt AND actions.state = 'waiting'),
               next_at = CASE WHEN actions.state = 'waiting' AND actions.uncertain THEN greatest(actions.next_at, $2) ELSE $2 END,
               attempts = 0, code = NULL, remedy = NULL, field = NULL, ref = NULL, why = excluded.why, reason = excluded.reason,
               updated_at = $3
             WHERE (actions.kind = 'fields' OR (actions.kind = 'campaign' AND excluded.state = 'waiting'))
             AND (actions.payload::text <> excluded.payload::text
               OR (actions.kind = 'campaign' AND actions.state = 'skipped' AND actions.code = 'do_not_contact'))`,
    values: [storedJson(rows), isoInstant(realNow), isoInstant(now)],
  });
}

/**
 * Memberships of people who opted out since they were decided. One that is perhaps made, or on its way right now, is left to its
 * delivery.
 */
async function takeBack(tx: Tx, scored: readonly Scored[], now: number): Promise<void> {
  const rows = scored.flatMap(({ account, result }) =>
    (result.decision?.unsubscribed ?? []).map((person) => ({ account, person })),
  );
  if (rows.length > 0) {
    await tx.query({
      name: 'assess-take-back',
      text: `UPDATE actions SET state = 'skipped', code = 'do_not_contact', reason = 'not to be contacted: opted out of e-mail', updated_at = $2
             FROM json_to_recordset($1) AS gone (account uuid, person text)
             WHERE actions.account = gone.account AND actions.person = gone.person AND kind = 'campaign'
               AND state = 'waiting' AND NOT uncertain`,
      values: [storedJson(rows), isoInstant(now)],
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
    why: act.reason,
    reason: act.skip ?? act.reason,
    payload: storedPayload(act),
  };
}

/** People by their hash: the ref itself would be one more place to forget them in, and short ids are found nowhere. */
function storedPayload(act: Act): Act['payload'] {
  return act.kind === 'task'
    ? { ...act.payload, mentions: act.payload.mentions.map((ref) => hashId(ref)) }
    : act.payload;
}
