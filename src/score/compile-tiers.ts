import { Decimal } from 'decimal.js';
import { mostPoints } from './compile-rule.ts';
import { type Complain, oneOf } from './complain.ts';
import type { ModelConfig, TierConfig } from './model-schema.ts';

/** Tiers stand lowest first and each can be reached; the first is for everybody. */
export function checkTiers(model: ModelConfig, complain: Complain): void {
  const most = model.rules.reduce((sum, rule) => sum.plus(mostPoints(rule)), new Decimal(0));
  const gates = model.gates.map(({ id }) => id);
  model.tiers.forEach((tier, i) => {
    const at = (key: keyof TierConfig, allowed: string) => complain(['tiers', i, key], tier[key], allowed);
    const lower = model.tiers[i - 1];
    if (lower === undefined) {
      checkLowest(tier, at);
    } else if (tier.from <= lower.from) {
      at('from', `more than ${lower.from}, where "${lower.id}" begins`);
    }
    if (most.lessThan(tier.from)) {
      at('from', `at most ${most}, all that the rules can give`);
    }
    if (tier.acts !== undefined && tier.rearm === undefined) {
      at('rearm', 'days such as "30 days", since the tier acts');
    }
    if (tier.acts === undefined && tier.rearm !== undefined) {
      at('rearm', 'nothing, unless the tier acts');
    }
    tier.requires.forEach((gate, j) => {
      if (!gates.includes(gate)) {
        complain(['tiers', i, 'requires', j], gate, oneOf(gate, gates));
      }
    });
  });
}

function checkLowest(tier: TierConfig, at: (key: keyof TierConfig, allowed: string) => null): void {
  if (tier.from > 0) {
    at('from', 'at most 0: every account must have a tier');
  }
  if (tier.requires.length > 0) {
    at('requires', 'nothing: every account must have a tier');
  }
}
