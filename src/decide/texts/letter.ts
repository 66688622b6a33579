import type { Scene } from '../../score/find/look.ts';
import { isoInstant, minuteUtc } from '../../shared/time.ts';
import type { Policy, Situation } from '../decision.ts';
import type { AccountFacts } from '../facts.ts';
import { chooseText } from './choose.ts';
import { contactFor, textFacts } from './text-facts.ts';

/** The text of one task. */
export interface Letter {
  subject: string;
  body: string;
  /** Ref of the person whom it is about; null: nobody is known. */
  person: string | null;
  /** Refs of those whom it names. */
  mentions: readonly string[];
  /** What it is about; null: nothing in particular. */
  signal: string | null;
}

/** Which task a text is for. */
export interface Occasion {
  tier: string;
  route: string;
  /** ms. */
  due: number;
  triggers: readonly string[];
  /** Set: this one; else that of the first rule that fits. */
  template: string | null;
  /** For whatever fits no rule. */
  otherwise: string;
  /** `first`: when the first of these touches was, ms. */
  touch: { number: number; of: number; first: number };
}

/** Measures, chooses and writes: only for an account that gets a task, since all others would pay for nothing. */
export function letterOf(
  { handoff: { texts }, templates, model, signals, isBuying }: Policy,
  { state, evaluation, now }: Situation,
  scene: Scene,
  facts: AccountFacts,
  occasion: Occasion,
): Letter {
  const { tier, route, triggers, otherwise, touch } = occasion;
  const question = { triggers, isBuying, model, evaluation, route, tier };
  const sources = { signals, names: texts.names, state, people: facts.people, now };
  const { template, evidence } = chooseText(texts.by, otherwise, question, sources);
  const due = minuteUtc(isoInstant(occasion.due));
  const asked = { facts, evaluation, scene, model, texts, evidence, touch, route, due };
  const text = templates[occasion.template ?? template]?.(textFacts(asked));
  const person = contactFor(asked)?.ref ?? null;
  return {
    subject: text?.subject ?? '',
    body: text?.body ?? '',
    person,
    mentions: [...new Set([person, evidence?.by?.ref ?? null])].filter((ref) => ref !== null),
    signal: evidence?.signal ?? null,
  };
}
