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

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
