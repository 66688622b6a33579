import { comparable } from '../coerce.ts';
import { keptMember } from '../members.ts';
import type { SignalInfo, SignalSource } from '../signal.ts';
import { ACTIVITY, type AccountState, type PersonPart } from '../state.ts';
import { traitValue } from '../traits.ts';
import type { Instant } from './share.ts';

type SourceOf<K extends SignalSource['kind']> = Extract<SignalSource, { kind: K }>;

/**
 * Abandoned flows: one occurrence per start without a completion in the time after it, dated when the time was up
 * (S2-84). A colleague's completion counts: the account has what it wanted. Occurrences after now are those to come.
 */
export function abandonedFlows(
  { started, completed, after }: SourceOf<'abandoned'>,
  state: AccountState,
): Instant[] {
  const completions = pooled(state.parts, completed);
  return pooled(state.parts, started)
    .filter(({ at }) => !completions.some((done) => done.at >= at && done.at < at + after))
    .map(({ person, at }) => ({ person, at: at + after }));
}

/** Sequences that the last step of each completes (S1-92). */
export function completedSequences(
  { steps, within, by }: SourceOf<'sequence'>,
  state: AccountState,
): Instant[] {
  if (by === 'account') {
    return sequencesOf(
      steps.map((step) => pooled(state.parts, step).sort((a, b) => b.at - a.at)),
      within,
    );
  }
  return state.parts.flatMap((part) =>
    part.person !== null && steps.every((step) => part.signals[tallyId(step)] !== undefined)
      ? sequencesOf(
          steps.map((step) => pooled([part], step)),
          within,
        )
      : [],
  );
}

/** `lists`: the instants of each step, newest first. */
function sequencesOf(lists: readonly Instant[][], within: number): Instant[] {
  const before = lists.slice(0, -1).reverse();
  return (lists.at(-1) ?? []).filter(({ at }) => {
    const began = latestStart(before, at);
    return began !== null && at - began <= within;
  });
}

/** The latest first step from which the others led here: going back, the latest of each step is the best. */
function latestStart(lists: readonly Instant[][], end: number): number | null {
  let reached = end;
  for (const list of lists) {
    const step = list.find(({ at }) => at <= reached);
    if (step === undefined) {
      return null;
    }
    reached = step.at;
  }
  return reached;
}

/** Invited people at their first activity, when it did not come before the invitation (S2-77). */
export function activeInvitees({ invited }: SourceOf<'became_active'>, state: AccountState): Instant[] {
  return state.parts.flatMap(({ person, signals, traits }) => {
    const active = signals[ACTIVITY]?.first;
    const mail = comparable(traitValue(Object.hasOwn(traits, 'email') ? traits.email : undefined));
    if (person === null || active === undefined || mail === null) {
      return [];
    }
    const invitation = firstOf(state, tallyId(invited), keptMember(mail));
    return invitation !== null && invitation <= active ? [{ person, at: active }] : [];
  });
}

function firstOf(state: AccountState, id: string, member: string): number | null {
  let first: number | null = null;
  for (const { signals } of state.parts) {
    const members = signals[id]?.members ?? {};
    const span = Object.hasOwn(members, member) ? members[member] : undefined;
    first = span === undefined ? first : Math.min(first ?? span[0], span[0]);
  }
  return first;
}

/** The known instants of one signal, of whomever. */
function pooled(parts: readonly PersonPart[], signal: SignalInfo): Instant[] {
  const id = tallyId(signal);
  return parts.flatMap(({ person, signals }) => (signals[id]?.recent ?? []).map((at) => ({ person, at })));
}

/** Where states keep a counted signal. */
function tallyId({ id, source }: SignalInfo): string {
  return source.kind === 'counted' ? source.tally : id;
}
