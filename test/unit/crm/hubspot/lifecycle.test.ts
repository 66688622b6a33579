import { describe, expect, it } from 'vitest';
import { lifecycleMove, type Stage } from '../../../../src/crm/hubspot/lifecycle.ts';

const stages = (...values: string[]): Stage[] =>
  values.map((value, displayOrder) => ({ value, displayOrder }));

const PORTAL = stages(
  'subscriber',
  'lead',
  '4711',
  'marketingqualifiedlead',
  'salesqualifiedlead',
  'opportunity',
  'customer',
  'evangelist',
);

describe('marketingqualifiedlead', () => {
  it.each([
    ['', true],
    ['subscriber', true],
    ['lead', true],
    ['4711', false],
    ['marketingqualifiedlead', false],
    ['salesqualifiedlead', false],
    ['opportunity', false],
    ['customer', false],
    ['evangelist', false],
    ['a stage nobody knows', false],
  ])('from "%s": %s', (current, move) => {
    expect(lifecycleMove(PORTAL, current, 'marketingqualifiedlead').move).toBe(move);
  });

  it('goes by the portal’s order, not by HubSpot’s usual one', () => {
    const reversed = stages('marketingqualifiedlead', 'lead', 'subscriber');
    expect(lifecycleMove(reversed, 'lead', 'marketingqualifiedlead').move).toBe(false);
  });

  it('is not sent to a portal that has removed it', () => {
    const move = lifecycleMove(stages('lead', 'customer'), 'lead', 'marketingqualifiedlead');
    expect(move).toEqual({ move: false, why: expect.stringContaining('no lifecycle stage') });
  });
});

describe('any other stage', () => {
  it.each([
    ['lead', '4711', true],
    ['opportunity', '4711', false],
    ['opportunity', 'customer', true],
    ['customer', 'evangelist', false],
    ['', 'opportunity', true],
  ])('from "%s" to %s: %s', (current, target, move) => {
    expect(lifecycleMove(PORTAL, current, target).move).toBe(move);
  });
});
