import { describe, expect, it } from 'vitest';
import { type BulkTrouble, GIVEN_UP_AFTER, nextLook, troubleOf } from '../../../src/sync/bulk.ts';
import type { Outcome } from '../../../src/sync/crm.ts';

const why = { code: 'CODE', reason: 'in its words' };
const retry: Outcome = { state: 'retry', afterMs: 2000, ...why };
const parked: Outcome = { state: 'parked', remedy: 'mend it', ...why };
const halt: Outcome = { state: 'halt', afterMs: 900_000, ...why };
const uncertain: Outcome = { state: 'uncertain', ...why };

const again = (afterMs: number, pause = false): BulkTrouble => ({ next: 'again', afterMs, pause, ...why });
const giveUp: BulkTrouble = { next: 'give_up', ...why };

describe('a step of a bulk job that failed', () => {
  it.each<[string, Outcome, number, boolean, BulkTrouble]>([
    ['is repeated after what the CRM asked for', retry, 0, false, again(2000)],
    ['is repeated when its answer was lost', uncertain, 0, false, again(0)],
    ['for the last time that counts, ends the job', retry, GIVEN_UP_AFTER - 1, false, giveUp],
    ['for good, ends a job that was never closed', parked, 0, false, giveUp],
    [
      'for good, is asked again when the job may run: its rows may be written at any time',
      parked,
      99,
      true,
      again(0),
    ],
    ['for everybody, pauses the connection and ends nothing', halt, 99, false, again(900_000, true)],
    ['for everybody, pauses also when the job may run', halt, 0, true, again(900_000, true)],
  ])('%s', (_rule, outcome, attempts, mayRun, expected) => {
    expect(troubleOf(outcome, attempts, mayRun)).toEqual(expected);
  });
});

it('a running job is looked at after 1, 2, 4 … seconds, and at least once a minute', () => {
  expect([0, 1, 2, 5, 6, 1000].map(nextLook)).toEqual([1000, 2000, 4000, 32_000, 60_000, 60_000]);
});
