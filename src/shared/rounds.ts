/** Splits a list so that no round holds two items with the same name; the order within a name is kept. */
export function roundsOf<T>(items: readonly T[], nameOf: (item: T) => unknown): T[][] {
  const rounds: T[][] = [];
  const seen = new Map<unknown, number>();
  for (const item of items) {
    const name = nameOf(item);
    const round = seen.get(name) ?? 0;
    seen.set(name, round + 1);
    const members = rounds[round] ?? [];
    members.push(item);
    rounds[round] = members;
  }
  return rounds;
}

/** In order, `size` to a list; the last one may be shorter. */
export function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}

/** In order, at most `count` to a list, whose texts take at most `characters` as JSON; a longer one stands alone. */
export function chunksOfTexts(texts: string[], count: number, characters: number): string[][] {
  const lists: string[][] = [];
  let left = 0;
  for (const text of texts) {
    const size = JSON.stringify(text).length + 1;
    const last = lists.at(-1);
    if (last === undefined || last.length >= count || size > left) {
      lists.push([text]);
      left = characters - size;
    } else {
      last.push(text);
      left -= size;
    }
  }
  return lists;
}
