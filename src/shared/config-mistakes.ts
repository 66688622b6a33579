import type { z } from 'zod';
import type { Pruning } from './config-prune.ts';
import { dotted, type Finding, findingsOf, valueAt } from './config-words.ts';
import { nearest } from './did-you-mean.ts';
import { keysAt, standInFor } from './schema-keys.ts';

/** Something that the schema refuses. */
export interface Mistake {
  finding: Finding;
  /** Where it stands in the file. */
  at: PropertyKey[];
  /** The key that an unknown one is read as. */
  readAs: string | null;
  /** Told already, by what was taken out or by the key that was misspelt. */
  consequence: boolean;
}

/** What the schema refuses of a pruned value, one mistake for a place. */
export function mistakesOf(
  issues: readonly z.core.$ZodIssue[],
  raw: unknown,
  schema: z.ZodType,
  pruning: Pruning,
): Mistake[] {
  const found = issues.flatMap((issue) => findingsOf(issue, raw, schema));
  const first = new Map(
    found.map((finding) => [dotted(finding.path), finding]).reverse() as [string, Finding][],
  );
  const mistakes = found
    .filter((finding) => first.get(dotted(finding.path)) === finding)
    .map((finding) => {
      const at = pruning.asWritten(finding.path);
      return { finding, at, readAs: readAs(finding, raw, schema), consequence: !pruning.whole(at) };
    });
  const misspelt = new Set(
    mistakes.flatMap(({ at, readAs }) => (readAs === null ? [] : [dotted([...at.slice(0, -1), readAs])])),
  );
  return mistakes.map((mistake) => ({
    ...mistake,
    consequence: mistake.consequence || misspelt.has(dotted(mistake.at)),
  }));
}

/** The known key that an unknown one is a near miss of, if it does not stand there too. */
function readAs({ path, unknownKey }: Finding, raw: unknown, schema: z.ZodType): string | null {
  if (unknownKey === undefined) {
    return null;
  }
  const parent = path.slice(0, -1);
  const meant = nearest(unknownKey, keysAt(schema, parent));
  return meant === null || valueAt(raw, [...parent, meant]) !== undefined ? null : meant;
}

/** Takes out of the value all that is wrong with it. False: nothing would be left. */
export function takeOut(mistakes: readonly Mistake[], pruning: Pruning, schema: z.ZodType): boolean {
  const misspelt = mistakes.filter(({ readAs }) => readAs !== null);
  const meant = new Set(misspelt.map(({ at, readAs }) => dotted([...at.slice(0, -1), readAs ?? ''])));
  const culprits = mistakes
    .filter(({ at, readAs }) => readAs === null && !meant.has(dotted(at)))
    .map(({ at }) => ({ at, culprit: pruning.culprit(at) }));
  for (const { at, readAs } of misspelt) {
    pruning.rename(at, readAs ?? '');
  }
  return culprits.every(({ at, culprit }) => {
    if (culprit.length > 0) {
      pruning.remove(culprit);
      return true;
    }
    const [section] = at;
    const standIn = at.length === 1 && section !== undefined ? standInFor(schema, section) : undefined;
    if (section !== undefined && standIn !== undefined && pruning.mayReplace(section)) {
      pruning.replace(section, standIn);
      return true;
    }
    return false;
  });
}
