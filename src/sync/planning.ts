import { inZone } from './local-days.ts';
import type { FieldsItem, Outbox } from './outbox.ts';
import { type Planned, plan } from './planned.ts';

/** What planning asks beside what the acts say. */
interface PlanningDeps {
  outbox: Pick<Outbox, 'links' | 'members'>;
  connection: string;
  connector: { zone(): string };
}

/** What differs of the accounts of these acts from what the CRM acknowledged, dates in the CRM's zone. */
export async function planAccounts(
  { outbox, connection, connector }: PlanningDeps,
  items: readonly FieldsItem[],
): Promise<Planned[]> {
  const refs = items.map(({ payload }) => payload.account.ref);
  const known = await outbox.links(connection, 'account', refs);
  const zone = connector.zone();
  return items.map((item) => {
    const desired = inZone(item.payload.account, zone);
    return plan(item, desired, known.get(desired.ref), desired.create === true);
  });
}

/** The same of the people of these acts. Whether one may be made can hang on a membership. */
export async function planPeople(deps: PlanningDeps, items: readonly FieldsItem[]): Promise<Planned[]> {
  const refs = items.flatMap(({ payload }) => payload.people.map(({ ref }) => ref));
  const known = await deps.outbox.links(deps.connection, 'person', refs);
  const members = await membersOf(deps, items);
  const zone = deps.connector.zone();
  return items.flatMap((item) =>
    item.payload.people.map((person) => {
      const create =
        person.create === true || (person.create === 'members' && isMember(members, item, person.ref));
      return plan(item, inZone(person, zone), known.get(person.ref), create);
    }),
  );
}

type Members = ReadonlyMap<string, ReadonlySet<string>>;

/** Only where contacts are made for members is it asked who they are. */
async function membersOf(
  { outbox, connection }: PlanningDeps,
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
