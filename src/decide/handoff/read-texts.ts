import type { ConfigProblem } from '../../shared/config-file.ts';
import type { TextRule } from '../texts/choose.ts';
import type { Texts } from '../texts/plans.ts';
import { type HandoffFile, type HandoffKnows, setOffBy, unknownSignals, unknownTiers } from './names.ts';
import { destinations } from './read-sla.ts';
import type { HandoffConfig, TextConfig } from './schema.ts';

/** The section `texts`. */
export interface HandoffTexts extends Texts {
  /** The first that fits. */
  by: TextRule[];
}

/** One task of a plan of touches. */
export interface Touch {
  /** Days after the touch before. */
  after: number;
  /** null: the text of the crossing. */
  template: string | null;
}

const A_TEMPLATE = 'a file of templates/';

/** The texts, as far as they are sound, and what is wrong with them. */
export function readTexts(
  read: HandoffFile,
  knows: HandoffKnows,
): { texts: HandoffTexts; problems: ConfigProblem[] } {
  const { our, names, plans, by } = read.value.texts;
  const problems = [
    ...by.flatMap((rule, i) => ruleProblems(read, rule, i, knows)),
    ...plans.flatMap(({ id }, i) => secondPlan(read, id, i)),
  ];
  return { texts: { our, names, plans, by: by.map(textRule) }, problems };
}

function textRule(config: TextConfig): TextRule {
  const { template, signals, routes = null, tiers = null } = config;
  return { template, signals: setOffBy(signals), routes, tiers };
}

function ruleProblems(read: HandoffFile, rule: TextConfig, i: number, knows: HandoffKnows): ConfigProblem[] {
  const { value, unknownName } = read;
  const at = ['texts', 'by', i];
  return [
    ...unknownName([...at, 'template'], rule.template, knows.templates, A_TEMPLATE),
    ...unknownSignals(read, at, rule, knows),
    ...unknownTiers(read, at, rule, knows),
    ...(rule.routes ?? []).flatMap((to, j) =>
      unknownName([...at, 'routes', j], to, destinations(value), 'where a route goes', [['routes']]),
    ),
  ];
}

function secondPlan({ value, problem }: HandoffFile, id: string, i: number): ConfigProblem[] {
  const ids = value.texts.plans.map((plan) => plan.id.toLowerCase());
  return ids.indexOf(id.toLowerCase()) < i
    ? [problem(['texts', 'plans', i, 'id'], id, 'an id that no other plan has')]
    : [];
}

/** The plan, as the file says it. */
export function touchesOf({ touches }: HandoffConfig): Touch[] {
  return touches.map(({ after, template = null }) => ({ after, template }));
}

/** The first touch is the crossing's own task: at once, with the text of the crossing. Each other has days and a text. */
export function touchProblems(
  { value, problem, unknownName }: HandoffFile,
  { templates }: HandoffKnows,
): ConfigProblem[] {
  return value.touches.flatMap(({ after, template }, i) => {
    const at = ['touches', i];
    const named =
      template === undefined ? [] : unknownName([...at, 'template'], template, templates, A_TEMPLATE);
    if (i === 0) {
      return [
        ...(after === 0 ? [] : [problem([...at, 'after'], `${after} days`, '0 days: the first is at once')]),
        ...(template === undefined
          ? []
          : [
              problem(
                [...at, 'template'],
                template,
                'nothing: the first has the text of the crossing (texts.by)',
              ),
            ]),
      ];
    }
    return [
      ...named,
      ...(after > 0 ? [] : [problem([...at, 'after'], '0 days', 'a day or more after the touch before')]),
      ...(template === undefined ? [problem(at, 'no template', 'a template: a file of templates/')] : []),
    ];
  });
}
