import type { Evaluation, RuleLine } from '../score/evaluation.ts';

/** The short text of a CRM field: what earned points, most first, e.g. `ran into a plan limit 2 times (+25)`. */
export function topReasons(evaluation: Evaluation, most = 5): string {
  return earned(evaluation)
    .slice(0, most)
    .map((line) => `${line.why} (+${line.points})`)
    .join('; ');
}

/** Lines with points, most points first, behaviour before facts at equal points; ties in the model's order. */
export function earned(evaluation: Evaluation): RuleLine[] {
  return evaluation.explanation
    .map((line, order) => ({ line, order }))
    .filter(({ line }) => line.points > 0)
    .sort((a, b) => b.line.points - a.line.points || a.order - b.order)
    .map(({ line }) => line);
}

/** The strongest behaviour in a few words: what a rep can open a conversation with. Facts about the company come last. */
export function headlineOf(evaluation: Evaluation): string {
  const lines = earned(evaluation);
  const [behaviour] = Object.keys(evaluation.groups);
  return (lines.find((line) => line.group === behaviour) ?? lines[0])?.why ?? '';
}
