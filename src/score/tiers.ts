import type { Evaluation } from './evaluation.ts';
import { type Micro, micro } from './exact.ts';
import type { Model } from './model.ts';
import type { TierConfig } from './schema/model.ts';

/** A tier with the thresholds that are in force for one account, in millionths. */
export interface TierInForce
  extends Pick<TierConfig, 'id' | 'requires' | 'acts' | 'rearm' | 'rise' | 'cool_off'> {
  from: Micro;
  /** Once held, it is kept down to here. A segment's other `from` moves it along. */
  keepFrom: Micro;
}

/** Tiers of a model for the accounts of one segment, lowest first. Made once for each. */
export function tiersInForce(model: Model, segmentId: string | undefined): readonly TierInForce[] {
  const known = MADE.get(model) ?? new Map<string | undefined, readonly TierInForce[]>();
  MADE.set(model, known);
  const tiers = known.get(segmentId) ?? makeTiers(model, segmentId);
  known.set(segmentId, tiers);
  return tiers;
}

const MADE = new WeakMap<Model, Map<string | undefined, readonly TierInForce[]>>();

function makeTiers(model: Model, segmentId: string | undefined): TierInForce[] {
  const segment = model.segments.find(({ id }) => id === segmentId);
  return (segment?.model ?? model).tiers.map((tier) => {
    const from = segment?.thresholds.get(tier.id) ?? micro(tier.from);
    return { ...tier, from, keepFrom: from - (micro(tier.from) - micro(tier.keep_from ?? tier.from)) };
  });
}

/** Place of the highest tier that a number reaches and whose gates all pass. The first is for everybody. */
export function reachedTier(
  tiers: readonly TierInForce[],
  value: Micro,
  passed: ReadonlySet<string>,
): number {
  return tiers.findLastIndex((tier, i) => i === 0 || (value >= tier.from && isOpen(tier, passed)));
}

/** Whether an account that holds a tier keeps it, although it no longer reaches it (hysteresis). */
export function keepsTier(tier: TierInForce, { value, gates }: Pick<Evaluation, 'value' | 'gates'>): boolean {
  const passed = new Set(gates.filter((gate) => gate.passed).map(({ id }) => id));
  return micro(value) >= tier.keepFrom && isOpen(tier, passed);
}

function isOpen({ requires }: TierInForce, passed: ReadonlySet<string>): boolean {
  return requires.every((id) => passed.has(id));
}
