import { Decimal } from 'decimal.js';
import { compileSource, type Source } from './compile-source.ts';
import type { Catalogue } from './compile-window.ts';
import { type Complain, oneOf } from './complain.ts';
import type { ModelConfig, RuleConfig } from './model-schema.ts';
import { sentence } from './sentence.ts';

/** Points for something. Amounts are decimal texts, as written. */
export interface Rule {
  id: string;
  group: string;
  /** Per award. */
  amount: string;
  /** Every award counts, up to the cap; otherwise the first. */
  each: boolean;
  cap: string | null;
  /** The sentence for a rep, with placeholders. */
  why: string;
  source: Source;
}

/** Placeholders that a rule of each kind can fill. */
export const WORDS: Record<Source['kind'], readonly string[]> = {
  signal: ['count', 'people', 'first', 'last'],
  between: ['value'],
  in: ['value'],
  entries: ['count', 'value'],
  people: ['count', 'value'],
};

/** One rule with every name resolved, or null after complaining. */
export function compileRule(
  rule: RuleConfig,
  { groups }: ModelConfig,
  signals: Catalogue,
  complain: Complain,
): Rule | null {
  if (!groups.includes(rule.group)) {
    complain(['group'], rule.group, oneOf(rule.group, groups));
  }
  checkPoints(rule, complain);
  const source = compileSource(rule, signals, complain);
  if (source === null) {
    return null;
  }
  checkWhy(rule.why, source.kind, complain);
  const { id, group, points, cap, why } = rule;
  return { id, group, amount: points.amount, each: points.each, cap: cap ?? null, why, source };
}

function checkPoints({ points, cap }: RuleConfig, complain: Complain): void {
  const amount = new Decimal(points.amount);
  if (amount.isZero()) {
    complain(['points'], `${points.amount} points`, 'more or less than 0');
  }
  if (points.each && cap === undefined) {
    const allowed = 'a cap beside it, or one busy account outweighs all (X-5)';
    complain(['points'], `${points.amount} points each`, allowed);
  }
  if (cap !== undefined && !points.each) {
    complain(['cap'], `${cap} points`, 'nothing: points once need no cap');
  } else if (cap !== undefined && amount.abs().greaterThan(cap)) {
    complain(['cap'], `${cap} points`, `at least one award (${amount.abs()} points)`);
  }
}

/** A placeholder that nothing fills would reach the rep in its braces. */
function checkWhy(why: string, kind: Source['kind'], complain: Complain): void {
  const words = Object.fromEntries(WORDS[kind].map((word) => [word, 1]));
  const [left] = /\{[^}]*\}?|\}/.exec(sentence(why, words)) ?? [];
  if (left !== undefined) {
    const names = WORDS[kind].map((word) => `{${word}}`).join(', ');
    complain(['why'], left, `${names}, or {count|teammate|teammates} for a number with its word`);
  }
}

/** The most that a rule can give; 0 for one that only takes away. */
export function mostPoints({ points, cap }: RuleConfig): Decimal {
  return Decimal.max(0, Number(points.amount) > 0 ? (cap ?? points.amount) : 0);
}
