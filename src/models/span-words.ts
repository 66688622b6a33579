import type { ScoreSpan } from '../read-model.ts';
import { type Differences, differences } from '../score/diff.ts';
import { differenceWords } from '../score/diff-words.ts';

/** What became of a score between two instants. `difference` null: at one of them there was none. */
export interface SpanDifference {
  difference: Differences | null;
  words: string[];
}

export function spanDifference({ firstScored, from, to }: ScoreSpan): SpanDifference {
  if (to === null) {
    return {
      difference: null,
      words: [firstScored === null ? 'never scored' : `not scored before ${firstScored}`],
    };
  }
  const { evaluation } = to;
  if (from === null) {
    const score = `then ${evaluation.value} points, ${evaluation.tier}`;
    return { difference: null, words: [`not scored before ${firstScored}`, score] };
  }
  const difference = differences(from.evaluation, evaluation);
  return { difference, words: differenceWords(difference) };
}
