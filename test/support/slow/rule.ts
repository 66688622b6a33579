import { Decimal } from 'decimal.js';
import { type Above, holds } from './condition.ts';
import { amountOf, entriesOf, modeOf, occurrencesIn, peopleCount, signalCount } from './count.ts';
import type { PlainModel, PlainRule, PlainStep } from './plain.ts';
import { countPasses, valuePasses } from './tests.ts';
import { dayOf, leading, listOf, plain, sixDecimals } from './units.ts';
import { accountTrait, isIn, newestOf, type Occurrence, type World } from './world.ts';

const NOTHING = new Decimal(0);

/** The points of one rule, after its cap. */
export function pointsOf(world: World, model: PlainModel, rule: PlainRule, above: Above): Decimal {
  const { passes, count, stepPasses, occurrences } = lookAt(world, rule, above);
  if (typeof rule.points !== 'string') {
    return capped(rule, pointsOfSteps(rule.points, stepPasses), new Decimal(0));
  }
  const worth = worthOf(model, rule.points);
  const isEach = rule.points.endsWith('each');
  if (!isEach && !passes) {
    return NOTHING;
  }
  if (rule.fade !== undefined) {
    return capped(rule, sixDecimals(faded(world, rule, occurrences).times(worth)), worth);
  }
  const times = isEach ? count.floor() : new Decimal(1);
  return capped(rule, worth.times(times), worth);
}

interface Look {
  /** The rule's own test. */
  passes: boolean;
  /** What `points each` are multiplied with. */
  count: Decimal;
  stepPasses: (step: PlainStep) => boolean;
  /** For fading. */
  occurrences: Occurrence[];
}

/** What is not known gives nothing. */
const UNKNOWN: Look = { passes: false, count: NOTHING, stepPasses: () => false, occurrences: [] };

function lookAt(world: World, rule: PlainRule, above: Above): Look {
  const counted = (count: Decimal, passes: boolean, occurrences: Occurrence[] = []): Look => ({
    passes,
    count,
    stepPasses: (step) => countPasses(step, count),
    occurrences,
  });
  if (rule.when !== undefined) {
    return counted(NOTHING, holds(world, rule.when, above) === true);
  }
  if (rule.people !== undefined) {
    const count = peopleCount(world, rule.people);
    return counted(count, count.gte(rule.people.at_least ?? 1));
  }
  if (rule.entries !== undefined) {
    const count = entriesOf(world, rule.trait ?? '');
    return count === null ? UNKNOWN : counted(count, countPasses(rule, count));
  }
  if (rule.trait !== undefined) {
    const value = accountTrait(world, rule.trait);
    return {
      passes: valuePasses(rule, value) === true,
      count: NOTHING,
      stepPasses: (step) => valuePasses(step, value) === true,
      occurrences: [],
    };
  }
  if (rule.last !== undefined) {
    const newest = newestOf(world, listOf(rule.last));
    const lies = (window: string) => newest !== null && isIn(world, window, newest) === true;
    return {
      passes: lies(rule.within ?? 'lifetime'),
      count: NOTHING,
      stepPasses: (step) => lies(step.within ?? 'lifetime'),
      occurrences: [],
    };
  }
  const count = signalCount(world, rule);
  return count === null ? UNKNOWN : counted(count, countPasses(rule, count), occurrencesIn(world, rule));
}

function pointsOfSteps(points: Exclude<PlainRule['points'], string>, passes: (step: PlainStep) => boolean) {
  if ('best_of' in points) {
    const reached = points.best_of.filter(passes).map((step) => leading(step.points));
    return reached.length === 0 ? NOTHING : Decimal.max(...reached);
  }
  return points.sum_of
    .filter(passes)
    .map((step) => leading(step.points))
    .reduce((sum, one) => sum.plus(one), NOTHING);
}

/** `15 points once`, `high each` -> what one is worth. */
export function worthOf(model: PlainModel, award: string): Decimal {
  const [first = ''] = award.split(' ');
  return leading(/^[a-z]/.test(first) ? (model.weights?.[first] ?? '') : first);
}

function capTimes({ cap = '' }: PlainRule): number | null {
  const found = /^(\d+) time/.exec(cap)?.[1];
  return found === undefined ? null : Number(found);
}

/** Not above the cap; for points below zero: not further down than it. */
function capped(rule: PlainRule, points: Decimal, worth: Decimal): Decimal {
  const said = /([\d.]+) points?$/.exec(rule.cap ?? '')?.[1];
  const times = capTimes(rule);
  const cap = said !== undefined ? new Decimal(said) : times === null ? null : worth.abs().times(times);
  if (cap === null) {
    return points;
  }
  return Decimal.max(cap.negated(), Decimal.min(cap, points));
}

/** Shares of all that counts, each by its age; points once go by the newest alone. */
function faded(world: World, rule: PlainRule, occurrences: Occurrence[]): Decimal {
  const mode = modeOf(world, rule);
  const counted = countedOnes(mode, [...occurrences].reverse());
  const isOnce = typeof rule.points === 'string' && rule.points.endsWith('once');
  return (isOnce ? counted.slice(0, 1) : counted)
    .map((one) => {
      const share = left(rule, dayOf(world.now) - dayOf(one.at));
      return share.times(mode === 'sum' && !isOnce ? amountOf(one.value) : 1);
    })
    .reduce((sum, one) => sum.plus(one), NOTHING);
}

/** The occurrences that a way of counting counts: the newest of each value, person or day. */
function countedOnes(mode: string, newestFirst: Occurrence[]): Occurrence[] {
  const newestOfEach = (key: (one: Occurrence) => unknown) => {
    const seen = new Set<unknown>([null]);
    return newestFirst.filter((one) => !seen.has(key(one)) && seen.add(key(one)));
  };
  switch (mode) {
    case 'once':
      return newestFirst.slice(0, 1);
    case 'distinct value':
      return newestOfEach(({ value }) => plain(value));
    case 'distinct users':
      return newestOfEach(({ person }) => person);
    case 'distinct days':
      return newestOfEach(({ at }) => dayOf(at));
    default:
      return newestFirst;
  }
}

/** The share that is left after so many days. */
function left({ fade = {} }: PlainRule, age: number): Decimal {
  const to = leading(fade.to ?? '0 %').div(100);
  if (fade.over !== undefined) {
    const over = leading(fade.over);
    const rest = Decimal.max(0, over.minus(age).div(over));
    return to.plus(rest.times(new Decimal(1).minus(to)));
  }
  return Decimal.max(to, new Decimal(0.5).pow(new Decimal(age).div(leading(fade.half_every ?? ''))));
}
