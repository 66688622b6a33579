import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addScore, newHistogram, scoreBands } from '../../../src/models/histogram.ts';

it('every score is in exactly one band, and few bands are shown, however far apart scores lie', () => {
  const anyScore = fc.oneof(
    fc.integer({ min: -50, max: 150 }),
    fc.integer({ min: -1e12, max: 1e12 }).map((n) => n / 1000),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(anyScore, anyScore), { minLength: 1, maxLength: 60 }), (scores) => {
      const histogram = newHistogram();
      for (const [a, b] of scores) {
        addScore(histogram, a, b);
      }
      const bands = scoreBands(histogram);
      const within = (side: 0 | 1, { from, to }: { from: number; to: number }) =>
        scores.filter((pair) => pair[side] >= from && pair[side] < to).length;
      expect(bands.map((band) => [band.a, band.b])).toEqual(
        bands.map((band) => [within(0, band), within(1, band)]),
      );
      expect(bands.reduce((sum, { a }) => sum + a, 0)).toBe(scores.length);
      expect(bands.length).toBeLessThanOrEqual(16);
    }),
  );
});

it('memory does not grow with the number of scores', () => {
  const histogram = newHistogram();
  for (let n = 0; n < 20_000; n++) {
    addScore(histogram, n * 1000, -n * 1000);
  }
  expect(histogram.bands.size).toBeLessThanOrEqual(1000);
});
