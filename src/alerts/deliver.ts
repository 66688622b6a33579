import { MINUTE, SECOND } from '../shared/time.ts';
import { deliverCrossings } from './crossings.ts';
import type { AlertDeps } from './deps.ts';
import { followUp } from './follow-up.ts';
import type { AlertItem } from './port.ts';
import { refreshCards } from './refresh.ts';
import { settleAlerts } from './send.ts';

/** Alerts that are looked at together: what gathered in an outage goes in one message. */
const ROUND = 1000;

/** Words about accounts, a channel and round: new accounts are not to wait behind a flood of them. */
const WORDS_AT_ONCE = 20;

/** So long (ms) a crossing waits for its task, so that it can name who has it. */
const OWNER_PATIENCE = MINUTE;

/** How soon (ms) it is looked whether somebody has let the task go out. */
const HELD_LOOK = 15 * SECOND;

/**
 * Sends every alert that is due. Gives the milliseconds until more is due, or null.
 *
 * A channel's messages go one after the other; channels do not wait for each other. An alert whose answer was lost is sent once more
 * after a minute and says so; a word about what became of an account is not.
 */
export async function deliverAlerts(deps: AlertDeps): Promise<number | null> {
  const { store, connection, realNow, life } = deps;
  for (;;) {
    const pause = ((await store.pausedUntil(connection)) ?? 0) - realNow();
    if (pause > 0) {
      return pause;
    }
    const clicked = (await deps.clicks?.()) ?? 0;
    const reminded = await store.remind(connection);
    const sent = await round(deps);
    const shown = deps.messenger.threads ? await refreshCards(deps) : 0;
    if (clicked + reminded + sent + shown === 0 || life.stopping) {
      return store.nextDue(connection);
    }
  }
}

/** Gives how many went on: what only waits is no reason to look again at once. */
async function round(deps: AlertDeps): Promise<number> {
  const items = await deps.store.claim(deps.connection, ROUND);
  if (items.length === 0) {
    return 0;
  }
  return deps.store.hold(items, async () => {
    const byChannel = Map.groupBy(items, (item) => channelOf(deps, item));
    const went = await Promise.all(
      [...byChannel].map(([channel, own]) => deliverChannel(deps, channel, own)),
    );
    return went.reduce((sum, one) => sum + one, 0);
  });
}

/** What there is to say about an account goes where its conversation is. A webhook is one channel. */
function channelOf({ messenger }: AlertDeps, { payload, thread }: AlertItem): string {
  return messenger.threads ? (thread?.channel ?? payload.channel) : 'webhook';
}

async function deliverChannel(
  deps: AlertDeps,
  channel: string,
  items: readonly AlertItem[],
): Promise<number> {
  const inOrder = [...items].sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  const all = inOrder.filter(({ payload }) => payload.what === 'crossed');
  const crossings = await stillWanted(deps, all);
  const awaited = crossings.filter((item) => isAwaited(deps, item));
  await (deps.manual === true
    ? putBack(deps, awaited, 'awaiting_sync', 'waits for its task, which pql sync writes', HELD_LOOK)
    : putBack(deps, awaited, 'awaiting_owner', 'waits for its task, to name who has it'));
  let went = await deliverCrossings(
    deps,
    channel,
    crossings.filter((item) => !awaited.includes(item)),
  );
  const words = inOrder.filter(({ payload }) => payload.what !== 'crossed');
  for (const item of words.slice(0, WORDS_AT_ONCE)) {
    went += await followUp(deps, channel, item);
  }
  await putBack(deps, words.slice(WORDS_AT_ONCE), 'awaiting_turn', 'Slack takes one message a second');
  return went;
}

async function putBack(
  deps: AlertDeps,
  items: readonly AlertItem[],
  code: string,
  reason: string,
  afterMs = 2 * SECOND,
): Promise<void> {
  if (items.length > 0) {
    await settleAlerts(deps, items, { state: 'retry', afterMs, code, reason });
  }
}

/** Without those that were overtaken before anybody was told: the account has bought, or must not be contacted. */
async function stillWanted(deps: AlertDeps, items: readonly AlertItem[]): Promise<AlertItem[]> {
  const held = (await deps.held?.(items.map(({ account }) => account))) ?? new Map<string, string>();
  const why = ({ sends, overtaken, account }: AlertItem) =>
    sends > 0
      ? null
      : overtaken
        ? 'overtaken: it has bought, or is not to be contacted'
        : (held.get(account) ?? null);
  for (const item of items) {
    const reason = why(item);
    if (reason !== null) {
      await settleAlerts(deps, [item], { state: 'skipped', code: 'overtaken', reason });
    }
  }
  return items.filter((item) => why(item) === null);
}

/** What may have been sent already waits for no owner. */
function isAwaited({ realNow, manual = false }: AlertDeps, item: AlertItem): boolean {
  const waited = item.firstTriedAt === null ? 0 : realNow() - item.firstTriedAt;
  const isPatient = manual || waited < OWNER_PATIENCE;
  return item.ownerPending && item.owner === null && item.sends === 0 && isPatient;
}
