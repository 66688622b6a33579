import { describe, expect, inject, it } from 'vitest';
import { run } from './run.ts';
import type { Backend } from './schedule.ts';
import { removeWorld } from './world/world.ts';

/** The short form of `npm run chaos`: the whole deployment in processes of its own, mild faults, one seed. */
const SHORT = { seed: 5, faults: 15, accounts: 20, pace: 2000, mild: true, patience: 240_000, say: () => {} };

const backends: Backend[] = inject('redisServer') === null ? ['postgres'] : ['postgres', 'redis'];

// Side by side: most of a run is waiting, for what is down and for leases of those who were killed.
describe.concurrent('chaos, with BullMQ on each backend', () => {
  it.for(backends)(
    'I1, I2, I3, I4, I6, I7, I8, I9: after kills, stops, lost answers and an upgrade everything is right, once (%s)',
    { timeout: 600_000 },
    async (backend, { signal }) => {
      // A test that is given up must leave no process behind.
      const stopped = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
      stopped.catch(() => {});
      const { checks, dir, amid } = await run({ ...SHORT, backend, stopped });
      const broken = checks.filter(({ found }) => found.length > 0);
      expect(broken, `logs in ${dir}`).toEqual([]);
      expect(amid).toBeGreaterThan(0);
      removeWorld(dir);
    },
  );
});
