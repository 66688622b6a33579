/**
 * A model file as a YAML reader gives it, with nothing resolved and no defaults filled in. Written from the published
 * schema; it shares nothing with the engine's own types.
 */
export type Scalar = string | number | boolean;

export interface PlainTest {
  at_least?: number;
  at_most?: number;
  between?: [number, number];
  equals?: Scalar;
  in?: Scalar[];
  known?: boolean;
}

export interface PlainPeople {
  where?: Record<string, PlainTest>;
  active_within?: string;
  distinct?: string;
  at_least?: number;
}

/** Everything that a rule or a condition may look at, and the tests of it. Which keys are there says what it is. */
export interface PlainSubject extends PlainTest {
  signal?: string;
  count?: string;
  window?: string;
  last?: string | string[];
  within?: string;
  trait?: string;
  entries?: 'distinct';
  people?: PlainPeople;
  signed_up_within?: string;
  date?: string;
  rule?: string;
  gate?: string;
}

export interface PlainCondition extends PlainSubject {
  all?: PlainCondition[];
  any?: PlainCondition[];
  of?: PlainCondition[];
  not?: PlainCondition;
}

export interface PlainStep extends PlainTest {
  within?: string;
  points: string;
}

export interface PlainFade {
  over?: string;
  half_every?: string;
  to?: string;
}

export interface PlainRule extends PlainSubject {
  id: string;
  group: string;
  only?: string[];
  when?: PlainCondition;
  points: string | { best_of: PlainStep[] } | { sum_of: PlainStep[] };
  cap?: string;
  fade?: PlainFade;
}

export interface PlainGroup {
  weight?: string;
  full?: string;
  cap?: string;
  floor?: string;
}

export interface PlainGate {
  id: string;
  kind?: 'usage' | 'fit' | 'suppression';
  when_unknown?: 'fail' | 'pass';
  otherwise?: 'zero';
  flag?: string;
  when?: PlainCondition;
  any_of?: string[];
  within?: string;
  minimum_points?: Record<string, number>;
}

export interface PlainOverride {
  id: string;
  kind: 'hand_raiser' | 'buying' | 'combination';
  when: PlainCondition;
  tier: string;
  bypass_fit?: boolean;
}

export interface PlainModifier {
  id: string;
  kind: 'multiplier' | 'weekly' | 'steps' | 'half_life';
  last?: string | string[];
  steps?: { within?: string; times?: number; after?: string; minus?: string }[];
  otherwise?: number;
  minus?: string;
  after?: string;
  half_every?: string;
  floor?: string;
}

export interface PlainSegment {
  id: string;
  when?: PlainCondition;
  tiers?: Record<string, number>;
  model?: string;
}

export interface PlainModel {
  model: string;
  weights?: Record<string, string>;
  weighting: 'raw' | 'normalised' | 'multiplier';
  groups: string[] | Record<string, PlainGroup>;
  segments?: PlainSegment[];
  rules?: PlainRule[];
  milestones?: { id: string; when: PlainCondition; points?: string }[];
  gates?: PlainGate[];
  overrides?: PlainOverride[];
  modifiers?: PlainModifier[];
  clamp?: [number, number | null];
  round?: number;
  tiers: { id: string; from: number; requires?: string[] }[];
}

/** `signals.yaml`, likewise; of derived signals those that differ in what a model can ask of them. */
export interface PlainSignals {
  activity?: { ignore?: string[]; public_pages?: string[] };
  signals: Record<string, PlainSignal>;
}

export interface PlainSignal {
  events?: string[];
  where?: Record<string, { equals?: Scalar; in?: Scalar[]; exists?: boolean; at_least?: number }>;
  count?: string;
  of?: string;
  abandoned?: { started: string; completed: string; after_hours: number };
  any_of?: string[];
  some_of?: string[];
  ratio?: { of: string; to: string; at_least_to: number };
}
