/** Titles and mail hosts are shared by many people: more different ones than this are rare. */
const REMEMBERED = 10_000;

/** A pure function that is not asked the same twice; what it knows is dropped when it is too much. */
export function remembering<T>(compute: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) {
      return before;
    }
    if (known.size >= REMEMBERED) {
      known.clear();
    }
    const value = compute(text);
    known.set(text, value);
    return value;
  };
}
