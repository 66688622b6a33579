import type { DesiredRecord, FieldValue } from '../decide/desired.ts';
import { changedFields } from './changed-fields.ts';
import type { AccountChange, Outcome, Outcomes, PersonChange } from './crm.ts';
import { gravest } from './next-state.ts';
import type { FieldsItem, Link, LinkChange } from './outbox.ts';
import { type DeliverDeps, settle } from './settle.ts';

/** How long (ms) a record that the CRM was found not to have is not looked for again, unless by another domain or address. */
const MISS_HOLDS = 24 * 3_600_000;

/** One record to write, with what is known of it. */
interface Planned {
  item: FieldsItem;
  desired: DesiredRecord;
  link: Link | undefined;
  changed: Record<string, FieldValue>;
}

/** Brings accounts and their people up to date; gives how many acts it took. */
export async function deliverFields(deps: DeliverDeps, limit: number): Promise<number> {
  const items = await deps.outbox.claimFields(deps.connection, limit);
  if (items.length === 0) {
    return 0;
  }
  const links: LinkChange[] = [];
  const accounts = await writeAccounts(deps, items, links);
  const people = await writePeople(deps, items, accounts, links);
  const results = items.map((item) => ({
    item,
    outcome:
      gravest([outcomeOf(accounts, item), ...(people.get(item.id) ?? [])]) ?? outcomeOf(accounts, item),
  }));
  await settle(deps, results, links);
  return items.length;
}

const NOTHING_CHANGED = 'nothing changed';

function outcomeOf(outcomes: ReadonlyMap<string, Outcome>, item: FieldsItem): Outcome {
  return (
    outcomes.get(item.payload.account.ref) ?? {
      state: 'retry',
      afterMs: 0,
      code: 'no_answer',
      reason: 'the connector did not answer for this record',
    }
  );
}

async function writeAccounts(
  deps: DeliverDeps,
  items: readonly FieldsItem[],
  links: LinkChange[],
): Promise<Map<string, Outcome>> {
  const known = await deps.outbox.links(
    deps.connection,
    'account',
    items.map(({ payload }) => payload.account.ref),
  );
  const planned = items.map((item) => plan(item, item.payload.account, known.get(item.payload.account.ref)));
  const { settled, writes } = sort(planned, deps.realNow());
  const outcomes: Outcomes =
    writes.length === 0 ? new Map() : await deps.connector.writeAccounts(writes.map(accountChange));
  for (const one of writes) {
    noteLink('account', one, outcomes.get(one.desired.ref), links);
  }
  return new Map([...settled, ...outcomes]);
}

async function writePeople(
  deps: DeliverDeps,
  items: readonly FieldsItem[],
  accounts: ReadonlyMap<string, Outcome>,
  links: LinkChange[],
): Promise<Map<string, Outcome[]>> {
  const linked = items.filter((item) => accounts.get(item.payload.account.ref)?.state === 'done');
  const refs = linked.flatMap(({ payload }) => payload.people.map(({ ref }) => ref));
  const known = await deps.outbox.links(deps.connection, 'person', refs);
  const planned = linked.flatMap((item) =>
    item.payload.people.map((person) => plan(item, person, known.get(person.ref))),
  );
  const { settled, writes } = sort(planned, deps.realNow());
  const unique = [...new Map(writes.map((one) => [one.desired.ref, one])).values()];
  const outcomes: Outcomes =
    unique.length === 0
      ? new Map()
      : await deps.connector.writePeople(
          unique.map((one) => personChange(one, accounts.get(one.item.payload.account.ref))),
        );
  for (const one of unique) {
    noteLink('person', one, outcomes.get(one.desired.ref), links);
  }
  const byItem = new Map<string, Outcome[]>();
  for (const { item, desired } of planned) {
    const outcome = settled.get(desired.ref) ?? outcomes.get(desired.ref);
    // A person the CRM does not have is no reason for the account's fields to look undone.
    if (outcome !== undefined && outcome.state !== 'skipped') {
      byItem.set(item.id, [...(byItem.get(item.id) ?? []), outcome]);
    }
  }
  return byItem;
}

function plan(item: FieldsItem, desired: DesiredRecord, link: Link | undefined): Planned {
  return {
    item,
    desired,
    link,
    changed: changedFields(desired.fields, link?.acknowledged ?? {}, desired.stamps),
  };
}

/** Splits off what needs no call: nothing changed (I8), or a record that is known not to exist and is not to be made. */
function sort(
  planned: readonly Planned[],
  now: number,
): { settled: Map<string, Outcome>; writes: Planned[] } {
  const settled = new Map<string, Outcome>();
  const writes: Planned[] = [];
  for (const one of planned) {
    const { link, desired, changed } = one;
    if (link !== undefined && link.crmId !== '' && Object.keys(changed).length === 0) {
      settled.set(desired.ref, { state: 'done', crmId: link.crmId, note: NOTHING_CHANGED });
    } else if (!desired.create && missed(link, desired, now)) {
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

/** What was learnt since may find it: an account is often scored before its domain is known. */
function missed(link: Link | undefined, { lookup }: DesiredRecord, now: number): boolean {
  return link?.crmId === '' && link.lookedFor === (lookup ?? '') && now - link.at < MISS_HOLDS;
}

function common({ desired, link, changed }: Planned) {
  return {
    key: desired.ref,
    crmId: link?.crmId || null,
    create: desired.create,
    fields: changed,
    allFields: desired.fields,
    createFields: desired.onCreate,
  };
}

function accountChange(planned: Planned): AccountChange {
  return { ...common(planned), domain: planned.desired.lookup };
}

function personChange(planned: Planned, account: Outcome | undefined): PersonChange {
  return {
    ...common(planned),
    email: planned.desired.lookup,
    accountCrmId: account?.state === 'done' ? account.crmId : null,
  };
}

/** The people of a company that is gone belong under the one that takes its place: they are matched again with it. */
function unlinked(item: FieldsItem, { ref }: DesiredRecord): LinkChange {
  return { object: 'person', ref, account: item.account, note: null, crmId: null, acknowledged: {} };
}

/** Keeps what the CRM acknowledged, forgets a link that led nowhere, remembers a miss. */
function noteLink(
  object: Link['object'],
  planned: Planned,
  outcome: Outcome | undefined,
  links: LinkChange[],
): void {
  const { item, desired, link } = planned;
  const base = { object, ref: desired.ref, account: item.account, note: null };
  if (outcome?.state === 'done') {
    const acknowledged = { ...link?.acknowledged, ...desired.fields };
    links.push({ ...base, crmId: outcome.crmId, acknowledged, note: outcome.note ?? null });
  } else if (outcome?.state === 'rematch') {
    links.push({ ...base, crmId: null, acknowledged: {} });
    links.push(...(object === 'account' ? item.payload.people.map((person) => unlinked(item, person)) : []));
  } else if (outcome?.state === 'skipped' && outcome.code === 'no_match') {
    links.push({ ...base, crmId: '', acknowledged: {}, lookedFor: desired.lookup ?? '' });
  }
}
