import type { Window } from '../../accounts/window.ts';
import type { Subject, Test } from '../model.ts';

/** True when whoever passes `narrow` passes `wide` too. */
export function covers(wide: Test, narrow: Test): boolean {
  if (wide.kind === 'within' && narrow.kind === 'within') {
    return reaches(wide.window, narrow.window);
  }
  if (wide.kind === 'number' && narrow.kind === 'number') {
    return wide.least <= narrow.least && wide.most >= narrow.most;
  }
  return (
    wide.kind === 'one_of' &&
    narrow.kind === 'one_of' &&
    narrow.values.every((value) => wide.values.includes(value))
  );
}

/** True when nobody can fail it: nothing is done fewer than 0 times. */
export function passesForAll(subject: Subject, test: Test): boolean {
  const counted =
    subject.kind === 'people' ||
    subject.kind === 'entries' ||
    (subject.kind === 'signal' && subject.signal.count !== 'number');
  return counted && test.kind === 'number' && test.least <= 0 && test.most === Number.POSITIVE_INFINITY;
}

/** Days are of the calendar and hours are not, so windows of different kinds are not compared. */
function reaches(wide: Window, narrow: Window): boolean {
  if (wide === 'lifetime' || narrow === 'lifetime') {
    return wide === 'lifetime';
  }
  if ('days' in wide && 'days' in narrow) {
    return wide.days >= narrow.days;
  }
  return 'hours' in wide && 'hours' in narrow && wide.hours >= narrow.hours;
}
