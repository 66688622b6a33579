import { Decimal } from 'decimal.js';
import { newestOf, occasionsOf } from '../accounts/measure.ts';
import { earliest } from '../accounts/window.ts';
import { startOfUtcDay, utcDay } from '../shared/time.ts';
import { type Micro, micro } from './exact.ts';
import type { Scene } from './find/look.ts';
import { firstAfter } from './first-day.ts';
import type { Fade, Rule } from './model.ts';

/**
 * What occurrences are still worth: each loses with its age in UTC days (S1-73, S3-20). The sum is rounded half up
 * to a millionth, once.
 *
 * @param full what they are worth without that, in millionths
 */
export function faded(
  rule: Rule,
  full: Micro,
  { state, now }: Scene,
): { worth: Micro; nextChange: number | null } {
  const { fade, looks, points } = rule;
  if (fade === null || looks.at !== 'subject' || looks.subject.kind !== 'signal' || points.kind === 'steps') {
    return { worth: full, nextChange: null };
  }
  const today = utcDay(now);
  const occasions = occasionsOf(looks.subject.signal, state, looks.subject.window, now)
    .map(({ day, amount }) => ({ age: today - day, amount }))
    .sort((a, b) => a.age - b.age);
  const counted = points.kind === 'once' ? newestOnly(occasions) : occasions;
  const worthOf = (share: (age: number) => Decimal): Micro =>
    counted
      .reduce((sum, { age, amount }) => sum.plus(share(age).times(amount)), new Decimal(0))
      .times(points.amount)
      .toDecimalPlaces(0, Decimal.ROUND_HALF_CEIL)
      .toNumber();
  const worthIn = (days: number) => worthOf((age) => factorAt(fade, age + days));
  const worth = worthIn(0);
  const inTheEnd = worthOf(() => leastOf(fade));
  const fades = worth === inTheEnd ? null : firstAfter(0, (days) => worthIn(days) !== worth);
  // An occurrence still to come may change no count and yet be newer than the one that is fading.
  const { begins } = newestOf(looks.subject.signal, state, now);
  return { worth, nextChange: earliest(begins, fades === null ? null : startOfUtcDay(today + fades)) };
}

function newestOnly(occasions: readonly { age: number; amount: number }[]) {
  const [newest] = occasions;
  return newest === undefined ? [] : [{ age: newest.age, amount: 1 }];
}

/** Share of its worth that something of this age (UTC days) keeps. */
export function factorAt(fade: Fade, age: number): Decimal {
  const least = leastOf(fade);
  if (fade.kind === 'linear') {
    const left = new Decimal(Math.max(0, fade.over - age)).dividedBy(fade.over);
    return left.times(new Decimal(1).minus(least)).plus(least);
  }
  return Decimal.max(least, new Decimal(0.5).pow(new Decimal(age).dividedBy(fade.every)));
}

function leastOf(fade: Fade): Decimal {
  return new Decimal(fade.to).dividedBy(micro(1));
}
