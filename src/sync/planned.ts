import type { DesiredRecord, FieldValue } from '../decide/desired.ts';
import { DAY } from '../shared/time.ts';
import { changedFields } from './changed-fields.ts';
import type { AccountChange, Outcome, PersonChange } from './crm.ts';
import { guardOf } from './guard.ts';
import type { FieldsItem, Link, LinkChange } from './outbox.ts';

/** How long (ms) a record that the CRM was found not to have is not looked for again. */
const MISS_HOLDS = DAY;

/** Stands in `acknowledged` of a record that the CRM does not have, which has acknowledged nothing else: the domain or e-mail asked for. */
const LOOKED_FOR = 'looked_for';

/** One record to write, with what is known of it. */
export interface Planned {
  item: FieldsItem;
  desired: DesiredRecord;
  link: Link | undefined;
  create: boolean;
  changed: Record<string, FieldValue>;
}

export const NOTHING_CHANGED = 'nothing changed';

/** What differs of one record. */
export function plan(
  item: FieldsItem,
  desired: DesiredRecord,
  link: Link | undefined,
  create: boolean,
): Planned {
  return {
    item,
    desired,
    link,
    create,
    changed: changedFields(desired.fields, acknowledgedOf(link), desired.stamps),
  };
}

/** Splits off what needs no call: nothing changed (I8), or a record that is known not to exist and is not to be made. */
export function sort(
  planned: readonly Planned[],
  now: number,
): { settled: Map<string, Outcome>; writes: Planned[] } {
  const settled = new Map<string, Outcome>();
  const writes: Planned[] = [];
  for (const one of planned) {
    const { link, desired, changed, create } = one;
    if (link !== undefined && link.crmId !== '' && Object.keys(changed).length === 0) {
      settled.set(desired.ref, { state: 'done', crmId: link.crmId, note: NOTHING_CHANGED });
    } else if (!create && isKnownMiss(link, desired, now)) {
      settled.set(desired.ref, {
        state: 'skipped',
        code: 'no_match',
        reason: 'the CRM has no such record, and it is not to be created',
      });
    } else {
      writes.push(one);
    }
  }
  return { settled, writes };
}

/** Somebody who is in several accounts is written once. */
export function onePerRecord(writes: readonly Planned[]): Planned[] {
  return [...new Map(writes.map((one) => [one.desired.ref, one])).values()];
}

/** A domain or address that was learnt since may well lead to a record. */
function isKnownMiss(link: Link | undefined, desired: DesiredRecord, now: number): boolean {
  return (
    link?.crmId === '' &&
    now - link.at < MISS_HOLDS &&
    (link.acknowledged[LOOKED_FOR] ?? null) === desired.lookup
  );
}

function acknowledgedOf(link: Link | undefined): Link['acknowledged'] {
  return link === undefined || link.crmId === '' ? {} : link.acknowledged;
}

function common({ desired, link, changed, create }: Planned) {
  const guard = guardOf(desired, link);
  return {
    key: desired.ref,
    crmId: link?.crmId || null,
    create,
    fields: changed,
    allFields: desired.fields,
    createFields: desired.onCreate,
    ...(guard === null ? {} : { guard }),
  };
}

export function accountChange(planned: Planned): AccountChange {
  const { desired, item, create, link } = planned;
  const emails = item.payload.people.flatMap(({ lookup }) => lookup ?? []);
  const mayBeMade = create && !link?.crmId;
  return { ...common(planned), domain: desired.lookup, ...(mayBeMade ? { emails } : {}) };
}

export function personChange(planned: Planned, account: Outcome | undefined): PersonChange {
  return {
    ...common(planned),
    email: planned.desired.lookup,
    accountCrmId: account?.state === 'done' ? account.crmId : null,
  };
}

/** Keeps what the CRM acknowledged, forgets a link that led nowhere, remembers a miss. */
export function noteLink(
  object: Link['object'],
  planned: Planned,
  outcome: Outcome | undefined,
  links: LinkChange[],
): void {
  const { item, desired, link } = planned;
  const base = { object, ref: desired.ref, account: item.account, note: null };
  if (outcome?.state === 'done') {
    const acknowledged = { ...acknowledgedOf(link), ...desired.fields };
    const { crmId, note = null, how, held = heldStill(planned) } = outcome;
    links.push({ ...base, crmId, acknowledged, note, held, ...(how === undefined ? {} : { how }) });
  } else if (outcome?.state === 'rematch') {
    links.push({ ...base, crmId: null, acknowledged: {}, why: `${outcome.code}: ${outcome.reason}` });
  } else if (outcome?.state === 'skipped' && outcome.code === 'no_match') {
    links.push({ ...base, crmId: '', acknowledged: { [LOOKED_FOR]: desired.lookup } });
  }
}

/** Whoever wrote without looking (a bulk job) says nothing of the fields that were left alone: they still are. */
function heldStill({ desired, link }: Planned): Link['held'] {
  return guardOf(desired, link) === null ? {} : (link?.held ?? {});
}
