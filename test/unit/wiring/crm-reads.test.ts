import { describe, expect, it } from 'vitest';
import { hasRoom } from '../../../src/wiring/crm-reads.ts';

describe('reading comes after writing', () => {
  it.each([
    ['the CRM never told its limit', null, null, true],
    ['a tenth of the day is left', 10, 100, true],
    ['less than a tenth is left', 9, 100, false],
    ['nothing is left', 0, 100, false],
  ])('when %s', (_, dailyRemaining, dailyMax, room) => {
    expect(hasRoom({ dailyRemaining, dailyMax })).toBe(room);
  });
});
