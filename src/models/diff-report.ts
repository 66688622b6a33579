import type { AccountState } from '../accounts/state.ts';
import { differences } from '../score/diff.ts';
import { mainReason } from '../score/diff-words.ts';
import { evaluate } from '../score/evaluate.ts';
import type { Evaluation } from '../score/evaluation.ts';
import type { Model } from '../score/model.ts';
import { addScore, type Histogram, newHistogram, type ScoreBand, scoreBands } from './histogram.ts';

/** One account whose tier differs. */
export interface Move {
  account: string;
  name: string | null;
  score: { from: number; to: number };
  tier: { from: string; to: string };
  /** Which lines changed most, and which gates. */
  reason: string;
}

export interface Side {
  model: string;
  version: string;
  title: string;
  /** Lowest first. */
  tiers: string[];
}

/** What would be different if `b` were in force instead of `a`. */
export interface DiffReport {
  a: Side;
  b: Side;
  accounts: number;
  /** Of all: the tier differs; only the score does; neither. */
  moved: number;
  rescored: number;
  same: number;
  /** Accounts that enter and leave each tier, tiers of both. */
  tiers: { tier: string; a: number; b: number; enter: number; leave: number }[];
  /** Tier under a -> tier under b -> accounts. */
  matrix: Record<string, Record<string, number>>;
  /** Accounts that are in an acting tier of b and in none of a: each would be acted on once if b acted. And the other way. */
  acting: { enter: number; leave: number };
  /** The largest moves first, as many as were asked for. */
  moves: Move[];
  distribution: ScoreBand[];
}

/** Collects a comparison account by account; its memory does not grow with their number. */
export interface Comparison {
  add(account: { key: string; name: string | null }, state: AccountState): void;
  report(): DiffReport;
}

/**
 * @param now ms: both models look at every account at this instant
 * @param limit how many moves are kept
 */
export function compareModels(a: Model, b: Model, now: number, limit: number): Comparison {
  const counts = { accounts: 0, moved: 0, rescored: 0 };
  const matrix = new Map<string, Map<string, number>>();
  const moves = topMoves(limit, (from, to) => boundsOf(a, b, [from, to]));
  const histogram: Histogram = newHistogram();
  return {
    add: (account, state) => {
      const [from, to] = [evaluate(a, state, now), evaluate(b, state, now)];
      counts.accounts += 1;
      addScore(histogram, from.value, to.value);
      const row = matrix.get(from.tier) ?? new Map<string, number>();
      matrix.set(from.tier, row.set(to.tier, (row.get(to.tier) ?? 0) + 1));
      if (from.tier !== to.tier) {
        counts.moved += 1;
        moves.add(account, from, to);
      } else if (from.value !== to.value) {
        counts.rescored += 1;
      }
    },
    report: () => ({
      a: sideOf(a),
      b: sideOf(b),
      ...counts,
      same: counts.accounts - counts.moved - counts.rescored,
      tiers: tierCounts(a, b, matrix),
      matrix: Object.fromEntries([...matrix].map(([tier, row]) => [tier, Object.fromEntries(row)])),
      acting: actingMoves(a, b, matrix),
      moves: moves.sorted(),
      distribution: scoreBands(histogram),
    }),
  };
}

function sideOf({ model, version, title, tiers }: Model): Side {
  return { model, version, title, tiers: tiers.map(({ id }) => id) };
}

type Matrix = ReadonlyMap<string, ReadonlyMap<string, number>>;

function tierCounts(a: Model, b: Model, matrix: Matrix): DiffReport['tiers'] {
  const ids = new Set([...b.tiers, ...a.tiers].map(({ id }) => id));
  const cells = [...matrix].flatMap(([from, row]) => [...row].map(([to, count]) => ({ from, to, count })));
  const sum = (fits: (cell: { from: string; to: string }) => boolean) =>
    cells.reduce((total, cell) => total + (fits(cell) ? cell.count : 0), 0);
  return [...ids].map((tier) => ({
    tier,
    a: sum(({ from }) => from === tier),
    b: sum(({ to }) => to === tier),
    enter: sum(({ from, to }) => to === tier && from !== tier),
    leave: sum(({ from, to }) => from === tier && to !== tier),
  }));
}

function actingMoves(a: Model, b: Model, matrix: Matrix): DiffReport['acting'] {
  const [actsA, actsB] = [actingTiers(a), actingTiers(b)];
  const found = { enter: 0, leave: 0 };
  for (const [from, row] of matrix) {
    for (const [to, count] of row) {
      found.enter += !actsA.has(from) && actsB.has(to) ? count : 0;
      found.leave += actsA.has(from) && !actsB.has(to) ? count : 0;
    }
  }
  return found;
}

/** Tiers in which an account was acted on: an acting one, and all above it. */
function actingTiers({ tiers }: Model): Set<string> {
  const lowest = tiers.findIndex(({ acts }) => acts === true);
  return new Set(lowest < 0 ? [] : tiers.slice(lowest).map(({ id }) => id));
}

/** Where the tiers in question begin, if the models differ in that: then no line need have changed. */
function boundsOf(a: Model, b: Model, tiers: readonly string[]): string {
  const begins = ({ tiers: all }: Model, id: string) => all.find((tier) => tier.id === id)?.from;
  return tiers
    .map((id) => ({ id, from: begins(a, id), to: begins(b, id) }))
    .filter(({ from, to }) => from !== undefined && to !== undefined && from !== to)
    .map(({ id, from, to }) => `${id} begins at ${from} -> ${to}`)
    .join('; ');
}

function topMoves(limit: number, bounds: (from: string, to: string) => string) {
  let kept: Move[] = [];
  const size = ({ score }: Move) => Math.abs(score.to - score.from);
  const sorted = () =>
    kept.sort((x, y) => size(y) - size(x) || (x.account < y.account ? -1 : 1)).slice(0, limit);
  const add = (account: { key: string; name: string | null }, from: Evaluation, to: Evaluation) => {
    kept.push({
      account: account.key,
      name: account.name,
      score: { from: from.value, to: to.value },
      tier: { from: from.tier, to: to.tier },
      reason:
        [bounds(from.tier, to.tier), mainReason(differences(from, to))].filter(Boolean).join('; ') ||
        'the tiers differ, no line does',
    });
    // Sorting now and then keeps a bounded number; sorting at each would cost more than scoring.
    kept = kept.length > 4 * limit + 100 ? sorted() : kept;
  };
  return { add, sorted };
}
