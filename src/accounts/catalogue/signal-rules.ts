import { minutesOf } from '../signal-info.ts';
import { COUNT_MODES, type SignalConfig, type SignalsConfig, SOURCES } from '../signals-config.ts';
import { ACTIVITY, RECENT_DEFAULT } from '../state.ts';
import { RULES_OF_DERIVED } from './derived-rules.ts';
import { eventKey } from './event-key.ts';
import { FILTERS, type FilterConfig, PLAIN_FILTERS, type PlainFilter } from './filter-config.ts';
import { compilePattern } from './patterns.ts';
import { type Contradiction, isCounted, type Rule } from './rule.ts';

const RULES: readonly Rule[] = [
  idIsFree,
  hasOneSource,
  countFitsSource,
  propertyFitsCountMode,
  namesAreDistinct,
  keysFitSource,
  hoursAreInOrder,
  labelIsSayable,
  filtersMakeSense,
  ...RULES_OF_DERIVED,
];

/** Everything wrong with one signal that a schema cannot say. */
export function contradictions(config: SignalsConfig, id: string, signal: SignalConfig): Contradiction[] {
  return RULES.flatMap((rule) => rule(signal, id, config));
}

function idIsFree(_signal: SignalConfig, id: string): Contradiction[] {
  return id === ACTIVITY || id in {}
    ? [{ path: [], found: id, allowed: 'another id: this one has a meaning of its own' }]
    : [];
}

function hasOneSource(signal: SignalConfig): Contradiction[] {
  return SOURCES.filter((source) => signal[source] !== undefined).length === 1
    ? []
    : [{ path: [], found: 'a signal', allowed: `exactly one of ${SOURCES.join(', ')}` }];
}

const OF_OCCURRENCES = ['once', 'each', 'distinct users', 'distinct days', 'consecutive days'];

function countFitsSource(signal: SignalConfig): Contradiction[] {
  const { count, some_of, ratio, trend, became_active } = signal;
  if (some_of !== undefined || ratio !== undefined || trend !== undefined) {
    return count === undefined
      ? []
      : [
          {
            path: ['count'],
            found: count,
            allowed: 'nothing: some_of, ratio and trend are numbers themselves',
          },
        ];
  }
  const modes: readonly string[] = isCounted(signal)
    ? COUNT_MODES
    : became_active === undefined
      ? OF_OCCURRENCES
      : ['distinct users', 'once'];
  return count !== undefined && modes.includes(count)
    ? []
    : [{ path: ['count'], found: count, allowed: modes.join(', ') }];
}

function propertyFitsCountMode(signal: SignalConfig): Contradiction[] {
  const { count, of, during } = signal;
  const needsProperty = count === 'distinct value' || count === 'sum';
  if (count === 'distinct value' && during !== undefined) {
    const allowed =
      'another count beside during: of distinct values only the first and last instant are known';
    return [{ path: ['count'], found: count, allowed }];
  }
  if (!isCounted(signal) || needsProperty === (of !== undefined)) {
    return [];
  }
  return needsProperty
    ? [{ path: ['count'], found: count, allowed: `"${count}" with "of: <property>"` }]
    : [{ path: ['of'], found: of, allowed: 'nothing, unless count is "distinct value" or "sum"' }];
}

/** Two spellings of one name, or a name that is left empty, are mistakes; so is a * that would match everything. */
function namesAreDistinct({ events = [] }: SignalConfig): Contradiction[] {
  const keys = events.map(eventKey);
  return events.flatMap((found, i) => {
    const key = keys[i] ?? '';
    if (key === '' || keys.indexOf(key) < i) {
      const allowed = 'a name, once: case, spaces and underscores do not count';
      return [{ path: ['events', i], found, allowed }];
    }
    const all = /^\*+$/.test(key) && found !== '*';
    const allowed = 'letters beside the *: spaces, underscores and a leading "User " do not count';
    return all ? [{ path: ['events', i], found, allowed }] : [];
  });
}

/** Keys that say something about events only. Beside a derived signal they would be read by a person and by nobody else. */
function keysFitSource(signal: SignalConfig): Contradiction[] {
  const { events, recent } = signal;
  const given = {
    ...(events === undefined ? { kinds: signal.kinds } : {}),
    ...(isCounted(signal)
      ? {}
      : {
          where: signal.where,
          of: signal.of,
          during: signal.during,
          recent: recent === RECENT_DEFAULT ? undefined : recent,
        }),
  };
  return Object.entries(given)
    .filter(([, found]) => found !== undefined)
    .map(([key, found]) => ({
      path: [key],
      found,
      allowed: `nothing beside ${SOURCES.find((source) => signal[source] !== undefined) ?? 'nothing'}`,
    }));
}

function hoursAreInOrder({ during }: SignalConfig): Contradiction[] {
  return during === undefined || minutesOf(during.from) < minutesOf(during.to)
    ? []
    : [{ path: ['during', 'to'], found: during.to, allowed: `a time after ${during.from}, up to "24:00"` }];
}

function labelIsSayable({ label = '' }: SignalConfig): Contradiction[] {
  const rest = label.replaceAll(/\{count(?:\|[^|{}]+\|[^|{}]+)?\}|\{times\}/g, '');
  return /[{}]/.test(rest)
    ? [{ path: ['label'], found: label, allowed: 'words, {count}, {count|one|many} and {times}' }]
    : [];
}

function filtersMakeSense({ where = {} }: SignalConfig): Contradiction[] {
  return Object.entries(where).flatMap(([name, filter]) => filterProblems(['where', name], filter));
}

function filterProblems(path: PropertyKey[], filter: FilterConfig): Contradiction[] {
  const { not, ...plain } = filter;
  if (Object.keys(filter).length !== 1) {
    return [{ path, found: filter, allowed: `exactly one of ${FILTERS.join(', ')}` }];
  }
  return not === undefined ? testProblems(path, plain) : testProblems([...path, 'not'], not);
}

function testProblems(path: PropertyKey[], filter: PlainFilter): Contradiction[] {
  const { between, matches } = filter;
  if (Object.keys(filter).length !== 1) {
    return [{ path, found: filter, allowed: `exactly one of ${PLAIN_FILTERS.join(', ')}` }];
  }
  if (between !== undefined && between[0] > between[1]) {
    return [{ path: [...path, 'between'], found: between, allowed: 'the smaller number first' }];
  }
  const pattern = matches === undefined ? null : compilePattern(matches);
  return pattern === null || pattern.ok
    ? []
    : [{ path: [...path, 'matches'], found: matches, allowed: pattern.error }];
}
