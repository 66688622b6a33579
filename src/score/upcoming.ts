import type { AccountState } from '../accounts/state.ts';
import { isoInstant } from '../shared/time.ts';
import { type Score, scoreOf } from './evaluate.ts';
import type { Evaluation } from './evaluation.ts';
import { shown } from './exact.ts';
import type { Model } from './model.ts';

/** Something that will change with no new event. */
export interface Upcoming {
  /** ISO 8601. */
  at: string;
  value: { from: number; to: number };
  tier: { from: string; to: string };
  /** What does it: lines that give other points, gates that open or close, steps that take another amount. */
  because: string[];
}

/** Most instants that are looked at: what lies behind them is too far away to plan with. */
const LOOKS = 500;

/**
 * The next changes of number, tier or gates that will happen with no new event, soonest first (S3-49). Instants at
 * which only a count or a date in the explanation changes are passed over.
 *
 * @param now ms since 1970, UTC
 */
export function upcoming(model: Model, state: AccountState, now: number, most = 3): Upcoming[] {
  const found: Upcoming[] = [];
  let before = scoreOf(model, state, now);
  for (let looks = 0; looks < LOOKS && found.length < most && before.validUntil !== null; looks++) {
    const at = before.validUntil;
    const after = scoreOf(model, state, at);
    if (differs(before, after)) {
      found.push(changeOf(before, after, at));
    }
    before = after;
  }
  return found;
}

function differs(a: Score, b: Score): boolean {
  return a.value !== b.value || a.tier !== b.tier || a.gates.some((passed, i) => passed !== b.gates[i]);
}

function changeOf(before: Score, after: Score, at: number): Upcoming {
  return {
    at: isoInstant(at),
    value: { from: shown(before.value), to: shown(after.value) },
    tier: { from: before.tier, to: after.tier },
    because: reasons(before.explain(), after.explain()),
  };
}

function reasons(a: Evaluation, b: Evaluation): string[] {
  const lines = b.explanation.flatMap(({ rule, points, why }, i) => {
    const gone = points - (a.explanation[i]?.points ?? 0);
    return gone === 0 ? [] : `${rule} gives ${points}, not ${a.explanation[i]?.points}: ${why}`;
  });
  const gates = b.gates.flatMap(({ id, passed, why }, i) =>
    a.gates[i]?.passed === passed ? [] : `${id} ${passed ? 'passes' : 'fails'}: ${why}`,
  );
  const steps = b.modifiers.flatMap(({ id, why }) =>
    a.modifiers.some((one) => one.id === id && one.why === why) ? [] : `${id}: ${why}`,
  );
  return [...lines, ...gates, ...steps];
}
