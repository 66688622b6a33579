import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

function skewed(by: number, program: string): string {
  const env = { ...process.env, CHAOS_SKEW_MS: String(by) };
  return execFileSync(process.execPath, ['--import', './test/chaos/skew.ts', '-p', program], {
    env,
    encoding: 'utf8',
  });
}

describe('the clock that is preloaded into a process', () => {
  it('is wrong by as much as was asked for, in every way of asking', () => {
    const hour = 3_600_000;
    const shown = skewed(hour, '[Date.now(), +new Date(), Date.parse(Date())].join()')
      .trim()
      .split(',')
      .map(Number);
    for (const one of shown) {
      expect(Math.abs(one - hour - Date.now())).toBeLessThan(10_000);
    }
  });

  it('reads and writes given instants as ever, and its dates are dates', () => {
    const program =
      '[new Date(0).toISOString(), new Date(2026, 0).getMonth(), new Date() instanceof Date, Date.UTC(2000, 0)].join()';
    expect(skewed(-5000, program).trim()).toBe('1970-01-01T00:00:00.000Z,0,true,946684800000');
  });
});
