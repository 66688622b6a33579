import type { Offset } from '../../accounts/zone.ts';
import { isoDate, MINUTE, startOfUtcDay, utcDay, weekdayOf } from '../../shared/time.ts';

/** When the digest goes out, and to whom. */
export interface Digest {
  /** Minutes after midnight, by the clocks of the zone. */
  at: number;
  timezone: string;
  offset: Offset;
  /** Monday is 0. */
  weekdays: ReadonlySet<number>;
  /** Everybody who has a task gets what is theirs. */
  owners: boolean;
  /** Get everything, in small letters. */
  addresses: readonly string[];
  from: MailAddress;
}

export interface MailAddress {
  /** '': none. */
  name: string;
  address: string;
}

/** The day, by the clocks of the zone. */
export function localDate({ offset }: Pick<Digest, 'offset'>, at: number): string {
  return isoDate(at + offset(at));
}

/** The day whose digest is to go out by now (`2026-03-02`), from its hour on until the day ends; null: none. */
export function digestDay(digest: Digest, now: number): string | null {
  const local = now + digest.offset(now);
  const day = utcDay(local);
  const minute = Math.floor((local - startOfUtcDay(day)) / MINUTE);
  return digest.weekdays.has(weekdayOf(day)) && minute >= digest.at ? isoDate(local) : null;
}

/** One address, as mail programs agree on it: no list, no comment, no line break, so that no header can hide in it. */
export const ADDRESS = /^[^\s@<>()[\]",;:\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$/;

/** `ann@acme.com` or `PQL <pql@acme.com>`; null: neither. */
export function readAddress(text: string): MailAddress | null {
  const begins = text.endsWith('>') ? text.indexOf('<') : -1;
  const name = begins < 0 ? '' : text.slice(0, begins).trim();
  const address = begins < 0 ? text : text.slice(begins + 1, -1);
  return ADDRESS.test(address) && NAME.test(name) ? { name, address } : null;
}

/** Of a sender: one line, without marks that mean something to mail programs. */
const NAME = /^[^<>()[\]"\r\n,;:@\\]{0,100}$/;
