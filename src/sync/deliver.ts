import { UNLIMITED } from './calls.ts';
import type { Outcome, Outcomes } from './crm.ts';
import type { Link, LinkChange, MembershipItem, RecordState, TaskItem } from './outbox.ts';
import { ROUND, scarceRound, wholeRound } from './rounds.ts';
import { type DeliverDeps, settle } from './settle.ts';

/** How long (ms) an act waits for the record it needs, when that one is still on its way. */
const RECORD_WAIT = 1000;

/**
 * Delivers everything that is due to one CRM: first the fields of accounts that a membership or task waits for, because
 * they make the records that those hang on, then these, then the mass of the others. Gives the milliseconds until more is due, or null.
 */
export async function deliver(deps: DeliverDeps): Promise<number | null> {
  for (;;) {
    const until = await deps.outbox.pausedUntil(deps.connection);
    if (until !== null && until > deps.realNow()) {
      return until - deps.realNow();
    }
    const budget = deps.budget ?? UNLIMITED;
    const held = await budget.held(() => deps.connector.askBudget());
    const done =
      held.mass === 0
        ? await wholeRound(deps, budget, deliverActs)
        : await scarceRound(deps, budget, held, deliverActs);
    if (done.acts === 0) {
      return nextDue(deps, done.holdMs);
    }
  }
}

async function deliverActs(deps: DeliverDeps): Promise<number> {
  return (await deliverMemberships(deps)) + (await deliverTasks(deps));
}

/** What must wait is due all the time: it is looked at again when its time has come, and no sooner. */
async function nextDue(
  { outbox, jobs, connection }: DeliverDeps,
  holdMs: number | null,
): Promise<number | null> {
  const due = [await outbox.nextDue(connection), (await jobs?.nextDue(connection)) ?? null];
  const waits = due.filter((ms) => ms !== null);
  return waits.length === 0 ? null : Math.max(holdMs ?? 0, Math.min(...waits));
}

async function deliverMemberships(deps: DeliverDeps): Promise<number> {
  const items = await deps.outbox.claimMemberships(deps.connection, ROUND);
  if (items.length === 0) {
    return 0;
  }
  const states = await deps.outbox.recordStates(
    deps.connection,
    items.map(({ account }) => account),
  );
  const links = await deps.outbox.links(
    deps.connection,
    'person',
    items.map(({ payload }) => payload.person),
  );
  const ready = items.flatMap((item) => {
    const crmId = links.get(item.payload.person)?.crmId ?? '';
    return crmId === '' ? [] : [{ item, crmId }];
  });
  const outcomes: Outcomes =
    ready.length === 0
      ? new Map()
      : await deps.connector.addMembers(
          ready.map(({ item, crmId }) => ({
            key: item.payload.crmKey,
            campaign: item.payload.campaign,
            personCrmId: crmId,
            status: item.payload.status,
            lifecycleStage: item.payload.lifecycleStage,
            uncertain: item.uncertain,
          })),
        );
  await settleAll(
    deps,
    items,
    (item) =>
      outcomes.get(item.payload.crmKey) ??
      withoutRecord(states.get(item.account), 'the person has no record in the CRM'),
    ({ payload }) => [{ object: 'person', ref: payload.person }],
  );
  return items.length;
}

async function deliverTasks(deps: DeliverDeps): Promise<number> {
  const items = await deps.outbox.claimTasks(deps.connection, ROUND);
  if (items.length === 0) {
    return 0;
  }
  const { outbox, connection } = deps;
  // Before the links: records that are made in between then count as still on their way, and not as absent.
  const states = await outbox.recordStates(
    connection,
    items.map(({ account }) => account),
  );
  const accounts = await outbox.links(
    connection,
    'account',
    items.map(({ accountKey }) => accountKey),
  );
  const people = await outbox.links(
    connection,
    'person',
    items.flatMap(({ payload }) => payload.person ?? []),
  );
  const ready = items.filter(
    ({ account, accountKey, payload }) =>
      hasRecord(accounts, accountKey) &&
      (payload.person === null || hasRecord(people, payload.person) || states.get(account) !== 'pending'),
  );
  const outcomes: Outcomes =
    ready.length === 0
      ? new Map()
      : await deps.connector.createTasks(
          ready.map(({ payload, accountKey, firstTriedAt, uncertain }) => ({
            key: payload.crmKey,
            subject: payload.subject,
            body: payload.body,
            dueAt: payload.dueAt,
            priority: payload.priority,
            accountCrmId: accounts.get(accountKey)?.crmId ?? null,
            personCrmId: people.get(payload.person ?? '')?.crmId || null,
            ownerId: null,
            firstTriedAt,
            uncertain,
          })),
        );
  await settleAll(
    deps,
    items,
    (item) =>
      outcomes.get(item.payload.crmKey) ??
      withoutRecord(states.get(item.account), 'the account has no record in the CRM'),
    ({ accountKey, payload }) => [
      { object: 'account', ref: accountKey },
      ...(payload.person === null ? [] : [{ object: 'person' as const, ref: payload.person }]),
    ],
  );
  return items.length;
}

function hasRecord(links: ReadonlyMap<string, Link>, ref: string): boolean {
  return (links.get(ref)?.crmId ?? '') !== '';
}

/** What becomes of an act whose record is not there. */
function withoutRecord(state: RecordState | undefined, reason: string): Outcome {
  switch (state) {
    case 'pending':
      return {
        state: 'retry',
        afterMs: RECORD_WAIT,
        code: 'record_pending',
        reason: 'its record is on the way',
      };
    case 'parked':
      return {
        state: 'parked',
        code: 'record_parked',
        reason,
        remedy: 'mend the parked record, then: pql errors retry',
      };
    case 'linked':
    case 'absent':
      return { state: 'skipped', code: 'no_record', reason };
    default:
      return {
        state: 'retry',
        afterMs: RECORD_WAIT,
        code: 'record_pending',
        reason: 'its record is on the way',
      };
  }
}

/** `hangsOn`: the records that an act needs; when the CRM knows one of them no more, their links are forgotten. */
async function settleAll<Item extends MembershipItem | TaskItem>(
  deps: DeliverDeps,
  items: readonly Item[],
  outcomeOf: (item: Item) => Outcome,
  hangsOn: (item: Item) => Pick<Link, 'object' | 'ref'>[],
): Promise<void> {
  const results = items.map((item) => ({ item, outcome: outcomeOf(item) }));
  const forgotten = results
    .filter(({ outcome }) => outcome.state === 'rematch')
    .flatMap(({ item }) => hangsOn(item).map((link) => forget(item, link)));
  await settle(deps, results, forgotten);
}

function forget({ account }: MembershipItem | TaskItem, link: Pick<Link, 'object' | 'ref'>): LinkChange {
  return { ...link, account, crmId: null, acknowledged: {}, note: null };
}
