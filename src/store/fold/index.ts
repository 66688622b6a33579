import type { DomainList } from '../../accounts/domains.ts';
import {
  anonymousRef,
  canonicalUser,
  joinedUsers,
  personOf,
  type Ref,
  userRef,
} from '../../accounts/identity.ts';
import { appendToPerson, emptyRecord, type PersonRecord, rebuildPerson } from '../../accounts/person.ts';
import type { SignalPlan } from '../../accounts/signal-plan.ts';
import type { ProductEvent } from '../../events/event.ts';
import { type Db, hashId, inTransaction, type Tx } from '../db.ts';
import { audit, dropEmptyAccounts, ensureAccounts, forwardKey, markDirty, type Touched } from './accounts.ts';
import { claimInbox, eventsByRefs, indexIds, leaveInbox } from './claim.ts';
import { lockDomains, moveDomain, replaceEvidence, settleOwners } from './domains.ts';
import { aliasEdges, type Identities, learnIdentities } from './identities.ts';
import { domainOf, evidenceOf, fallbackOf, placeParts } from './placing.ts';
import { lockPeople, removePeople, type StoredPerson, saveParts, savePeople } from './records.ts';

export interface FoldDeps {
  db: Db;
  plan: SignalPlan;
  domainList: DomainList;
  /** Business time: for audit lines. */
  now: () => number;
  /** Real time: for the debounce. */
  realNow: () => number;
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
    await indexIds(tx, claimed);
    const events = claimed.map((row) => row.event);
    const identities = await learnIdentities(tx, events);
    const work = assign(events, identities);
    const touched = await foldPeople(tx, deps, work, identities);
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
    const stale = await tx.query<{ ref: Ref }>(
      'SELECT ref FROM people WHERE plan <> $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED',
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
      gone: new Set(),
    };
    await foldPeople(tx, deps, work, { edges });
    return stale.rows.length;
  });
}

/** Who must be worked on: new events by person, people to rebuild from the journal, people who ceased. */
interface Work {
  fresh: Map<Ref, ProductEvent[]>;
  rebuild: Set<Ref>;
  gone: Set<Ref>;
}

function assign(events: readonly ProductEvent[], identities: Identities): Work {
  const { edges, moved, absorbed, linksFor } = identities;
  const fresh = new Map<Ref, ProductEvent[]>();
  for (const event of events) {
    const ref = personOf(event, edges, linksFor);
    if (ref !== null) {
      fresh.set(ref, [...(fresh.get(ref) ?? []), event]);
    }
  }
  const rebuild = new Set([...moved].map((user) => userRef(canonicalUser(edges, user))));
  const gone = new Set([...absorbed].map(anonymousRef));
  for (const user of moved) {
    if (!rebuild.has(userRef(user))) {
      gone.add(userRef(user));
    }
  }
  return { fresh, rebuild, gone };
}

type Known = Pick<Identities, 'edges'>;

async function foldPeople(tx: Tx, deps: FoldDeps, work: Work, known: Known): Promise<Touched[]> {
  const refs = new Set([...work.fresh.keys(), ...work.rebuild, ...work.gone]);
  const people = await lockPeople(tx, [...refs]);
  const records = await nextRecords(tx, deps.plan, work, known, people);
  const owners = await lockDomains(tx, domainsOf(records, deps.domainList));
  const placed = records.flatMap((record) => placeParts(record, fallbackOf(record, owners, deps.domainList)));
  await ensureAccounts(
    tx,
    placed.map(({ key }) => key),
  );
  const changed = await saveParts(tx, people, placed);
  await savePeople(tx, records, deps.plan.hash);
  const moved = await settleDomains(tx, deps, records, work.gone);
  await removePeople(tx, [...work.gone]);
  const dropped = await dropEmptied(tx, changed.accounts, moved, placed, people, deps);
  const touched = touchedAccounts(deps.plan, work, placed, new Set([...changed.accounts, ...moved]), dropped);
  await markDirty(tx, touched, deps.realNow());
  return touched;
}

/** Each person's state with the new events: appended where that is exact, else folded anew from the journal. */
async function nextRecords(
  tx: Tx,
  plan: SignalPlan,
  work: Work,
  known: Known,
  people: ReadonlyMap<Ref, StoredPerson>,
): Promise<PersonRecord[]> {
  const records: PersonRecord[] = [];
  for (const [ref, stored] of people) {
    if (work.gone.has(ref)) {
      continue;
    }
    const current = stored.plan === plan.hash || stored.rows.size === 0;
    const appended =
      work.rebuild.has(ref) || !current
        ? null
        : appendToPerson(plan, stored.record, work.fresh.get(ref) ?? []);
    records.push(appended ?? (await rebuildFromJournal(tx, plan, ref, known.edges)));
  }
  return records;
}

async function rebuildFromJournal(
  tx: Tx,
  plan: SignalPlan,
  ref: Ref,
  edges: Known['edges'],
): Promise<PersonRecord> {
  const events = await journalOf(tx, ref, edges);
  return events.length === 0 ? emptyRecord(ref) : rebuildPerson(plan, ref, events);
}

/** All events of one person: their user ids', and of the anonymous ids they were seen on, those that are theirs. */
export async function journalOf(tx: Tx, ref: Ref, edges: Known['edges']): Promise<ProductEvent[]> {
  const refs = [ref];
  if (ref.startsWith('u:')) {
    const users = [...joinedUsers(edges, ref.slice(2))];
    const anonymous = await tx.query<{ anonymous_id: string }>(
      'SELECT anonymous_id FROM anonymous_ids WHERE users && $1::text[]',
      [users],
    );
    refs.push(...users.map(userRef), ...anonymous.rows.map((row) => anonymousRef(row.anonymous_id)));
  }
  const events = await eventsByRefs(tx, refs);
  const { linksOf } = await import('../../accounts/identity.ts');
  const links = new Map<string, ReturnType<typeof linksOf>>();
  const linksFor = (id: string) => {
    const found = links.get(id) ?? linksOf(id, events);
    links.set(id, found);
    return found;
  };
  return events.filter((event) => personOf(event, edges, linksFor) === ref);
}

function domainsOf(records: readonly PersonRecord[], list: DomainList): string[] {
  return records.map((record) => domainOf(record, list)).filter((domain) => domain !== null);
}

/** Evidence, owners and moves of mail domains; gives the accounts whose state changed by a move. */
async function settleDomains(
  tx: Tx,
  deps: FoldDeps,
  records: readonly PersonRecord[],
  gone: ReadonlySet<Ref>,
): Promise<Set<string>> {
  const refs = [...records.map(({ ref }) => ref), ...gone];
  const evidence = records.flatMap((record) => evidenceOf(record, deps.domainList));
  const domains = await replaceEvidence(tx, refs, evidence);
  const moves = await settleOwners(tx, domains);
  const changed = new Set<string>();
  for (const move of moves) {
    await ensureAccounts(tx, [move.to]);
    const accounts = await moveDomain(tx, move);
    for (const account of accounts) {
      changed.add(account);
    }
    if (accounts.length > 0) {
      await audit(tx, 'domain moved', move.to, move, deps.now());
    }
    const dropped = await dropIfEmpty(tx, move.from, move.to);
    if (dropped) {
      changed.delete(hashId(move.from));
    }
  }
  return changed;
}

async function dropIfEmpty(tx: Tx, from: string, to: string): Promise<boolean> {
  const left = await tx.query('SELECT 1 FROM parts WHERE account = $1 LIMIT 1', [hashId(from)]);
  if (left.rowCount !== 0 || from === to) {
    return false;
  }
  await forwardKey(tx, from, to);
  await dropEmptyAccounts(tx, [hashId(from)]);
  return true;
}

/** Accounts that lost their last person to another account answer from there from now on. */
async function dropEmptied(
  tx: Tx,
  changed: ReadonlySet<string>,
  moved: ReadonlySet<string>,
  placed: ReturnType<typeof placeParts>,
  people: ReadonlyMap<Ref, StoredPerson>,
  deps: FoldDeps,
): Promise<Set<string>> {
  const dropped = new Set<string>();
  const empty = await tx.query<{ id: string; key: string }>(
    `SELECT id, key FROM accounts WHERE id = ANY($1::uuid[])
     AND NOT EXISTS (SELECT 1 FROM parts WHERE parts.account = accounts.id)`,
    [[...changed, ...moved]],
  );
  for (const { id, key } of empty.rows) {
    const heir = heirOf(id, placed, people);
    if (heir !== null) {
      await forwardKey(tx, key, heir);
      await audit(tx, 'account merged', heir, { from: key, to: heir }, deps.now());
    }
    await dropEmptyAccounts(tx, [id]);
    dropped.add(id);
  }
  return dropped;
}

/** Where the people of an emptied account went, if they all went to one place. */
function heirOf(
  account: string,
  placed: ReturnType<typeof placeParts>,
  people: ReadonlyMap<Ref, StoredPerson>,
): string | null {
  const left = new Set([...people].filter(([, { rows }]) => rows.has(account)).map(([ref]) => ref));
  const heirs = new Set(placed.filter(({ ref }) => left.has(ref)).map(({ key }) => key));
  const [heir] = heirs;
  return heirs.size === 1 && heir !== undefined ? heir : null;
}

function touchedAccounts(
  plan: SignalPlan,
  work: Work,
  placed: ReturnType<typeof placeParts>,
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
