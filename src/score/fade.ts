import { Decimal } from 'decimal.js';
import { measure, occasionsOf } from '../accounts/measure.ts';
import { earliest } from '../accounts/window.ts';
import { startOfUtcDay, utcDay } from '../shared/time.ts';
import { clampTo, type Micro, micro } from './exact.ts';
import type { Scene } from './find/look.ts';
import { firstAfter } from './first-day.ts';
import type { Fade, Points, Rule, Target } from './model.ts';

/** Points of what fades, with what they come from. */
interface Fading {
  fade: Fade;
  subject: Extract<Target, { kind: 'signal' }>;
  points: Exclude<Points, { kind: 'steps' }>;
}

interface Worth {
  worth: Micro;
  nextChange: number | null;
}

/**
 * What occurrences are still worth: each loses with its age in UTC days (S1-73, S3-20). The sum is rounded half up
 * to a millionth, once.
 *
 * @param full what they are worth without that, in millionths
 */
export function faded({ fade, looks, points }: Rule, full: Micro, scene: Scene): Worth {
  if (fade === null || looks.at !== 'subject' || looks.subject.kind !== 'signal' || points.kind === 'steps') {
    return { worth: full, nextChange: null };
  }
  const fading = { fade, subject: looks.subject, points };
  const { worth, nextChange } = worthOf(fading, scene);
  return { worth, nextChange: settled(fading, scene, worth, nextChange) };
}

/** How often what counts may change without another worth before that is told as a change all the same. */
const PATIENCE = 100;

/**
 * The first instant at which the worth differs after the cap. What counts changes too: the newest occurrence leaves the window while
 * the test goes on passing, or a flow is abandoned and the amount stays what it was.
 */
function settled(fading: Fading, scene: Scene, worth: Micro, first: number | null): number | null {
  const { signal, window } = fading.subject;
  const counts = capped(fading.points, worth);
  const turnAfter = (now: number, fades: number | null) =>
    earliest(fades, measure(signal, scene.state, window, now).nextChange);
  let next = turnAfter(scene.now, first);
  for (let step = 0; next !== null && step < PATIENCE; step++) {
    const later = worthOf(fading, { ...scene, now: next });
    if (capped(fading.points, later.worth) !== counts) {
      break;
    }
    next = turnAfter(next, later.nextChange);
  }
  return next;
}

/** The next change is that of age alone. */
function worthOf({ fade, subject, points }: Fading, { state, now }: Scene): Worth {
  const today = utcDay(now);
  const occasions = occasionsOf(subject.signal, state, subject.window, now)
    .map(({ day, amount }) => ({ age: today - day, amount }))
    .sort((a, b) => a.age - b.age);
  const counted = points.kind === 'once' ? newestOnly(occasions) : occasions;
  const worthWith = (share: (age: number) => Decimal): Micro =>
    counted
      .reduce((sum, { age, amount }) => sum.plus(share(age).times(amount)), new Decimal(0))
      .times(points.amount)
      .toDecimalPlaces(0, Decimal.ROUND_HALF_CEIL)
      .toNumber();
  const worth = worthWith((age) => factorAt(fade, age));
  const counts = capped(points, worth);
  const inTheEnd = capped(
    points,
    worthWith(() => leastOf(fade)),
  );
  const isLess = (days: number) =>
    capped(
      points,
      worthWith((age) => factorAt(fade, age + days)),
    ) !== counts;
  const fades = counts === inTheEnd ? null : firstAfter(0, isLess);
  return { worth, nextChange: fades === null ? null : startOfUtcDay(today + fades) };
}

/** What a rule gives at most, and takes at most. */
export function capped(points: Points, worth: Micro): Micro {
  return points.kind === 'each' && points.cap !== null ? clampTo(worth, -points.cap, points.cap) : worth;
}

function newestOnly(occasions: readonly { age: number; amount: number }[]) {
  const [newest] = occasions;
  return newest === undefined ? [] : [{ age: newest.age, amount: 1 }];
}

/** Share of its worth that something of this age (UTC days) keeps. */
function factorAt(fade: Fade, age: number): Decimal {
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
