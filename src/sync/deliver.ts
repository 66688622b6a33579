import { UNLIMITED } from './calls.ts';
import type { Outcomes } from './crm.ts';
import { deliverTaskChanges } from './deliver-task-changes.ts';
import { deliverTasks } from './deliver-tasks.ts';
import { forget, ROUND, withoutRecord } from './hangs-on.ts';
import { pauseLeft, scarceRound, unlessPaused, wholeRound } from './rounds.ts';
import { type DeliverDeps, settle } from './settle.ts';
import { unwanted } from './unwanted.ts';

/**
 * Delivers everything that is due to one CRM: first the fields of accounts that a membership or task waits for, because
 * they make the records that those hang on, then these, then the mass of the others. Gives the milliseconds until more is due, or null.
 */
export async function deliver(deps: DeliverDeps): Promise<number | null> {
  for (;;) {
    const pause = await pauseLeft(deps);
    if (pause > 0) {
      return pause;
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
  const members = await deliverMemberships(deps);
  const tasks = await unlessPaused(deps, () => deliverTasks(deps));
  return members + tasks + (await unlessPaused(deps, () => deliverTaskChanges(deps)));
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
  const held = await deps.outbox.held(
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
    return crmId === '' || held.has(item.account) ? [] : [{ item, crmId }];
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
            ...(item.payload.leadStatus === undefined ? {} : { leadStatus: item.payload.leadStatus }),
            uncertain: item.uncertain,
          })),
        );
  const results = items.map((item) => {
    const why = held.get(item.account);
    const outcome =
      why === undefined
        ? (outcomes.get(item.payload.crmKey) ??
          withoutRecord(states.get(item.account), 'the person has no record in the CRM'))
        : unwanted(why);
    return { item, outcome };
  });
  const gone = results.filter(({ outcome }) => outcome.state === 'rematch');
  const forgotten = gone.map(({ item }) => forget(item, { object: 'person', ref: item.payload.person }));
  await settle(deps, results, forgotten);
  return items.length;
}
