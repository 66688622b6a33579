import { signupOf } from '../../accounts/signup.ts';
import { earliest } from '../../accounts/window.ts';
import { isoDate, isoInstant } from '../../shared/time.ts';
import type { Look, Scene } from './look.ts';

/** When the account signed up (S2-47). A day that is still to come is not known yet, whoever claims it. */
export function lookAtSignup({ state, now }: Pick<Scene, 'state' | 'now'>): Look {
  const { at, begins } = signupOf(state, now);
  const isKnown = at !== null && at <= now;
  return {
    amount: null,
    last: isKnown ? at : null,
    missing: isKnown ? null : 'signup',
    nextChange: earliest(begins, isKnown ? null : at),
    evidence: () => (isKnown ? { signed_up: isoInstant(at) } : { missing: 'signup' }),
    words: () => ({}),
    short: () => (isKnown ? `signed up on ${isoDate(at)}` : 'signup is not known'),
  };
}
