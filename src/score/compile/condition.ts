import type { Window } from '../../accounts/window.ts';
import type { Condition, Subject, Test } from '../model.ts';
import type { AtomConfig, ConditionConfig } from '../schema/condition.ts';
import { bracketOfTests } from './bracket.ts';
import { below, type Complain } from './complain.ts';
import type { Known } from './known.ts';
import { type Above, checkNewest, compileSubject, countBound } from './subject.ts';
import { numberTestOf, valueTestOf } from './test.ts';
import { checkedWindow } from './window.ts';

/** null after complaining. */
export function compileCondition(
  config: ConditionConfig,
  known: Known,
  above: Above,
  complain: Complain,
): Condition | null {
  const list = (configs: readonly ConditionConfig[], key: string): Condition[] | null => {
    const compiled = configs.map((one, i) => compileCondition(one, known, above, below(complain, key, i)));
    return compiled.includes(null) ? null : compiled.filter((one) => one !== null);
  };
  if ('all' in config || 'any' in config) {
    const kind = 'all' in config ? 'all' : 'any';
    const of = list('all' in config ? config.all : config.any, kind);
    return of === null ? null : ({ kind, of } as Condition);
  }
  if ('of' in config) {
    const of = list(config.of, 'of');
    if (config.at_least > config.of.length) {
      return complain(['at_least'], config.at_least, `at most ${config.of.length}, as many as there are`);
    }
    return of === null ? null : { kind: 'some', atLeast: config.at_least, of };
  }
  if ('not' in config) {
    const of = compileCondition(config.not, known, above, below(complain, 'not'));
    return of === null ? null : { kind: 'not', of };
  }
  return compileAtom(config, known, above, complain);
}

function compileAtom(config: AtomConfig, known: Known, above: Above, complain: Complain): Condition | null {
  const subject = compileSubject(config, known, above, complain);
  const test = testOf(config, complain);
  if (subject === null || test === null) {
    return null;
  }
  return checkBound(subject, test, complain)
    ? { kind: 'atom', subject, test, bracket: bracketOfTests([test]) }
    : null;
}

function testOf(config: AtomConfig, complain: Complain): Test | null {
  if ('last' in config || 'date' in config) {
    return withinTest(config.within, 'within', complain);
  }
  if ('signed_up_within' in config) {
    return withinTest(config.signed_up_within, 'signed_up_within', complain);
  }
  if ('people' in config) {
    return numberTestOf({ at_least: config.people.at_least }, [], complain);
  }
  if ('signal' in config || 'entries' in config) {
    return numberTestOf(config, [], complain);
  }
  return 'trait' in config ? valueTestOf(config, [], complain) : numberTestOf({}, [], complain);
}

function withinTest(within: Window, key: string, complain: Complain): Test | null {
  const window = checkedWindow(within, [key], complain);
  return window === null ? null : { kind: 'within', window };
}

/** A count that stops at a bound could never pass a test beyond it. */
export function checkBound(subject: Subject, test: Test, complain: Complain): boolean {
  if (subject.kind === 'last' && test.kind === 'within') {
    return checkNewest(subject, test.window, ['within'], complain);
  }
  const bound = countBound(subject);
  const asked =
    test.kind !== 'number' ? 0 : Number.isFinite(test.most) ? test.most + 1 : Math.max(test.least, 0);
  if (bound === null || asked <= bound) {
    return true;
  }
  const allowed =
    bound === 1
      ? 'days: within hours only whether there was any is known'
      : `days, or at most ${bound}: within hours the newest ${bound} of each person are told apart`;
  complain(['window'], `a count of ${asked} within hours`, allowed);
  return false;
}
