/** How many accounts have a score in [from, to) under each of two models. */
export interface ScoreBand {
  from: number;
  to: number;
  a: number;
  b: number;
}

export interface Histogram {
  width: number;
  /** By the number of the band: band n begins at n times the width. */
  bands: Map<number, { a: number; b: number }>;
}

const WIDTH = 10;
/** More bands than this are joined two by two, so that far-off scores cost no memory. */
const BANDS_MAX = 1000;
/** A reader takes in about so many lines. */
const SHOWN_MAX = 16;

export function newHistogram(): Histogram {
  return { width: WIDTH, bands: new Map() };
}

/** Counts one account. Changes `histogram` in place. */
export function addScore(histogram: Histogram, a: number, b: number): void {
  bandOf(histogram, a).a += 1;
  bandOf(histogram, b).b += 1;
  if (histogram.bands.size > BANDS_MAX) {
    widen(histogram);
  }
}

/** Bands from the lowest score to the highest, empty ones included, few enough to read. Changes `histogram` in place. */
export function scoreBands(histogram: Histogram): ScoreBand[] {
  const span = () => Math.max(...histogram.bands.keys()) - Math.min(...histogram.bands.keys()) + 1;
  while (histogram.bands.size > 0 && span() > SHOWN_MAX) {
    widen(histogram);
  }
  if (histogram.bands.size === 0) {
    return [];
  }
  const { width, bands } = histogram;
  const first = Math.min(...bands.keys());
  return Array.from({ length: span() }, (_, i) => {
    const band = bands.get(first + i) ?? { a: 0, b: 0 };
    return { from: (first + i) * width, to: (first + i + 1) * width, ...band };
  });
}

function bandOf({ width, bands }: Histogram, score: number): { a: number; b: number } {
  const number = Math.floor(score / width);
  const band = bands.get(number) ?? { a: 0, b: 0 };
  bands.set(number, band);
  return band;
}

function widen(histogram: Histogram): void {
  const joined: Histogram = { width: histogram.width * 2, bands: new Map() };
  for (const [number, { a, b }] of histogram.bands) {
    const band = bandOf(joined, number * histogram.width);
    band.a += a;
    band.b += b;
  }
  histogram.width = joined.width;
  histogram.bands = joined.bands;
}
