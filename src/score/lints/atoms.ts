import { type Atom, ofCondition } from '../compile/atoms.ts';
import type { Rule, Subject } from '../model.ts';

/** What a rule looks at, with the test it is put to; steps have several, and none counts here. */
export function atomsOfRule({ looks, points }: Rule): Atom[] {
  return looks.at === 'condition'
    ? ofCondition(looks.condition)
    : [{ subject: looks.subject, test: points.kind === 'once' ? points.test : null }];
}

/** Signals that a rule counts. */
export function signalIds(rule: Rule): string[] {
  return atomsOfRule(rule).flatMap(({ subject }) => (subject.kind === 'signal' ? signalsOf(subject) : []));
}

/** Signals that are looked at, counted or for how long ago they were. */
export function signalsOf(subject: Subject): string[] {
  switch (subject.kind) {
    case 'signal':
      return [subject.signal.id];
    case 'last':
      return subject.signals.map(({ id }) => id);
    default:
      return [];
  }
}
