import { type ConfigProblem, checked, readConfig } from '../../shared/config-file.ts';
import { err, ok, type Result } from '../../shared/result.ts';
import type { Alerts } from './alerts.ts';
import type { Digest } from './digest.ts';
import type { HoldRule } from './hold.ts';
import type { Holdout } from './holdout.ts';
import { actingNames, type HandoffFile, type HandoffKnows } from './names.ts';
import { alertProblems, alertsOf } from './read-alerts.ts';
import { readDigest } from './read-digest.ts';
import { readHolds } from './read-holds.ts';
import { businessHours, hoursProblems } from './read-hours.ts';
import { peopleProblems } from './read-people.ts';
import { poolProblems, teamIn } from './read-pools.ts';
import { readRoutes } from './read-routes.ts';
import { slaProblems, slaRule } from './read-sla.ts';
import { type HandoffTexts, readTexts, type Touch, touchesOf, touchProblems } from './read-texts.ts';
import type { RouteRule } from './route.ts';
import { handoffSchema, type Play } from './schema.ts';
import type { SlaRule } from './sla.ts';
import type { Team } from './team.ts';

/** `mappings/handoff.yaml`, checked. */
export interface Handoff {
  sla: SlaRule[];
  routes: RouteRule[];
  holds: HoldRule[];
  /** null: none is sent. */
  digest: Digest | null;
  /** null: nobody is held out. */
  holdout: Holdout | null;
  /** Who can be given accounts. */
  team: Team;
  /** null: nobody is told in Slack. */
  alerts: Alerts | null;
  plays: Play[];
  /** People are compared in what is told of promises. */
  reportByOwner: boolean;
  texts: HandoffTexts;
  /** What a crossing makes, the first at once. */
  touches: Touch[];
}

/** Stands for every acting tier without a play of its own, so that another champion needs no other plays. */
const ANY_TIER = 'any';

/** What is done about a crossing into a tier; undefined: nothing. */
export function playOf({ plays }: Pick<Handoff, 'plays'>, tier: string): Play | undefined {
  return plays.find((play) => play.tier === tier) ?? plays.find((play) => play.tier === ANY_TIER);
}

/** `mappings/handoff.yaml` as text -> what it says, or every problem with its line. */
export function readHandoff(
  file: string,
  text: string,
  knows: HandoffKnows,
): Result<Handoff, ConfigProblem[]> {
  return checked(readConfig(file, text, handoffSchema), (read) => {
    const { hours, sla, holdout = null, alerts, plays, report_by_owner: reportByOwner } = read.value;
    const routes = readRoutes(read, knows);
    const holds = readHolds(read, knows);
    const digest = readDigest(read);
    const texts = readTexts(read, knows);
    const problems = [
      ...hoursProblems(read),
      ...slaProblems(read, knows),
      ...routes.problems,
      ...holds.problems,
      ...digest.problems,
      ...peopleProblems(read),
      ...poolProblems(read),
      ...alertProblems(read, knows),
      ...playProblems(read, knows),
      ...texts.problems,
      ...touchProblems(read, knows),
    ];
    const named = new Map(Object.entries(hours).map(([id, config]) => [id, businessHours(id, config)]));
    return problems.length > 0
      ? err(problems)
      : ok({
          sla: sla.map((rule) => slaRule(rule, named)),
          routes: routes.rules,
          holds: holds.rules,
          holdout,
          digest: digest.digest,
          team: teamIn(read.value, named),
          alerts: alerts === undefined ? null : alertsOf(alerts),
          plays,
          reportByOwner,
          texts: texts.texts,
          touches: touchesOf(read.value),
        });
  });
}

function playProblems(
  { value, unknownName, problem, whole }: HandoffFile,
  knows: HandoffKnows,
): ConfigProblem[] {
  const { tiers, others, templates } = knows;
  const problems = value.plays.flatMap((play, i) => [
    ...(tiers === null || play.tier === ANY_TIER
      ? []
      : unknownName(
          ['plays', i, 'tier'],
          play.tier,
          actingNames(tiers, others),
          'an acting tier of a model, or any',
        )),
    ...unknownName(['plays', i, 'template'], play.template, templates, 'a file of templates/'),
  ]);
  // A crossing without a play would be used up, and nobody would hear of it.
  const silent = (tiers ?? []).filter((tier) => whole(['plays']) && playOf(value, tier) === undefined);
  return [
    ...problems,
    ...silent.map((tier) => problem(['plays'], `no play for ${tier}`, `a play of tier ${tier}, or any`)),
  ];
}
