import { DAY, HOUR, parseInstant } from '../shared/time.ts';
import { UsageError } from './command.ts';

const UNITS: Record<string, number> = { hour: HOUR, day: DAY, week: 7 * DAY };

/**
 * The end that an option gives, in ms: a last day, an instant, or a duration from `now` on; null: not given. Throws for anything
 * else, and for what has passed.
 */
export function untilOf(text: string | boolean | undefined, now: number): number | null {
  if (typeof text !== 'string') {
    return null;
  }
  const at = instantOf(text.trim(), now);
  if (at === null || at <= now) {
    const found = at === null ? text : `${text}, which has passed`;
    throw new UsageError(
      `--until: found ${found}; allowed: a last day such as 2026-12-31, an instant such as 2026-12-31T12:00:00Z, or a duration such as "30 days", "12 hours" or "2 weeks"`,
    );
  }
  return at;
}

function instantOf(text: string, now: number): number | null {
  const [, count, unit = ''] = /^([1-9]\d{0,3}) (hour|day|week)s?$/.exec(text) ?? [];
  if (count !== undefined) {
    return now + Number(count) * (UNITS[unit] ?? DAY);
  }
  const at = parseInstant(text);
  return at !== null && !text.includes('T') ? at + DAY : at;
}
