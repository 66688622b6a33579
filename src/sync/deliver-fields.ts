import type { Outcome, Outcomes } from './crm.ts';
import { told } from './guard.ts';
import { gravest } from './next-state.ts';
import type { FieldsItem, LinkChange, WhichFields } from './outbox.ts';
import { accountChange, NOTHING_CHANGED, noteLink, onePerRecord, personChange, sort } from './planned.ts';
import { planAccounts, planPeople } from './planning.ts';
import { type DeliverDeps, NO_ANSWER, settle } from './settle.ts';

/** Brings accounts and their people up to date; gives how many acts it took. */
export async function deliverFields(deps: DeliverDeps, which: WhichFields, limit: number): Promise<number> {
  const items = await deps.outbox.claimFields(deps.connection, which, limit);
  if (items.length > 0) {
    await deps.outbox.hold(items, () => deliverItems(deps, items));
  }
  return items.length;
}

/** Writes what differs of these acts, accounts before their people, and settles them. */
export async function deliverItems(deps: DeliverDeps, items: readonly FieldsItem[]): Promise<void> {
  const links: LinkChange[] = [];
  const accounts = await writeAccounts(deps, items, links);
  const people = await writePeople(deps, items, accounts, links);
  const results = items.map((item) => {
    const own = ofAccount(accounts, item);
    const theirs = people.get(item.id) ?? [];
    return { item, outcome: told(gravest([own, ...theirs]) ?? own, theirs.filter(isNews)) };
  });
  await settle(deps, results, links);
}

function isNews(outcome: Outcome): boolean {
  return outcome.state === 'done' && outcome.note !== NOTHING_CHANGED;
}

function ofAccount(outcomes: ReadonlyMap<string, Outcome>, item: FieldsItem): Outcome {
  const { ref } = item.payload.account;
  return { ...(outcomes.get(ref) ?? NO_ANSWER), ref };
}

async function writeAccounts(
  deps: DeliverDeps,
  items: readonly FieldsItem[],
  links: LinkChange[],
): Promise<Map<string, Outcome>> {
  const { settled, writes } = sort(await planAccounts(deps, items), deps.realNow());
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
  const planned = await planPeople(deps, linked);
  const { settled, writes } = sort(planned, deps.realNow());
  const unique = onePerRecord(writes);
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
      byItem.set(item.id, [...(byItem.get(item.id) ?? []), { ...outcome, ref: desired.ref }]);
    }
  }
  return byItem;
}
