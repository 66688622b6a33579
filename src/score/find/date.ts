import { instantOf } from '../../accounts/signup.ts';
import type { Json } from '../../shared/json.ts';
import { isoInstant } from '../../shared/time.ts';
import type { Look, Scene } from './look.ts';
import { known } from './trait.ts';

/** The instant that a trait tells (S4-165). What is no date is not known; one still to come has not happened yet. */
export class DateLook implements Look {
  readonly amount = null;
  readonly last: number | null;
  readonly missing: string | null;
  readonly nextChange: number | null;
  private readonly name: string;
  private readonly at: number | null;

  constructor(name: string, { facts, now }: Pick<Scene, 'facts' | 'now'>) {
    const value = known(name, facts);
    const at = value === undefined ? null : instantOf(value);
    const isAhead = at !== null && at > now;
    this.name = name;
    this.at = at;
    this.last = isAhead ? null : at;
    this.missing = at === null ? name : null;
    this.nextChange = isAhead ? at : null;
  }

  evidence(): Record<string, Json> {
    return this.at === null ? { missing: this.name } : { [this.name]: isoInstant(this.at) };
  }

  words(): Record<string, Json> {
    return {};
  }

  short(): string {
    return this.at === null
      ? `${this.name} is not known as a date`
      : `${this.name} is ${isoInstant(this.at)}`;
  }
}
