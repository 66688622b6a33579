import type { SignalInfo } from '../../accounts/signal.ts';
import { countsFor, reachOf, reachOfNewest } from '../../accounts/signal-info.ts';
import type { CountMode } from '../../accounts/signals-config.ts';
import { ACTIVITY } from '../../accounts/state.ts';
import type { Window } from '../../accounts/window.ts';
import { type TraitOwner, traitChanges } from '../../events/trait-names.ts';
import { didYouMean } from '../../shared/config-file.ts';
import type { Subject, Target } from '../model.ts';
import type { AtomConfig } from '../schema/condition.ts';
import { type Complain, oneOf } from './complain.ts';
import type { Known } from './known.ts';
import { valueTestOf } from './test.ts';
import { checkedWindow } from './window.ts';

/** What stands above in the file and can be referred to. */
export interface Above {
  rules: readonly string[];
  gates: readonly string[];
}

/** What a condition looks at, every name resolved; null after complaining. */
export function compileSubject(
  config: AtomConfig,
  known: Known,
  above: Above,
  complain: Complain,
): Subject | null {
  if ('rule' in config) {
    return above.rules.includes(config.rule)
      ? { kind: 'rule', rule: config.rule }
      : complain(['rule'], config.rule, `a rule above: ${oneOf(config.rule, above.rules)}`);
  }
  if ('gate' in config) {
    return above.gates.includes(config.gate)
      ? { kind: 'gate', gate: config.gate }
      : complain(['gate'], config.gate, `a gate above: ${oneOf(config.gate, above.gates)}`);
  }
  return compileTarget(config, known, complain);
}

type TargetConfig = Exclude<AtomConfig, { rule: string } | { gate: string }>;

/** What a rule looks at in the account; null after complaining. */
export function compileTarget(config: TargetConfig, known: Known, complain: Complain): Target | null {
  if ('signal' in config) {
    return signalSubject(config, known, complain);
  }
  if ('last' in config) {
    return lastSubject(config.last, known, ['last'], complain);
  }
  if ('signed_up_within' in config) {
    return { kind: 'signup' };
  }
  if ('date' in config) {
    const date = checkedTrait(config.date, 'account', ['date'], complain);
    return date === null ? null : { kind: 'date', trait: date };
  }
  if ('people' in config) {
    return peopleSubject(config.people, complain);
  }
  const trait = checkedTrait(config.trait, 'account', ['trait'], complain);
  return trait === null ? null : { kind: 'entries' in config ? 'entries' : 'trait', trait };
}

function signalSubject(
  config: { signal: string; count?: CountMode | undefined; window: Window },
  known: Known,
  complain: Complain,
): Target | null {
  const signal = checkedSignal(config.signal, known, ['signal'], complain);
  if (signal === null) {
    return null;
  }
  const modes = countsFor(signal);
  const count = config.count ?? (signal.id === ACTIVITY ? undefined : signal.count);
  if (count === undefined || !modes.includes(count)) {
    const allowed = signal.count === 'number' ? 'nothing: it is a number itself' : modes.join(', ');
    return complain(['count'], config.count, `for ${signal.id}: ${allowed}`);
  }
  const counted = { ...signal, count };
  const window = checkedWindow(config.window, ['window'], complain, reachOf(counted));
  return window === null ? null : { kind: 'signal', signal: counted, window };
}

/** Of hours, states keep the newest instants of each person: enough to know that and when, and how often up to a few. */
export function isFine(window: Window): boolean {
  return typeof window === 'object' && 'hours' in window;
}

/**
 * The most that can be told apart of a subject; null: no bound. Within hours all kept instants may lie on the newest day,
 * with older days behind them: of days only whether there was any is known.
 */
export function countBound(subject: Subject): number | null {
  if (subject.kind !== 'signal' || !isFine(subject.window)) {
    return null;
  }
  switch (subject.signal.count) {
    case 'each':
      return reachOf(subject.signal).inHours;
    case 'distinct days':
    case 'consecutive days':
      return 1;
    default:
      return null;
  }
}

export function lastSubject(
  last: string | readonly string[],
  known: Known,
  path: readonly PropertyKey[],
  complain: Complain,
): Extract<Subject, { kind: 'last' }> | null {
  const names = typeof last === 'string' ? [last] : last;
  const signals = names.map((name, i) =>
    checkedOccurring(name, known, typeof last === 'string' ? path : [...path, i], complain),
  );
  return signals.some((signal) => signal === null)
    ? null
    : { kind: 'last', signals: signals.filter((signal) => signal !== null) };
}

/** The newest of a signal cannot be asked for further back, or finer, than it is known. */
export function checkNewest(
  { signals }: Extract<Subject, { kind: 'last' }>,
  window: Window,
  path: readonly PropertyKey[],
  complain: Complain,
): boolean {
  return signals.every((signal) => checkedWindow(window, path, complain, reachOfNewest(signal)) !== null);
}

/** A number made of other numbers has no instant at which it was given. */
function checkedOccurring(
  ...[id, known, path, complain]: Parameters<typeof checkedSignal>
): SignalInfo | null {
  const signal = checkedSignal(id, known, path, complain);
  return signal?.count === 'number'
    ? complain(path, id, 'signals that happen at an instant: this one is a number')
    : signal;
}

function checkedSignal(
  id: string,
  { signals }: Known,
  path: readonly PropertyKey[],
  complain: Complain,
): SignalInfo | null {
  if (signals === null) {
    return null;
  }
  const found = signals.get(id);
  return found ?? complain(path, id, `a signal of signals.yaml${didYouMean(id, [...signals.keys()])}`);
}

type PeopleConfig = Extract<AtomConfig, { people: unknown }>['people'];

function peopleSubject(people: PeopleConfig, complain: Complain): Target | null {
  const within =
    people.active_within === undefined
      ? null
      : checkedWindow(people.active_within, ['people', 'active_within'], complain);
  const distinct =
    people.distinct === undefined
      ? null
      : checkedTrait(people.distinct, 'person', ['people', 'distinct'], complain);
  const where = Object.entries(people.where ?? {}).map(([name, filter]) => {
    const trait = checkedTrait(name, 'person', ['people', 'where', name], complain);
    const test = valueTestOf(filter, ['people', 'where', name], complain);
    return trait === null || test === null ? null : { trait, test };
  });
  const isWrong =
    (people.active_within !== undefined && within === null) ||
    (people.distinct !== undefined && distinct === null) ||
    where.includes(null);
  return isWrong
    ? null
    : { kind: 'people', within, distinct, where: where.filter((filter) => filter !== null) };
}

/** Events are stored under the tracking plan's spellings: a model that says "techStack" would never find any. */
function checkedTrait(
  name: string,
  owner: TraitOwner,
  path: readonly PropertyKey[],
  complain: Complain,
): string | null {
  const [stored] = traitChanges(owner, { [name]: '' });
  return stored === undefined || stored.name === name
    ? name
    : complain(path, name, `${stored.name}, the name under which it is kept`);
}
