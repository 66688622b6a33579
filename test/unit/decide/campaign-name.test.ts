import { describe, expect, it } from 'vitest';
import { calendarAt, campaignName, nameBeforeCrossing } from '../../../src/decide/campaign-name.ts';

const NEW_YEAR = Date.UTC(2026, 11, 31, 23, 30);

describe('the name of a campaign is a template', () => {
  const facts = { ...calendarAt(NEW_YEAR, 'UTC'), model: 'mql-rubric', tier: 'mql', route: 'SDR' };

  it.each([
    ['PQL MQL', 'PQL MQL'],
    ['PQL MQL {{ month }}', 'PQL MQL 2026-12'],
    ['{{quarter}} {{  year }}', '2026-Q4 2026'],
    ['PQL {{ tier }}/{{ route }} of {{ model }}', 'PQL mql/SDR of mql-rubric'],
    ['  PQL   {{ tier }} ', 'PQL mql'],
  ])('%s', (template, expected) => {
    expect(campaignName(template, facts)).toBe(expected);
  });

  it.each([
    ['UTC', '2026-12', '2026-Q4'],
    ['Europe/Berlin', '2027-01', '2027-Q1'],
    ['America/New_York', '2026-12', '2026-Q4'],
  ])('the month is that of %s', (zone, month, quarter) => {
    expect(calendarAt(NEW_YEAR, zone)).toMatchObject({ month, quarter });
  });

  it('set-up can make it before anybody crosses, unless it hangs on who crosses', () => {
    expect(nameBeforeCrossing('PQL {{ month }}', NEW_YEAR, 'Europe/Berlin')).toBe('PQL 2027-01');
    expect(nameBeforeCrossing('PQL {{ tier }}', NEW_YEAR, 'UTC')).toBeNull();
  });
});
