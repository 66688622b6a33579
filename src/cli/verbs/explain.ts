import type { Evaluation, RuleLine } from '../../score/evaluation.ts';
import type { Outlook } from '../../score/outlook.ts';
import { shownOnLine } from '../../shared/shown-text.ts';
import { complain, EXIT, print, printJson, UsageError, type Verb } from '../command.ts';
import { withRecord } from '../context.ts';
import { explainChange } from '../models/change.ts';
import { table } from '../table.ts';
import { type FoundScore, routeInWords, scoreOf } from './score.ts';

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
export function explanationText(account: string, evaluation: Evaluation, outlook: Outlook | null): string {
  const { model, version, value, raw, tier, validUntil, explanation, groups, segment, flags } = evaluation;
  return [
    `${account}: ${value} points, ${tier}  (${model} ${version})`,
    ...(segment === undefined
      ? []
      : [`segment ${segment.id}${segment.why === '' ? '' : `: ${segment.why}`}`]),
    ...(flags === undefined || flags.length === 0 ? [] : [`flags: ${flags.join(', ')}`]),
    validUntil === null ? 'holds until something happens' : `holds until ${validUntil} if nothing happens`,
    '',
    ...table(
      ['rule', 'group', 'points', 'why'],
      explanation.map((line) => [line.rule, line.group, pointsText(line), line.why]),
    ).split('\n'),
    `sum: ${Object.entries(groups)
      .map(([group, points]) => `${group} ${points}`)
      .join(' + ')} = ${raw}`,
    ...evaluation.modifiers.map(({ id, why, from, to }) => `  ${from} -> ${to}  ${id}: ${why}`),
    '',
    ...evaluation.gates.map(({ id, passed, why }) => `${passed ? 'passed' : 'NOT passed'}  ${id}: ${why}`),
    ...(evaluation.overrides ?? []).map(
      (line) => `${line.applied ? `lifts to ${line.tier}` : 'does not lift'}  ${line.id}: ${line.why}`,
    ),
    ...outlookText(outlook),
  ]
    .map(shownOnLine)
    .join('\n');
}

function pointsText(line: RuleLine): string | number {
  return line.uncapped !== undefined && line.uncapped !== line.points
    ? `${line.points} (of ${line.uncapped}, cap ${line.cap})`
    : line.points;
}

function outlookText(outlook: Outlook | null): string[] {
  const { closer = [], next = [] } = outlook ?? {};
  return [
    ...(closer.length > 0 ? ['', 'one change would be enough:'] : []),
    ...closer.map(({ what, tier, by }) => `  ${what} -> ${tier}${by === null ? '' : `, before ${by}`}`),
    ...(next.length > 0 ? ['', 'with no event:'] : []),
    ...next.map(
      ({ at, value, tier, because }) =>
        `  ${at}  ${value.from} -> ${value.to}, ${tier.from === tier.to ? tier.to : `${tier.from} -> ${tier.to}`}  (${because.join('; ')})`,
    ),
  ];
}

export const explain: Verb = {
  name: 'explain',
  usage: 'ACCOUNT [--as-of T | --from T1 [--to T2]] [--model MODEL]',
  summary:
    'Why an account has its score: every rule, gate and cap, as stored with the score; or what changed between two instants.',
  positionals: 1,
  options: {
    'as-of': { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
    model: { type: 'string' },
  },
  help: {
    'as-of': 'an instant, e.g. 2026-03-02T10:00:00Z',
    from: 'what changed since this instant',
    to: 'with --from: up to this instant (now)',
    model: 'another model than the champion',
  },
  run: ({ options, positionals, json }) =>
    withRecord(async (context) => {
      const { from, to, 'as-of': asOf } = options;
      if (from !== undefined && asOf === undefined) {
        return explainChange(context, positionals[0], { from, to, model: options.model }, json);
      }
      if (from !== undefined || to !== undefined) {
        throw new UsageError('--from T1 [--to T2], or --as-of T');
      }
      const found = await scoreOf(context, positionals[0], asOf, options.model);
      if (found === null) {
        complain(`no score of ${positionals[0]}`);
        return EXIT.failed;
      }
      if (json) {
        printJson({
          account: found.account,
          ...found.evaluation,
          outlook: found.outlook,
          route: found.route,
          facts: found.known.facts,
          sources: found.known.origins,
        });
      } else {
        const route = routeInWords(found.route);
        const parts = [
          explanationText(found.account, found.evaluation, found.outlook),
          ...(route === '' ? [] : [shownOnLine(route)]),
          factsText(found),
        ];
        print(parts.join('\n\n'));
      }
      return EXIT.done;
    }),
};
