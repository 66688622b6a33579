import type { SignalInfo } from '../../accounts/signal.ts';
import { clampTo, type Micro, micro, multiple, shown } from '../exact.ts';
import { sentence } from '../find/sentence.ts';
import type { Fade, Points, Rule, Subject, Test } from '../model.ts';
import type { RuleConfig } from '../schema/rule.ts';
import { bracketOfPoints } from './bracket.ts';
import { below, type Complain, oneOf as oneOfNames } from './complain.ts';
import { checkBound, compileCondition } from './condition.ts';
import type { Known } from './known.ts';
import { type Above, compileTarget, isFine } from './subject.ts';
import { hasTest, numberTestOf, valueTestOf } from './test.ts';
import { checkedWindow } from './window.ts';

/** Words that the model gives points. */
export type Weights = Readonly<Record<string, string>>;

/** Placeholders that a rule about each kind of thing can fill. */
const WORDS: Record<Subject['kind'] | 'condition', readonly string[]> = {
  signal: ['count', 'people', 'first', 'last'],
  last: ['signal', 'last'],
  signup: [],
  date: [],
  trait: ['value'],
  entries: ['count', 'value'],
  people: ['count', 'value'],
  rule: [],
  gate: [],
  condition: [],
};

interface Surroundings {
  known: Known;
  above: Above;
  weights: Weights;
  groups: readonly string[];
  segments: readonly string[];
}

/** A rule and the most that it can give, in millionths: known also of a rule that names something unknown. */
export interface Compiled {
  rule: Rule | null;
  group: string;
  only: readonly string[] | null;
  most: Micro;
}

/** One rule with every name resolved, or null after complaining. */
export function compileRule(config: RuleConfig, around: Surroundings, complain: Complain): Compiled {
  const looks = looksOf(config, around, complain);
  const points = pointsOf(config, around, complain);
  const rule = assemble(config, looks, points, around, complain);
  const most = points === null ? Number.MAX_VALUE : mostPoints(points, looks);
  return { rule, group: config.group, only: config.only ?? null, most };
}

function assemble(
  config: RuleConfig,
  looks: Rule['looks'] | null,
  points: Points | null,
  around: Surroundings,
  complain: Complain,
): Rule | null {
  if (!around.groups.includes(config.group)) {
    complain(['group'], config.group, oneOfNames(config.group, around.groups));
  }
  (config.only ?? []).forEach((segment, i) => {
    if (!around.segments.includes(segment)) {
      complain(['only', i], segment, oneOfNames(segment, around.segments));
    }
  });
  const fade = fadeOf(config, looks, complain);
  if (looks === null || points === null) {
    return null;
  }
  checkWhy(config.why, looks.at === 'condition' ? 'condition' : looks.subject.kind, complain);
  if (looks.at === 'subject' && !fits(looks.subject, points, complain)) {
    return null;
  }
  const { id, group, why, only } = config;
  const bracket = bracketOfPoints(points, fade !== null);
  return { id, group, why: sentence(why), only: only ?? null, looks, points, fade, bracket };
}

function looksOf(
  config: RuleConfig,
  { known, above }: Surroundings,
  complain: Complain,
): Rule['looks'] | null {
  if ('when' in config) {
    const condition = compileCondition(config.when, known, above, below(complain, 'when'));
    return condition === null ? null : { at: 'condition', condition };
  }
  const atom = 'last' in config ? { last: config.last, within: 'lifetime' as const } : config;
  const subject = compileTarget(atom, known, complain);
  return subject === null ? null : { at: 'subject', subject };
}

function pointsOf(config: RuleConfig, around: Surroundings, complain: Complain): Points | null {
  const { points } = config;
  if ('best_of' in points || 'sum_of' in points) {
    return stepsOf(config, points, complain);
  }
  const amount = amountOf(points, around.weights, complain);
  if (amount === null) {
    return null;
  }
  if (!points.each) {
    const test = onceTestOf(config, complain);
    if ('cap' in config && config.cap !== undefined) {
      return complain(['cap'], capText(config.cap), 'nothing: points once need no cap');
    }
    return test === null ? null : { kind: 'once', amount, test };
  }
  return eachOf(config, amount, complain);
}

function amountOf(
  points: { amount: string | null; word: string | null },
  weights: Weights,
  complain: Complain,
): Micro | null {
  const { amount: number, word } = points;
  const text = word === null ? number : Object.hasOwn(weights, word) ? weights[word] : undefined;
  if (text === undefined || text === null) {
    return complain(
      ['points'],
      points.word,
      `a number of points, or a word of weights: ${oneOfNames(points.word ?? '', Object.keys(weights))}`,
    );
  }
  const amount = micro(text);
  return amount === 0 ? complain(['points'], `${text} points`, 'more or less than 0') : amount;
}

function onceTestOf(config: RuleConfig, complain: Complain): Test | null {
  if ('when' in config) {
    return numberTestOf({}, [], complain);
  }
  if ('last' in config) {
    if (config.within === undefined) {
      return complain(['within'], undefined, 'a window such as "7 days", or steps as points');
    }
    const window = checkedWindow(config.within, ['within'], complain);
    return window === null ? null : { kind: 'within', window };
  }
  if ('people' in config) {
    return numberTestOf({ at_least: config.people.at_least }, ['people'], complain);
  }
  return 'trait' in config && !('entries' in config)
    ? valueTestOf(config, [], complain)
    : numberTestOf(config, [], complain);
}

function eachOf(config: RuleConfig, amount: Micro, complain: Complain): Points | null {
  const counts = 'signal' in config || 'entries' in config || 'people' in config;
  if (!counts) {
    return complain(['points'], 'points each', 'points once: there is nothing to count');
  }
  if (!noTest(config, complain)) {
    return null;
  }
  if ('signal' in config && config.count === undefined) {
    return complain(['count'], undefined, 'how it is counted, since points are given for each');
  }
  const cap = config.cap === undefined ? null : capOf(config.cap, amount, complain);
  return { kind: 'each', amount, cap };
}

/** Beside points each and beside steps, a test would be read by a person and by nobody else. */
function noTest(config: RuleConfig, complain: Complain): boolean {
  const people = 'people' in config && config.people.at_least !== undefined;
  if (!people && !hasTest(config) && !('last' in config && config.within !== undefined)) {
    return true;
  }
  complain(people ? ['people', 'at_least'] : [], 'a test', 'no test beside points each or steps');
  return false;
}

type CapConfig = { times: number | null; points: string | null };

function capOf(config: CapConfig, amount: Micro, complain: Complain): Micro | null {
  const size = Math.abs(amount);
  const points = config.points === null ? multiple(size, config.times ?? 0) : micro(config.points);
  if (config.times !== null && config.points !== null && multiple(size, config.times) !== points) {
    return complain(
      ['cap'],
      capText(config),
      `${config.times} times = ${shown(multiple(size, config.times))} points`,
    );
  }
  return points < size
    ? complain(['cap'], capText(config), `at least one award (${shown(size)} points)`)
    : points;
}

function capText({ times, points }: CapConfig): string {
  const parts = [times === null ? null : `${times} times`, points === null ? null : `${points} points`];
  return parts.filter((part) => part !== null).join(' = ');
}

function stepsOf(
  config: RuleConfig,
  points: Extract<RuleConfig['points'], { best_of: unknown } | { sum_of: unknown }>,
  complain: Complain,
): Points | null {
  const key = 'best_of' in points ? 'best_of' : 'sum_of';
  const configs = 'best_of' in points ? points.best_of : points.sum_of;
  if (!noTest(config, complain)) {
    return null;
  }
  if ('cap' in config && config.cap !== undefined) {
    return complain(['cap'], capText(config.cap), 'nothing: steps say themselves what they give');
  }
  const steps = configs.map((step, i) => {
    const at = below(complain, 'points', key, i);
    const test = stepTestOf(config, step, at);
    return test === null ? null : { test, amount: micro(step.points) };
  });
  return steps.includes(null)
    ? null
    : { kind: 'steps', best: key === 'best_of', steps: steps.filter((step) => step !== null) };
}

function stepTestOf(config: RuleConfig, step: object, complain: Complain): Test | null {
  if ('within' in step) {
    const window = checkedWindow((step as { within: never }).within, ['within'], complain);
    return window === null ? null : { kind: 'within', window };
  }
  return 'trait' in config && !('entries' in config)
    ? valueTestOf(step, [], complain)
    : numberTestOf(step, [], complain);
}

/** Counts within hours stop at a bound: more could neither be counted nor asked for. */
function fits(subject: Subject, points: Points, complain: Complain): boolean {
  if (points.kind === 'each' && subject.kind === 'signal' && isFine(subject.window)) {
    const countable = ['once', 'distinct value', 'distinct users'].includes(subject.signal.count);
    if (!countable) {
      complain(
        ['window'],
        'points each within hours',
        `days: hours are too fine to add up "${subject.signal.count}"`,
      );
    }
    return countable;
  }
  const tests =
    points.kind === 'once'
      ? [points.test]
      : points.kind === 'steps'
        ? points.steps.map(({ test }) => test)
        : [];
  return tests.every((test) => checkBound(subject, test, complain));
}

function fadeOf(config: RuleConfig, looks: Rule['looks'] | null, complain: Complain): Fade | null {
  const fade = 'fade' in config ? config.fade : undefined;
  if (fade === undefined) {
    return null;
  }
  if ('best_of' in config.points || 'sum_of' in config.points) {
    return complain(['fade'], 'fade', 'nothing beside steps: they have no age');
  }
  if ('signal' in config && (config.window === 'lifetime' || !('days' in config.window))) {
    return complain(['fade'], 'fade', 'a window in days beside it: it goes by the age in days');
  }
  if (looks?.at === 'subject' && looks.subject.kind === 'signal' && !isDated(looks.subject.signal)) {
    return complain(
      ['fade'],
      'fade',
      'nothing: it goes by UTC days of occurrences, which this signal has not',
    );
  }
  const to = clampTo(micro(fade.to ?? '0') / 100, 0, 1_000_000);
  return 'over' in fade
    ? { kind: 'linear', over: Math.max(1, fade.over), to }
    : { kind: 'half', every: Math.max(1, fade.half_every), to };
}

/** Numbers made of other numbers have no days, and a streak is no sum of occurrences. */
function isDated({ count, days }: SignalInfo): boolean {
  return count !== 'number' && count !== 'consecutive days' && days === 'utc';
}

/** A placeholder that nothing fills would reach the rep in its braces. */
function checkWhy(why: string, kind: Subject['kind'] | 'condition', complain: Complain): void {
  const words = Object.fromEntries(WORDS[kind].map((word) => [word, 1]));
  const [left] = /\{[^}]*\}?|\}/.exec(sentence(why)(words)) ?? [];
  if (left !== undefined) {
    const names = WORDS[kind].map((word) => `{${word}}`).join(', ');
    const numbers = WORDS[kind].includes('count')
      ? ', or {count|teammate|teammates} for a number with its word'
      : '';
    complain(
      ['why'],
      left,
      names === '' ? 'no braces: a combination fills nothing in' : `${names}${numbers}`,
    );
  }
}

/** The most that a rule can give, in millionths; 0 for one that only takes away; infinite without a cap. */
export function mostPoints(points: Points, looks: Rule['looks'] | null): Micro {
  switch (points.kind) {
    case 'once':
      return Math.max(0, points.amount);
    case 'each': {
      const once =
        looks?.at === 'subject' && looks.subject.kind === 'signal' && looks.subject.signal.count === 'once';
      const most = once ? points.amount : Number.POSITIVE_INFINITY;
      return points.amount < 0 ? 0 : Math.min(most, points.cap ?? Number.POSITIVE_INFINITY);
    }
    case 'steps': {
      const gains = points.steps.map(({ amount }) => Math.max(0, amount));
      return points.best ? Math.max(0, ...gains) : gains.reduce((sum, gain) => sum + gain, 0);
    }
  }
}
