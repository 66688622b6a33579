import { type AliasEdge, idOf, type Ref } from '../../accounts/identity.ts';
import type { FoldRules, PersonRecord } from '../../accounts/person.ts';
import type { QuarantinedEvent } from '../../events/event.ts';
import { type Db, hashId, inTransaction, type Tx } from '../db.ts';
import { admittedElements } from '../forget/admit.ts';
import { knownToWriter } from '../forget/known.ts';
import { keepQuarantined } from '../keep-quarantined.ts';
import { withoutPoison } from '../without-poison.ts';
import { audit, ensureAccounts, markDirty, type Touched, type Waits } from './accounts.ts';
import { type ClaimedEvent, claimInbox, leaveInbox } from './claim.ts';
import { lockDomains } from './domains.ts';
import { indexIds } from './event-ids.ts';
import { changeOfEvidence, domainsIn } from './evidence.ts';
import type { TierRank } from './forward.ts';
import { aliasEdges, learnIdentities, lockIdentities } from './identities.ts';
import { type PlacedPart, saveParts } from './part-rows.ts';
import { nextRecords } from './people.ts';
import { domainOf, evidenceOf, fallbackOf, placeParts } from './placing.ts';
import { lockPeople, removePeople, type StoredPerson, savePeople } from './records.ts';
import { rootsOf } from './roots.ts';
import { dropEmptied, settleDomains } from './settle.ts';
import { joinedBy, touchedAccounts } from './touched.ts';
import { assign, type Work } from './work.ts';

/** `plan.hash` must tell of a change in `rules` too: by it people are folded again. */
export interface FoldDeps extends FoldRules {
  db: Db;
  /** Business time: for audit lines. */
  now: () => number;
  /** Real time: for the debounce. */
  realNow: () => number;
  waits: Waits;
  /** For standings that merge. */
  tierRank: TierRank;
}

export interface FoldResult {
  /** Events folded; 0 means that the inbox had nothing to claim. */
  folded: number;
  /** An account waits that a trigger signal touched. */
  urgent: boolean;
}

/**
 * Folds up to `limit` journaled events into the states of their people and accounts, in one transaction:
 * either the events leave the inbox and the states hold them, or neither (I2). An event that cannot be folded is
 * looked for in ever smaller batches and set aside, so that it never stands in the way of the others (I9).
 */
export function foldInbox(deps: FoldDeps, limit: number): Promise<FoldResult> {
  return withoutPoison<ClaimedEvent, FoldResult>(deps.db, limit, {
    claim: claimInbox,
    work: (tx, claimed) => foldClaimed(tx, deps, claimed),
    setAside: (row, error) => inTransaction(deps.db, (tx) => setAside(tx, deps.db, row, error)),
  });
}

async function foldClaimed(tx: Tx, deps: FoldDeps, claimed: readonly ClaimedEvent[]): Promise<FoldResult> {
  if (claimed.length === 0) {
    return { folded: 0, urgent: false };
  }
  const { work, edges } = await workOf(tx, claimed);
  const touched = await foldPeople(tx, deps, work, edges);
  return { folded: claimed.length, urgent: touched.some(({ triggers }) => triggers.length > 0) };
}

/**
 * Folds journaled events that no state holds yet into those of their people, without acting: their people are folded again
 * from the journal. Part of the caller's transaction.
 */
export async function foldAgain(tx: Tx, deps: FoldDeps, claimed: readonly ClaimedEvent[]): Promise<void> {
  const { work, edges } = await workOf(tx, claimed);
  const { fresh, rebuild, gone } = work;
  const silent = { fresh: new Map(), rebuild: new Set([...rebuild, ...fresh.keys()]), gone };
  await foldPeople(tx, deps, silent, edges);
}

/** Makes the events findable, learns from them who is who, and tells whose they are. */
async function workOf(
  tx: Tx,
  claimed: readonly ClaimedEvent[],
): Promise<{ work: Work; edges: readonly AliasEdge[] }> {
  const events = claimed.map((row) => row.event);
  await lockIdentities(tx, events);
  await indexIds(tx, claimed);
  const identities = await learnIdentities(tx, events);
  return { work: assign(events, identities), edges: identities.edges };
}

/** The event stays in the journal; that it is in no state is said in the quarantine, with the reason. */
async function setAside(tx: Tx, db: Db, row: ClaimedEvent, error: Error): Promise<FoldResult> {
  // Claimed by a transaction that is over: its person may have been forgotten since (I12).
  const known = await knownToWriter(db, tx);
  await leaveInbox(tx, [row]);
  const elements: QuarantinedEvent[] = [
    {
      vendor: row.event.vendor,
      route: 'fold',
      code: 'not_foldable',
      reason: `The event could not be folded into its account: ${cutText(error.message, 300)}`,
      raw: cutText(JSON.stringify(row.event), 65_536),
      id: row.event.id,
      receivedAt: row.event.receivedAt,
    },
  ];
  await keepQuarantined(tx, admittedElements(known, elements));
  return { folded: 1, urgent: false };
}

/** PostgreSQL refuses NUL, and half of a pair where the cut fell. */
function cutText(text: string, most: number): string {
  return text.slice(0, most).replaceAll('\0', '').toWellFormed();
}

/**
 * Folds up to `limit` people again whose parts were folded with another signal plan. The scores follow without
 * acting: nobody did anything (decision 11). A person who cannot be folded again keeps the parts they have, which is
 * noted, so that nobody waits behind them (I9).
 */
export function refoldStale(deps: FoldDeps, limit: number): Promise<number> {
  return withoutPoison<Ref, number>(deps.db, limit, {
    claim: (tx, most) => claimStale(tx, deps.plan.hash, most),
    work: (tx, stale) => refold(tx, deps, stale),
    setAside: (ref, error) => inTransaction(deps.db, (tx) => leaveAsFolded(tx, deps, ref, error)),
  });
}

async function claimStale(tx: Tx, plan: string, limit: number): Promise<Ref[]> {
  await lockIdentities(tx, []);
  const stale = await tx.query<{ ref: Ref }>(
    // Two ranges of the index on plan, where <> would read every person at every sweep.
    'SELECT ref FROM people WHERE plan < $1 OR plan > $1 LIMIT $2 FOR UPDATE SKIP LOCKED',
    [plan, limit],
  );
  return stale.rows.map(({ ref }) => ref);
}

async function refold(tx: Tx, deps: FoldDeps, stale: readonly Ref[]): Promise<number> {
  if (stale.length > 0) {
    const users = stale.filter((ref) => ref.startsWith('u:')).map((ref) => ref.slice(2));
    const edges = await aliasEdges(tx, users);
    await foldPeople(tx, deps, { fresh: new Map(), rebuild: new Set(stale), gone: new Map() }, edges);
  }
  return stale.length;
}

async function leaveAsFolded(tx: Tx, deps: FoldDeps, ref: Ref, error: Error): Promise<number> {
  await tx.query('UPDATE people SET plan = $2 WHERE id = $1', [hashId(ref), deps.plan.hash]);
  const detail = { person: hashId(ref), reason: cutText(error.message, 300) };
  await audit(tx, 'not folded again', null, detail, deps.now());
  return 1;
}

/**
 * Takes people out of all states, as if they had never been there: what their parts gave to accounts and domains goes with
 * them. Scores follow without acting. Needs `lockAlone`, and their events gone from the journal.
 */
export async function removeFromStates(tx: Tx, deps: FoldDeps, refs: readonly Ref[]): Promise<void> {
  const gone = new Map(refs.map((ref) => [ref, ref]));
  await foldPeople(tx, deps, { fresh: new Map(), rebuild: new Set(), gone }, []);
}

async function foldPeople(
  tx: Tx,
  deps: FoldDeps,
  work: Work,
  edges: readonly AliasEdge[],
): Promise<Touched[]> {
  const refs = new Set([...work.fresh.keys(), ...work.rebuild, ...work.gone.keys()]);
  const people = await lockPeople(tx, [...refs]);
  const records = await nextRecords(tx, deps, work, edges, people);
  const testifying = [...records.map(({ ref }) => ref), ...work.gone.keys()];
  const evidence = records.flatMap((record) => evidenceOf(record, deps.rules));
  const change = await changeOfEvidence(tx, testifying, evidence);
  const placed = await placeRecords(tx, deps, records, [...domainsHeld(people), ...domainsIn(change)]);
  const made = await ensureAccounts(
    tx,
    placed.map(({ key }) => key),
  );
  const saved = await saveParts(tx, people, placed);
  await savePeople(tx, people, records, deps.plan.hash);
  const moves = await settleDomains(tx, deps, change);
  await removePeople(tx, [...work.gone.keys()]);
  const changed = new Set([...saved.accounts, ...moves.changed]);
  const dropped = await dropEmptied(tx, deps, changed, placed, people, work.gone);
  const joined = joinedBy(placed, people, work.gone, new Set(made), moves);
  const left = new Set([...changed].filter((account) => !dropped.has(account)));
  const touched = touchedAccounts(deps.plan, work, placed, left, moves.renamed, joined);
  await markDirty(tx, touched, deps.realNow(), deps.waits);
  return touched;
}

/** Where every part of these people stands now, with their domains locked, and `others` along with them. */
async function placeRecords(
  tx: Tx,
  { rules }: FoldDeps,
  records: readonly PersonRecord[],
  others: readonly string[],
): Promise<PlacedPart[]> {
  const domains = records.map((record) => domainOf(record, rules)).filter((domain) => domain !== null);
  const owners = await lockDomains(tx, [...domains, ...others]);
  const found = records.map((record) => ({ record, fallback: fallbackOf(record, owners, rules) }));
  const keys = found.flatMap(({ record: { ref, parts }, fallback }) => [
    ...parts.keys(),
    `person:${idOf(ref)}`,
    fallback.key,
  ]);
  const root = await rootsOf(tx, keys);
  return found.flatMap(({ record, fallback }) => placeParts(record, fallback, root));
}

/** The domains by which these people stand somewhere now: locked, so that no other worker moves them meanwhile. */
function domainsHeld(people: ReadonlyMap<string, StoredPerson>): string[] {
  const rows = [...people.values()].flatMap(({ rows }) => rows);
  return rows.map(({ domain }) => domain).filter((domain) => domain !== null);
}
