import type { TaskPayload } from '../decide/decide.ts';
import type { FieldValue } from '../decide/desired.ts';
import { ownersInWords } from '../decide/owner.ts';
import { stableJson } from '../shared/stable-json.ts';
import { isoInstant } from '../shared/time.ts';
import type { BudgetView } from './budget.ts';
import type { Link } from './outbox.ts';
import { NOTHING_CHANGED, type Planned, sort } from './planned.ts';

/** What is to become of one record of a CRM, or of one membership or task. */
export interface PlannedWrite {
  crm: string;
  /** Id of the act that it belongs to. */
  act: string;
  account: string;
  object: PlannedObject;
  /** Account key, person ref, or the key of the membership or task. */
  ref: string;
  /** The CRM's id of the record; null: none is linked. */
  crmId: string | null;
  /** `create`: unless the CRM has it already, then that one is updated. `invalid`: parked, and not tried before it is mended. */
  what: 'create' | 'update' | 'skip' | 'invalid';
  /** Why it is skipped or invalid, or what else there is to know. */
  why: string | null;
  /** The same fields as in `after`, as the CRM last acknowledged them; null: it has acknowledged none. */
  before: Record<string, FieldValue> | null;
  after: Record<string, FieldValue>;
}

export type PlannedObject = 'account' | 'person' | 'membership' | 'task' | 'task change';

/** One act as it stood when the plan was made: it is carried out only as long as it stands so. */
export interface PlannedAct {
  id: string;
  crm: string;
  connection: string;
  kind: string;
  account: string;
  /** Raised whenever what is wanted changes. */
  rev: number;
  state: 'waiting' | 'parked';
}

export type Counts = Record<PlannedWrite['what'], number>;

export interface WritePlan {
  version: 1;
  /** ISO 8601. */
  at: string;
  acts: PlannedAct[];
  writes: PlannedWrite[];
  /** By CRM and object. */
  counts: Record<string, Partial<Record<PlannedObject, Counts>>>;
  /** Calls that write, and calls that look for records first, by CRM. */
  calls: Record<string, { write: number; lookUp: number }>;
  /** What is left of the day's calls, by CRM, as each last said. */
  budget: Record<string, BudgetView>;
}

/** Records of one call, from the vendors' documents. */
const BATCH: Record<string, number> = { hubspot: 100, salesforce: 200 };

/** What is to become of the records of one kind, of one act. */
export function plannedRecords(
  act: PlannedAct,
  object: 'account' | 'person',
  planned: readonly Planned[],
  now: number,
): PlannedWrite[] {
  const { settled } = sort(planned, now);
  return planned.map((one) => {
    const { desired, link, changed, create } = one;
    const crmId = link?.crmId || null;
    const outcome = settled.get(desired.ref);
    const base = { crm: act.crm, act: act.id, account: act.account, object, ref: desired.ref, crmId };
    if (outcome !== undefined) {
      const why = outcome.state === 'skipped' ? outcome.reason : NOTHING_CHANGED;
      return { ...base, what: 'skip', why, before: null, after: {} };
    }
    return crmId === null
      ? {
          ...base,
          ...unlinked(create),
          before: null,
          after: { ...desired.fields, ...(create ? desired.onCreate : {}) },
        }
      : { ...base, what: 'update', why: null, before: beforeOf(link, changed), after: changed };
  });
}

function unlinked(create: boolean): Pick<PlannedWrite, 'what' | 'why'> {
  return create
    ? { what: 'create', why: 'unless the CRM has it already: then that one is updated' }
    : { what: 'update', why: 'only if the CRM has it: none may be created' };
}

function beforeOf(link: Link | undefined, changed: Record<string, FieldValue>): Record<string, FieldValue> {
  return Object.fromEntries(Object.keys(changed).map((field) => [field, link?.acknowledged[field] ?? null]));
}

/** A membership, a task, or what happens to one. */
export function plannedAct(act: PlannedAct, ref: string, after: Record<string, FieldValue>): PlannedWrite {
  const object = act.kind === 'campaign' ? 'membership' : act.kind === 'task' ? 'task' : 'task change';
  const what = object === 'task change' ? 'update' : 'create';
  const { id, crm, account } = act;
  return { crm, act: id, account, object, ref, crmId: null, what, why: null, before: null, after };
}

/** Who gets it of those who may is known only when it is made: the CRM is asked who owns the account, and who is active. */
export function plannedTask(act: PlannedAct, payload: TaskPayload): PlannedWrite {
  // Acts that were written down by an older version lack the last ones.
  const { crmKey, subject, body, dueAt, priority, person, type = 'todo', owners = [] } = payload;
  const owner = ownersInWords(owners);
  return plannedAct(act, crmKey, { subject, owner, due: isoInstant(dueAt), priority, type, person, body });
}

/** What a parked act would have written is not written: its records say why. */
export function asParked(writes: readonly PlannedWrite[], why: string): PlannedWrite[] {
  return writes.map((one) => (one.what === 'skip' ? one : { ...one, what: 'invalid', why }));
}

export function assembled(
  acts: readonly PlannedAct[],
  writes: readonly PlannedWrite[],
  now: number,
  budget: WritePlan['budget'],
): WritePlan {
  const counts: WritePlan['counts'] = {};
  for (const { crm, object, what } of writes) {
    const ofObject = counts[crm]?.[object] ?? { create: 0, update: 0, skip: 0, invalid: 0 };
    counts[crm] = { ...counts[crm], [object]: { ...ofObject, [what]: ofObject[what] + 1 } };
  }
  const calls = Object.fromEntries(
    Object.entries(counts).map(([crm, ofCrm]) => [crm, callsOf(crm, ofCrm, writes)]),
  );
  return { version: 1, at: isoInstant(now), acts: [...acts], writes: [...writes], counts, calls, budget };
}

/** Full batches of each kind of call; a failed call, and owners or campaigns that are read once an hour, come on top. */
function callsOf(
  crm: string,
  counts: Partial<Record<PlannedObject, Counts>>,
  writes: readonly PlannedWrite[],
): { write: number; lookUp: number } {
  const batches = (count: number) => Math.ceil(count / (BATCH[crm] ?? 1));
  const write = Object.values(counts).reduce(
    (sum, { create, update }) => sum + batches(create) + batches(update),
    0,
  );
  const unknown = (object: PlannedObject) =>
    writes.filter(
      (one) =>
        one.crm === crm &&
        one.object === object &&
        one.crmId === null &&
        (one.what === 'create' || one.what === 'update'),
    ).length;
  // By the unique key, then by domain or e-mail.
  return { write, lookUp: 2 * batches(unknown('account')) + 2 * batches(unknown('person')) };
}

/** Why acts of a plan are not carried out as planned, by id; null: it stands as it stood. */
export function changesSince(planned: WritePlan, current: WritePlan): Map<string, string | null> {
  const acts = new Map(current.acts.map((act) => [act.id, act]));
  const [before, after] = [writesByAct(planned), writesByAct(current)];
  return new Map(
    planned.acts.map((act) => {
      const [then, now] = [before.get(act.id) ?? [], after.get(act.id) ?? []];
      return [act.id, changeOf(act, acts.get(act.id), then, now)];
    }),
  );
}

function writesByAct({ writes }: WritePlan): Map<string, PlannedWrite[]> {
  return Map.groupBy(writes, ({ act }) => act);
}

function changeOf(
  act: PlannedAct,
  current: PlannedAct | undefined,
  then: readonly PlannedWrite[],
  now: readonly PlannedWrite[],
): string | null {
  if (current === undefined || current.state !== act.state) {
    return current === undefined
      ? 'it is done with, or gone'
      : `it is ${current.state}, and was ${act.state}`;
  }
  return current.rev === act.rev && stableJson(then) === stableJson(now) ? null : differences(then, now);
}

const FEW = 3;

/** The first fields that differ, in words. */
function differences(then: readonly PlannedWrite[], now: readonly PlannedWrite[]): string {
  const words = now.flatMap(({ object, ref, after }) => {
    const before: PlannedWrite['after'] =
      then.find((one) => one.object === object && one.ref === ref)?.after ?? {};
    const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return fields
      .filter((field) => before[field] !== after[field])
      .map(
        (field) => `${field} of ${ref} was to be ${said(before[field])}, and is to be ${said(after[field])}`,
      );
  });
  const more = words.length > FEW ? `; and ${words.length - FEW} more` : '';
  return words.length === 0
    ? 'what the CRM has of it is known better now'
    : `${words.slice(0, FEW).join('; ')}${more}`;
}

function said(value: FieldValue | undefined): string {
  return value === undefined ? 'left alone' : JSON.stringify(value);
}
