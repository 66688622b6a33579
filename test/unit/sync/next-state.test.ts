import { describe, expect, it } from 'vitest';
import { changedFields } from '../../../src/sync/changed-fields.ts';
import type { Outcome } from '../../../src/sync/crm.ts';
import { ATTEMPTS_MAX, nextState, ontoGrid } from '../../../src/sync/next-state.ts';

/** An act that meets the same outcome again and again: how it stands at last, and how long it waited between. */
function meets(outcome: Outcome, times: number) {
  let state = nextState(0, outcome, 0.5);
  let longest = state.waitMs;
  for (let i = 1; i < times && state.state === 'waiting'; i++) {
    state = nextState(state.attempts, outcome, 0.5, state.uncertain);
    longest = Math.max(longest, state.waitMs);
  }
  return { ...state, longest };
}

describe('what becomes of an act that keeps failing', () => {
  const refusal: Outcome = { state: 'retry', afterMs: 0, code: 'http_500', reason: '' };
  const outage: Outcome = { state: 'retry', afterMs: 0, code: 'econnrefused', reason: '', patient: true };

  it('is parked after the last attempt when its record may be the cause', () => {
    expect(meets(refusal, 100)).toMatchObject({ state: 'parked', attempts: ATTEMPTS_MAX });
  });

  it('outlasts an outage of any length, and asks every few minutes', () => {
    const { state, longest } = meets(outage, 500);
    expect(state).toBe('waiting');
    expect(longest).toBeLessThanOrEqual(5 * 60_000);
  });

  it('has attempts left after an outage', () => {
    const { attempts } = meets(outage, 500);
    expect(nextState(attempts, refusal, 0.5).state).toBe('waiting');
  });

  it('stays uncertain through an outage (I6)', () => {
    const unknown: Outcome = { state: 'uncertain', code: 'http_502', reason: '', patient: true };
    expect(meets(unknown, 500)).toMatchObject({ state: 'waiting', uncertain: true });
  });
});

describe('acts that failed in the same outage', () => {
  const second = 1000;
  const outage = (seconds: number[], wait: number) =>
    new Set(seconds.map((at) => at * second + ontoGrid(wait, at * second)));

  it('are due together, however many batches they were in', () => {
    const dueAt = outage([1, 2.5, 4, 7], 128 * second);
    expect(dueAt.size).toBe(1);
  });

  it('wait no less than they were told, and at most half as long again', () => {
    for (const wait of [2, 3, 10, 64, 77, 3600]) {
      const longer = ontoGrid(wait * second, 12_345_678);
      expect(longer).toBeGreaterThanOrEqual(wait * second);
      expect(longer).toBeLessThanOrEqual(1.5 * wait * second);
    }
  });

  it('and a short wait stays as it is', () => {
    expect(ontoGrid(1999, 5)).toBe(1999);
  });
});

describe('only what differs is sent (I8)', () => {
  const acknowledged = { score: 85, at: 'then' };

  it('sends a timestamp along with another change and never alone (decision 16)', () => {
    expect(changedFields({ score: 85, at: 'now' }, acknowledged, ['at'])).toEqual({});
    expect(changedFields({ score: 90, at: 'now' }, acknowledged, ['at'])).toEqual({ score: 90, at: 'now' });
  });

  it('sends a field that was never acknowledged', () => {
    expect(changedFields({ score: 85, tier: 'mql' }, acknowledged)).toEqual({ tier: 'mql' });
  });
});
