import type { ProductEvent } from '../../events/event.ts';
import type { Json, JsonObject } from '../../shared/json.ts';
import { comparable, numberOf } from '../coerce.ts';
import { keptMember } from '../members.ts';
import { type SignalHit, SUM_UNIT } from '../signal.ts';
import type { SignalConfig, SignalsConfig } from '../signals-config.ts';
import { ACTIVITY, RECENT_DEFAULT } from '../state.ts';
import { eventKey } from './event-key.ts';
import { compileFilters, type PropertyTest, propertyOf } from './filters.ts';
import { isFine, talliesOf } from './folded.ts';
import { isCounted } from './rule.ts';

/** What one event counts for. */
export type Matcher = (event: ProductEvent) => SignalHit[];

/** Names seen lately, so that the same few names are not normalised for every event. */
const NAMES_REMEMBERED = 5000;
const LONGEST_REMEMBERED = 100;

/**
 * Compiles the catalogue's signals that are counted from events, and activity.
 *
 * @param only of the signals, by id, which are looked for; activity then counts as none
 */
export function compileMatcher(config: SignalsConfig, only?: (signal: string) => boolean): Matcher {
  const isActivity = compileActivity(config.activity);
  const tallies = talliesOf(config);
  const counters = Object.entries(config.signals)
    .filter(([id, signal]) => isCounted(signal) && only?.(id) !== false)
    .map(([id, signal]) => counterOf(id, signal, tallies.get(id) !== id));
  const onActivity = counters.filter(({ activity }) => activity);
  const asksActivity = only === undefined || onActivity.length > 0;
  const byName = remembered((name) => counters.filter(({ names }) => names.some((test) => test(name))));
  return (event) => {
    const { kind, name, properties } = event;
    const active = asksActivity && isActivity(event);
    if (!active && kind !== 'track' && kind !== 'page' && kind !== 'screen') {
      return [];
    }
    const named = name === null ? [] : byName(name);
    const path = kind === 'track' ? undefined : propertyOf(properties, 'path');
    const all = typeof path === 'string' ? [...new Set([...named, ...byName(path)])] : named;
    const hits: SignalHit[] = [];
    for (const counter of all) {
      if (counter.kinds.has(kind)) {
        addHitOf(counter, properties, hits);
      }
    }
    if (active) {
      for (const counter of onActivity) {
        addHitOf(counter, properties, hits);
      }
      if (only === undefined) {
        hits.push({ signal: ACTIVITY, amount: 1 });
      }
    }
    return hits;
  };
}

/** One signal that is counted from events. */
interface Counter {
  id: string;
  names: ((name: string) => boolean)[];
  kinds: ReadonlySet<string>;
  activity: boolean;
  passes: PropertyTest | null;
  of: string | undefined;
  sum: boolean;
  /** What every hit of it carries. */
  keeping: Pick<SignalHit, 'keeps' | 'fine' | 'shared'>;
}

function counterOf(id: string, signal: SignalConfig, shared: boolean): Counter {
  const { events = [], activity, kinds, where, of, count, recent } = signal;
  return {
    id,
    names: events.map(nameTest),
    kinds: new Set(kinds ?? ['track']),
    activity: activity === true,
    passes: where === undefined ? null : compileFilters(where),
    of,
    sum: count === 'sum',
    keeping: {
      ...(recent === RECENT_DEFAULT ? {} : { keeps: recent }),
      ...(isFine(signal) ? { fine: true as const } : {}),
      ...(shared ? { shared: true as const } : {}),
    },
  };
}

/** Whether a normalised name is this one; `*` stands for any characters. In time linear in the name. */
function nameTest(wanted: string): (key: string) => boolean {
  const [head = '', ...rest] = eventKey(wanted).split('*');
  const tail = rest.pop();
  if (tail === undefined) {
    return (key) => key === head;
  }
  return (key) => {
    if (key.length < head.length + tail.length || !key.startsWith(head) || !key.endsWith(tail)) {
      return false;
    }
    let from = head.length;
    for (const piece of rest) {
      const place = key.indexOf(piece, from);
      if (place === -1 || place + piece.length > key.length - tail.length) {
        return false;
      }
      from = place + piece.length;
    }
    return true;
  };
}

function remembered<T>(find: (key: string) => T): (name: string) => T {
  const known = new Map<string, T>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) {
      return before;
    }
    const found = find(eventKey(name));
    if (name.length <= LONGEST_REMEMBERED) {
      if (known.size >= NAMES_REMEMBERED) {
        known.clear();
      }
      known.set(name, found);
    }
    return found;
  };
}

/** Track, page and screen are activity, unless configured away; identify, group, alias and cohorts are not. */
export function compileActivity(activity: SignalsConfig['activity']): (event: ProductEvent) => boolean {
  const ignored = remembered(anyOf(activity.ignore));
  const publicPages = remembered(anyOf(activity.public_pages));
  const isIn = (find: (name: string) => boolean, name: Json | undefined) =>
    typeof name === 'string' && find(name);
  return ({ kind, name, properties }) => {
    switch (kind) {
      case 'track':
        return !isIn(ignored, name);
      case 'page':
      case 'screen':
        return !isIn(publicPages, name) && !isIn(publicPages, propertyOf(properties, 'path'));
      default:
        return false;
    }
  };
}

/** Whether a normalised name is any of these. */
function anyOf(wanted: readonly string[]): (key: string) => boolean {
  const tests = wanted.map(nameTest);
  return (key) => tests.some((test) => test(key));
}

function addHitOf(counter: Counter, properties: JsonObject, hits: SignalHit[]): void {
  const { id, passes, of, sum, keeping } = counter;
  if (passes !== null && !passes(properties)) {
    return;
  }
  if (of === undefined) {
    hits.push({ signal: id, amount: 1, ...keeping });
    return;
  }
  const value = propertyOf(properties, of);
  const hit = sum ? sumHit(id, value) : memberHit(id, value);
  if (hit !== null) {
    hits.push({ ...hit, ...keeping });
  }
}

/** A negative amount is no occurrence: sums only grow, which keeps them exact in any order. */
function sumHit(id: string, value: Json | undefined): SignalHit | null {
  const number = numberOf(value);
  return number === null || number < 0
    ? null
    : { signal: id, amount: Math.min(Math.round(number * SUM_UNIT), Number.MAX_SAFE_INTEGER), sum: true };
}

function memberHit(id: string, value: Json | undefined): SignalHit | null {
  const member = comparable(value);
  return member === null ? null : { signal: id, amount: 1, member: keptMember(member) };
}
