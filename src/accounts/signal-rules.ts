import { eventKey } from './event-key.ts';
import { FILTERS, type SignalConfig, type SignalsConfig } from './signals-config.ts';
import { ACTIVITY } from './state.ts';

/** Something that each key alone allows and together makes no sense. `path` starts at the signal. */
export interface Contradiction {
  path: PropertyKey[];
  found: unknown;
  allowed: string;
  /** Set when `found` should be one of these names; `allowed` then says what they are. */
  names?: readonly string[];
}

type Rule = (signal: SignalConfig, id: string, config: SignalsConfig) => Contradiction[];

const RULES: readonly Rule[] = [
  idIsFree,
  propertyFitsCountMode,
  countsEventsOrFlow,
  namesAreDistinct,
  filtersAskOneThing,
  flowIsPlain,
  flowPartsExist,
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

function propertyFitsCountMode({ count, of }: SignalConfig): Contradiction[] {
  const needsProperty = count === 'distinct value' || count === 'sum';
  if (needsProperty === (of !== undefined)) {
    return [];
  }
  return needsProperty
    ? [{ path: ['count'], found: count, allowed: `"${count}" with "of: <property>"` }]
    : [{ path: ['of'], found: of, allowed: 'nothing, unless count is "distinct value" or "sum"' }];
}

function countsEventsOrFlow({ events, abandoned }: SignalConfig): Contradiction[] {
  return (events === undefined) === (abandoned === undefined)
    ? [{ path: [], found: 'a signal', allowed: 'exactly one of events, abandoned' }]
    : [];
}

/** Two spellings of one name would count every event twice. */
function namesAreDistinct({ events = [] }: SignalConfig): Contradiction[] {
  const keys = events.map(eventKey);
  return events.flatMap((name, i) =>
    keys[i] === '' || keys.indexOf(keys[i] ?? '') < i
      ? [
          {
            path: ['events', i],
            found: name,
            allowed: 'a name, once: case, spaces and underscores do not count',
          },
        ]
      : [],
  );
}

function filtersAskOneThing({ where = {} }: SignalConfig): Contradiction[] {
  return Object.entries(where)
    .filter(([, filter]) => Object.keys(filter).length !== 1)
    .map(([name, filter]) => ({
      path: ['where', name],
      found: filter,
      allowed: `exactly one of ${FILTERS.join(', ')}`,
    }));
}

function flowIsPlain({ abandoned, count, where }: SignalConfig): Contradiction[] {
  if (abandoned === undefined) {
    return [];
  }
  return [
    ...(where === undefined ? [] : [{ path: ['where'], found: where, allowed: 'nothing beside abandoned' }]),
    ...(count === 'once' || count === 'each'
      ? []
      : [{ path: ['count'], found: count, allowed: 'once or each, for an abandoned flow' }]),
  ];
}

function flowPartsExist({ abandoned }: SignalConfig, _id: string, config: SignalsConfig): Contradiction[] {
  const counted = Object.entries(config.signals)
    .filter(([, { events }]) => events !== undefined)
    .map(([id]) => id);
  return (['started', 'completed'] as const).flatMap((key) => {
    const named = abandoned?.[key];
    return named === undefined || counted.includes(named)
      ? []
      : [
          {
            path: ['abandoned', key],
            found: named,
            allowed: 'the id of a signal counted from events',
            names: counted,
          },
        ];
  });
}
