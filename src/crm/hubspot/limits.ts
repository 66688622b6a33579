import type { Told } from '../../sync/budget.ts';
import { type Moment, msToMidnight } from './outcomes.ts';

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
