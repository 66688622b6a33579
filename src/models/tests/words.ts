import type { Evaluation } from '../../score/evaluation.ts';
import type { CaseResult, Failure } from './run.ts';

/** A case that failed, as text: what was expected and found, line by line, and the explanation that matters. */
export function failureText(result: CaseResult): string {
  const { file, line, model, name, failures, uncounted } = result;
  const hint =
    uncounted.length === 0 ? [] : [`  no signal counts: ${uncounted.map((one) => `"${one}"`).join(', ')}`];
  return [`FAILED ${model}: ${name}  (${file}:${line})`, ...failures.flatMap(lines), ...hint].join('\n');
}

function lines({ at, mismatches, evaluation }: Failure): string[] {
  const width = Math.max(...mismatches.map(({ path }) => path.join('.').length));
  return [
    `  at ${at}`,
    ...mismatches.flatMap(({ path, expected, found, line }) => [
      `    ${path.join('.').padEnd(width)}  expected ${JSON.stringify(expected)}  (line ${line})`,
      `    ${''.padEnd(width)}     found ${JSON.stringify(found)}`,
    ]),
    ...(evaluation === null ? [] : ['    the score:', ...scoreLines(evaluation, named(mismatches))]),
  ];
}

/** Rules that an expectation names. */
function named(mismatches: Failure['mismatches']): string[] {
  return mismatches.flatMap(({ path }) => (path.includes('points') ? path.slice(-1) : []));
}

/** The lines that matter: what earned or cost points, what was asked for, every modifier and gate. */
function scoreLines({ value, tier, explanation, modifiers, gates }: Evaluation, asked: string[]): string[] {
  const shown = explanation.filter(({ rule, points }) => points !== 0 || asked.includes(rule));
  const left = explanation.length - shown.length;
  return [
    `${value} points, ${tier}`,
    ...shown.map(({ rule, points, uncapped, cap, why }) => {
      const capped = uncapped !== undefined && uncapped !== points ? ` of ${uncapped}, cap ${cap}` : '';
      return `${rule}: ${points}${capped} (${why})`;
    }),
    ...(left === 0 ? [] : [`${left} other rule${left === 1 ? '' : 's'}: 0`]),
    ...modifiers.map(({ id, from, to, why }) => `${id}: ${from} -> ${to} (${why})`),
    ...gates.map(({ id, passed, why }) => `gate ${id}: ${passed ? 'passed' : 'failed'} (${why})`),
  ].map((text) => `      ${text}`);
}
