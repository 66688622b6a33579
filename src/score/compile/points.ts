import { type Micro, micro, multiple, shown } from '../exact.ts';
import type { Points, Rule, Test } from '../model.ts';
import type { RuleConfig } from '../schema/rule.ts';
import { below, type Complain, oneOf } from './complain.ts';
import { hasTest, numberTestOf, valueTestOf } from './test.ts';
import { checkedWindow } from './window.ts';

/** Words that the model gives points. */
export type Weights = Readonly<Record<string, string>>;

/** What a rule gives, or null after complaining. */
export function pointsOf(config: RuleConfig, weights: Weights, complain: Complain): Points | null {
  const { points } = config;
  if ('best_of' in points || 'sum_of' in points) {
    return stepsOf(config, points, complain);
  }
  const amount = amountOf(points, weights, complain);
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
  { amount: number, word }: { amount: string | null; word: string | null },
  weights: Weights,
  complain: Complain,
): Micro | null {
  const text = word === null ? number : Object.hasOwn(weights, word) ? weights[word] : undefined;
  if (text === undefined || text === null) {
    return complain(
      ['points'],
      word,
      `a number of points, or a word of weights: ${oneOf(word ?? '', Object.keys(weights))}`,
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
