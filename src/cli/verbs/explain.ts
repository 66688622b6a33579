import type { Evaluation } from '../../score/evaluation.ts';
import { EXIT, print, printJson, type Verb } from '../command.ts';
import { withRecord } from '../context.ts';
import { table } from '../table.ts';
import { type FoundScore, scoreOf } from './score.ts';

/** What is known of the account, with its source, and which facts rules asked for in vain. */
export function factsText({ evaluation, known }: FoundScore): string {
  const missing = evaluation.explanation.flatMap(({ evidence }) =>
    typeof evidence.missing === 'string' ? [evidence.missing] : [],
  );
  const rows = Object.entries(known.facts).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
    known.origins[name] ?? '',
  ]);
  const unknown = [...new Set(missing)].filter((name) => !Object.hasOwn(known.facts, name));
  return table(
    ['fact', 'value', 'from'],
    [...rows, ...unknown.map((name) => [name, 'not known', 'missing'])],
  );
}

/** A score line by line, in words. */
export function explanationText(account: string, evaluation: Evaluation): string {
  const { model, version, value, tier, validUntil, gates, explanation, groups } = evaluation;
  const capped = (line: Evaluation['explanation'][number]) =>
    line.uncapped !== undefined && line.uncapped !== line.points
      ? `${line.points} (of ${line.uncapped}, cap ${line.cap})`
      : line.points;
  return [
    `${account}: ${value} points, ${tier}  (${model} ${version})`,
    validUntil === null ? 'holds until something happens' : `holds until ${validUntil} if nothing happens`,
    '',
    table(
      ['rule', 'group', 'points', 'why'],
      explanation.map((line) => [line.rule, line.group, capped(line), line.why]),
    ),
    `sum: ${Object.entries(groups)
      .map(([group, points]) => `${group} ${points}`)
      .join(' + ')} = ${value}`,
    '',
    ...gates.map((gate) => `${gate.passed ? 'passed' : 'NOT passed'}  ${gate.id}: ${gate.why}`),
  ].join('\n');
}

export const explain: Verb = {
  name: 'explain',
  usage: 'ACCOUNT [--as-of T] [--model MODEL]',
  summary: 'Why an account has its score: every rule, gate and cap, as stored with the score.',
  positionals: 1,
  options: { 'as-of': { type: 'string' }, model: { type: 'string' } },
  help: { 'as-of': 'an instant, e.g. 2026-03-02T10:00:00Z', model: 'another model than the champion' },
  run: ({ options, positionals, json }) =>
    withRecord(async (context) => {
      const found = await scoreOf(context, positionals[0], options['as-of'], options.model);
      if (found === null) {
        process.stderr.write(`no score of ${positionals[0]}\n`);
        return EXIT.failed;
      }
      if (json) {
        printJson({
          account: found.account,
          ...found.evaluation,
          facts: found.known.facts,
          sources: found.known.origins,
        });
      } else {
        print(`${explanationText(found.account, found.evaluation)}\n\n${factsText(found)}`);
      }
      return EXIT.done;
    }),
};
