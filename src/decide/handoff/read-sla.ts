import type { ConfigProblem } from '../../shared/config-file.ts';
import { ALWAYS, type BusinessHours } from './business-hours.ts';
import {
  type HandoffFile,
  type HandoffKnows,
  secondOfId,
  setOffBy,
  unknownSignals,
  unknownTiers,
} from './names.ts';
import { unknownPerson } from './read-people.ts';
import type { HandoffConfig, SlaConfig } from './schema.ts';
import { MANAGER, NEXT_OWNER, type SlaRule } from './sla.ts';

export function slaRule(rule: SlaConfig, named: ReadonlyMap<string, BusinessHours>): SlaRule {
  const { id, tiers = null, signals, routes = null, within, warn_at: warnAt, escalate = null } = rule;
  return {
    id,
    tiers,
    signals: setOffBy(signals),
    routes,
    within,
    hours: named.get(rule.hours ?? '') ?? ALWAYS,
    warnAt,
    escalate,
  };
}

export function slaProblems(read: HandoffFile, knows: HandoffKnows): ConfigProblem[] {
  const { value, problem, whole, unknownName } = read;
  const named = value.sla.flatMap((rule, i) => {
    const at = ['sla', i];
    return [
      ...unknownTiers(read, at, rule, knows),
      ...unknownSignals(read, at, rule, knows),
      ...(rule.routes ?? []).flatMap((to, j) =>
        unknownName([...at, 'routes', j], to, destinations(value), 'where a route goes', [['routes']]),
      ),
      ...(rule.hours === undefined
        ? []
        : unknownName([...at, 'hours'], rule.hours, Object.keys(value.hours), 'a name under hours', [
            ['hours'],
          ])),
      ...escalationProblems(read, [...at, 'escalate', 'to'], rule.escalate?.to),
      ...secondOfId(read, 'sla', i, 'promise'),
    ];
  });
  const silent = (knows.tiers ?? []).filter((tier) => whole(['sla']) && !isPromised(value, tier));
  return [
    ...named,
    ...silent.map((tier) =>
      problem(
        ['sla'],
        `no promise for ${tier} whatever set the crossing off`,
        `one without signals and routes for ${tier}`,
      ),
    ),
  ];
}

function escalationProblems(
  read: HandoffFile,
  at: readonly PropertyKey[],
  to: string | undefined,
): ConfigProblem[] {
  if (to === undefined || to === NEXT_OWNER) {
    return [];
  }
  if (to !== MANAGER) {
    return unknownPerson(read, at, to);
  }
  const hasManagers = read.value.people?.some(({ manager }) => manager !== undefined) ?? false;
  return hasManagers ? [] : [read.problem(at, to, 'somebody under people who has a manager')];
}

/** A task without a deadline is stale by Monday. */
function isPromised({ sla }: HandoffConfig, tier: string): boolean {
  return sla.some(
    ({ signals, routes, tiers }) =>
      signals === undefined && routes === undefined && (tiers?.includes(tier) ?? true),
  );
}

/** Where routes go, each once. */
export function destinations({ routes }: HandoffConfig): string[] {
  return [...new Set(routes.map(({ to }) => to))];
}
