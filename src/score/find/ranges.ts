/**
 * A textual range such as `101-500`, `101 – 500 employees`, `150 to 300`, `1,001–5,000`, `500+`.
 * An open end is infinite, so `500+` never lies wholly inside a bracket. null: not a range.
 */
export function rangeOf(text: string): { from: number; to: number } | null {
  const plain = withoutUnit(text.toLowerCase().replace(/(?<=\d),(?=\d{3})/g, '')).trim();
  const closed = /^(\d+(?:\.\d+)?)\s*(?:-|–|—|to)\s*(\d+(?:\.\d+)?)$/.exec(plain);
  if (closed !== null) {
    return { from: Number(closed[1]), to: Number(closed[2]) };
  }
  const single = /^(\d+(?:\.\d+)?)$/.exec(plain);
  if (single !== null) {
    return { from: Number(single[1]), to: Number(single[1]) };
  }
  const open = /^(?:(?:>|over|more than)\s*)?(\d+(?:\.\d+)?)\s*\+?$/.exec(plain);
  return open === null ? null : { from: Number(open[1]), to: Number.POSITIVE_INFINITY };
}

/** `240 employees` -> `240`. */
export function withoutUnit(text: string): string {
  return text
    .trimEnd()
    .replace(/(employees|people)$/i, '')
    .trimEnd();
}
