import type { Micro } from '../exact.ts';
import { micro } from '../exact.ts';
import type { TierConfig } from '../schema/model.ts';
import { oneOf } from './complain.ts';
import type { Draft } from './draft.ts';

/** Tiers stand lowest first and each can be reached; the first is for everybody. */
export function checkTiers({ config: model, ids, complain }: Draft, most: Micro): void {
  model.tiers.forEach((tier, i) => {
    const at = (key: keyof TierConfig, allowed: string) => complain(['tiers', i, key], tier[key], allowed);
    const lower = model.tiers[i - 1];
    if (lower === undefined) {
      checkLowest(tier, at);
    } else if (tier.from <= lower.from) {
      at('from', `more than ${lower.from}, where "${lower.id}" begins`);
    }
    if (most < micro(tier.from) && !model.overrides.some((override) => override.tier === tier.id)) {
      at('from', `at most ${most / 1e6}, all that the rules can give`);
    }
    checkActing(tier, at);
    checkKeeping(tier, lower, at);
    tier.requires.forEach((gate, j) => {
      if (!ids.gates.includes(gate)) {
        complain(['tiers', i, 'requires', j], gate, oneOf(gate, ids.gates));
      }
    });
  });
}

type At = (key: keyof TierConfig, allowed: string) => null;

function checkActing(tier: TierConfig, at: At): void {
  if (tier.acts !== undefined && tier.rearm === undefined) {
    at('rearm', 'days such as "30 days", since the tier acts');
  }
  if (tier.acts === undefined && tier.rearm !== undefined) {
    at('rearm', 'nothing, unless the tier acts');
  }
  if (tier.acts === undefined && tier.rise !== undefined) {
    at('rise', 'nothing, unless the tier acts');
  }
}

function checkKeeping(tier: TierConfig, lower: TierConfig | undefined, at: At): void {
  if (tier.keep_from !== undefined && (lower === undefined || tier.keep_from >= tier.from)) {
    at(
      'keep_from',
      lower === undefined ? 'nothing: nobody falls out of the lowest tier' : `less than ${tier.from}`,
    );
  }
  if (tier.cool_off !== undefined && lower === undefined) {
    at('cool_off', 'nothing: nobody falls out of the lowest tier');
  }
}

function checkLowest(tier: TierConfig, at: At): void {
  if (tier.from > 0) {
    at('from', 'at most 0: every account must have a tier');
  }
  if (tier.requires.length > 0) {
    at('requires', 'nothing: every account must have a tier');
  }
}
