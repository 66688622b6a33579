import type { Json } from '../shared/json.ts';

/** One rule's line of an explanation. Every rule of the model is listed, unearned ones with 0 points (I10). */
export interface RuleLine {
  /** Id of the rule, or of the milestone. */
  rule: string;
  group: string;
  /** Points that count, after the cap. Decimal; at most six fraction digits. */
  points: number;
  /** Points before the cap, when a cap applies. */
  uncapped?: number;
  cap?: number;
  /** One sentence for a sales rep, with numbers. */
  why: string;
  /** Counts, users, first and last instant (ISO 8601), missing data: whatever shows where the points come from. */
  evidence: Record<string, Json>;
}

export interface GateLine {
  id: string;
  passed: boolean;
  why: string;
  /** What is not known, when that decided it. */
  missing?: string[];
}

/** A rule that can lift an account to a tier whatever its points. */
export interface OverrideLine {
  id: string;
  tier: string;
  applied: boolean;
  why: string;
}

/** One step from the sum of the lines to the number, in the order in which they were taken (I10). */
export interface ModifierLine {
  id: string;
  why: string;
  /** What it did to the running total. */
  from: number;
  to: number;
}

/**
 * A score as a value: a pure function of (model version, account state, now) (I4).
 * Instants are ISO 8601 text so that the stored explanation is the shown one, byte for byte.
 */
export interface Evaluation {
  model: string;
  version: string;
  value: number;
  /** The sum of the lines before modifiers and clamping. */
  raw: number;
  tier: string;
  /** Points of each group after its cap, before weights. */
  groups: Record<string, number>;
  gates: GateLine[];
  explanation: RuleLine[];
  modifiers: ModifierLine[];
  /** Present when the model has any. */
  overrides?: OverrideLine[];
  /** Flags of gates that fail, such as `self_serve_only`; present when the model has any. */
  flags?: string[];
  /** The segment whose thresholds or model were used, and why; present when the model has segments. */
  segment?: { id: string; why: string; model?: string };
  /** First instant at which score, tier or a gate could differ with no new event (I5); null: never. */
  validUntil: string | null;
}
