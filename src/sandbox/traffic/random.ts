export type Random = () => number;

/** A small repeatable generator (mulberry32): the same seed gives the same traffic on every machine. */
export function repeatable(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from `least` to `most`, both included. */
export function whole(random: Random, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}

export function pick<T>(random: Random, list: readonly [T, ...T[]]): T {
  return list[whole(random, 0, list.length - 1)] ?? list[0];
}

export function shuffled<T>(random: Random, list: readonly T[]): T[] {
  return list
    .map((item) => ({ item, rank: random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}

/** A text in the form of a UUID (version 4). */
export function uuid(random: Random): string {
  const digits = (count: number) =>
    Array.from({ length: count }, () => whole(random, 0, 15).toString(16)).join('');
  return `${digits(8)}-${digits(4)}-4${digits(3)}-${pick(random, ['8', '9', 'a', 'b'])}${digits(3)}-${digits(12)}`;
}
