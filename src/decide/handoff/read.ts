import { clockOf } from '../../accounts/zone.ts';
import { type ConfigFile, type ConfigProblem, checked, readConfig } from '../../shared/config-file.ts';
import { err, ok, type Result } from '../../shared/result.ts';
import { ALWAYS, type BusinessHours } from './business-hours.ts';
import {
  type BusinessHoursConfig,
  type HandoffConfig,
  handoffSchema,
  type Play,
  type SlaConfig,
  spansOf,
  weekdaysOf,
} from './schema.ts';
import type { SlaRule } from './sla.ts';

/** `mappings/handoff.yaml`, checked. */
export interface Handoff {
  sla: SlaRule[];
  plays: Play[];
}

/** Stands for every acting tier without a play of its own, so that another champion needs no other plays. */
const ANY_TIER = 'any';

/** What is done about a crossing into a tier; undefined: nothing. */
export function playOf({ plays }: Pick<Handoff, 'plays'>, tier: string): Play | undefined {
  return plays.find((play) => play.tier === tier) ?? plays.find((play) => play.tier === ANY_TIER);
}

/** Names of other files that this one may use. */
export interface HandoffKnows {
  /** Acting tiers of the champion; null: the model is broken itself, and which it has nobody can say. */
  tiers: readonly string[] | null;
  /** Acting tiers of the other models of the folder, which may become champion and keep their plays. */
  others: readonly string[];
  templates: readonly string[];
  /** null: signals.yaml is broken itself. */
  signals: readonly string[] | null;
}

type File = ConfigFile<HandoffConfig>;

/** `mappings/handoff.yaml` as text -> what it says, or every problem with its line. */
export function readHandoff(
  file: string,
  text: string,
  knows: HandoffKnows,
): Result<Handoff, ConfigProblem[]> {
  return checked(readConfig(file, text, handoffSchema), (read) => {
    const problems = [...hoursProblems(read), ...slaProblems(read, knows), ...playProblems(read, knows)];
    return problems.length > 0 ? err(problems) : ok(compiled(read.value));
  });
}

function compiled({ hours, sla, plays }: HandoffConfig): Handoff {
  const named = new Map(Object.entries(hours).map(([id, config]) => [id, businessHours(id, config)]));
  return { sla: sla.map((rule) => slaRule(rule, named)), plays };
}

function businessHours(id: string, { timezone, open, holidays }: BusinessHoursConfig): BusinessHours {
  const weekdays = Array.from({ length: 7 }, (_, weekday) =>
    Object.entries(open)
      .filter(([range]) => weekdaysOf(range).includes(weekday))
      .flatMap(([, text]) => spansOf(text))
      .sort((a, b) => a.from - b.from),
  );
  return { id, timezone, offset: clockOf(timezone) ?? ALWAYS.offset, weekdays, holidays: new Set(holidays) };
}

function slaRule(rule: SlaConfig, named: ReadonlyMap<string, BusinessHours>): SlaRule {
  const { id, tiers = null, signals = null, routes = null, within, warn_at: warnAt } = rule;
  return {
    id,
    tiers,
    signals: Array.isArray(signals) ? new Set(signals) : signals,
    routes,
    within,
    hours: named.get(rule.hours ?? '') ?? ALWAYS,
    warnAt,
  };
}

function hoursProblems({ value, problem }: File): ConfigProblem[] {
  return Object.entries(value.hours).flatMap(([id, { timezone, open, holidays }]) => {
    const at = (...path: PropertyKey[]) => ['hours', id, ...path];
    return [
      ...(clockOf(timezone) === null
        ? [problem(at('timezone'), timezone, 'an IANA time zone, such as Europe/Berlin')]
        : []),
      ...(Object.keys(open).length === 0
        ? [problem(at('open'), 'no hours', 'some hours, such as mon-fri: 09:00-17:00')]
        : []),
      ...Object.entries(open).flatMap(([range, text]) =>
        spansOf(text)
          .filter(({ from, to }) => from >= to)
          .map(() =>
            problem(
              at('open', range),
              text,
              'times that end after they begin; a night is two parts of two days',
            ),
          ),
      ),
      ...overlapping(open).map((range) =>
        problem(at('open', range), range, 'hours that no other line has for the same day'),
      ),
      ...holidays.flatMap((date, i) =>
        isDate(date) ? [] : [problem(at('holidays', i), date, 'a date that the calendar has')],
      ),
    ];
  });
}

function isDate(text: string): boolean {
  const at = Date.parse(text);
  return !Number.isNaN(at) && new Date(at).toISOString().slice(0, 10) === text;
}

/** Ranges of which a part lies inside another line's, or inside another part of their own. */
function overlapping(open: BusinessHoursConfig['open']): string[] {
  const all = Object.entries(open).flatMap(([range, text]) =>
    weekdaysOf(range).flatMap((weekday) => spansOf(text).map((span) => ({ range, weekday, ...span }))),
  );
  const twice = all.filter((one, i) =>
    all.some(
      (other, j) => j < i && other.weekday === one.weekday && other.from < one.to && one.from < other.to,
    ),
  );
  return [...new Set(twice.map(({ range }) => range))];
}

function slaProblems(read: File, { tiers, others, signals }: HandoffKnows): ConfigProblem[] {
  const { value, unknownName, problem, whole } = read;
  /** Nothing where nobody can say which names there are. */
  const unknownAmong = (
    path: PropertyKey[],
    names: readonly string[],
    known: readonly string[] | null,
    what: string,
  ) => (known === null ? [] : names.flatMap((name, j) => unknownName([...path, j], name, known, what)));
  const routes = [...new Set(value.plays.map(({ route }) => route))];
  const names = value.sla.flatMap((rule, i) => {
    const at = (...path: PropertyKey[]) => ['sla', i, ...path];
    const listed = Array.isArray(rule.signals) ? rule.signals : [];
    return [
      ...unknownAmong(
        at('tiers'),
        rule.tiers ?? [],
        tiers && actingNames(tiers, others),
        'an acting tier of a model',
      ),
      ...unknownAmong(at('signals'), listed, signals, 'a signal of signals.yaml'),
      ...(rule.routes ?? []).flatMap((route, j) =>
        unknownName(at('routes', j), route, routes, 'a route of a play', [['plays']]),
      ),
      ...(rule.hours === undefined
        ? []
        : unknownName(at('hours'), rule.hours, Object.keys(value.hours), 'a name under hours', [['hours']])),
      ...(value.sla.findIndex(({ id }) => id === rule.id) < i
        ? [problem(at('id'), rule.id, 'an id that no other promise has')]
        : []),
    ];
  });
  const silent = (tiers ?? []).filter((tier) => whole(['sla']) && !isPromised(value, tier));
  return [
    ...names,
    ...silent.map((tier) =>
      problem(
        ['sla'],
        `no promise for ${tier} whatever set the crossing off`,
        `one without signals for ${tier}`,
      ),
    ),
  ];
}

/** A task without a deadline is stale by Monday. */
function isPromised({ sla, plays }: HandoffConfig, tier: string): boolean {
  const route = playOf({ plays }, tier)?.route;
  return sla.some(
    (rule) =>
      rule.signals === undefined &&
      (rule.tiers?.includes(tier) ?? true) &&
      (rule.routes === undefined || route === undefined || rule.routes.includes(route)),
  );
}

function playProblems({ value, unknownName, problem, whole }: File, knows: HandoffKnows): ConfigProblem[] {
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

function actingNames(tiers: readonly string[], others: readonly string[]): string[] {
  return [...new Set([...tiers, ...others])];
}
