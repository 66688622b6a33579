import type { Condition } from '../../score/model.ts';
import type { ConfigProblem } from '../../shared/config-file.ts';
import {
  type HandoffFile,
  type HandoffKnows,
  readCondition,
  secondOfId,
  setOffBy,
  unknownSignals,
  unknownTiers,
} from './names.ts';
import type { RouteRule } from './route.ts';
import type { RouteConfig } from './schema.ts';

/** The routes, as far as they are sound, and what is wrong with them. */
export function readRoutes(
  read: HandoffFile,
  knows: HandoffKnows,
): { rules: RouteRule[]; problems: ConfigProblem[] } {
  const { value, problem, whole } = read;
  const problems = value.routes.flatMap((route, i) => routeProblems(read, route, i, knows));
  const last = value.routes.at(-1);
  if (last !== undefined && whole(['routes']) && !asksForNothing(last)) {
    problems.push(
      problem(
        ['routes', value.routes.length - 1],
        last.id,
        'a last route that asks for nothing: everybody else goes there',
      ),
    );
  }
  const rules = value.routes.map((route, i) =>
    routeRule(
      route,
      route.when === undefined
        ? null
        : readCondition(read, ['routes', i, 'when'], route.when, knows, problems),
    ),
  );
  return { rules, problems };
}

function routeRule(route: RouteConfig, condition: Condition | null): RouteRule {
  const { id, to, why, tiers = null, flags = null, segments = null, task, campaign, code = null } = route;
  return {
    id,
    to,
    why,
    tiers,
    scoreFrom: route.score_from ?? null,
    flags,
    withoutFlags: route.without_flags ?? [],
    segments,
    signals: setOffBy(route.signals),
    condition,
    task,
    campaign,
    code,
    owner: route.owner ?? null,
  };
}

function asksForNothing(route: RouteConfig): boolean {
  const { tiers, score_from, flags, without_flags, segments, signals, when } = route;
  return [tiers, score_from, flags, without_flags, segments, signals, when].every((one) => one === undefined);
}

function routeProblems(
  read: HandoffFile,
  route: RouteConfig,
  i: number,
  knows: HandoffKnows,
): ConfigProblem[] {
  const { unknownName, problem, value } = read;
  const at = ['routes', i];
  const flags = (key: 'flags' | 'without_flags') =>
    (route[key] ?? []).flatMap((flag, j) =>
      unknownName([...at, key, j], flag, knows.flags, 'a flag of a model'),
    );
  return [
    ...secondOfId(read, 'routes', i, 'route'),
    ...unknownTiers(read, at, route, knows),
    ...unknownSignals(read, at, route, knows),
    ...flags('flags'),
    ...flags('without_flags'),
    ...(route.segments ?? []).flatMap((segment, j) =>
      unknownName([...at, 'segments', j], segment, knows.segments, 'a segment of a model'),
    ),
    ...(asksForNothing(route) && i < value.routes.length - 1
      ? [problem(at, route.id, 'something that it asks for: routes below it would never be reached')]
      : []),
  ];
}
