import { Decimal } from 'decimal.js';
import { occasionsOf } from '../accounts/measure.ts';
import { startOfUtcDay, utcDay } from '../shared/time.ts';
import { type Micro, micro } from './exact.ts';
import type { Scene } from './find/look.ts';
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
  const shares = counted.reduce(
    (sum, { age, amount }) => sum.plus(factorAt(fade, age).times(amount)),
    new Decimal(0),
  );
  const worth = shares.times(points.amount).toDecimalPlaces(0, Decimal.ROUND_HALF_CEIL).toNumber();
  const changes = counted.some(({ age }) => !factorAt(fade, age).equals(factorAt(fade, age + 1)));
  return { worth, nextChange: changes ? startOfUtcDay(today + 1) : null };
}

function newestOnly(occasions: readonly { age: number; amount: number }[]) {
  const [newest] = occasions;
  return newest === undefined ? [] : [{ age: newest.age, amount: 1 }];
}

/** Share of its worth that something of this age (UTC days) keeps. */
export function factorAt(fade: Fade, age: number): Decimal {
  const least = new Decimal(fade.to).dividedBy(micro(1));
  const share =
    fade.kind === 'linear'
      ? new Decimal(Math.max(0, fade.over - age)).dividedBy(fade.over)
      : new Decimal(0.5).pow(new Decimal(age).dividedBy(fade.every));
  return Decimal.max(least, share);
}
