import { describe, expect, it } from 'vitest';
import { addMember, distinctCount, mergeMembers } from '../../../src/accounts/members.ts';
import { MEMBERS_MAX, type SignalTally } from '../../../src/accounts/state.ts';
import { stableJson } from '../../../src/shared/stable-json.ts';

function tallyWith(members: readonly string[]): SignalTally {
  const tally: SignalTally = { count: 0, first: 0, last: 0, days: [], recent: [] };
  for (const member of members) {
    addMember(tally, member, [0, 0]);
  }
  return tally;
}

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i}`);
const keptOf = (...tallies: SignalTally[]) =>
  new Set(tallies.flatMap(({ members }) => Object.keys(members ?? {})));

describe('distinct values', () => {
  it(`are exact up to ${MEMBERS_MAX}, also of several people`, () => {
    const [a, b] = [tallyWith(names('p', MEMBERS_MAX)), tallyWith(names('p', 10))];
    expect(distinctCount([a, b], keptOf(a, b))).toBe(MEMBERS_MAX);
    expect(distinctCount([], new Set())).toBe(0);
  });

  it('are a sample beyond: the same whatever came first and however it was merged', () => {
    const all = names('p', 3000);
    const whole = tallyWith(all);
    const merged = tallyWith(all.slice(1200).reverse());
    mergeMembers(merged, tallyWith(all.slice(0, 1500)));
    expect(stableJson(merged)).toBe(stableJson(whole));
    expect(stableJson(tallyWith([...all, ...all]))).toBe(stableJson(whole));
  });

  it('merging a sample into few values, and few into a sample, is the same', () => {
    const [few, many] = [names('few', 3), names('p', 2000)];
    const [one, other] = [tallyWith(few), tallyWith(many)];
    mergeMembers(one, tallyWith(many));
    mergeMembers(other, tallyWith(few));
    expect(stableJson(one)).toBe(stableJson(other));
  });

  it('the estimate keeps its stated error of 3.2 %: for all of 60 crowds within four times, on average far closer', () => {
    const errors = Array.from({ length: 60 }, (_, i) => {
      const tally = tallyWith(names(`crowd ${i} user-`, 4000));
      return distinctCount([tally], keptOf(tally)) / 4000 - 1;
    });
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(4 * 0.032);
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    const spread = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
    expect(Math.abs(mean)).toBeLessThan(4 * (0.032 / Math.sqrt(60)));
    expect(spread).toBeLessThan(0.045);
  });

  it('of a part of them the estimate is in proportion', () => {
    const tally = tallyWith([...names('old', 3000), ...names('new', 3000)]);
    const fresh = new Set([...keptOf(tally)].filter((name) => name.startsWith('new')));
    expect(Math.abs(distinctCount([tally], fresh) / 3000 - 1)).toBeLessThan(0.2);
  });
});
