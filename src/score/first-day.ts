/**
 * The first whole number after `from` that passes a test which stays passed once it is. One must pass, else this never
 * ends.
 */
export function firstAfter(from: number, passes: (day: number) => boolean): number {
  let step = 1;
  while (!passes(from + step)) {
    step *= 2;
  }
  let [below, found] = [from + Math.floor(step / 2), from + step];
  while (found - below > 1) {
    const middle = Math.floor((below + found) / 2);
    [below, found] = passes(middle) ? [below, middle] : [middle, found];
  }
  return found;
}
