import type { Complain } from '../../score/compile/complain.ts';
import { compileCondition } from '../../score/compile/condition.ts';
import type { Known } from '../../score/compile/known.ts';
import type { Condition } from '../../score/model.ts';
import type { ConditionConfig } from '../../score/schema/condition.ts';
import type { ConfigFile, ConfigProblem } from '../../shared/config-file.ts';
import type { HandoffConfig } from './schema.ts';
import type { SetOffBy } from './set-off.ts';

/** Names of other files that this one may use. */
export interface HandoffKnows {
  /** Acting tiers of the champion; null: the model is broken itself, and which it has nobody can say. */
  tiers: readonly string[] | null;
  /** Acting tiers of the other models of the folder, which may become champion and keep their plays. */
  others: readonly string[];
  /** Flags and segments of all models of the folder. */
  flags: readonly string[];
  segments: readonly string[];
  templates: readonly string[];
  /** What conditions may ask for. */
  model: Known;
}

export type HandoffFile = ConfigFile<HandoffConfig>;

/** Nothing where nobody can say which tiers there are. */
export function unknownTiers(
  { unknownName }: HandoffFile,
  at: readonly PropertyKey[],
  { tiers: named = [] }: { tiers?: readonly string[] | undefined },
  { tiers, others }: HandoffKnows,
): ConfigProblem[] {
  const known = tiers === null ? null : actingNames(tiers, others);
  return known === null
    ? []
    : named.flatMap((tier, j) => unknownName([...at, 'tiers', j], tier, known, 'an acting tier of a model'));
}

export function unknownSignals(
  { unknownName }: HandoffFile,
  at: readonly PropertyKey[],
  { signals }: { signals?: 'buying' | readonly string[] | undefined },
  { model }: HandoffKnows,
): ConfigProblem[] {
  const known = model.signals === null ? null : [...model.signals.keys()];
  return known === null || signals === undefined || signals === 'buying'
    ? []
    : signals.flatMap((signal, j) =>
        unknownName([...at, 'signals', j], signal, known, 'a signal of signals.yaml'),
      );
}

export function secondOfId(
  { value, problem }: HandoffFile,
  list: 'sla' | 'routes' | 'holds',
  i: number,
  what: string,
): ConfigProblem[] {
  const ids = value[list].map(({ id }) => id);
  const id = ids[i];
  return ids.indexOf(id as string) < i
    ? [problem([list, i, 'id'], id, `an id that no other ${what} has`)]
    : [];
}

/** What a list of signals means once it is read; null: whatever set the crossing off. */
export function setOffBy(signals: 'buying' | readonly string[] | undefined): SetOffBy {
  return signals === undefined ? null : signals === 'buying' ? signals : new Set(signals);
}

export function actingNames(tiers: readonly string[], others: readonly string[]): string[] {
  return [...new Set([...tiers, ...others])];
}

/** Rules and gates belong to a model and are not asked for here: another champion has others. */
const NOTHING_ABOVE = { rules: [], gates: [] };

/** @param problems takes what is wrong with it; null is given then */
export function readCondition(
  { problem }: HandoffFile,
  at: readonly PropertyKey[],
  config: ConditionConfig,
  { model }: HandoffKnows,
  problems: ConfigProblem[],
): Condition | null {
  const complain: Complain = (path, found, allowed) => {
    problems.push(problem([...at, ...path], found, allowed));
    return null;
  };
  return compileCondition(config, model, NOTHING_ABOVE, complain);
}
