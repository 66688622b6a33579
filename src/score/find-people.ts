import { comparable } from '../accounts/coerce.ts';
import { ACTIVITY } from '../accounts/state.ts';
import { knownAt } from '../accounts/upto.ts';
import { traitValue } from '../accounts/views.ts';
import { contains, earliest, leavesAt } from '../accounts/window.ts';
import { clipList, clipText } from './clip.ts';
import type { Source } from './compile-source.ts';
import type { Finding, Scene } from './finding.ts';

/** Kinds of people who were active, each until its last person leaves the window. */
interface Kinds {
  /** Kind -> when it ends; null: never. */
  until: Map<string, number | null>;
  /** Active people whose kind is not known, by when each ends. */
  unknown: (number | null)[];
  /** When the next one begins to be active. */
  begins: number | null;
}

/** Whether people of enough kinds were active. People of no known kind are named, never counted (X-3). */
export function findPeople(source: Extract<Source, { kind: 'people' }>, scene: Scene): Finding {
  const { until, unknown, begins } = activeKinds(source, scene);
  const kinds = [...until.keys()].sort();
  const without = unknown.length;
  const missing = without > 0 ? { missing: source.distinct, people_without: without } : {};
  return {
    awards: kinds.length >= source.atLeast ? 1 : 0,
    evidence: { unique: kinds.length, ...clipList(kinds), ...missing },
    words: { count: kinds.length, value: clipText(kinds.join(', ')) },
    otherwise: `${kinds.length} of ${source.atLeast} ${source.distinct}s known${without > 0 ? `, ${without} active without one` : ''}`,
    nextChange: [...until.values(), ...unknown].reduce(earliest, begins),
  };
}

function activeKinds(source: Extract<Source, { kind: 'people' }>, { state, now }: Scene): Kinds {
  const kinds: Kinds = { until: new Map(), unknown: [], begins: null };
  for (const { person, signals, traits } of state.parts) {
    const activity = signals[ACTIVITY];
    if (person === null || activity === undefined) {
      continue;
    }
    const { past, begins } = knownAt(activity, now);
    kinds.begins = earliest(kinds.begins, begins);
    if (past !== null && contains(source.within, past.last, now)) {
      const slot = Object.hasOwn(traits, source.distinct) ? traits[source.distinct] : undefined;
      addKind(kinds, comparable(traitValue(slot)), leavesAt(source.within, past.last));
    }
  }
  return kinds;
}

function addKind({ until, unknown }: Kinds, kind: string | null, leaves: number | null): void {
  if (kind === null) {
    unknown.push(leaves);
  } else {
    const known = until.get(kind);
    until.set(kind, known === undefined ? leaves : latest(known, leaves));
  }
}

/** null is never, later than any instant. */
function latest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : Math.max(a, b);
}
