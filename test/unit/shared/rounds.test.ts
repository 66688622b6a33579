import { expect, it } from 'vitest';
import { chunksOfTexts } from '../../../src/shared/rounds.ts';

it('texts go in as few lists as their number and their length allow, in order, each once', () => {
  const short = Array.from({ length: 7 }, (_, i) => `d${i}.io`);
  expect(chunksOfTexts(short, 3, 1000).map(({ length }) => length)).toEqual([3, 3, 1]);
  const long = Array.from({ length: 9 }, (_, i) => `${'x'.repeat(250)}${i}.io`);
  const lists = chunksOfTexts(long, 100, 600);
  expect(lists.flat()).toEqual(long);
  expect(lists.every((list) => JSON.stringify(list).length <= 602)).toBe(true);
  expect(lists).toHaveLength(5);
});

it('a text that is longer than a list may be stands alone', () => {
  expect(chunksOfTexts(['a', 'x'.repeat(50), 'b'], 10, 20)).toEqual([['a'], ['x'.repeat(50)], ['b']]);
  expect(chunksOfTexts([], 10, 20)).toEqual([]);
});
