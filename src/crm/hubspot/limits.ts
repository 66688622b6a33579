import { clockOf } from '../../accounts/zone.ts';
import { DAY, MINUTE, SECOND } from '../../shared/time.ts';
import type { Told } from '../../sync/budget.ts';

export interface Moment {
  now: number;
  /** The portal's IANA time zone: its daily limit ends at midnight there. */
  timeZone: string;
}

/**
 * What HubSpot says of its limits in the headers of an answer ("Usage guidelines and limits"). Searches carry only the
 * daily pair, OAuth apps only the other three. Pure.
 *
 * @param headers names in lower case
 */
export function toldBy(headers: Readonly<Record<string, string>>, moment: Moment): Told {
  const number = (name: string) => {
    const text = headers[`x-hubspot-ratelimit-${name}`] ?? '';
    return /^\d+$/.test(text) ? Number(text) : null;
  };
  const [max, left, intervalMs] = [number('max'), number('remaining'), number('interval-milliseconds')];
  const [dailyMax, dailyLeft] = [number('daily'), number('daily-remaining')];
  const until = moment.now + msToMidnight(moment.now, moment.timeZone);
  return {
    day:
      dailyMax === null || dailyLeft === null
        ? null
        : { max: dailyMax, used: Math.max(0, dailyMax - dailyLeft), until },
    burst:
      max === null || max === 0 || left === null ? null : { max, left, intervalMs: intervalMs || WINDOW },
  };
}

/** Ten seconds, where the header is missing. */
const WINDOW = 10_000;

/** Milliseconds until the next midnight in a time zone, up to a whole second; at least a minute. */
export function msToMidnight(now: number, timeZone: string): number {
  const clock = now + (clockOf(timeZone)?.(now) ?? 0);
  const passed = Math.floor((clock % DAY) / SECOND) * SECOND;
  return Math.max(MINUTE, DAY - passed);
}
