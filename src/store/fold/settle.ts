import type { DomainList } from '../../accounts/domains.ts';
import type { Ref } from '../../accounts/identity.ts';
import type { PersonRecord } from '../../accounts/person.ts';
import { hashId, type Tx } from '../db.ts';
import { audit, dropAccounts, ensureAccounts, forwardKey, lockEmptyAccounts } from './accounts.ts';
import { moveDomain, replaceEvidence, settleOwners } from './domains.ts';
import { evidenceOf } from './placing.ts';
import type { PlacedPart, StoredPerson } from './records.ts';

export interface SettleDeps {
  domainList: DomainList;
  now: () => number;
}

/** Evidence, owners and moves of mail domains; gives the accounts whose state changed by a move. */
export async function settleDomains(
  tx: Tx,
  deps: SettleDeps,
  records: readonly PersonRecord[],
  gone: ReadonlyMap<Ref, Ref>,
): Promise<Set<string>> {
  const refs = [...records.map(({ ref }) => ref), ...gone.keys()];
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
  const empty = await lockEmptyAccounts(tx, from === to ? [] : [hashId(from)]);
  if (empty.length > 0) {
    await forwardKey(tx, from, to);
    await dropAccounts(tx, [hashId(from)]);
  }
  return empty.length > 0;
}

/** Accounts that lost their last person to another account answer from there from now on. */
export async function dropEmptied(
  tx: Tx,
  deps: SettleDeps,
  changed: ReadonlySet<string>,
  placed: readonly PlacedPart[],
  people: ReadonlyMap<Ref, StoredPerson>,
  gone: ReadonlyMap<Ref, Ref>,
): Promise<Set<string>> {
  const empty = await lockEmptyAccounts(tx, [...changed]);
  for (const { id, key } of empty) {
    const heir = heirOf(id, placed, people, gone);
    if (heir !== null) {
      await forwardKey(tx, key, heir);
      await audit(tx, 'account merged', heir, { from: key, to: heir }, deps.now());
    }
  }
  const dropped = empty.map(({ id }) => id);
  await dropAccounts(tx, dropped);
  return new Set(dropped);
}

/** Where the people of an emptied account went, if they all went to one place. */
function heirOf(
  account: string,
  placed: readonly PlacedPart[],
  people: ReadonlyMap<Ref, StoredPerson>,
  gone: ReadonlyMap<Ref, Ref>,
): string | null {
  const left = new Set(
    [...people].filter(([, { rows }]) => rows.has(account)).map(([ref]) => gone.get(ref) ?? ref),
  );
  const heirs = new Set(placed.filter(({ ref }) => left.has(ref)).map(({ key }) => key));
  const [heir] = heirs;
  return heirs.size === 1 && heir !== undefined ? heir : null;
}
