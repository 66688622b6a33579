/** Longer texts are no misspelt name, and comparing them would take long. */
const LONGEST_NAME = 100;

/** The nearest of the allowed names, when one is near enough to be what was meant. */
export function nearest(found: string, allowed: readonly string[]): string | null {
  if (found.length > LONGEST_NAME) {
    return null;
  }
  const near = allowed
    .map((name) => ({ name, distance: editDistance(found.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.max(2, Math.floor(name.length / 4)))
    .filter(({ name, distance }) => distance < name.length)
    .sort((a, b) => a.distance - b.distance)[0];
  return near?.name ?? null;
}

/** ` (did you mean "seats_invited"?)`, or nothing. */
export function didYouMean(found: string, allowed: readonly string[]): string {
  const name = nearest(found, allowed);
  return name === null ? '' : ` (did you mean "${name}"?)`;
}

/** Letters added, left out, replaced, or two neighbours exchanged, which is the commonest slip. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] ?? 0) + 1 : replaced;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replaced, swapped));
    }
    [before, row] = [row, next];
  }
  return row[b.length] ?? 0;
}
