import type { SignalInfo } from '../accounts/signal.ts';
import type { Window } from '../accounts/window.ts';
import { type TraitOwner, traitChanges } from '../events/trait-names.ts';
import { type Catalogue, checkedSignal, checkedWindow, windowText } from './compile-window.ts';
import type { Complain } from './complain.ts';
import type { RuleConfig } from './model-schema.ts';

/** What a rule looks at. A new kind of rule is one more form here and a finder for it. */
export type Source =
  | { kind: 'signal'; signal: SignalInfo; window: Window }
  | { kind: 'between'; trait: string; least: number; most: number }
  | { kind: 'in'; trait: string; values: string[] }
  | { kind: 'entries'; trait: string }
  | { kind: 'people'; distinct: string; within: Window; atLeast: number };

/** Keys that belong to one kind of rule. Beside another kind they would be read by a person and by nobody else. */
const KEYS = {
  signal: ['signal', 'count', 'window'],
  trait: ['trait', 'between', 'in', 'entries'],
  people: ['people'],
} as const;

/** What the rule looks at, or null after complaining. */
export function compileSource(rule: RuleConfig, signals: Catalogue, complain: Complain): Source | null {
  const kinds = (['signal', 'trait', 'people'] as const).filter((kind) => rule[kind] !== undefined);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    return complain([], rule.id, 'exactly one of signal, trait, people beside it');
  }
  for (const key of Object.entries(KEYS).flatMap(([other, keys]) => (other === kind ? [] : keys))) {
    if (rule[key] !== undefined) {
      complain([key], key, `nothing: "${key}" says nothing about a ${kind}`);
    }
  }
  if (kind === 'signal') {
    return signalSource(rule, signals, complain);
  }
  return kind === 'trait' ? traitSource(rule, complain) : peopleSource(rule, complain);
}

function signalSource(rule: RuleConfig, signals: Catalogue, complain: Complain): Source | null {
  const signal = checkedSignal(rule.signal ?? '', signals, ['signal'], complain);
  const window = checkedWindow(rule.window, ['window'], complain);
  if (signal === null || window === null) {
    return null;
  }
  if (rule.count !== signal.count && (rule.points.each || rule.count !== undefined)) {
    complain(['count'], rule.count, `${signal.count}, as signals.yaml counts ${signal.id}`);
  }
  checkHours(rule, signal, window, complain);
  return { kind: 'signal', signal, window };
}

/** Of hours, states keep the newest instants of each person: enough to know that and when, not how often. */
function checkHours(rule: RuleConfig, signal: SignalInfo, window: Window, complain: Complain): void {
  const countable = ['once', 'distinct value', 'distinct users'].includes(signal.count) || !rule.points.each;
  if (typeof window === 'object' && 'hours' in window && (signal.count === 'sum' || !countable)) {
    const allowed = `days: hours are too fine to add up "${signal.count}"`;
    complain(['window'], windowText(window), allowed);
  }
}

function traitSource(rule: RuleConfig, complain: Complain): Source | null {
  const trait = checkedTrait(rule.trait ?? '', 'account', ['trait'], complain);
  const tests = [rule.between, rule.in, rule.entries].filter((test) => test !== undefined);
  if (tests.length !== 1) {
    return complain(['trait'], rule.trait, 'with exactly one of between, in, entries');
  }
  if (trait === null) {
    return null;
  }
  if (rule.points.each && rule.entries === undefined) {
    complain(['points'], `${rule.points.amount} points each`, 'points once: there is one value');
  }
  if (rule.between !== undefined) {
    const [least, most] = rule.between;
    return least > most
      ? complain(['between'], rule.between, 'the smaller number first')
      : { kind: 'between', trait, least, most };
  }
  return rule.in === undefined ? { kind: 'entries', trait } : { kind: 'in', trait, values: rule.in };
}

function peopleSource(rule: RuleConfig, complain: Complain): Source | null {
  const { people } = rule;
  if (people === undefined) {
    return null;
  }
  if (rule.points.each) {
    complain(['points'], `${rule.points.amount} points each`, 'points once: there are enough kinds or not');
  }
  const distinct = checkedTrait(people.distinct, 'person', ['people', 'distinct'], complain);
  const within = checkedWindow(people.active_within, ['people', 'active_within'], complain);
  return distinct === null || within === null
    ? null
    : { kind: 'people', distinct, within, atLeast: people.at_least };
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
