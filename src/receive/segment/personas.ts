import type { EventKind } from '../../events/event.ts';
import { firstId } from '../../events/ids.ts';
import { type Refusal, refusal } from '../../events/refusal.ts';
import { traitChanges } from '../../events/trait-names.ts';
import { isJsonObject, type Json, type JsonObject } from '../../shared/json.ts';
import { err, ok, type Result } from '../../shared/result.ts';
import { readFlag } from '../flag.ts';
import { type Statement, statement } from '../new-event.ts';
import { objectOf, valueAt } from '../paths.ts';
import { aboutPerson, type Said, snapshotTraits } from './calls.ts';

/**
 * Engage sends audiences, journey steps and computed traits as ordinary calls, marked by `context.personas`.
 * Returns null for a call that is none of them. What decides is the boolean at the computation's key: customers
 * rename the events, and Segment's own samples hold an "Audience Exited" that says true.
 */
export function readPersonas(
  element: JsonObject,
  kind: EventKind,
  accountId: string | null,
): Result<Said, Refusal> | null {
  const personas = valueAt(element, ['context', 'personas']);
  if (!isJsonObject(personas) || !['track', 'identify', 'group'].includes(kind)) {
    return null;
  }
  const key = firstId(personas.computation_key, personas.computation_id);
  switch (personas.computation_class) {
    case 'audience':
    case 'journey_step':
      return readMembership(element, kind, key, personas.computation_class === 'journey_step', accountId);
    case 'trait':
      return kind === 'track' ? readComputedTrait(element, key) : null;
    default:
      return null;
  }
}

function readMembership(
  element: JsonObject,
  kind: EventKind,
  key: string | null,
  isStep: boolean,
  accountId: string | null,
): Result<Said, Refusal> {
  const values = objectOf(kind === 'track' ? element.properties : element.traits);
  // A journey step without a boolean is an older form that was only ever sent on entering.
  const isIn = readFlag(values[key ?? '']) ?? (isStep ? true : null);
  if (key === null || isIn === null) {
    return err(refusal('no_membership', 'The audience message has no true or false at its computation key.'));
  }
  const { [key]: _flag, ...others } = values;
  return ok(membership(element, kind, `cohort:${key}`, isIn, others, accountId));
}

function membership(
  element: JsonObject,
  kind: EventKind,
  name: string,
  isIn: boolean,
  others: JsonObject,
  accountId: string | null,
): Said {
  const change = { op: 'set' as const, name, value: isIn };
  const riding = aboutPerson(snapshotTraits(element), accountId).personTraits;
  if (kind === 'group') {
    const accountTraits = [...traitChanges('account', others), change];
    return { said: statement({ kind, declared: true, accountTraits }), riding };
  }
  if (kind === 'track') {
    const properties = objectOf(element.properties);
    return { said: cohort({ properties, personTraits: [change] }), riding };
  }
  const { personTraits, accountTraits } = aboutPerson(others, accountId);
  return { said: cohort({ personTraits: [...personTraits, change], accountTraits }), riding };
}

function cohort(over: Partial<Statement>): Statement {
  return statement({ kind: 'cohort', declared: true, ...over });
}

/** A computed trait that arrives as a track call: a trait we are told of, no activity. */
function readComputedTrait(element: JsonObject, key: string | null): Result<Said, Refusal> | null {
  const value: Json | undefined = key === null ? undefined : objectOf(element.properties)[key];
  if (key === null || value === undefined) {
    return null;
  }
  const personTraits = traitChanges('person', { [key]: value });
  const riding = traitChanges('person', snapshotTraits(element));
  return ok({ said: statement({ kind: 'identify', declared: true, personTraits }), riding });
}
