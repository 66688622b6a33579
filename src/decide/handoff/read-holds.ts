import type { ConfigProblem } from '../../shared/config-file.ts';
import type { HoldRule } from './hold.ts';
import { HOLDOUT } from './holdout.ts';
import { MANUAL } from './manual.ts';
import { type HandoffFile, type HandoffKnows, readCondition, secondOfId } from './names.ts';

/** The holds, as far as they are sound, and what is wrong with them. */
export function readHolds(
  read: HandoffFile,
  knows: HandoffKnows,
): { rules: HoldRule[]; problems: ConfigProblem[] } {
  const problems = read.value.holds.flatMap(({ id }, i) => [
    ...secondOfId(read, 'holds', i, 'hold'),
    ...(id === HOLDOUT
      ? [read.problem(['holds', i, 'id'], id, 'another id: it stands for the holdout')]
      : []),
    ...(id === MANUAL
      ? [read.problem(['holds', i, 'id'], id, 'another id: it stands for `pql suppress`')]
      : []),
  ]);
  const rules = read.value.holds.flatMap(({ id, why, when }, i) => {
    const condition = readCondition(read, ['holds', i, 'when'], when, knows, problems);
    return condition === null ? [] : [{ id, why, condition }];
  });
  return { rules, problems };
}
