import { measure, newestOf } from '../../accounts/measure.ts';
import type { SignalInfo } from '../../accounts/signal.ts';
import type { AccountState } from '../../accounts/state.ts';
import type { PersonView } from '../../accounts/views.ts';
import { sentence } from '../../score/find/sentence.ts';

/** How far back texts look, in UTC days: what is older is no reason to write today. */
export const EVIDENCE_DAYS = 30;

/** What an account's people did of one signal lately, in numbers and words. Instants in ms. */
export interface Evidence {
  signal: string;
  /** The id with blanks. */
  name: string;
  /** What was done, past tense: `invited 4 teammates`; null: signals.yaml has no label for it. */
  words: string | null;
  /** `once`, `twice`, `3 times`. */
  times: string;
  count: number;
  people: number;
  /** Which one it was each time, such as the limit or the feature; null: not known, or several. */
  thing: string | null;
  /** Which one the newest was; null: not known. */
  last_thing: string | null;
  first: number;
  last: number;
  /** Who did it last; null: nobody whom we know. */
  by: PersonView | null;
}

/** Where evidence is looked for. */
export interface Sources {
  signals: ReadonlyMap<string, SignalInfo>;
  /** Better words for things of the product, by what the product calls them. */
  names: Readonly<Record<string, string>>;
  state: AccountState;
  people: readonly PersonView[];
  /** ms. */
  now: number;
}

/** null: it was not given in the last 30 days, or is a number made of other signals, which nobody does. */
export function evidenceOf(id: string, sources: Sources): Evidence | null {
  const { signals, state, now } = sources;
  const signal = signals.get(id);
  if (signal === undefined || signal.count === 'number') {
    return null;
  }
  const found = measure(signal, state, { days: EVIDENCE_DAYS }, now);
  const { first, last, users } = found;
  const occurred = signal.count === 'once' || signal.count === 'each';
  const count = occurred ? found.count : (found.amount ?? 0);
  if (first === null || last === null || count <= 0) {
    return null;
  }
  return {
    signal: id,
    name: id.replaceAll('_', ' '),
    words: signal.label === undefined ? null : wordsOf(signal.label, count),
    times: timesOf(count),
    count,
    people: users.length,
    ...thingsOf(signal, last, count, sources),
    first,
    last,
    by: byWhom(signal, users, sources),
  };
}

/** One time needs no number: `reached a plan limit`, `reached a plan limit twice`. */
function wordsOf(label: string, count: number): string {
  return sentence(label)({ count, times: count === 1 ? '' : timesOf(count) }).trim();
}

/** `once`, `twice`, `3 times` */
export function timesOf(count: number): string {
  return count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`;
}

/** Of several who did it at one instant the first by id. */
function byWhom(
  signal: SignalInfo,
  users: readonly string[],
  { state, people, now }: Sources,
): PersonView | null {
  const known = people.filter(({ ref }) => users.includes(ref));
  if (known.length < 2) {
    return known[0] ?? null;
  }
  const lastOf = ({ ref }: PersonView) => {
    const parts = state.parts.filter(({ person }) => person === ref);
    return newestOf(signal, { ...state, parts }, now).last ?? 0;
  };
  return known
    .map((person) => ({ person, last: lastOf(person) }))
    .reduce((best, one) => (one.last > best.last ? one : best)).person;
}

/** The newest value of the signal that names this one, if it came with the newest occurrence: else it names another. */
function thingsOf(
  { namedBy }: SignalInfo,
  last: number,
  count: number,
  { signals, names, state, now }: Sources,
): Pick<Evidence, 'thing' | 'last_thing'> {
  const naming = namedBy === undefined ? undefined : signals.get(namedBy);
  if (naming === undefined || naming.source.kind !== 'counted') {
    return { thing: null, last_thing: null };
  }
  const { tally } = naming.source;
  const values = state.parts.flatMap(({ signals: own }) => Object.entries(own[tally]?.members ?? {}));
  const [value] = values.flatMap(([one, [, at]]) => (at === last ? [one] : [])).sort();
  const named = value === undefined ? null : (names[value] ?? value.replaceAll('_', ' '));
  const several = count > 1 && measure(naming, state, { days: EVIDENCE_DAYS }, now).distinct > 1;
  return { thing: several ? null : named, last_thing: named };
}
