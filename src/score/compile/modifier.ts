import { reachOfNewest } from '../../accounts/signal-info.ts';
import type { Window } from '../../accounts/window.ts';
import { type Micro, micro } from '../exact.ts';
import type { Modifier } from '../model.ts';
import type { ModifierConfig } from '../schema/model.ts';
import type { Complain } from './complain.ts';
import type { Known } from './known.ts';
import { checkNewest, lastSubject } from './subject.ts';
import { checkedWindow, windowText } from './window.ts';

export function compileModifier(config: ModifierConfig, known: Known, complain: Complain): Modifier | null {
  const of = lastSubject(config.last, known, ['last'], complain);
  if (of === null) {
    return null;
  }
  const head = { id: config.id, why: config.why ?? null, of };
  if (config.kind !== 'multiplier' && of.signals.some((signal) => !reachOfNewest(signal).lifetime)) {
    return complain(['last'], config.last, 'signals of all times of day: of others no long silence is known');
  }
  switch (config.kind) {
    case 'multiplier':
      return multiplierOf(config, head, complain);
    case 'weekly':
      return {
        ...head,
        kind: 'weekly',
        minus: positive(config.minus, ['minus'], complain),
        after: config.after,
        floor: micro(config.floor),
      };
    case 'steps':
      return stepsOf(config, head, complain);
    case 'half_life':
      return {
        ...head,
        kind: 'half_life',
        every: Math.max(1, config.half_every),
        after: config.after,
        floor: micro(config.floor),
      };
  }
}

type Head = Pick<Modifier, 'id' | 'why' | 'of'>;

function multiplierOf(
  config: Extract<ModifierConfig, { kind: 'multiplier' }>,
  head: Head,
  complain: Complain,
): Modifier {
  const steps = config.steps.map(({ within, times }, i) => {
    const path = ['steps', i, 'within'];
    if (checkedWindow(within, path, complain) !== null) {
      checkNewest(head.of, within, path, complain);
    }
    if (i > 0 && reach(within) <= reach(config.steps[i - 1]?.within ?? within)) {
      complain(path, windowText(within), 'a longer window than the step before it');
    }
    return { within, factor: micro(times) };
  });
  return { ...head, kind: 'multiplier', steps, otherwise: micro(config.otherwise) };
}

function reach(window: Window): number {
  if (window === 'lifetime') {
    return Number.POSITIVE_INFINITY;
  }
  return 'hours' in window ? window.hours : 24 * ('days' in window ? window.days : window.firstDays);
}

function stepsOf(
  config: Extract<ModifierConfig, { kind: 'steps' }>,
  head: Head,
  complain: Complain,
): Modifier {
  const steps = config.steps.map(({ after, minus }, i) => {
    if (i > 0 && after <= (config.steps[i - 1]?.after ?? -1)) {
      complain(['steps', i, 'after'], after, 'more days than the step before it');
    }
    return { after, minus: positive(minus, ['steps', i, 'minus'], complain) };
  });
  return { ...head, kind: 'steps', steps, floor: micro(config.floor) };
}

function positive(text: string, path: readonly PropertyKey[], complain: Complain): Micro {
  const amount = micro(text);
  if (amount <= 0) {
    complain(path, `${text} points`, 'more than 0: it is taken away');
  }
  return amount;
}
