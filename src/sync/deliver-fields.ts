import type { DesiredRecord, FieldValue } from '../decide/desired.ts';
import { changedFields } from './changed-fields.ts';
import type { AccountChange, Outcome, Outcomes, PersonChange } from './crm.ts';
import { guardOf, told } from './guard.ts';
import { inZone } from './local-days.ts';
import { gravest } from './next-state.ts';
import type { FieldsItem, Link, LinkChange } from './outbox.ts';
import { type DeliverDeps, settle } from './settle.ts';

/** How long (ms) a record that the CRM was found not to have is not looked for again. */
const MISS_HOLDS = 24 * 3_600_000;

/** One record to write, with what is known of it. */
interface Planned {
  item: FieldsItem;
  desired: DesiredRecord;
  link: Link | undefined;
  create: boolean;
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
  const results = items.map((item) => {
    const own = outcomeOf(accounts, item);
    const theirs = people.get(item.id) ?? [];
    return { item, outcome: told(gravest([own, ...theirs]) ?? own, theirs.filter(isNews)) };
  });
  await settle(deps, results, links);
  return items.length;
}

const NOTHING_CHANGED = 'nothing changed';

function isNews(outcome: Outcome): boolean {
  return outcome.state === 'done' && outcome.note !== NOTHING_CHANGED;
}

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
  const zone = deps.connector.zone();
  const planned = items.map((item) => {
    const desired = inZone(item.payload.account, zone);
    return plan(item, desired, known.get(desired.ref), desired.create === true);
  });
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
  const members = await membersOf(deps, linked);
  const zone = deps.connector.zone();
  const planned = linked.flatMap((item) =>
    item.payload.people.map((person) => {
      const create =
        person.create === true || (person.create === 'members' && isMember(members, item, person.ref));
      return plan(item, inZone(person, zone), known.get(person.ref), create);
    }),
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

type Members = ReadonlyMap<string, ReadonlySet<string>>;

/** Only where contacts are made for members is it asked who they are. */
async function membersOf(
  { outbox, connection }: DeliverDeps,
  items: readonly FieldsItem[],
): Promise<Members> {
  const asking = items.filter(({ payload }) => payload.members !== undefined);
  return asking.length === 0
    ? new Map()
    : outbox.members(
        connection,
        asking.map(({ account }) => account),
      );
}

function isMember(members: Members, { account }: FieldsItem, ref: string): boolean {
  return members.get(account)?.has(ref) === true;
}

function plan(item: FieldsItem, desired: DesiredRecord, link: Link | undefined, create: boolean): Planned {
  return {
    item,
    desired,
    link,
    create,
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
    const { link, desired, changed, create } = one;
    if (link !== undefined && link.crmId !== '' && Object.keys(changed).length === 0) {
      settled.set(desired.ref, { state: 'done', crmId: link.crmId, note: NOTHING_CHANGED });
    } else if (link?.crmId === '' && !create && now - link.at < MISS_HOLDS) {
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
    const { crmId, note = null, how, held = {} } = outcome;
    links.push({ ...base, crmId, acknowledged, note, held, ...(how === undefined ? {} : { how }) });
  } else if (outcome?.state === 'rematch') {
    links.push({ ...base, crmId: null, acknowledged: {}, why: `${outcome.code}: ${outcome.reason}` });
  } else if (outcome?.state === 'skipped' && outcome.code === 'no_match') {
    links.push({ ...base, crmId: '', acknowledged: {} });
  }
}
