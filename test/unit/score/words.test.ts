import { describe, expect, it } from 'vitest';
import { rangeOf } from '../../../src/score/find/ranges.ts';
import { sentence } from '../../../src/score/find/sentence.ts';

describe('textual ranges (X-4)', () => {
  it.each([
    ['101-500', 101, 500],
    ['101–500', 101, 500],
    ['101 — 500', 101, 500],
    ['150 to 300', 150, 300],
    ['150 TO 300 People', 150, 300],
    ['1,001 – 5,000 employees', 1001, 5000],
    ['240', 240, 240],
    ['500+', 500, Number.POSITIVE_INFINITY],
    ['over 1000', 1000, Number.POSITIVE_INFINITY],
    ['>1,000 employees', 1000, Number.POSITIVE_INFINITY],
  ])('%j', (text, from, to) => {
    expect(rangeOf(text)).toEqual({ from, to });
  });
  it.each(['', 'many', '10-', 'a-b', '-5', '1-2-3'])('%j is no range', (text) => {
    expect(rangeOf(text)).toBeNull();
  });
});

describe('sentences', () => {
  it.each([
    ['{count|teammate|teammates} invited', { count: 1 }, '1 teammate invited'],
    ['{count|teammate|teammates} invited', { count: 3 }, '3 teammates invited'],
    ['{count|time|times}', { count: 'at least 8' }, 'at least 8 times'],
    ['in {place}, {unknown}', { place: 'A & B' }, 'in A & B, {unknown}'],
    ['{a} {b}', { a: '{b}', b: 'x' }, '{b} x'],
    ['{a|$&|y}', { a: 1 }, '1 $&'],
    ['{constructor}', {}, '{constructor}'],
  ])('%j', (template, words, text) => {
    expect(sentence(template)(words)).toBe(text);
  });
});
