/**
 * Counts by number (of a day, of a quarter of an hour): [number, count, number, count, …], smallest number first.
 * Flat and sorted, because windows read from the newest end and events mostly come in order.
 */
export type Pairs = number[];

/**
 * Adds amounts that are never negative. At the largest exact integer it stops growing instead of rounding:
 * rounding would make a sum depend on the order of its parts (I3).
 */
export function addUp(a: number, b: number): number {
  return Math.min(a + b, Number.MAX_SAFE_INTEGER);
}

/** Adds to one number's count, in place. */
export function addAt(pairs: Pairs, number: number, amount: number): void {
  const place = placeOf(pairs, number);
  if (pairs[place] === number) {
    pairs[place + 1] = addUp(pairs[place + 1] ?? 0, amount);
  } else if (place === pairs.length) {
    pairs.push(number, amount);
  } else {
    pairs.splice(place, 0, number, amount);
  }
}

/** Index of the first entry whose number is not below `number`. From the end: what comes is mostly new. */
export function placeOf(pairs: Pairs, number: number): number {
  const { length } = pairs;
  if (length === 0 || (pairs[length - 2] ?? 0) < number) {
    return length;
  }
  let low = 0;
  let high = length / 2 - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((pairs[middle * 2] ?? 0) < number) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low * 2;
}

/** The counts of both. Neither argument is changed. */
export function mergePairs(a: Pairs, b: Pairs): Pairs {
  const merged: Pairs = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const left = a[i] ?? Number.POSITIVE_INFINITY;
    const right = b[j] ?? Number.POSITIVE_INFINITY;
    const count = addUp(left <= right ? (a[i + 1] ?? 0) : 0, right <= left ? (b[j + 1] ?? 0) : 0);
    merged.push(Math.min(left, right), count);
    i += left <= right ? 2 : 0;
    j += right <= left ? 2 : 0;
  }
  return merged;
}

/** Drops what lies from `from` on and before `to`, in place. */
export function dropBetween(pairs: Pairs, from: number, to: number): void {
  const start = placeOf(pairs, from);
  const end = placeOf(pairs, to);
  if (end > start) {
    pairs.splice(start, end - start);
  }
}
