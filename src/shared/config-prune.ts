import { isPlain } from './plain.ts';

/**
 * What is taken out of a value so that the rest can be read. Paths are those of the file as written; the pruned
 * value has other positions in its lists, and `asWritten` leads back.
 */
export class Pruning {
  private readonly root: Cut = { gone: false, below: new Map() };
  private readonly raw: unknown;

  constructor(raw: unknown) {
    this.raw = raw;
  }

  /** The value without what was taken out; unchanged parts are shared, not copied. */
  value(): unknown {
    const standIns = [...this.root.below].filter(([, { standIn }]) => standIn !== undefined);
    const rest = without(this.raw, this.root);
    return standIns.length === 0
      ? rest
      : { ...(rest as object), ...Object.fromEntries(standIns.map(([key, { standIn }]) => [key, standIn])) };
  }

  /** A path of the pruned value -> the same place in the file. */
  asWritten(path: readonly PropertyKey[]): PropertyKey[] {
    const written: PropertyKey[] = [];
    let cut: Cut | undefined = this.root;
    for (const key of path) {
      const own = cut === undefined ? key : writtenKey(cut, key);
      written.push(own);
      cut = cut?.below.get(own);
    }
    return written;
  }

  /**
   * What has to go for a mistake at `path`: what stands there, or, where nothing (more) stands, what lacks it.
   * An empty path: everything.
   */
  culprit(path: readonly PropertyKey[]): PropertyKey[] {
    let end = path.length;
    while (end > 0 && !this.stands(path.slice(0, end))) {
      end--;
    }
    return path.slice(0, end);
  }

  remove(path: readonly PropertyKey[]): void {
    this.cutAt(path).gone = true;
  }

  /** Takes out a key of the file that must be there, and puts something harmless in its place. */
  replace(key: PropertyKey, standIn: unknown): void {
    const cut = this.cutAt([key]);
    cut.gone = true;
    cut.standIn = standIn;
  }

  /** False once it was replaced: what fits no schema twice is given up. */
  mayReplace(key: PropertyKey): boolean {
    return this.cutAt([key]).standIn === undefined;
  }

  /** Reads a key as though it had another name. */
  rename(path: readonly PropertyKey[], name: string): void {
    this.cutAt(path).renamed = name;
  }

  /** True when nothing at, above or below `path` was taken out. */
  whole(path: readonly PropertyKey[]): boolean {
    const cuts = this.along(path);
    return !cuts.some(({ gone }) => gone) && (cuts.length <= path.length || !anyGone(cuts.at(-1)));
  }

  /** True when a key directly in the section at `path` was taken out. Lists do not count: their entries stand alone. */
  lacksKey(path: readonly PropertyKey[]): boolean {
    const cuts = this.along(path);
    const cut = cuts.length > path.length ? cuts.at(-1) : undefined;
    return cut !== undefined && [...cut.below].some(([key, { gone }]) => gone && typeof key === 'string');
  }

  /** The keys, or the ids of the entries, that the file has at `path` and the pruned value lacks. */
  lost(path: readonly PropertyKey[]): Set<string> {
    const all = this.along(path).some(({ gone }) => gone);
    const cut = this.along(path)[path.length];
    const inside = path.reduce<unknown>(child, this.raw);
    const keys = keysOf(inside).filter((key) => all || cut?.below.get(key)?.gone === true);
    return new Set(keys.flatMap((key) => namesOf(key, child(inside, key))));
  }

  private stands(path: readonly PropertyKey[]): boolean {
    const exists = path.reduce<{ is: boolean; value: unknown }>(
      ({ is, value }, key) => ({ is: is && has(value, key), value: child(value, key) }),
      { is: true, value: this.raw },
    );
    return exists.is && !this.along(path).some(({ gone }) => gone);
  }

  /** The cuts on the way to `path`, the root's first, as far as there are any. */
  private along(path: readonly PropertyKey[]): Cut[] {
    const cuts = [this.root];
    for (const key of path) {
      const next = cuts.at(-1)?.below.get(key);
      if (next === undefined) {
        return cuts;
      }
      cuts.push(next);
    }
    return cuts;
  }

  private cutAt(path: readonly PropertyKey[]): Cut {
    let cut = this.root;
    for (const key of path) {
      const next = cut.below.get(key) ?? { gone: false, below: new Map() };
      cut.below.set(key, next);
      cut = next;
    }
    return cut;
  }
}

interface Cut {
  gone: boolean;
  renamed?: string;
  /** Only below the root. */
  standIn?: unknown;
  below: Map<PropertyKey, Cut>;
}

function without(value: unknown, cut: Cut): unknown {
  if (cut.below.size === 0) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.flatMap((item, i) => {
      const below = cut.below.get(i);
      return below === undefined ? [item] : below.gone ? [] : [without(item, below)];
    });
  }
  return isPlain(value)
    ? Object.fromEntries(
        Object.entries(value).flatMap(([key, item]) => {
          const below = cut.below.get(key);
          return below === undefined
            ? [[key, item]]
            : below.gone
              ? []
              : [[below.renamed ?? key, without(item, below)]];
        }),
      )
    : value;
}

function writtenKey(cut: Cut, key: PropertyKey): PropertyKey {
  if (typeof key === 'number') {
    const gone = [...cut.below].filter(([, below]) => below.gone).map(([index]) => Number(index));
    return gone.sort((a, b) => a - b).reduce((index, before) => (before <= index ? index + 1 : index), key);
  }
  return [...cut.below].find(([, below]) => below.renamed === key)?.[0] ?? key;
}

function anyGone(cut: Cut | undefined): boolean {
  return cut !== undefined && (cut.gone || [...cut.below.values()].some(anyGone));
}

function has(value: unknown, key: PropertyKey): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key);
}

function child(value: unknown, key: PropertyKey): unknown {
  return has(value, key) ? (value as Record<PropertyKey, unknown>)[key] : undefined;
}

function keysOf(value: unknown): PropertyKey[] {
  return Array.isArray(value) ? [...value.keys()] : isPlain(value) ? Object.keys(value) : [];
}

/** The key itself; an entry of a list is known by its id (or name), a text by itself. */
function namesOf(key: PropertyKey, entry: unknown): string[] {
  if (typeof key === 'string') {
    return [key];
  }
  const name = isPlain(entry) ? (entry.id ?? entry.name) : entry;
  return typeof name === 'object' || name === undefined ? [] : [String(name)];
}
