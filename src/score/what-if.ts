import { listOf } from '../accounts/coerce.ts';
import { emptyPart } from '../accounts/fold.ts';
import { type SignalHit, type SignalInfo, SUM_UNIT } from '../accounts/signal.ts';
import { ACTIVITY, type AccountState, type PersonPart } from '../accounts/state.ts';
import { addHit, newTally } from '../accounts/tally.ts';
import { accountTraits } from '../accounts/views.ts';
import type { Json } from '../shared/json.ts';

/** Who does what is imagined: the person active last, or people who are new. */
export type Doer = 'same' | 'new';

/**
 * The state as if `times` more occurrences of a signal had come just now: by the person who was active last, or each by
 * somebody new. A counted value is a new one each time, a summed amount is 1. Every occurrence is activity too.
 */
export function withOccurrences(
  state: AccountState,
  signal: SignalInfo,
  times: number,
  doer: Doer,
  now: number,
): AccountState {
  let parts = state.parts;
  for (let i = 0; i < times; i++) {
    const ref = doer === 'new' ? newcomer(i) : (lastActive(parts) ?? newcomer(0));
    parts = withHit(parts, ref, signal, i, now);
  }
  return { ...state, parts };
}

/** The state as if one trait of the account were known to be this, whatever was said before. */
export function withTrait(state: AccountState, trait: string, value: Json): AccountState {
  const stamp = { declared: true, at: Number.MAX_SAFE_INTEGER, tie: '\uffff' };
  const said = { ...emptyPart(), person: null, accountTraits: { [trait]: { set: { value, stamp } } } };
  return { ...state, parts: [...state.parts, said] };
}

/** The state as if a list were so many entries longer. */
export function withEntries(state: AccountState, trait: string, more: number): AccountState {
  const known = listOf(accountTraits(state)[trait]);
  return withTrait(state, trait, [...known, ...Array.from({ length: more }, (_, i) => ` new value ${i}`)]);
}

/** A person nobody has seen yet. No sender's id holds a space at both ends. */
function newcomer(i: number): string {
  return `u: somebody new ${i} `;
}

function lastActive(parts: readonly PersonPart[]): string | null {
  const last = (part: PersonPart) => part.signals[ACTIVITY]?.last ?? Number.NEGATIVE_INFINITY;
  const people = parts.filter(({ person }) => person !== null);
  return (
    people.reduce<PersonPart | null>(
      (best, part) => (best === null || last(part) > last(best) ? part : best),
      null,
    )?.person ?? null
  );
}

function withHit(
  parts: readonly PersonPart[],
  ref: string,
  signal: SignalInfo,
  i: number,
  now: number,
): PersonPart[] {
  const known = parts.find(({ person }) => person === ref) ?? { ...emptyPart(), person: ref };
  const signals = { ...known.signals };
  for (const hit of hitsOf(signal, i)) {
    const tally = signals[hit.signal];
    const copy = tally === undefined ? newTally(hit, now) : structuredClone(tally);
    if (tally !== undefined) {
      addHit(copy, hit, now);
    }
    signals[hit.signal] = copy;
  }
  return [...parts.filter(({ person }) => person !== ref), { ...known, signals }];
}

/** What one occurrence adds: to its own tally, and to activity. */
function hitsOf({ source, recent, days }: SignalInfo, i: number): SignalHit[] {
  const activity: SignalHit = { signal: ACTIVITY, amount: 1 };
  if (source.kind !== 'counted' || source.tally === ACTIVITY) {
    return [activity];
  }
  const own: SignalHit = {
    signal: source.tally,
    amount: source.values === 'sum' ? SUM_UNIT : 1,
    keeps: recent,
    ...(source.values === 'sum' ? { sum: true } : {}),
    ...(source.values === 'members' ? { member: ` new value ${i} ` } : {}),
    ...(days === 'local' ? { fine: true } : {}),
  };
  return [own, activity];
}
