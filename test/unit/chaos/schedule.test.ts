import { describe, expect, it } from 'vitest';
import { type Plan, schedule, wordsOf } from '../../chaos/schedule.ts';

const plan: Plan = { seed: 7, faults: 60, backend: 'redis', pace: 5000, mild: false };
const kinds = (of: Plan) => new Set(schedule(of).map(({ fault }) => fault.kind));

describe('the schedule of faults', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(schedule(plan)).toEqual(schedule(plan));
    expect(schedule({ ...plan, seed: 8 })).not.toEqual(schedule(plan));
  });

  it('has as many faults as were asked for, in order of time', () => {
    const times = schedule(plan).map(({ at }) => at);
    expect(times).toHaveLength(60);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('has every kind within the first sixty, and of Redis only where there is one', () => {
    const all = [
      'kill',
      'kill all',
      'freeze',
      'skew',
      'stop database',
      'cut database',
      'empty queue',
      'fill queue',
      'crm',
      'crm away',
      'expire sessions',
      'upgrade',
    ];
    expect(kinds({ ...plan, backend: 'postgres' })).toEqual(new Set(all));
    expect(kinds(plan)).toEqual(new Set([...all, 'stop redis', 'cut redis']));
  });

  it('says each fault in words of its own', () => {
    const words = schedule(plan).map(({ fault }) => wordsOf(fault));
    expect(words.every((text) => text.length > 10)).toBe(true);
  });
});
