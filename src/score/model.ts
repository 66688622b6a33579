import type { FactReader as Reader } from '../accounts/facts.ts';
import type { Bracket } from '../accounts/measure.ts';
import type { SignalInfo } from '../accounts/signal.ts';
import type { Window } from '../accounts/window.ts';
import type { Micro } from './exact.ts';
import type { Sentence } from './find/sentence.ts';
import type { GateConfig, ModelConfig, OverrideConfig, TierConfig } from './schema/model.ts';

/** A model that is known to make sense: every name resolved, every number reachable. Points are millionths. */
export interface Model {
  model: string;
  title: string;
  /** A hash of all that decides scores and explanations, whatever the file's comments and key order. */
  version: string;
  weighting: ModelConfig['weighting'];
  groups: Group[];
  segments: Segment[];
  rules: Rule[];
  milestones: Milestone[];
  gates: Gate[];
  overrides: Override[];
  modifiers: Modifier[];
  clamp: { least: Micro; most: Micro };
  /** Decimals of the number. */
  round: number;
  /** Lowest first. */
  tiers: TierConfig[];
  facts: FactReader;
  /** As written, for lints and for showing. */
  config: ModelConfig;
  source: { file: string; lineOf(path: readonly PropertyKey[]): number };
}

/** Traits and what is concluded from them, without what is not known. Its hash is part of every model's version. */
export type FactReader = Pick<Reader, 'account' | 'person' | 'hash'>;

/** What a rule or condition looks at. A new kind is one more form here, one in the schema, and a finder for it. */
export type Subject = Target | Above;

/** What is looked for in the account. */
export type Target =
  | { kind: 'signal'; signal: SignalInfo; window: Window }
  | LastSubject
  | { kind: 'signup' }
  | { kind: 'date'; trait: string }
  | { kind: 'trait'; trait: string }
  | { kind: 'entries'; trait: string }
  | PeopleSubject;

/** What stands above in the file. */
export type Above = { kind: 'rule'; rule: string } | { kind: 'gate'; gate: string };

export interface LastSubject {
  kind: 'last';
  signals: SignalInfo[];
}

export interface PeopleSubject {
  kind: 'people';
  where: { trait: string; test: Test }[];
  /** null: everybody known. */
  within: Window | null;
  /** null: people are counted; else different values of this trait. */
  distinct: string | null;
}

/** What is asked of what was found. */
export type Test =
  | { kind: 'number'; least: number; most: number }
  | { kind: 'one_of'; values: readonly (string | number | boolean)[] }
  | { kind: 'known'; known: boolean }
  | { kind: 'within'; window: Window };

/** Its value is true, false, or unknown (null). */
export type Condition =
  | { kind: 'atom'; subject: Subject; test: Test; bracket: Bracket }
  | { kind: 'all'; of: Condition[] }
  | { kind: 'any'; of: Condition[] }
  | { kind: 'some'; atLeast: number; of: Condition[] }
  | { kind: 'not'; of: Condition };

/** Points for something. */
export interface Rule {
  id: string;
  group: string;
  /** The sentence for a rep, with values in the places of its words. */
  why: Sentence;
  /** Segments it applies to; null: all. */
  only: readonly string[] | null;
  looks: { at: 'subject'; subject: Target } | { at: 'condition'; condition: Condition };
  points: Points;
  fade: Fade | null;
  /** Which amounts give the same points. */
  bracket: Bracket;
}

export type Points =
  | { kind: 'once'; amount: Micro; test: Test }
  | { kind: 'each'; amount: Micro; cap: Micro | null }
  | { kind: 'steps'; best: boolean; steps: readonly { test: Test; amount: Micro }[] };

/** How an occurrence loses worth with its age in UTC days, down to `to` (a share in millionths). */
export type Fade = { kind: 'linear'; over: number; to: Micro } | { kind: 'half'; every: number; to: Micro };

/** One group, with its weight as a share in millionths. */
export interface Group {
  id: string;
  weight: Micro;
  /** Points at which it counts as 100 under `normalised`. */
  full: Micro;
  cap: Micro | null;
  floor: Micro | null;
  /** The most that it can give, after its cap. */
  most: Micro;
}

/** A condition beside the points: it can hold tiers back, and changes the number only when it says zero. */
export interface Gate {
  id: string;
  why: string;
  kind: GateConfig['kind'];
  passesUnknown: boolean;
  zero: boolean;
  flag: string | null;
  test:
    | { kind: 'condition'; condition: Condition }
    | { kind: 'minimum_points'; groups: { group: string; least: Micro }[] };
}

/** Lifts an account to a tier, whatever its points. */
export interface Override {
  id: string;
  why: string;
  kind: OverrideConfig['kind'];
  bypassFit: boolean;
  condition: Condition;
  tier: string;
}

/** A step on the way to value, reached also by whoever skips those below it. */
export interface Milestone {
  id: string;
  why: string;
  points: Micro;
  condition: Condition;
}

/** Changes the number by how long the account has been silent. Days are UTC days since the newest occurrence. */
export type Modifier = { id: string; why: string | null; of: LastSubject } & (
  | { kind: 'multiplier'; steps: { within: Window; factor: Micro }[]; otherwise: Micro }
  | { kind: 'weekly'; minus: Micro; after: number; floor: Micro }
  | { kind: 'steps'; steps: { after: number; minus: Micro }[]; floor: Micro }
  | { kind: 'half_life'; every: number; after: number; floor: Micro }
);

/** A part of the accounts with thresholds, or a whole model, of its own (S1-94, S2-113, S2-114). */
export interface Segment {
  id: string;
  /** null: everybody whom no segment above took. */
  condition: Condition | null;
  /** Points from which tiers hold, where they differ from the model's. */
  thresholds: ReadonlyMap<string, Micro>;
  /** Another model that scores these accounts. */
  model: Model | null;
}
