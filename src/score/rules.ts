import { Decimal } from 'decimal.js';
import type { Rule } from './compile-rule.ts';
import type { RuleLine } from './evaluation.ts';
import { findPeople } from './find-people.ts';
import { findSignal } from './find-signal.ts';
import { findTrait } from './find-trait.ts';
import type { Finding, Judged, Scene } from './finding.ts';
import { sentence } from './sentence.ts';

/** One rule's line: points, evidence and a sentence, also when nothing was earned. */
export function evaluateRule(rule: Rule, scene: Scene): Judged<RuleLine> {
  const { awards, evidence, words, otherwise, nextChange } = find(rule, scene);
  const times = rule.each ? awards : Math.min(1, awards);
  const uncapped = times === 0 ? new Decimal(0) : new Decimal(rule.amount).times(times);
  const points = rule.cap === null ? uncapped : uncapped.clamp(`-${rule.cap}`, rule.cap);
  const line: RuleLine = {
    rule: rule.id,
    group: rule.group,
    points: points.toNumber(),
    ...(rule.cap === null ? {} : { uncapped: uncapped.toNumber(), cap: Number(rule.cap) }),
    why: times > 0 ? sentence(rule.why, words) : otherwise,
    evidence,
  };
  return { line, nextChange };
}

function find({ source }: Rule, scene: Scene): Finding {
  switch (source.kind) {
    case 'signal':
      return findSignal(source.signal, source.window, scene);
    case 'people':
      return findPeople(source, scene);
    default:
      return findTrait(source, scene);
  }
}
