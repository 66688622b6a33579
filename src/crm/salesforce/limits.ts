import { DAY } from '../../shared/time.ts';
import type { Day } from '../../sync/budget.ts';

/**
 * What Salesforce says of its day in an answer: `Sforce-Limit-Info: api-usage=4143/15000`, sometimes with the count of one
 * app behind it, which is not the org's. The org counts the last 24 hours: there is no midnight. Pure.
 */
export function dayToldBy(header: string | null, now: number): Day | null {
  const [, used, max] = /(?:^|[;,\s])api-usage=(\d+)\/(\d+)/.exec(header ?? '') ?? [];
  return used === undefined || Number(max) === 0
    ? null
    : { used: Number(used), max: Number(max), until: now + DAY };
}
