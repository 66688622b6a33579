import { type ConfigProblem, checked, readConfig } from '../shared/config-file.ts';
import { err, ok, type Result } from '../shared/result.ts';
import type { Complain } from './compile/complain.ts';
import { draftOf } from './compile/draft.ts';
import type { Gate, Milestone, Override } from './compile/gate.ts';
import type { Group } from './compile/groups.ts';
import type { FactReader, Known } from './compile/known.ts';
import type { Modifier } from './compile/modifier.ts';
import { checkIds, checkName } from './compile/names.ts';
import { compileParts } from './compile/parts.ts';
import type { Rule } from './compile/rule.ts';
import type { Segment } from './compile/segment.ts';
import type { Micro } from './exact.ts';
import { type ModelConfig, modelSchema, type TierConfig } from './schema/model.ts';

/** A model that is known to make sense: every name resolved, every number reachable. */
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
  round: number;
  /** Lowest first. */
  tiers: TierConfig[];
  facts: FactReader;
  /** As written, for lints and for showing. */
  config: ModelConfig;
}

/** One model file as text -> model, or every problem with its line (I11). */
export function readModel(file: string, text: string, known: Known): Result<Model, ConfigProblem[]> {
  return checked(readConfig(file, text, modelSchema), (read) => {
    const problems: ConfigProblem[] = [];
    const complain: Complain = (path, found, allowed) => {
      problems.push(read.problem(path, found, allowed));
      return null;
    };
    const draft = draftOf(read, known, complain);
    checkName(read.file, draft);
    checkIds(draft);
    const model = compileParts(draft);
    return problems.length > 0 ? err(problems) : ok(model);
  });
}
