import { readFileSync } from 'node:fs';
import { accountRules } from '../../src/accounts/account-rules.ts';
import { type AccountsConfig, defaultAccounts, foldHash } from '../../src/accounts/accounts-config.ts';
import type { FoldRules } from '../../src/accounts/person.ts';
import { readSignals, type SignalPlan } from '../../src/accounts/signal-plan.ts';
import { readModel } from '../../src/score/compile/read.ts';
import type { Model } from '../../src/score/model.ts';
import { loadDomainLists } from '../../src/shared/domain-lists.ts';
import { knownWith } from './known.ts';

const MAPPINGS = new URL('../../mappings/', import.meta.url);

export function shippedText(name: string): string {
  return readFileSync(new URL(name, MAPPINGS), 'utf8');
}

/** The shipped signal catalogue. */
export function shippedSignals(): SignalPlan {
  const plan = readSignals('mappings/signals.yaml', shippedText('signals.yaml'));
  if (!plan.ok) {
    throw new Error(JSON.stringify(plan.error));
  }
  return plan.value;
}

/** What people are folded with: the shipped catalogue, and the default rules with only what matters overridden. */
export function shippedRules(over: Partial<AccountsConfig> = {}): FoldRules {
  const config = { ...defaultAccounts(), ...over };
  const plan = shippedSignals();
  return {
    plan: { ...plan, hash: foldHash(plan.hash, config) },
    rules: accountRules(config, loadDomainLists()),
  };
}

/** A shipped model, by the name of its file. */
export function shippedModel(name: string): Model {
  const file = `models/${name}.yaml`;
  const model = readModel(`mappings/${file}`, shippedText(file), knownWith(shippedSignals().signals));
  if (!model.ok) {
    throw new Error(JSON.stringify(model.error));
  }
  return model.value;
}

/** The shipped rubric of the seed S0. */
export function shippedRubric(): Model {
  return shippedModel('mql-rubric');
}
