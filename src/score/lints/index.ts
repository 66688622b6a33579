import type { Model } from '../model.ts';
import type { Lint } from './lint.ts';
import { deadSteps, loginAsValue, passesForAnybody, signupAlone, uncappedRules } from './rules.ts';
import { ahaShare, frequencyShare, tooManySignals } from './shares.ts';
import { movesEveryDay, nothingForgets, stackedRecency } from './silence.ts';
import {
  neverCalibrated,
  noFitGate,
  oneDefinition,
  overridesSkipSuppression,
  tooTight,
  treatedAlike,
} from './whole.ts';

export { staleCalibration } from './whole.ts';

/** All advice about a model, in the order of the list of checks. Pure: nothing here depends on the day. */
export function lintsOf(model: Model): Lint[] {
  return CHECKS.flatMap((check) => check(model));
}

/** `mappings/models/points.yaml:12 warning login_as_value: …` */
export function formatLint({ source }: Model, { id, level, path, message }: Lint): string {
  return `${source.file}:${source.lineOf(path)} ${level} ${id}: ${message}`;
}

const CHECKS: readonly ((model: Model) => Lint[])[] = [
  loginAsValue,
  frequencyShare,
  nothingForgets,
  noFitGate,
  uncappedRules,
  deadSteps,
  passesForAnybody,
  stackedRecency,
  overridesSkipSuppression,
  ahaShare,
  neverCalibrated,
  tooManySignals,
  signupAlone,
  tooTight,
  treatedAlike,
  oneDefinition,
  movesEveryDay,
];
