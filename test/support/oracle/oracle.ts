import { type Attributed, attribute } from './attribution.ts';
import type { Fact } from './fact.ts';
import { factsOf, type Sent } from './facts.ts';
import { DEPTH_MS, isDepth, rate, type Standing } from './rubric.ts';
import { strangers } from './strangers.ts';

export type { Sent } from './facts.ts';
export type { Standing } from './rubric.ts';

const DAY = 86_400_000;

/** Every account and where it stands at `now`, from what had been sent until then. */
export function standingsAt(sent: readonly Sent[], now: number): Map<string, Standing> {
  const groups = strangers(factsOf(sent.filter(({ at }) => at <= now)));
  return new Map(groups.flatMap((facts) => [...standings(facts, now)]));
}

function standings(facts: readonly Fact[], now: number): Map<string, Standing> {
  const all = attribute(facts);
  const accounts = new Map<string, Attributed[]>();
  for (const one of all) {
    accounts.set(one.account, [...(accounts.get(one.account) ?? []), one]);
  }
  return new Map([...accounts].map(([key, own]) => [key, rate(own, all, now)]));
}

/** An account that entered or left MQL. */
export interface Move {
  account: string;
  at: number;
  move: 'in' | 'out';
}

/**
 * Every entry into MQL and every fall out of it until `until`, as seen by somebody who looks after each
 * delivery, at each midnight
 * UTC and whenever 7 x 24 hours after some depth of use have passed; in order of time.
 *
 * Says nothing of whether an entry acts: re-arming (30 days) and entries by merging are for the caller.
 */
export function moves(sent: readonly Sent[], until: number): Move[] {
  return strangers(factsOf(sent.filter(({ at }) => at <= until)))
    .flatMap((facts) => movesAmong(facts, until))
    .sort((a, b) => a.at - b.at);
}

function movesAmong(facts: readonly Fact[], until: number): Move[] {
  const found: Move[] = [];
  const qualified = new Set<string>();
  for (const now of instants(facts, until)) {
    const heard = facts.filter((fact) => fact.heard <= now);
    const seen = standings(heard, now);
    for (const [account, { tier }] of seen) {
      if (tier === 'mql' && !qualified.has(account)) {
        qualified.add(account);
        found.push({ account, at: now, move: 'in' });
      } else if (tier !== 'mql' && qualified.delete(account)) {
        found.push({ account, at: now, move: 'out' });
      }
    }
  }
  return found;
}

function instants(facts: readonly Fact[], until: number): number[] {
  const first = Math.min(...facts.map(({ heard }) => heard));
  const midnights: number[] = [];
  for (let at = Math.ceil(first / DAY) * DAY; at <= until; at += DAY) {
    midnights.push(at);
  }
  const expiries = facts.filter(isDepth).map(({ at }) => at + DEPTH_MS);
  const all = new Set([...facts.map(({ heard }) => heard), ...midnights, ...expiries]);
  return [...all].filter((at) => at >= first && at <= until).sort((a, b) => a - b);
}
