import type { EventKind, TraitChange } from '../../events/event.ts';
import { firstId, readEmail, readId } from '../../events/ids.ts';
import { type Refusal, refusal } from '../../events/refusal.ts';
import { traitChanges } from '../../events/trait-names.ts';
import { isJsonObject, type JsonObject } from '../../shared/json.ts';
import { err, ok, type Result } from '../../shared/result.ts';
import { type Statement, statement } from '../new-event.ts';
import { objectOf, valueAt } from '../paths.ts';
import { signUpTraits } from '../sign-up.ts';

/** What one call says, and the traits of its person that merely ride on it. */
export interface Said {
  said: Statement;
  /** A snapshot that must not pass for declared: it becomes an event of its own. */
  riding: TraitChange[];
}

const KINDS: ReadonlySet<string> = new Set([
  'track',
  'page',
  'screen',
  'identify',
  'group',
  'alias',
  'delete',
]);

export function kindOf(element: JsonObject): EventKind | null {
  const type = typeof element.type === 'string' ? element.type.trim().toLowerCase() : '';
  return KINDS.has(type) ? (type as EventKind) : null;
}

/** Reads a call of the Segment spec. `accountId` is the account that the call names. */
export function readCall(
  element: JsonObject,
  kind: EventKind,
  accountId: string | null,
): Result<Said, Refusal> {
  const snapshot = snapshotTraits(element);
  switch (kind) {
    case 'track':
      return readTrack(element, snapshot, accountId);
    case 'page':
    case 'screen': {
      const properties = viewProperties(element);
      const said = statement({ kind, name: firstId(element.name, properties.name), properties });
      return ok({ said: { ...said, ...aboutPerson(snapshot, accountId) }, riding: [] });
    }
    case 'identify': {
      const traits = { ...snapshot, ...objectOf(element.traits) };
      return ok({ said: statement({ kind, declared: true, ...aboutPerson(traits, accountId) }), riding: [] });
    }
    case 'group': {
      const accountTraits = traitChanges('account', objectOf(element.traits));
      return ok({
        said: statement({ kind, declared: true, accountTraits }),
        riding: aboutPerson(snapshot, accountId).personTraits,
      });
    }
    default:
      return ok({ said: statement({ kind }), riding: [] });
  }
}

function readTrack(
  element: JsonObject,
  snapshot: JsonObject,
  accountId: string | null,
): Result<Said, Refusal> {
  const name = readId(element.event);
  if (name === null) {
    return err(refusal('no_event_name', 'A track call must name its event.'));
  }
  const properties = objectOf(element.properties);
  const traits = { ...signUpTraits(name, properties), ...snapshot };
  const said = statement({ kind: 'track', name, properties });
  return ok({ said: { ...said, ...aboutPerson(traits, accountId) }, riding: [] });
}

/** Traits of a person, and those of the company object among them, unless it is another company than the event's. */
export function aboutPerson(
  traits: JsonObject,
  accountId: string | null,
): Pick<Statement, 'personTraits' | 'accountTraits'> {
  const { company, ...own } = traits;
  if (!isJsonObject(company)) {
    return { personTraits: traitChanges('person', traits), accountTraits: [] };
  }
  const { id, ...about } = company;
  const companyId = readId(id);
  const isSame = companyId === null || companyId === accountId;
  return {
    personTraits: traitChanges('person', own),
    accountTraits: isSame ? traitChanges('account', about) : [],
  };
}

/** The person's traits as the sender knew them; Segment's event tester puts the e-mail at the top. */
export function snapshotTraits(element: JsonObject): JsonObject {
  const email = readEmail(element.email);
  const traits = objectOf(valueAt(element, ['context', 'traits']));
  return email === null ? traits : { email, ...traits };
}

function viewProperties(element: JsonObject): JsonObject {
  const properties = objectOf(element.properties);
  const category = readId(element.category);
  return category === null ? properties : { category, ...properties };
}
