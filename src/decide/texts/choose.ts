import { newestOf } from '../../accounts/measure.ts';
import { ACTIVITY } from '../../accounts/state.ts';
import type { Evaluation } from '../../score/evaluation.ts';
import type { Model } from '../../score/model.ts';
import { isSetOffBy, type SetOffBy } from '../handoff/set-off.ts';
import { earned } from '../reasons.ts';
import { type Evidence, evidenceOf, type Sources } from './evidence.ts';
import { aboutOf } from './rule-signals.ts';

/** Which text is written for which accounts. All that it asks for must hold; null asks for nothing. */
export interface TextRule {
  template: string;
  signals: SetOffBy;
  routes: readonly string[] | null;
  tiers: readonly string[] | null;
}

export interface TextChoice {
  template: string;
  /** What the text is about; null: nothing in particular. */
  evidence: Evidence | null;
}

/** What is known when a text is chosen. */
export interface ChoiceQuestion {
  /** Signals that set the crossing off. */
  triggers: readonly string[];
  isBuying: (signal: string) => boolean;
  model: Model;
  evaluation: Evaluation;
  route: string;
  tier: string;
}

/**
 * The text of a crossing (S2-127): of what set it off, buying signals are asked first, then the others, then, where nothing
 * set it off by itself, the newest behaviour that earned points; for each of these the first rule that fits. Within them the
 * newest signal comes first. `otherwise`: the template of whatever fits no rule.
 */
export function chooseText(
  rules: readonly TextRule[],
  otherwise: string,
  question: ChoiceQuestion,
  sources: Sources,
): TextChoice {
  const groups = groupsOf(question, sources);
  for (const group of groups) {
    for (const rule of rules) {
      const evidence = group.find(({ signal }) => fits(rule, question, signal));
      if (evidence !== undefined) {
        return { template: rule.template, evidence };
      }
    }
  }
  const evidence = groups.flat()[0] ?? null;
  const rule =
    evidence === null ? rules.find((one) => one.signals === null && fits(one, question, '')) : undefined;
  return { template: rule?.template ?? otherwise, evidence };
}

function groupsOf(question: ChoiceQuestion, sources: Sources): Evidence[][] {
  const given = question.triggers
    .flatMap((signal) => evidenceOf(signal, sources) ?? [])
    .sort((a, b) => b.last - a.last || (a.signal < b.signal ? -1 : 1));
  const buying = given.filter(({ signal }) => question.isBuying(signal));
  const others = given.filter(({ signal }) => !question.isBuying(signal));
  const groups = [buying, others].filter((group) => group.length > 0);
  return groups.length > 0 ? groups : [newestBehaviour(question, sources)];
}

function fits(
  { signals, routes, tiers }: TextRule,
  { isBuying, route, tier }: ChoiceQuestion,
  signal: string,
): boolean {
  return (
    isSetOffBy(signals, { triggers: [signal], isBuying }) &&
    (routes?.includes(route) ?? true) &&
    (tiers?.includes(tier) ?? true)
  );
}

/** Time or data carried it over the line. Mere activity is always the newest, and says nothing. */
function newestBehaviour({ model, evaluation }: ChoiceQuestion, sources: Sources): Evidence[] {
  const about = aboutOf(model, evaluation.segment?.id);
  const newest = earned(evaluation)
    .flatMap(({ rule }) => about.get(rule)?.signals ?? [])
    .filter(({ source }) => !(source.kind === 'counted' && source.tally === ACTIVITY))
    .map(({ id }) => sources.signals.get(id))
    .filter((signal) => signal !== undefined)
    .map((signal) => ({ id: signal.id, last: newestOf(signal, sources.state, sources.now).last ?? 0 }))
    .sort((a, b) => b.last - a.last);
  for (const { id } of newest) {
    const evidence = evidenceOf(id, sources);
    if (evidence !== null) {
      return [evidence];
    }
  }
  return [];
}
