import type { FoldRules } from '../accounts/person.ts';
import type { AccountState } from '../accounts/state.ts';
import { assess, type Occasion, observe, type Previous } from '../decide/assess.ts';
import type { Policy } from '../decide/decide.ts';
import type { Heard } from '../decide/decision.ts';
import type { Hold } from '../decide/handoff/hold.ts';
import type { Standing } from '../decide/standing.ts';
import type { ProductEvent } from '../events/event.ts';
import type { Evaluation } from '../score/evaluation.ts';
import type { Model } from '../score/model.ts';
import { isoInstant } from '../shared/time.ts';
import { stateOfEvents } from './as-of.ts';
import type { Db, Tx } from './db.ts';
import type { FactLookup } from './facts/attach.ts';
import { CLASSES } from './fold/claim.ts';
import { manualHolds } from './handoff/suppressions.ts';
import { loadHeard } from './handoff/touches.ts';
import { loadStates } from './read/accounts.ts';
import { type Scored, saveScored } from './save-scored.ts';
import { withoutPoison } from './without-poison.ts';

export interface AssessDeps {
  db: Db;
  /** What scoring works with, asked once for each batch: one batch, one configuration. */
  policy: () => Policy;
  shadows: () => Model[];
  rules: () => FoldRules;
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
  catch_up: boolean;
  received_at: Date | null;
}

/**
 * Scores up to `limit` dirty accounts and writes scores, history and acts, in one transaction with taking the
 * accounts off the dirty list: a crossing and its acts exist together or not at all (I6). One that cannot be scored
 * is looked for in ever smaller batches and postponed.
 *
 * @returns how many were scored
 */
export function assessDirty(inForce: AssessDeps, limit: number): Promise<number> {
  const deps = frozen(inForce);
  return withoutPoison<DirtyRow, number>(deps.db, limit, {
    claim: (tx, most) => claimDirty(tx, deps, most),
    work: (tx, claimed) => assessClaimed(tx, deps, claimed),
    setAside: ({ account }, error) => postpone(deps, account, error),
  });
}

/** The configuration of one batch: it may be replaced while the batch is under way. */
function frozen(deps: AssessDeps): AssessDeps {
  const [policy, shadows, rules, facts] = [deps.policy(), deps.shadows(), deps.rules(), deps.facts()];
  return { ...deps, policy: () => policy, shadows: () => shadows, rules: () => rules, facts: () => facts };
}

/** Those that a trigger touched by themselves while there are some: a batch that is filled up with others takes ten times as long. */
async function claimDirty(tx: Tx, deps: AssessDeps, limit: number): Promise<DirtyRow[]> {
  const urgent = await claimThose(tx, deps, true, limit);
  return urgent.length > 0 ? urgent : claimThose(tx, deps, false, limit);
}

async function claimThose(tx: Tx, deps: AssessDeps, urgent: boolean, limit: number): Promise<DirtyRow[]> {
  const dirty = await tx.query<DirtyRow>({
    name: 'assess-claim',
    text: `SELECT account, act, triggers, joined, catch_up, received_at FROM dirty_accounts WHERE urgent = $3 AND due_at <= $1
           ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
    values: [isoInstant(deps.realNow()), limit, urgent],
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

async function assessRows(tx: Tx, deps: AssessDeps, rows: readonly DirtyRow[]): Promise<void> {
  const ids = rows.map((row) => row.account);
  const now = deps.now();
  const states = await loadStates(tx, ids, deps.facts());
  const previous = await loadPrevious(tx, ids);
  const suppressed = await loadSuppressed(tx, states, deps.facts(), now);
  const heard = await loadHeard(tx, handedAmong(previous));
  const scored: Scored[] = [];
  for (const row of rows) {
    const state = states.get(row.account);
    if (state !== undefined) {
      const known = {
        last: previous.get(row.account) ?? [],
        suppressed: suppressed.get(row.account) ?? [],
        heard: heard.get(row.account),
      };
      scored.push(...(await scoresOf(tx, deps, { row, state, ...known, now })));
    }
  }
  await saveScored(tx, scored, deps.policy(), {
    now,
    realNow: deps.realNow(),
    dataThrough: await dataThrough(tx, now),
  });
}

function loadSuppressed(
  tx: Tx,
  states: ReadonlyMap<string, AccountState>,
  { reader }: FactLookup,
  now: number,
): Promise<Map<string, Hold[]>> {
  const named = [...states].map(([id, state]) => ({ id, key: state.key, domain: reader.domainOf(state) }));
  return manualHolds(tx, named, now);
}

/** Accounts with something handed over that is not over: nobody else is waited for. */
function handedAmong(previous: ReadonlyMap<string, readonly Last[]>): string[] {
  return [...previous].flatMap(([account, last]) =>
    last.some(({ previous: { standing } }) => standing.handed !== undefined) ? [account] : [],
  );
}

interface ToScore {
  row: DirtyRow;
  state: AccountState;
  last: readonly Last[];
  heard: Heard | undefined;
  suppressed: readonly Hold[];
  now: number;
}

/** One account under the champion and every shadow. */
async function scoresOf(
  tx: Tx,
  deps: AssessDeps,
  { row, state, last, heard, suppressed, now }: ToScore,
): Promise<Scored[]> {
  const { account, act, triggers, joined, catch_up: catchUp } = row;
  const policy = deps.policy();
  const before = (model: string) => last.find((one) => one.model === model)?.previous;
  const change = act && !catchUp ? await beforeChange(tx, deps, row, state, last) : {};
  const occasion = {
    now,
    act,
    triggers,
    joined,
    catchUp,
    suppressed,
    ...change,
    ...(heard === undefined ? {} : { heard }),
  };
  const { model } = policy.model;
  return [
    {
      account,
      state,
      model,
      result: assess(policy, state, before(model), occasion),
      prompt: triggers.length > 0,
      receivedAt: row.received_at?.getTime() ?? null,
    },
    ...deps.shadows().map((shadow) => ({
      account,
      state,
      model: shadow.model,
      result: observe(shadow, state, before(shadow.model), now),
      prompt: false,
      receivedAt: null,
    })),
  ];
}

/**
 * Somebody did something in an account that the champion has not scored in its present version, or not since it was
 * no champion: what the last score knew is folded from the journal, so that only what was received since is an entry
 * (decision 11). Rare: whoever is quick enough between a publication and the end of the rescoring.
 */
async function beforeChange(
  tx: Tx,
  deps: AssessDeps,
  { account, received_at: came }: DirtyRow,
  state: AccountState,
  last: readonly Last[],
): Promise<Pick<Occasion, 'before'>> {
  const { model, version } = deps.policy().model;
  const newest = last.reduce((at, { computedAt }) => Math.max(at, computedAt), 0);
  const ours = last.find((one) => one.model === model);
  if (last.length === 0 || (ours?.previous.evaluation.version === version && ours.computedAt === newest)) {
    return {};
  }
  const through = last.reduce((known, { dataThrough }) => Math.max(known, dataThrough), 0);
  // What was on its way to the disk while the last score was made came in before it.
  const at = Math.min(through, came?.getTime() ?? through);
  const wasKnown = ({ receivedAt }: ProductEvent) => receivedAt < at;
  const before = await stateOfEvents(tx, deps.rules(), { id: account, key: state.key }, wasKnown);
  // What CRMs and CSV files said then nobody kept: facts are no behaviour, and theirs are those of now.
  return { before: { state: state.facts === undefined ? before : { ...before, facts: state.facts }, at } };
}

interface PreviousRow {
  account: string;
  model: string;
  evaluation: Evaluation;
  standing: Standing;
  route: Previous['route'];
  changed_at: Date;
  computed_at: Date;
  data_through: Date;
}

/** The last score of one model. */
interface Last {
  model: string;
  /** Business time, ms. */
  computedAt: number;
  /** Everything received before was in it. Business time, ms. */
  dataThrough: number;
  previous: Previous;
}

async function loadPrevious(tx: Tx, ids: readonly string[]): Promise<Map<string, Last[]>> {
  const rows = await tx.query<PreviousRow>({
    name: 'assess-previous',
    text: `SELECT account, model, evaluation, standing, route, changed_at, computed_at, data_through
           FROM scores WHERE account = ANY($1::uuid[])`,
    values: [ids],
  });
  const previous = new Map<string, Last[]>();
  for (const { account, model, changed_at, computed_at, data_through, ...row } of rows.rows) {
    const last = {
      model,
      computedAt: computed_at.getTime(),
      dataThrough: data_through.getTime(),
      previous: { ...row, changedAt: changed_at.toISOString() },
    };
    previous.set(account, [...(previous.get(account) ?? []), last]);
  }
  return previous;
}

/** Among so many of the lowest runs of each class is the oldest: each connection has 256 numbers at a time, and few have some left. */
const OLDEST_AMONG = 5000;

/** Everything received before this instant is in the scores. */
async function dataThrough(tx: Tx, now: number): Promise<string> {
  const rows = await tx.query<{ oldest: Date | null }>({
    name: 'assess-through',
    text: `SELECT min(received_at) AS oldest FROM unnest($1::"char"[]) AS name CROSS JOIN LATERAL (
             SELECT received_at FROM inbox_runs WHERE class BETWEEN name AND name
             ORDER BY class, first LIMIT $2) AS lowest`,
    values: [CLASSES, OLDEST_AMONG],
  });
  return rows.rows[0]?.oldest?.toISOString() ?? isoInstant(now);
}
