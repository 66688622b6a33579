/**
 * Points as whole millionths. Every number of a model has at most six decimals, and every step that could make more
 * (a weight, a factor, a fading) is rounded half up to six, so that sums are exact in any order and the listed points
 * and steps give the number to the last digit (I10). Plain integers, since this runs for every rule of every account.
 */
export type Micro = number;

const UNIT = 1_000_000;

/** Decimal text or number, at most six decimals and 10^9 -> millionths. */
export function micro(decimal: string | number): Micro {
  return Math.round(Number(decimal) * UNIT);
}

/** The number as shown: the double nearest to the decimal, which prints as the decimal. */
export function shown(amount: Micro): number {
  return amount === 0 ? 0 : amount / UNIT;
}

/** `amount` × `times`, which has at most six decimals; stops at the largest exact integer instead of rounding. */
export function multiple(amount: Micro, times: number): Micro {
  const product = Number.isInteger(times) ? amount * times : scaled(amount, micro(times), UNIT);
  return clampTo(product, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
}

/** `amount` × `numerator` / `denominator`, rounded half up to a millionth. All three are whole numbers. */
export function scaled(amount: Micro, numerator: number, denominator: number): Micro {
  const product = amount * numerator;
  if (Number.isSafeInteger(product)) {
    const rest = ((product % denominator) + denominator) % denominator;
    return (product - rest) / denominator + (rest * 2 >= denominator ? 1 : 0);
  }
  const exact = BigInt(amount) * BigInt(numerator) * 2n + BigInt(denominator);
  const twice = 2n * BigInt(denominator);
  const rest = ((exact % twice) + twice) % twice;
  return Number((exact - rest) / twice);
}

/** Rounded half up to so many decimals (0 to 6). */
export function rounded(amount: Micro, decimals: number): Micro {
  const step = 10 ** (6 - decimals);
  return Math.floor((amount + step / 2) / step) * step;
}

export function clampTo(amount: number, least: number, most: number): number {
  return Math.min(Math.max(amount, least), most);
}
