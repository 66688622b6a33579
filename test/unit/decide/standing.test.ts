import { describe, expect, it } from 'vitest';
import {
  initialStanding,
  isQualified,
  mergeStandings,
  type Standing,
  step,
  withoutSilentEntry,
} from '../../../src/decide/standing.ts';
import type { Evaluation } from '../../../src/score/evaluation.ts';
import { DAY } from '../../../src/shared/time.ts';
import { NOON } from '../../support/event.ts';
import { shippedRubric } from '../../support/shipped.ts';

const rubric = shippedRubric();
const { tiers } = rubric;
const gates = rubric.gates.map(({ id }) => ({ id, passed: true, why: '' }));
const at = (tier: string) =>
  ({ tier, value: tiers.find(({ id }) => id === tier)?.from ?? 0, gates }) as Evaluation;

/** Walks through tiers at given instants; gives how each step crossed, and the last step. */
function walk(...stops: [tier: string, days: number, act?: boolean][]) {
  let standing: Standing = initialStanding('none', NOON);
  const crossed: (number | null)[] = [];
  let last = step(rubric, standing, at('none'), NOON, true);
  for (const [tier, days, act = true] of stops) {
    last = step(rubric, standing, at(tier), NOON + days * DAY, act);
    standing = last.standing;
    crossed.push(last.crossing?.n ?? null);
  }
  return { crossed, last };
}

describe('I6: a crossing acts once', () => {
  it('S1-108: an entry from below is a crossing, staying is none', () => {
    expect(walk(['stage_2', 0], ['mql', 1], ['mql', 2], ['mql', 60]).crossed).toEqual([null, 1, null, null]);
  });

  it('an entry within 30 days of the last crossing is noted and does not act', () => {
    const { crossed, last } = walk(['mql', 0], ['stage_2', 7], ['mql', 30 - 1 / DAY]);
    expect(crossed).toEqual([1, null, null]);
    expect(last.note).toBe('entered mql again; acts again from 2026-04-01T12:00:00.000Z');
    expect(last.standing).toMatchObject({ tier: 'mql', crossings: { mql: 1 } });
  });

  it('S4-106: from the 30th day on it acts again, under the next number', () => {
    expect(walk(['mql', 0], ['stage_2', 7], ['mql', 30]).crossed).toEqual([1, null, 2]);
  });

  it('what was only noted does not put the next crossing off', () => {
    const stops: [string, number][] = [
      ['mql', 0],
      ['none', 7],
      ['mql', 20],
      ['none', 28],
      ['mql', 31],
    ];
    expect(walk(...stops).crossed).toEqual([1, null, null, null, 2]);
  });

  it('an entry by a change of data or model holds the tier: behaviour in it is no entry any more', () => {
    const { crossed, last } = walk(['mql', 0, false], ['mql', 1, true]);
    expect(crossed).toEqual([null, null]);
    expect(last.standing.tier).toBe('mql');
  });

  it('S1-108: falling below cools, once', () => {
    expect(walk(['mql', 0], ['stage_2', 7]).last.cooled).toBe(true);
    expect(walk(['mql', 0], ['stage_2', 7], ['none', 90]).last.cooled).toBe(false);
  });
});

describe('told to act on what was entered without acting', () => {
  const told = (...stops: [string, number, boolean?][]) => {
    const { standing } = walk(...stops).last;
    return withoutSilentEntry(tiers, standing).tier;
  };

  it('an entry that acted on nothing counts as not entered yet', () => {
    expect(told(['mql', 1, false])).toBe('stage_2');
  });

  it('one that acted stays entered, and so does whoever is below', () => {
    expect([told(['mql', 1]), told(['stage_2', 1]), told(['none', 1])]).toEqual(['mql', 'stage_2', 'none']);
  });

  it('a silent entry after an older crossing is silent all the same; its rearm time still holds', () => {
    expect(told(['mql', 1], ['none', 9], ['mql', 20, false])).toBe('stage_2');
  });
});

describe('two accounts that become one', () => {
  const rank = (tier: string) => tiers.findIndex(({ id }) => id === tier);
  const standing = (tier: string, n: number, crossedAt: string): Standing => ({
    tier,
    since: crossedAt,
    crossings: { mql: n },
    crossedAt: { mql: crossedAt },
  });

  it('hold the higher tier, and were acted on as often and as late as either', () => {
    const [a, b] = [
      standing('mql', 1, '2026-03-01T00:00:00.000Z'),
      standing('stage_2', 3, '2026-02-01T00:00:00.000Z'),
    ];
    const expected = { ...standing('mql', 3, '2026-03-01T00:00:00.000Z') };
    expect(mergeStandings(a, b, rank)).toEqual(expected);
    expect(mergeStandings(b, a, rank)).toEqual(expected);
  });

  it('one that was never acted on adds nothing', () => {
    const acted = standing('mql', 1, '2026-03-01T00:00:00.000Z');
    expect(mergeStandings(initialStanding('none', NOON), acted, rank)).toEqual(acted);
  });
});

it('an account is qualified while in an acting tier, and ever after a crossing', () => {
  expect(isQualified(tiers, walk(['stage_2', 0]).last.standing)).toBe(false);
  expect(isQualified(tiers, walk(['mql', 0, false]).last.standing)).toBe(true);
  expect(isQualified(tiers, walk(['mql', 0], ['none', 90]).last.standing)).toBe(true);
});
