import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Counters, openCounters } from '../../../src/limits/counters.ts';
import { Places } from '../../../src/limits/places.ts';

const SECOND = 1000;
const LATE = 300;

/** Counters that take their time to say that the first place was taken. */
function lateAtFirst(): Counters {
  const counters = openCounters({ kind: 'memory' }, () => 0);
  let given = 0;
  return {
    ...counters,
    take: async (...of) => {
      const taken = await counters.take(...of);
      given += taken.lane === null ? 0 : 1;
      await wait(taken.lane !== null && given === 1 ? LATE : 0);
      return taken;
    },
  };
}

it('a late answer of the counters moves no search into the turn of the one after it', async () => {
  const search = { lanes: 1, points: 1, seconds: 1 };
  const places = new Places(lateAtFirst(), 'hubspot:1', { burst: null, search, atOnce: null });
  // The lane's turn begins with each second: the answer is to come just after it.
  await wait(2 * SECOND - (Date.now() % SECOND) - LATE / 2);
  const times = await Promise.all(
    [1, 2].map(async () => {
      expect(await places.search(false)).toBe(true);
      return performance.now();
    }),
  );
  expect(Math.abs((times[1] ?? 0) - (times[0] ?? 0))).toBeGreaterThan(SECOND / 2);
});

it('a search waits for a lane that is held until its next turn, and takes no later turn of another that is free', async () => {
  const search = { lanes: 4, points: 1, seconds: 1 };
  const counters = openCounters({ kind: 'memory' }, () => 0);
  const places = new Places(counters, 'hubspot:1', { burst: null, search, atOnce: null });
  const begin = Date.now() + SECOND - (Date.now() % SECOND);
  // Each just before a turn, of lanes 1, 2 and, after a pause, 0. Lane 3 stays free.
  for (const at of [225, 475, 975]) {
    await wait(begin + at - Date.now());
    await places.search(false);
  }
  const asked = performance.now();
  await places.search(false);
  expect(performance.now() - asked).toBeLessThan(SECOND / 2);
});

describe('the mass', () => {
  const burst = { max: 49, intervalMs: 10 * SECOND };
  const open = () => {
    const counters = openCounters({ kind: 'memory' }, () => 0);
    return new Places(counters, 'hubspot:1', {
      burst,
      search: { lanes: 4, points: 1, seconds: 1 },
      atOnce: null,
    });
  };
  const msOf = async (work: () => Promise<unknown>) => {
    const began = performance.now();
    await work();
    return performance.now() - began;
  };

  it('leaves the second half of a window to what is urgent, until the window is nearly over', async () => {
    const places = open();
    await places.take(true);
    await places.take(true);
    const mass = msOf(() => places.take(true));
    expect(await msOf(() => places.take(false))).toBeLessThan(SECOND / 4);
    expect(await mass).toBeGreaterThan(SECOND / 2);
  });

  it('has only every other lane of searches while there are urgent ones', async () => {
    const places = open();
    await places.search(false);
    const mass = await Promise.all([1, 2, 3].map(() => msOf(() => places.search(true))));
    expect(mass.filter((ms) => ms > 2 * SECOND - 1)).toHaveLength(0);
    expect(Math.max(...mass)).toBeGreaterThan(SECOND * 0.7);
    expect(await msOf(() => places.search(false))).toBeLessThan(SECOND);
  });
});
