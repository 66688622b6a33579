import type { AccountState } from '../accounts/state.ts';
import { isoInstant } from '../shared/time.ts';
import { type Score, scoreOf } from './evaluate.ts';
import type { Evaluation } from './evaluation.ts';
import type { Model } from './model.ts';

/** So many foreseen changes may come to nothing before the next one is taken for a change all the same. */
const LOOKS = 500;

/**
 * The evaluation to be kept: `validUntil` is the first instant at which a number, the tier or a gate really differs
 * (I5). What one rule foresees can be hidden by a cap, another part of its condition or a bound; each such instant
 * costs one more score. Only after five hundred of them in a row it may be one at which nothing differs.
 *
 * @param now ms since 1970, UTC
 */
export function lastingEvaluation(model: Model, state: AccountState, now: number): Evaluation {
  const score = scoreOf(model, state, now);
  const until = lastsUntil(model, state, score);
  return { ...score.explain(), validUntil: until === null ? null : isoInstant(until) };
}

function lastsUntil(model: Model, state: AccountState, score: Score): number | null {
  const own = score.figures();
  let until = score.validUntil;
  for (let look = 0; until !== null && look < LOOKS; look++) {
    const later = scoreOf(model, state, until);
    if (!isSame(own, later.figures())) {
      break;
    }
    until = later.validUntil;
  }
  return until;
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((one, i) => one === b[i]);
}
