import { describe, expect, it } from 'vitest';
import { within } from '../../../src/shared/within.ts';

const slow = <T>(ms: number, value: T) => new Promise<T>((resolve) => setTimeout(() => resolve(value), ms));

describe('within', () => {
  it('gives what the work gives, when it is in time', async () => {
    expect(await within(1000, slow(1, 'done'), () => 'late')).toBe('done');
  });

  it('fails as the work fails, when it is in time', async () => {
    await expect(within(1000, Promise.reject(new Error('refused')), () => 'late')).rejects.toThrow('refused');
  });

  it('gives what the lateness gives, and what becomes of the work then concerns nobody', async () => {
    const work = slow(20, 'x').then(() => Promise.reject(new Error('nobody asks')));
    expect(await within(1, work, () => 'late')).toBe('late');
    await slow(40, null);
  });

  it('fails as the lateness throws', async () => {
    const late = () => {
      throw new Error('too late');
    };
    await expect(within(1, slow(1000, 'done'), late)).rejects.toThrow('too late');
  });

  it('asks nothing of the lateness when the work was in time', async () => {
    let asked = 0;
    await within(10, slow(1, 'done'), () => {
      asked += 1;
    });
    await slow(30, null);
    expect(asked).toBe(0);
  });
});
