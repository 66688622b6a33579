import { describe, expect, it } from 'vitest';
import { dayToldBy } from '../../../../src/crm/salesforce/limits.ts';
import { DAY } from '../../../../src/shared/time.ts';
import { NOON } from '../../../support/event.ts';

describe('Sforce-Limit-Info', () => {
  it.each([
    ['api-usage=4143/15000', 4143],
    ['per-app-api-usage=17/250(appName=pql); api-usage=18/15000', 18],
    ['api-usage=18/15000; per-app-api-usage=17/250(appName=pql)', 18],
  ])('%s: %i calls of the org in the last 24 hours', (header, used) => {
    expect(dayToldBy(header, NOON)).toEqual({ used, max: 15_000, until: NOON + DAY });
  });

  it.each([[null], [''], ['per-app-api-usage=17/250'], ['api-usage=1/0'], ['api-usage=x/y']])(
    '%s: nothing is told',
    (header) => {
      expect(dayToldBy(header, NOON)).toBeNull();
    },
  );
});
