/**
 * Does the work for each item, at most `limit` at a time, in the order of the items; gives the results in that order.
 * After a failure nothing more is begun, and it is thrown when what was begun has ended.
 */
export async function sideBySide<T, R>(
  limit: number,
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const failures: unknown[] = [];
  let next = 0;
  const lane = async () => {
    while (next < items.length && failures.length === 0) {
      const at = next;
      next += 1;
      try {
        results[at] = await work(items[at] as T);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
  if (failures.length > 0) {
    throw failures[0];
  }
  return results;
}
