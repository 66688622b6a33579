import type { DomainList } from '../../accounts/domains.ts';
import type { AliasEdge, Ref } from '../../accounts/identity.ts';
import type { PersonRecord } from '../../accounts/person.ts';
import type { SignalPlan } from '../../accounts/signal-plan.ts';
import type { ProductEvent } from '../../events/event.ts';
import { type Db, hashId, inTransaction, type Tx } from '../db.ts';
import { ensureAccounts, markDirty, type Touched, type Waits } from './accounts.ts';
import { claimInbox, indexIds, leaveInbox } from './claim.ts';
import { lockDomains } from './domains.ts';
import { aliasEdges, learnIdentities, lockIdentities } from './identities.ts';
import { nextRecords } from './people.ts';
import { domainOf, fallbackOf, placeParts } from './placing.ts';
import {
  lockPeople,
  type PlacedPart,
  removePeople,
  type StoredPerson,
  saveParts,
  savePeople,
} from './records.ts';
import { dropEmptied, settleDomains } from './settle.ts';
import { assign, type Work } from './work.ts';

export interface FoldDeps {
  db: Db;
  plan: SignalPlan;
  domainList: DomainList;
  /** Business time: for audit lines. */
  now: () => number;
  /** Real time: for the debounce. */
  realNow: () => number;
  waits: Waits;
}

export interface FoldResult {
  /** Events folded; 0 means that the inbox had nothing to claim. */
  folded: number;
  /** An account waits that a trigger signal touched. */
  urgent: boolean;
}

/**
 * Folds up to `limit` journaled events into the states of their people and accounts, in one transaction:
 * either the rows leave the inbox and the states hold them, or neither (I2).
 */
export async function foldInbox(deps: FoldDeps, limit: number): Promise<FoldResult> {
  return inTransaction(deps.db, async (tx) => {
    const claimed = await claimInbox(tx, limit);
    if (claimed.length === 0) {
      return { folded: 0, urgent: false };
    }
    const events = claimed.map((row) => row.event);
    await lockIdentities(tx, events);
    await indexIds(tx, claimed);
    const identities = await learnIdentities(tx, events);
    const work = assign(events, identities);
    const touched = await foldPeople(tx, deps, work, identities.edges);
    await leaveInbox(tx, claimed);
    return { folded: claimed.length, urgent: touched.some(({ triggers }) => triggers.length > 0) };
  });
}

/**
 * Folds up to `limit` people again whose parts were folded with another signal plan. The scores follow without
 * acting: nobody did anything (decision 11).
 */
export async function refoldStale(deps: FoldDeps, limit: number): Promise<number> {
  return inTransaction(deps.db, async (tx) => {
    await lockIdentities(tx, []);
    const stale = await tx.query<{ ref: Ref }>(
      // Two ranges of the index on plan, where <> would read every person at every sweep.
      'SELECT ref FROM people WHERE plan < $1 OR plan > $1 LIMIT $2 FOR UPDATE SKIP LOCKED',
      [deps.plan.hash, limit],
    );
    if (stale.rows.length === 0) {
      return 0;
    }
    const users = stale.rows.filter(({ ref }) => ref.startsWith('u:')).map(({ ref }) => ref.slice(2));
    const edges = await aliasEdges(tx, users);
    const work: Work = {
      fresh: new Map(),
      rebuild: new Set(stale.rows.map(({ ref }) => ref)),
      gone: new Map(),
    };
    await foldPeople(tx, deps, work, edges);
    return stale.rows.length;
  });
}

async function foldPeople(
  tx: Tx,
  deps: FoldDeps,
  work: Work,
  edges: readonly AliasEdge[],
): Promise<Touched[]> {
  const refs = new Set([...work.fresh.keys(), ...work.rebuild, ...work.gone.keys()]);
  const people = await lockPeople(tx, [...refs]);
  const records = await nextRecords(tx, deps.plan, work, edges, people);
  const owners = await lockDomains(tx, [...domainsOf(records, deps.domainList), ...domainsHeld(people)]);
  const placed = records.flatMap((record) => placeParts(record, fallbackOf(record, owners, deps.domainList)));
  await ensureAccounts(
    tx,
    placed.map(({ key }) => key),
  );
  const changed = await saveParts(tx, people, placed);
  await savePeople(tx, records, deps.plan.hash);
  const moved = await settleDomains(tx, deps, records, work.gone);
  await removePeople(tx, [...work.gone.keys()]);
  const dropped = await dropEmptied(
    tx,
    deps,
    new Set([...changed.accounts, ...moved]),
    placed,
    people,
    work.gone,
  );
  const touched = touchedAccounts(deps.plan, work, placed, new Set([...changed.accounts, ...moved]), dropped);
  await markDirty(tx, touched, deps.realNow(), deps.waits);
  return touched;
}

function domainsOf(records: readonly PersonRecord[], list: DomainList): string[] {
  return records.map((record) => domainOf(record, list)).filter((domain) => domain !== null);
}

/** The domains by which these people stand somewhere now: locked, so that no other worker moves them meanwhile. */
function domainsHeld(people: ReadonlyMap<string, StoredPerson>): string[] {
  const rows = [...people.values()].flatMap(({ rows }) => [...rows.values()]);
  return rows.map(({ domain }) => domain).filter((domain) => domain !== null);
}

function touchedAccounts(
  plan: SignalPlan,
  work: Work,
  placed: readonly PlacedPart[],
  changed: ReadonlySet<string>,
  dropped: ReadonlySet<string>,
): Touched[] {
  const triggersByRef = new Map([...work.fresh].map(([ref, events]) => [ref, triggersOf(plan, events)]));
  const touched = new Map<string, Touched>();
  for (const account of changed) {
    if (!dropped.has(account)) {
      touched.set(account, { account, triggers: [], act: false });
    }
  }
  for (const { ref, key } of placed) {
    const entry = touched.get(hashId(key));
    if (entry !== undefined && work.fresh.has(ref)) {
      entry.act = true;
      entry.triggers.push(...(triggersByRef.get(ref) ?? []));
    }
  }
  return [...touched.values()];
}

function triggersOf(plan: SignalPlan, events: readonly ProductEvent[]): string[] {
  const hits = events.flatMap((event) => plan.matches(event)).map((hit) => hit.signal);
  return [...new Set(hits)].filter((signal) => plan.isTrigger(signal));
}
