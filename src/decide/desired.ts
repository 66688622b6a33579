import { booleanOf, numberOf, textOf } from '../accounts/coerce.ts';
import type { PersonView } from '../accounts/views.ts';
import { readInstant } from '../events/instant.ts';
import { cut } from '../shared/cut.ts';
import type { Json } from '../shared/json.ts';
import { isoDate, isoInstant } from '../shared/time.ts';
import type { AccountFacts } from './facts.ts';
import { factValue } from './facts.ts';
import { type FieldRule, needsPresent, ruleOf } from './field-rule.ts';
import type { FieldSpec, Mapping } from './mapping.ts';

/** A typed value on its way to a CRM; null clears the field. */
export type FieldValue = string | number | boolean | null;

/** What one CRM record should hold. */
export interface DesiredRecord {
  /** Account key, or the person's ref. */
  ref: string;
  /** Mail domain (account) or e-mail (person) by which it can be found. */
  lookup: string | null;
  /** Whether a missing one is made; `members`: only for who joins the campaign. */
  create: boolean | 'members';
  fields: Record<string, FieldValue>;
  onCreate: Record<string, FieldValue>;
  /** Fields that say when the score changed: never a reason to write by themselves (decision 16). */
  stamps: string[];
  /** How every field is written; absent while none needs to know what the record holds at present. */
  rules?: Record<string, FieldRule>;
  /** Dates that come from an instant (ISO 8601): which day that is depends on the CRM's time zone. */
  instants?: Record<string, string>;
}

/** Everything that one CRM should hold of one account: the payload of a `fields` action. */
export interface DesiredFields {
  account: DesiredRecord;
  people: DesiredRecord[];
  /** Crossings so far, where contacts are created for members: each brings new members, whose contacts are due then. */
  members?: number;
}

/**
 * The records of one account in one CRM. People without an e-mail cannot be found in a CRM and are left out.
 *
 * @param qualified the account is, or was, in an acting tier: records may be created under `when_qualified`
 * @param crossings how often it was acted on
 */
export function desiredFields(
  mapping: Mapping,
  facts: AccountFacts,
  qualified: boolean,
  crossings = 0,
): DesiredFields {
  const creates = (policy: Mapping['account']['create']) =>
    policy === 'for_members'
      ? ('members' as const)
      : policy === 'always' || (policy === 'when_qualified' && qualified);
  return {
    ...(mapping.person.create === 'for_members' ? { members: crossings } : {}),
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
  const instants: Record<string, string> = {};
  for (const spec of specs) {
    const fact = factValue(facts, person, spec.from);
    const value = typed(spec, fact);
    if (value !== null || spec.clear) {
      (spec.write === 'on_create' ? onCreate : fields)[spec.field] = value;
    }
    const at = spec.type === 'date' && !isDay(fact) ? instantOf(fact) : null;
    if (at !== null) {
      instants[spec.field] = isoInstant(at);
    }
  }
  const written = specs.filter(({ field, write }) => write !== 'on_create' && field in fields);
  const stamps = written.filter((spec) => spec.from === 'score.at').map(({ field }) => field);
  const rules = written.map((spec) => [spec.field, ruleOf(spec)] as const);
  return {
    fields,
    onCreate,
    stamps,
    ...(rules.some(([, rule]) => needsPresent(rule)) ? { rules: Object.fromEntries(rules) } : {}),
    ...(Object.keys(instants).length > 0 ? { instants } : {}),
  };
}

function typed(spec: FieldSpec, value: Json): FieldValue {
  switch (spec.type) {
    case 'number':
      return numberOf(value);
    case 'boolean':
      return booleanOf(value);
    case 'datetime':
    case 'date': {
      const at = instantOf(value);
      return at === null ? null : spec.type === 'date' ? isoDate(at) : isoInstant(at);
    }
    default:
      return fitted(spec, chosenOf(spec, value));
  }
}

function instantOf(value: Json): number | null {
  const at = readInstant(value);
  return at === null || at < 0 || at >= YEAR_10000 ? null : at;
}

/** A day without a time is the same day everywhere. */
function isDay(value: Json): boolean {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value.trim());
}

/** The CRM's values: of a list each entry's once, separated as both CRMs separate them. */
function chosenOf(spec: FieldSpec, value: Json): string | null {
  if (spec.type === 'picklist' && Array.isArray(value)) {
    const entries = value.flatMap((entry) => chosen(spec, textOf(entry)) ?? []);
    return entries.length === 0 ? null : [...new Set(entries)].join(';');
  }
  return chosen(spec, textOf(value) ?? (value === null ? null : JSON.stringify(value)));
}

/** The CRM's value for ours, where the mapping names them. */
function chosen({ values, otherwise = SKIP }: FieldSpec, text: string | null): string | null {
  if (values === undefined || text === null) {
    return text;
  }
  const named = Object.hasOwn(values, text) ? values[text] : otherwise === SKIP ? null : otherwise;
  return named ?? null;
}

/** `otherwise` when nothing is to be written. */
export const SKIP = 'skip';

/** A text is cut. An address never is, for it would lead elsewhere: the connector leaves out what a field is too short for. */
function fitted({ type, length }: FieldSpec, text: string | null): string | null {
  return text === null || type === 'url' ? text : cut(text, length);
}

/** No CRM takes a later date, and ISO 8601 has another form for it. */
const YEAR_10000 = Date.UTC(10_000, 0, 1);
