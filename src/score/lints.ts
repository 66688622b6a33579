import { ACTIVITY } from '../accounts/state.ts';
import { DAY } from '../shared/time.ts';
import { type Atom, ofCondition } from './compile/atoms.ts';
import { mostPoints } from './compile/rule.ts';
import type { Micro } from './exact.ts';
import { covers, passesForAll } from './lint-tests.ts';
import type { Condition, Model, Rule, Subject } from './model.ts';

/** Advice about a model that is valid: what users of such models regret later, with the reason. */
export interface Lint {
  id: string;
  /** `warning`: likely wrong. `hint`: fine if meant. */
  level: 'warning' | 'hint';
  /** Where in the file. */
  path: readonly PropertyKey[];
  /** What is there and why it hurts. */
  message: string;
}

/** All advice about a model, in the order of the list of checks. Pure: nothing here depends on the day. */
export function lintsOf(model: Model): Lint[] {
  return CHECKS.flatMap((check) => check(model));
}

/** How long a calibration is trusted, in days. */
const CALIBRATION_DAYS = 184;

/** Advice that depends on the day. @param now ms since 1970, UTC */
export function staleCalibration({ config }: Model, now: number): Lint[] {
  const age = config.calibrated === undefined ? 0 : Math.floor((now - Date.parse(config.calibrated)) / DAY);
  if (age < 0) {
    return [hint('never_calibrated', ['calibrated'], 'a backtest cannot stand in the future: say its day')];
  }
  return age > CALIBRATION_DAYS
    ? [
        hint(
          'stale_calibration',
          ['calibrated'],
          `${age} days since the last backtest: behaviour drifts in half a year`,
        ),
      ]
    : [];
}

/** `mappings/models/points.yaml:12 warning login_as_value: …` */
export function formatLint({ source }: Model, { id, level, path, message }: Lint): string {
  return `${source.file}:${source.lineOf(path)} ${level} ${id}: ${message}`;
}

const CHECKS: readonly ((model: Model) => Lint[])[] = [
  loginAsValue,
  frequencyShare,
  nothingForgets,
  noFitGate,
  uncappedRules,
  deadSteps,
  passesForAnybody,
  stackedRecency,
  overridesSkipSuppression,
  ahaShare,
  neverCalibrated,
  tooManySignals,
  signupAlone,
  tooTight,
  treatedAlike,
  oneDefinition,
  movesEveryDay,
];

function warning(id: string, path: readonly PropertyKey[], message: string): Lint {
  return { id, level: 'warning', path, message };
}

function hint(id: string, path: readonly PropertyKey[], message: string): Lint {
  return { id, level: 'hint', path, message };
}

/** S1-71, S1-112: how often somebody logs in says that they come, not that they gain. */
function loginAsValue({ rules }: Model): Lint[] {
  return rules.flatMap((rule, i) =>
    atomsOfRule(rule).some(({ subject }) => signalsOf(subject).includes('signed_in'))
      ? warning('login_as_value', ['rules', i], 'a login is no value: count what people do once they are in')
      : [],
  );
}

/** Above this share of all points, coming back counts as much as doing something. */
const FREQUENCY_SHARE = 0.15;

function frequencyShare(model: Model): Lint[] {
  const frequent = model.rules.filter((rule) => signalIds(rule).includes(ACTIVITY));
  const share = shareOf(frequent, model);
  return share > FREQUENCY_SHARE
    ? [
        warning(
          'frequency_share',
          ['rules'],
          `${percent(share)} of all points are for being active (${ids(frequent)}): more than ${percent(FREQUENCY_SHARE)} lets habit stand for value`,
        ),
      ]
    : [];
}

/** S1-73, S1-116: points that never leave make last year's users this year's leads. */
function nothingForgets({ rules, modifiers }: Model): Lint[] {
  const forever = rules.filter((rule) => rule.fade === null && atomsOfRule(rule).some(isForever));
  return modifiers.length > 0 || forever.length === 0
    ? []
    : [
        warning(
          'no_decay',
          ['modifiers'],
          `nothing lets points of ${ids(forever)} go: give them windows, or add a modifier`,
        ),
      ];
}

function isForever({ subject, test }: Atom): boolean {
  return subject.kind === 'signal'
    ? subject.window === 'lifetime'
    : subject.kind === 'last' && test?.kind === 'within' && test.window === 'lifetime';
}

/** S1-75, S1-117, S2-107: the student who uses everything. */
function noFitGate({ tiers, gates }: Model): Lint[] {
  const fit = new Set(gates.filter(({ kind }) => kind === 'fit').map(({ id }) => id));
  return tiers.flatMap((tier, i) =>
    tier.acts && !tier.requires.some((gate) => fit.has(gate))
      ? warning(
          'no_fit_gate',
          ['tiers', i],
          `"${tier.id}" acts for companies of any kind: require a gate of kind fit`,
        )
      : [],
  );
}

/** */
function uncappedRules({ rules, groups }: Model): Lint[] {
  const capped = new Set(groups.filter(({ cap }) => cap !== null).map(({ id }) => id));
  return rules.flatMap(({ id, group, points }, i) =>
    points.kind === 'each' && points.cap === null && points.amount > 0 && !capped.has(group)
      ? warning(
          'uncapped_rule',
          ['rules', i, 'points'],
          `"${id}" has no cap: one busy account outweighs all others`,
        )
      : [],
  );
}

/** Of `best_of`, a step that whoever reaches has a better one already. */
function deadSteps({ rules }: Model): Lint[] {
  return rules.flatMap(({ points }, i) => {
    const steps = points.kind === 'steps' && points.best ? points.steps : [];
    return steps.flatMap(({ test, amount }, at) =>
      steps.some(
        (other, j) =>
          j !== at &&
          covers(other.test, test) &&
          (other.amount > amount || (other.amount === amount && (j < at || !covers(test, other.test)))),
      )
        ? warning(
            'dead_step',
            ['rules', i, 'points', 'best_of', at],
            'never the best: whoever reaches it gets as much or more from another step',
          )
        : [],
    );
  });
}

/** A slip such as `at_least: 0`. */
function passesForAnybody({ rules }: Model): Lint[] {
  return rules.flatMap((rule, i) =>
    atomsOfRule(rule).some(({ subject, test }) => test !== null && passesForAll(subject, test))
      ? warning('passes_for_all', ['rules', i], `"${rule.id}" asks for at least 0, which everybody has`)
      : [],
  );
}

/** each of these punishes silence, and together they punish it twice. */
function stackedRecency({ modifiers, rules, gates, tiers }: Model): Lint[] {
  const required = new Set(tiers.flatMap(({ requires }) => requires));
  const mechanisms = [
    ...modifiers,
    ...rules.filter(
      ({ fade, looks }) => fade !== null || (looks.at === 'subject' && isOfActivity(looks.subject)),
    ),
    ...gates.filter(
      ({ id, test, zero }) =>
        (required.has(id) || zero) &&
        test.kind === 'condition' &&
        ofCondition(test.condition).some(asksForLately),
    ),
  ];
  return mechanisms.length > 1
    ? [
        warning(
          'recency_twice',
          ['modifiers'],
          `${ids(mechanisms)} each punish silence: one of them is enough`,
        ),
      ]
    : [];
}

function isOfActivity(subject: Subject): boolean {
  return subject.kind === 'last' && subject.signals.some(({ id }) => id === ACTIVITY);
}

/** A gate that closes within a month of silence. */
function asksForLately({ subject, test }: Atom): boolean {
  if (subject.kind !== 'last' || test?.kind !== 'within' || test.window === 'lifetime') {
    return false;
  }
  return 'hours' in test.window
    ? test.window.hours <= 31 * 24
    : 'days' in test.window && test.window.days <= 31;
}

/** an override beats usage; nothing says here that it must not lift a competitor. */
function overridesSkipSuppression({ overrides, tiers, gates }: Model): Lint[] {
  const suppressing = new Set(gates.filter(({ kind }) => kind === 'suppression').map(({ id }) => id));
  return overrides.flatMap(({ id, kind, tier }, i) => {
    const requires = tiers.find((one) => one.id === tier)?.requires ?? [];
    return kind === 'combination' || requires.some((gate) => suppressing.has(gate))
      ? []
      : warning(
          'override_skips_suppression',
          ['overrides', i],
          `"${id}" lifts competitors and students too: let "${tier}" require a gate of kind suppression`,
        );
  });
}

/** S1-29, S1-114: between 20 % and 40 %. */
function ahaShare(model: Model): Lint[] {
  const aha = model.rules.filter((rule) => signalIds(rule).includes('aha'));
  const share = shareOf(aha, model);
  return aha.length === 0 || (share >= 0.2 && share <= 0.4)
    ? []
    : [
        warning(
          'aha_share',
          ['rules'],
          `the aha moment (${ids(aha)}) has ${percent(share)} of all points; 20 % to 40 % has proved right`,
        ),
      ];
}

/** S1-72, S1-113, X-20. */
function neverCalibrated({ config }: Model): Lint[] {
  return config.calibrated === undefined
    ? [
        hint(
          'never_calibrated',
          [],
          'no backtest stands behind these numbers: say `calibrated: <day>` after one',
        ),
      ]
    : [];
}

/** S1-19, S1-115, S4-80. */
const SIGNALS_PER_GROUP = 3;
const SIGNALS_IN_ALL = 10;

function tooManySignals(model: Model): Lint[] {
  const behaviour = model.rules.filter((rule) => signalIds(rule).length > 0);
  const crowded = model.groups
    .map(({ id }) => ({ id, count: behaviour.filter(({ group }) => group === id).length }))
    .filter(({ count }) => count > SIGNALS_PER_GROUP)
    .map(({ id, count }) =>
      hint(
        'many_signals',
        ['groups'],
        `"${id}" has ${count} signals: two or three per group are easier to trust`,
      ),
    );
  return behaviour.length > SIGNALS_IN_ALL
    ? [
        ...crowded,
        hint('many_signals', ['rules'], `${behaviour.length} signals in all: five to ten say as much`),
      ]
    : crowded;
}

/** S1-7, S2-106. */
function signupAlone({ rules, overrides, tiers }: Model): Lint[] {
  const acting = tiers.filter(({ acts }) => acts);
  const message = 'signing up is enough for a tier that acts: it says nothing about value';
  const points = rules.flatMap((rule, i) =>
    isSignupEnough(rule) && acting.some(({ from }) => mostPoints(rule.points, rule.looks) >= from * 1e6)
      ? warning('signup_alone', ['rules', i], message)
      : [],
  );
  const lifts = overrides.flatMap(({ condition, tier }, i) =>
    suffices(condition) && acting.some(({ id }) => id === tier)
      ? warning('signup_alone', ['overrides', i], message)
      : [],
  );
  return [...points, ...lifts];
}

function isSignupEnough({ looks }: Rule): boolean {
  return looks.at === 'condition' ? suffices(looks.condition) : asksForSignup(looks.subject);
}

/** True when signing up alone makes it true. */
function suffices(condition: Condition): boolean {
  switch (condition.kind) {
    case 'atom':
      return asksForSignup(condition.subject);
    case 'any':
      return condition.of.some(suffices);
    case 'not':
      return false;
    default:
      return condition.of.every(suffices);
  }
}

function asksForSignup(subject: Subject): boolean {
  return subject.kind === 'signup' || signalsOf(subject).includes('signed_up');
}

/** S4-141. */
function tooTight({ tiers, gates }: Model): Lint[] {
  const usage = new Set(gates.filter(({ kind }) => kind === 'usage').map(({ id }) => id));
  return tiers.flatMap((tier, i) =>
    tier.requires.filter((gate) => usage.has(gate)).length > 2
      ? hint(
          'too_tight',
          ['tiers', i],
          `"${tier.id}" requires three gates of usage at once: few accounts will pass them all`,
        )
      : [],
  );
}

/** S2-108. */
function treatedAlike({ tiers }: Model): Lint[] {
  return tiers.length === 2
    ? [
        hint(
          'treated_alike',
          ['tiers'],
          'one line between all and nothing: tiers let reps begin with the best',
        ),
      ]
    : [];
}

/** S2-113. */
function oneDefinition({ segments }: Model): Lint[] {
  return segments.length === 0
    ? [
        hint(
          'one_definition',
          ['segments'],
          'small and large companies are measured alike: segments give them their own thresholds',
        ),
      ]
    : [];
}

/** What a model costs when nothing happens: every account above the floor is scored anew each day. */
function movesEveryDay({ modifiers, rules }: Model): Lint[] {
  const daily = modifiers.flatMap(({ id, kind }, i) =>
    kind === 'half_life' ? [{ id, path: ['modifiers', i] }] : [],
  );
  const fading = rules.flatMap(({ id, fade }, i) => (fade !== null ? [{ id, path: ['rules', i] }] : []));
  return [...daily, ...fading].map(({ id, path }) =>
    hint(
      'moves_every_day',
      path,
      `"${id}" gives another number each day: every account that has it is scored daily, active or not`,
    ),
  );
}

function signalIds(rule: Rule): string[] {
  return atomsOfRule(rule).flatMap(({ subject }) => (subject.kind === 'signal' ? signalsOf(subject) : []));
}

function signalsOf(subject: Subject): string[] {
  switch (subject.kind) {
    case 'signal':
      return [subject.signal.id];
    case 'last':
      return subject.signals.map(({ id }) => id);
    default:
      return [];
  }
}

/** What a rule looks at, with the test it is put to; steps have several, and none counts here. */
function atomsOfRule({ looks, points }: Rule): Atom[] {
  return looks.at === 'condition'
    ? ofCondition(looks.condition)
    : [{ subject: looks.subject, test: points.kind === 'once' ? points.test : null }];
}

/** Share of all that one account can be given, as a number from 0 to 1: the largest over the segments. */
function shareOf(rules: readonly Rule[], { groups, segments }: Model): number {
  const all = groups.reduce((sum, { most }) => sum + most, 0);
  const shares = (segments.length === 0 ? [null] : segments).map((segment) => {
    const own = rules.filter(({ only }) => only === null || (segment !== null && only.includes(segment.id)));
    return own.reduce<Micro>((sum, rule) => sum + mostPoints(rule.points, rule.looks), 0) / all;
  });
  return all === 0 ? 0 : Math.max(...shares);
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function ids(rules: readonly { id: string }[]): string {
  return rules.map(({ id }) => id).join(', ');
}
