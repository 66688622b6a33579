import { booleanOf, numberOf, textOf } from '../accounts/coerce.ts';
import type { PersonView } from '../accounts/views.ts';
import { readInstant } from '../events/instant.ts';
import type { Json } from '../shared/json.ts';
import { isoDate, isoInstant } from '../shared/time.ts';
import type { AccountFacts } from './facts.ts';
import { factValue } from './facts.ts';
import type { FieldSpec, Mapping } from './mapping.ts';

/** A typed value on its way to a CRM; null clears the field. */
export type FieldValue = string | number | boolean | null;

/** What one CRM record should hold. */
export interface DesiredRecord {
  /** Account key, or the person's ref. */
  ref: string;
  /** Mail domain (account) or e-mail (person) by which it can be found. */
  lookup: string | null;
  create: boolean;
  fields: Record<string, FieldValue>;
  onCreate: Record<string, FieldValue>;
  /** Fields that say when the score changed: never a reason to write by themselves (decision 16). */
  stamps: string[];
}

/** Everything that one CRM should hold of one account: the payload of a `fields` action. */
export interface DesiredFields {
  account: DesiredRecord;
  people: DesiredRecord[];
}

/**
 * The records of one account in one CRM. People without an e-mail cannot be found in a CRM and are left out.
 *
 * @param qualified the account is, or was, in an acting tier: records may be created under `when_qualified`
 */
export function desiredFields(mapping: Mapping, facts: AccountFacts, qualified: boolean): DesiredFields {
  const creates = (policy: Mapping['account']['create']) =>
    policy === 'always' || (policy === 'when_qualified' && qualified);
  return {
    account: {
      ref: facts.key,
      lookup: facts.domain,
      create: creates(mapping.account.create),
      ...valuesOf(mapping.account.fields, facts, null),
    },
    people: facts.people
      .filter((person) => person.email !== null)
      .map((person) => ({
        ref: person.ref,
        lookup: person.email,
        create: creates(mapping.person.create),
        ...valuesOf(mapping.person.fields, facts, person),
      })),
  };
}

function valuesOf(specs: readonly FieldSpec[], facts: AccountFacts, person: PersonView | null) {
  const fields: Record<string, FieldValue> = {};
  const onCreate: Record<string, FieldValue> = {};
  for (const spec of specs) {
    const value = typed(spec, factValue(facts, person, spec.from));
    if (value !== null || spec.clear) {
      (spec.write === 'on_create' ? onCreate : fields)[spec.field] = value;
    }
  }
  const stamps = specs
    .filter((spec) => spec.from === 'score.at' && spec.field in fields)
    .map(({ field }) => field);
  return { fields, onCreate, stamps };
}

function typed(spec: FieldSpec, value: Json): FieldValue {
  switch (spec.type) {
    case 'number':
      return numberOf(value);
    case 'boolean':
      return booleanOf(value);
    case 'datetime':
    case 'date': {
      const at = readInstant(value);
      if (at === null || at < 0 || at >= YEAR_10000) {
        return null;
      }
      return spec.type === 'date' ? isoDate(at) : isoInstant(at);
    }
    default:
      return cut(textOf(value) ?? (value === null ? null : JSON.stringify(value)), spec.length);
  }
}

/** No CRM takes a later date, and ISO 8601 has another form for it. */
const YEAR_10000 = Date.UTC(10_000, 0, 1);

const MARK = ' …';

/** Text longer than the field is cut at its length, and shows that it was. */
function cut(text: string | null, length: number | undefined): string | null {
  if (text === null || length === undefined || text.length <= length) {
    return text;
  }
  return length > MARK.length ? whole(text, length - MARK.length) + MARK : whole(text, length);
}

/** The first `length` characters, one less where the cut would fall into a pair: half of one is no text. */
function whole(text: string, length: number): string {
  return text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '');
}
