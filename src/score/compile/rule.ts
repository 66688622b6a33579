import type { SignalInfo } from '../../accounts/signal.ts';
import { clampTo, type Micro, micro } from '../exact.ts';
import { sentence } from '../find/sentence.ts';
import type { Fade, Points, Rule, Subject } from '../model.ts';
import type { RuleConfig } from '../schema/rule.ts';
import { bracketOfPoints } from './bracket.ts';
import { below, type Complain, oneOf } from './complain.ts';
import { checkBound, compileCondition } from './condition.ts';
import type { Known } from './known.ts';
import { mostPoints, pointsOf, type Weights } from './points.ts';
import { type Above, compileTarget, isFine } from './subject.ts';

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
  const points = pointsOf(config, around.weights, complain);
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
    complain(['group'], config.group, oneOf(config.group, around.groups));
  }
  (config.only ?? []).forEach((segment, i) => {
    if (!around.segments.includes(segment)) {
      complain(['only', i], segment, oneOf(segment, around.segments));
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
