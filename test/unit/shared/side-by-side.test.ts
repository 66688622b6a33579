import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { sideBySide } from '../../../src/shared/side-by-side.ts';

it('no more than the limit is under way, and results stand in the order of the items', async () => {
  let [now, most] = [0, 0];
  const results = await sideBySide(3, [30, 1, 20, 5, 1, 1, 9], async (ms) => {
    now += 1;
    most = Math.max(most, now);
    await wait(ms);
    now -= 1;
    return ms * 2;
  });
  expect(results).toEqual([60, 2, 40, 10, 2, 2, 18]);
  expect(most).toBe(3);
});

it('after a failure nothing more is begun, and what was begun is waited for', async () => {
  const begun: number[] = [];
  let ended = 0;
  const work = sideBySide(2, [0, 1, 2, 3], async (item) => {
    begun.push(item);
    await wait(item === 0 ? 1 : 20);
    ended += 1;
    if (item === 0) {
      throw new Error('first');
    }
  });
  await expect(work).rejects.toThrow('first');
  expect([begun, ended]).toEqual([[0, 1], 2]);
});

it('nothing to do is done', async () => {
  expect(await sideBySide(3, [], async () => 1)).toEqual([]);
});
