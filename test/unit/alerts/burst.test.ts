import { describe, expect, it } from 'vitest';
import { GATHER, turnOf } from '../../../src/alerts/burst.ts';
import { HOUR, MINUTE } from '../../../src/shared/time.ts';

const RULES = { rollUp: { from: 4, within: 10 * MINUTE }, perHour: 6 };
const NOW = 100 * HOUR;
const ago = (...minutes: number[]) => minutes.map((one) => NOW - one * MINUTE);
const singles = (...minutes: number[]) => ago(...minutes).map((at) => ({ at, rollUp: false }));

describe('burst control', () => {
  it.each([
    ['one', ago(0), [], 'singly'],
    ['three at once', ago(0, 0, 0), [], 'singly'],
    ['four at once gather first', ago(0, 0, 0, 0), [], 'wait'],
    ['four at once, gathered', ago(1, 1, 1, 1), [], 'together'],
    ['the fourth within the window', ago(1), singles(9, 5, 3), 'together'],
    ['the fourth after the window', ago(1), singles(12, 5, 3), 'singly'],
    ['the seventh within the hour', ago(1), singles(55, 50, 45, 40, 35, 30), 'together'],
    ['the seventh after the hour', ago(1), singles(61, 50, 45, 40, 35, 30), 'singly'],
    [
      'more while one message told of all just now',
      ago(1, 1, 1),
      [{ at: NOW - 2 * MINUTE, rollUp: true }],
      'wait',
    ],
    [
      'and once the window of that message is over',
      ago(9, 5, 3, 1),
      [{ at: NOW - 11 * MINUTE, rollUp: true }],
      'together',
    ],
  ])('%s', (_what, waiting, sent, kind) => {
    expect(turnOf(waiting, sent, RULES, NOW).kind).toBe(kind);
  });

  it('nobody waits for longer than a window', () => {
    expect(turnOf([NOW, NOW, NOW, NOW], [], RULES, NOW)).toEqual({ kind: 'wait', ms: GATHER });
    const soon = turnOf(
      [NOW],
      [{ at: NOW - 10 * MINUTE + 1000, rollUp: true }, ...singles(1, 1)],
      RULES,
      NOW,
    );
    expect(soon).toEqual({ kind: 'wait', ms: GATHER });
  });
});
