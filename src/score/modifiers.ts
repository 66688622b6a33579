import { Decimal } from 'decimal.js';
import { contains, earliest, leavesAt } from '../accounts/window.ts';
import { isoDate, startOfUtcDay, utcDay } from '../shared/time.ts';
import { windowText } from './compile/window.ts';
import { type Micro, scaled, shown } from './exact.ts';
import { LastLook } from './find/last.ts';
import type { Scene } from './find/look.ts';
import { firstAfter } from './first-day.ts';
import type { Modifier } from './model.ts';
import type { Total } from './total.ts';

/** Applies one modifier to the running number, and says when it will do something else with no new event (I5). */
export function modify(modifier: Modifier, scene: Scene, total: Total): number | null {
  const { last, nextChange: begins } = new LastLook(modifier.of.signals, scene);
  const { value, why, nextChange } =
    modifier.kind === 'multiplier'
      ? multiply(modifier, last, total.value, scene.now)
      : decay(modifier, last, total.value, scene.now);
  total.to(value, modifier.id, () => (modifier.why === null ? why() : `${modifier.why}: ${why()}`), true);
  return earliest(begins, nextChange);
}

interface Effect {
  value: Micro;
  why: () => string;
  nextChange: number | null;
}

function multiply(
  { steps, otherwise }: Extract<Modifier, { kind: 'multiplier' }>,
  last: number | null,
  value: Micro,
  now: number,
): Effect {
  const step = last === null ? undefined : steps.find(({ within }) => contains(within, last, now));
  const factor = step?.factor ?? otherwise;
  const when = () => {
    if (last === null) {
      return 'nothing so far';
    }
    const inside = step === undefined ? '' : `, within ${windowText(step.within)}`;
    return `last on ${isoDate(last)}${inside}`;
  };
  return {
    value: scaled(value, factor, 1_000_000),
    why: () => `${when()}: times ${shown(factor)}`,
    nextChange: step === undefined || last === null ? null : leavesAt(step.within, last),
  };
}

type Decay = Exclude<Modifier, { kind: 'multiplier' }>;

/** Takes points away for whole UTC days of silence, never below the floor, and lifts nothing that is below it. */
function decay(modifier: Decay, last: number | null, value: Micro, now: number): Effect {
  if (last === null) {
    return { value, why: () => 'nothing so far, so no silence to count', nextChange: null };
  }
  const silent = utcDay(now) - utcDay(last);
  const left = leftAfter(modifier, value, silent);
  const next = nextLoss(modifier, value, silent);
  return {
    value: left,
    why: () => `last on ${isoDate(last)}${left === value ? '' : `: ${shown(left - value)} points`}`,
    nextChange: next === null ? null : startOfUtcDay(utcDay(last) + next),
  };
}

function leftAfter(modifier: Decay, value: Micro, silent: number): Micro {
  return Math.min(value, Math.max(modifier.floor, lessened(modifier, value, silent)));
}

function lessened(modifier: Decay, value: Micro, silent: number): Micro {
  switch (modifier.kind) {
    case 'weekly':
      return value - modifier.minus * weeksOver(modifier.after, silent);
    case 'steps':
      return value - (modifier.steps.findLast(({ after }) => silent >= after)?.minus ?? 0);
    case 'half_life': {
      const over = Math.max(0, silent - modifier.after);
      const factor = new Decimal(0.5).pow(new Decimal(over).dividedBy(modifier.every));
      return factor.times(value).toDecimalPlaces(0, Decimal.ROUND_HALF_CEIL).toNumber();
    }
  }
}

function weeksOver(after: number, silent: number): number {
  return Math.floor(Math.max(0, silent - after) / 7);
}

/** Days of silence after which something else is left of the number; null: never. A later step may take less away. */
function nextLoss(modifier: Decay, value: Micro, silent: number): number | null {
  const left = leftAfter(modifier, value, silent);
  const differs = (days: number) => leftAfter(modifier, value, days) !== left;
  switch (modifier.kind) {
    case 'weekly': {
      const next = modifier.after + 7 * (weeksOver(modifier.after, silent) + 1);
      return differs(next) ? next : null;
    }
    case 'steps':
      return modifier.steps.find(({ after }) => after > silent && differs(after))?.after ?? null;
    case 'half_life': {
      const inTheEnd = Math.min(value, Math.max(modifier.floor, 0));
      return left === inTheEnd ? null : firstAfter(Math.max(modifier.after, silent), differs);
    }
  }
}
