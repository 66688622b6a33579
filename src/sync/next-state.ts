import type { Outcome } from './crm.ts';

/** How an act stands after an attempt. */
export interface NextState {
  state: 'waiting' | 'done' | 'parked' | 'skipped';
  code: string | null;
  /** Why it stands so, in words; of what is done a note, '' when there is nothing to add. */
  reason: string;
  remedy: string | null;
  /** The field that the CRM names, and whose record it is: the account's key or a person's ref. */
  field: string | null;
  ref: string | null;
  attempts: number;
  /** true: perhaps written; it must be looked up before it is written again. */
  uncertain: boolean;
  /** Milliseconds until the next attempt; 0 unless it waits. */
  waitMs: number;
  crmId: string | null;
}

/** After this many attempts that could have succeeded and did not, a person has to look. */
export const ATTEMPTS_MAX = 12;

/** Attempts that met a CRM out of reach count up to here: a long outage parks nothing, and is asked every few minutes. */
const PATIENT_MAX = 8;

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 3_600_000;

/** Exponential backoff with full jitter: 1 s, 2 s, 4 s … at most an hour; `random` in [0, 1) comes from the caller. */
export function backoff(attempts: number, random: number): number {
  const ceiling = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.max(0, attempts - 1));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}

/**
 * A wait (ms), lengthened so that it ends on a grid of time about half as coarse: what failed within the same few seconds
 * is due again at the same moment, and goes in one batch instead of a call each. `now` is real time, ms.
 */
export function ontoGrid(waitMs: number, now: number): number {
  if (waitMs < 2 * FIRST_WAIT) {
    return waitMs;
  }
  const step = FIRST_WAIT * 2 ** Math.floor(Math.log2(waitMs / (2 * FIRST_WAIT)));
  return Math.ceil((now + waitMs) / step) * step - now;
}

/**
 * What one outcome makes of an act. A pause of the whole connection is nobody's attempt, and an act that was
 * uncertain before it is still uncertain after it: forgetting that could write it twice (I6).
 */
export function nextState(
  attempts: number,
  outcome: Outcome,
  random: number,
  wasUncertain = false,
): NextState {
  const { ref = null } = outcome;
  const base = {
    code: null,
    remedy: null,
    field: null,
    ref,
    attempts: attempts + 1,
    uncertain: false,
    waitMs: 0,
    crmId: null,
  };
  switch (outcome.state) {
    case 'done':
      return { ...base, state: 'done', reason: outcome.note ?? '', crmId: outcome.crmId };
    case 'skipped':
      return { ...base, state: 'skipped', code: outcome.code, reason: outcome.reason };
    case 'parked':
      return { ...base, ...parked(outcome) };
    case 'halt':
      return {
        ...base,
        state: 'waiting',
        code: outcome.code,
        reason: outcome.reason,
        attempts,
        uncertain: wasUncertain,
      };
    case 'rematch':
      return again(base, outcome.code, outcome.reason, 0, false);
    default: {
      const tried = outcome.patient ? Math.max(attempts, Math.min(attempts + 1, PATIENT_MAX)) : attempts + 1;
      const waitMs = Math.max('afterMs' in outcome ? outcome.afterMs : 0, backoff(tried, random));
      const { code, reason, state } = outcome;
      if (outcome.state === 'retry' && outcome.atMost !== undefined && tried >= outcome.atMost) {
        return { ...base, ...parked({ code, reason, remedy: outcome.remedy ?? '' }) };
      }
      return again({ ...base, attempts: tried }, code, reason, waitMs, state === 'uncertain');
    }
  }
}

function parked({
  code,
  reason,
  remedy,
  field = null,
}: {
  code: string;
  reason: string;
  remedy: string;
  field?: string | null;
}) {
  return { state: 'parked' as const, code, reason, remedy, field };
}

function again(
  base: Omit<NextState, 'state' | 'reason'>,
  code: string,
  reason: string,
  waitMs: number,
  uncertain: boolean,
): NextState {
  if (base.attempts >= ATTEMPTS_MAX) {
    const remedy = `tried ${base.attempts} times; mend the cause, then: pql errors retry`;
    return { ...base, state: 'parked', code, reason, remedy, uncertain };
  }
  return { ...base, state: 'waiting', code, reason, uncertain, waitMs };
}

/** The gravest of several outcomes: what the act that asked for them must go by. */
export function gravest(outcomes: readonly Outcome[]): Outcome | null {
  const order: Outcome['state'][] = ['halt', 'uncertain', 'retry', 'rematch', 'parked', 'done', 'skipped'];
  for (const state of order) {
    const found = outcomes.find((outcome) => outcome.state === state);
    if (found !== undefined) {
      return found;
    }
  }
  return null;
}
