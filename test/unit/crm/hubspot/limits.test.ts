import { describe, expect, it } from 'vitest';
import { toldBy } from '../../../../src/crm/hubspot/limits.ts';
import { HOUR } from '../../../../src/shared/time.ts';
import { NOON } from '../../../support/event.ts';

const moment = { now: NOON, timeZone: 'UTC' };
const H = (names: Record<string, string>) =>
  Object.fromEntries(Object.entries(names).map(([name, value]) => [`x-hubspot-ratelimit-${name}`, value]));
const burst = { max: '190', remaining: '12', 'interval-milliseconds': '10000' };
const daily = { daily: '650000', 'daily-remaining': '649000' };

describe("HubSpot's headers", () => {
  it('tell the window and the day, which ends at midnight of the portal', () => {
    expect(toldBy(H({ ...burst, ...daily }), moment)).toEqual({
      burst: { max: 190, left: 12, intervalMs: 10_000 },
      day: { max: 650_000, used: 1000, until: NOON + 12 * HOUR },
    });
    expect(toldBy(H(daily), { now: NOON, timeZone: 'America/New_York' }).day?.until).toBe(NOON + 17 * HOUR);
  });

  it.each([
    ['of a search: the day alone', daily, { burst: null, day: expect.anything() }],
    ['of an OAuth app: the window alone', burst, { burst: expect.anything(), day: null }],
    ['that are absent: nothing', {}, { burst: null, day: null }],
    [
      'that are no numbers: nothing',
      { daily: 'n/a', 'daily-remaining': '-1', max: '', remaining: '1' },
      { burst: null, day: null },
    ],
    [
      'without an interval: ten seconds',
      { max: '100', remaining: '0' },
      { burst: { max: 100, left: 0, intervalMs: 10_000 }, day: null },
    ],
  ])('%s', (_rule, names, told) => {
    expect(toldBy(H(names), moment)).toEqual(told);
  });
});
