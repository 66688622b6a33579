import { signupOf } from '../../accounts/signup.ts';
import type { Json } from '../../shared/json.ts';
import { isoDate, isoInstant } from '../../shared/time.ts';
import type { Look, Scene } from './look.ts';

/** When the account signed up (S2-47). */
export class SignupLook implements Look {
  readonly amount = null;
  readonly last: number | null;
  readonly missing: string | null;
  readonly nextChange: number | null;

  constructor({ state, now }: Pick<Scene, 'state' | 'now'>) {
    const { at, begins } = signupOf(state, now);
    this.last = at;
    this.missing = at === null ? 'signup' : null;
    this.nextChange = begins;
  }

  evidence(): Record<string, Json> {
    return this.last === null ? { missing: 'signup' } : { signed_up: isoInstant(this.last) };
  }

  words(): Record<string, Json> {
    return {};
  }

  short(): string {
    return this.last === null ? 'signup is not known' : `signed up on ${isoDate(this.last)}`;
  }
}
