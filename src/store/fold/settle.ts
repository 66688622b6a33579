import type { Ref } from '../../accounts/identity.ts';
import { hashId, type Tx } from '../db.ts';
import { audit, dropAccounts, ensureAccounts, lockEmptyAccounts } from './accounts.ts';
import { moveDomain, movesOfSomething, settleOwners } from './domains.ts';
import { applyEvidence, type EvidenceChange } from './evidence.ts';
import { forwardKey, type TierRank } from './forward.ts';
import type { PlacedPart } from './part-rows.ts';
import type { StoredPerson } from './records.ts';

export interface SettleDeps {
  now: () => number;
  tierRank: TierRank;
}

/** What the moves of mail domains did. */
export interface Moves {
  /** Ids of accounts whose state changed. */
  changed: Set<string>;
  /** Refs of the people who joined an account that was there before, by its id. */
  joined: Map<string, string[]>;
  /** Keys under which people stood before, with those under which they stand now. */
  renamed: Map<string, string>;
}

/** Evidence, owners and moves of mail domains. */
export async function settleDomains(tx: Tx, deps: SettleDeps, change: EvidenceChange): Promise<Moves> {
  return settleOwnership(tx, deps, await applyEvidence(tx, change));
}

/** Settles who owns `domains` now, and moves their people there. */
export async function settleOwnership(tx: Tx, deps: SettleDeps, domains: readonly string[]): Promise<Moves> {
  const { moves, contests } = await settleOwners(tx, domains);
  for (const contest of contests) {
    await audit(tx, 'domain contested', null, contest, deps.now());
  }
  const done: Moves = { changed: new Set(), joined: new Map(), renamed: new Map() };
  for (const move of await movesOfSomething(tx, moves)) {
    const [fromId, toId] = [hashId(move.from), hashId(move.to)];
    const made = await ensureAccounts(tx, [move.to]);
    const people = await moveDomain(tx, move);
    if (people.length > 0) {
      done.changed.add(fromId).add(toId);
      done.renamed.set(move.from, move.to);
      if (!made.includes(toId)) {
        done.joined.set(toId, [...(done.joined.get(toId) ?? []), ...people]);
      }
      const { domain, from, to } = move;
      await audit(tx, 'domain moved', to, { domain, from, to }, deps.now());
    } else if (made.includes(toId)) {
      await dropAccounts(
        tx,
        (await lockEmptyAccounts(tx, [toId])).map(({ id }) => id),
      );
    }
    if (await dropIfEmpty(tx, deps, move.from, move.to)) {
      done.changed.delete(fromId);
    }
  }
  return done;
}

async function dropIfEmpty(tx: Tx, deps: SettleDeps, from: string, to: string): Promise<boolean> {
  const empty = await lockEmptyAccounts(tx, from === to ? [] : [hashId(from)]);
  if (empty.length > 0) {
    await forwardKey(tx, from, to, deps.tierRank);
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
      await forwardKey(tx, key, heir, deps.tierRank);
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
    [...people]
      .filter(([, { rows }]) => rows.some((row) => row.account === account))
      .map(([ref]) => gone.get(ref) ?? ref),
  );
  const heirs = new Set(placed.filter(({ ref }) => left.has(ref)).map(({ key }) => key));
  const [heir] = heirs;
  return heirs.size === 1 && heir !== undefined ? heir : null;
}
