import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JobBackend } from '../../../src/jobs/backend.ts';
import { queueWake } from '../../../src/jobs/wake.ts';
import { silentLogger } from '../../../src/shared/log.ts';

/** A backend that only notes when (ms since the start) a job was added, and for when. */
function noting(start: number, add: () => Promise<void> = async () => {}) {
  const added: { at: number; name: string; firesAt: number }[] = [];
  const backend = {
    add: (name: string, delayMs: number) => {
      const at = Date.now() - start;
      added.push({ at, name, firesAt: at + delayMs });
      return add();
    },
  } as unknown as JobBackend;
  return { added, wake: queueWake(backend, silentLogger(), () => Date.now()) };
}

describe('wake-ups become few jobs, and none too early', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it.each([1, 5, 15, 19, 21, 60])('work noted %i ms after a wake-up is followed by a job', (gap) => {
    const { added, wake } = noting(Date.now());
    wake('fold');
    vi.advanceTimersByTime(gap);
    wake('fold');
    vi.advanceTimersByTime(100);
    expect(added.at(-1)?.at).toBeGreaterThan(gap);
  });

  it('a thousand at once are one job', () => {
    const { added, wake } = noting(Date.now());
    for (let i = 0; i < 1000; i++) {
      wake('fold');
    }
    vi.advanceTimersByTime(100);
    expect(added.map(({ name }) => name)).toEqual(['fold']);
  });

  it('stages do not stand for one another', () => {
    const { added, wake } = noting(Date.now());
    wake('fold');
    wake('deliver');
    vi.advanceTimersByTime(100);
    expect(added.map(({ name }) => name)).toEqual(['fold', 'deliver']);
  });

  it('a later wake-up is left out while one fires before it, and an earlier one is not', () => {
    const { added, wake } = noting(Date.now());
    wake('assess', 5000);
    wake('assess', 6000);
    expect(added).toHaveLength(1);
    wake('assess', 150);
    expect(added.map(({ firesAt }) => firesAt)).toEqual([5020, 170]);
  });

  it('a process on its way out can wait until what was asked for last is queued', async () => {
    const { added, wake } = noting(Date.now());
    wake('fold');
    const flushed = wake.flushed().then(() => added.length);
    await vi.advanceTimersByTimeAsync(100);
    expect(await flushed).toBe(1);
  });

  it('one that could not be queued does not stand for the next', async () => {
    const { added, wake } = noting(Date.now(), () => Promise.reject(new Error('down')));
    wake('assess', 5000);
    await vi.advanceTimersByTimeAsync(1);
    wake('assess', 5000);
    expect(added).toHaveLength(2);
  });
});
