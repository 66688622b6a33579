import { SECOND } from '../shared/time.ts';
import { countsFrom, turnOf } from './burst.ts';
import { type AlertDeps, rulesOf } from './deps.ts';
import { toldOwner } from './owner.ts';
import type { AlertItem, ThreadChange } from './port.ts';
import { type Delivered, send, settleAlerts } from './send.ts';
import { type RolledUp, rollUpMessage } from './slack/roll-up.ts';
import { cardMessage, shownCard } from './slack/words.ts';

/** Tells a channel of accounts that crossed, each by itself or all together; gives how many went on. */
export async function deliverCrossings(
  deps: AlertDeps,
  channel: string,
  items: readonly AlertItem[],
): Promise<number> {
  // What one message told of together is sent once more together.
  const again = Map.groupBy(
    items.filter(({ sends }) => sends > 0),
    ({ sentAt }) => sentAt,
  );
  let went = 0;
  for (const group of again.values()) {
    went += await together(deps, channel, group);
  }
  return (
    went +
    (await fresh(
      deps,
      channel,
      items.filter(({ sends }) => sends === 0),
    ))
  );
}

async function fresh(deps: AlertDeps, channel: string, items: readonly AlertItem[]): Promise<number> {
  if (items.length === 0) {
    return 0;
  }
  const sent = await deps.store.sentTo(deps.connection, channel);
  const crossedAt = items.map(({ createdAt }) => createdAt);
  const turn = turnOf(crossedAt, sent, rulesOf(deps), deps.now());
  if (turn.kind === 'wait') {
    const reason = 'many accounts qualify at once: one message tells of all of them';
    const outcome = {
      state: 'retry',
      afterMs: Math.max(SECOND, turn.ms),
      code: 'rolling_up',
      reason,
    } as const;
    await settleAlerts(deps, items, outcome);
    return 0;
  }
  if (turn.kind === 'together') {
    return together(deps, channel, items);
  }
  let went = 0;
  for (const item of items) {
    went += await alone(deps, channel, item);
  }
  return went;
}

function together(deps: AlertDeps, channel: string, items: readonly AlertItem[]): Promise<number> {
  const [first] = items;
  return items.length === 1 && first !== undefined
    ? alone(deps, channel, first)
    : inOneMessage(deps, channel, items);
}

/** One account: its card, in its conversation if there is one already. */
async function alone(deps: AlertDeps, channel: string, item: AlertItem): Promise<number> {
  const { payload, thread, records, id, account } = item;
  const owner = await toldOwner(deps, payload.owner ?? item.owner);
  const extras = {
    owner,
    records: records.flatMap(({ connection, crmId }) => deps.recordLink(connection, crmId) ?? []),
    button: deps.buttons && deps.messenger.threads ? buttonOf(id) : null,
  };
  const standing = { state: 'open', by: null, until: null } as const;
  const delivered = await send(deps, {
    items: [item],
    channel,
    thread: thread === null ? null : { ts: thread.ts, broadcast: true },
    message: ({ repeat }) =>
      cardMessage(shownCard(payload), payload.line, standing, { ...extras, repeat }, payload.quiet),
    again: true,
  });
  const { reply } = delivered;
  const opened =
    reply?.channel == null || reply.ts === null
      ? []
      : [
          {
            account,
            opened: {
              channel: reply.channel,
              ts: delivered.alone ? reply.ts : (thread?.ts ?? reply.ts),
              cardTs: reply.ts,
              act: id,
            },
            state: 'open' as const,
            by: null,
          },
        ];
  return settleCrossings(deps, channel, [item], delivered, opened, delivered.notes.join('; '), false);
}

async function inOneMessage(deps: AlertDeps, channel: string, items: readonly AlertItem[]): Promise<number> {
  const accounts: RolledUp[] = [];
  for (const { payload, owner } of items) {
    accounts.push({ card: payload.card, owner: await toldOwner(deps, payload.owner ?? owner) });
  }
  const quiet = items.every(({ payload }) => payload.quiet);
  const delivered = await send(deps, {
    items,
    channel,
    thread: null,
    message: ({ repeat }) => rollUpMessage(accounts, deps.list, { quiet, repeat }),
    again: true,
  });
  const { reply } = delivered;
  const where = reply?.ts == null ? '' : `, ${reply.channel} ${reply.ts}`;
  const note = [`one message told of ${items.length} accounts${where}`, ...delivered.notes].join('; ');
  const opened =
    reply?.channel == null || reply.ts === null
      ? []
      : items.map(({ account, id, thread }) => ({
          account,
          ...(thread === null
            ? { opened: { channel: reply.channel ?? '', ts: reply.ts ?? '', cardTs: null, act: id } }
            : {}),
          state: 'open' as const,
          by: null,
        }));
  return settleCrossings(deps, channel, items, delivered, opened, note, true);
}

async function settleCrossings(
  deps: AlertDeps,
  channel: string,
  items: readonly AlertItem[],
  { outcome }: Delivered,
  threads: readonly ThreadChange[],
  note: string,
  rollUp: boolean,
): Promise<number> {
  const isSent = outcome.state === 'done' || outcome.state === 'uncertain';
  const at = deps.now();
  const got = isSent ? { channel, sent: { at, rollUp }, since: countsFrom(rulesOf(deps), at) } : null;
  await settleAlerts(deps, items, outcome, { threads, got, ...(outcome.state === 'done' ? { note } : {}) });
  return outcome.state === 'done' ? items.length : 0;
}

/** What a button brings back: an id that says nothing. */
export function buttonOf(act: string): string {
  return `al_${act.replaceAll('-', '')}`;
}
