import { type ConfigProblem, checked, readConfig } from '../../shared/config-file.ts';
import { err, ok, type Result } from '../../shared/result.ts';
import type { Model } from '../model.ts';
import { modelSchema } from '../schema/model.ts';
import type { Complain } from './complain.ts';
import { draftOf } from './draft.ts';
import type { Known } from './known.ts';
import { checkIds, checkName } from './names.ts';
import { compileParts } from './parts.ts';

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
