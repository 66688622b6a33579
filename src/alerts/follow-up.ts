import type { AlertPayload } from '../decide/handoff/alerts.ts';
import { SECOND } from '../shared/time.ts';
import type { Outcome } from '../sync/crm.ts';
import type { AlertDeps } from './deps.ts';
import { toldOwner } from './owner.ts';
import type { AlertItem, ThreadChange } from './port.ts';
import { send, settleAlerts } from './send.ts';
import { followUpMessage, isOver } from './slack/words.ts';

type What = AlertPayload['what'];

/** Worth a second message, should the first be lost: somebody is to do something. */
const URGENT: readonly What[] = ['due_soon', 'breached', 'escalated', 'reminder'];

/** What is silent while somebody has asked for silence. An escalation is for somebody else. */
const SNOOZED: readonly What[] = ['due_soon', 'breached'];

/** Says in its conversation what became of an account; gives how many went on. */
export async function followUp(deps: AlertDeps, channel: string, item: AlertItem): Promise<number> {
  const early = withoutMessage(item);
  if (early !== null) {
    await settleAlerts(deps, [item], early, { threads: stateOnly(item, early) });
    return early.state === 'done' ? 1 : 0;
  }
  const { payload, thread } = item;
  const isShared = thread?.cardTs === null;
  const name = payload.owner ?? (URGENT.includes(payload.what) ? item.owner : null);
  const owner = await toldOwner(deps, name);
  const { quiet } = payload;
  const delivered = await send(deps, {
    items: [item],
    channel,
    thread: thread === null || !deps.messenger.threads ? null : { ts: thread.ts, broadcast: false },
    message: ({ alone, repeat }) =>
      followUpMessage(payload, owner, { alone: alone || isShared, quiet, repeat }),
    again: URGENT.includes(payload.what),
  });
  const { outcome, notes } = delivered;
  await settleAlerts(deps, [item], outcome, {
    threads: outcome.state === 'done' ? changeOf(item) : [],
    note: notes.join('; '),
  });
  return outcome.state === 'done' ? 1 : 0;
}

/** Why nothing is sent; null: it is. */
function withoutMessage({ payload: { what }, crossed, thread, touched }: AlertItem): Outcome | null {
  const done = (note: string): Outcome => ({ state: 'done', crmId: '', note });
  if (crossed === 'waiting') {
    const reason = 'waits for the first message about the account';
    return { state: 'retry', afterMs: 2 * SECOND, code: 'awaiting_alert', reason };
  }
  if (crossed !== 'done' && !URGENT.includes(what)) {
    return done('not sent: nobody was told of the crossing');
  }
  if (thread?.state === 'snoozed' && SNOOZED.includes(what)) {
    return done(`not sent: snoozed until ${thread.remindAt ?? 'tomorrow'}`);
  }
  return what === 'reminder' && (touched || thread?.state !== 'snoozed')
    ? done('not needed: somebody got in touch')
    : null;
}

/** What is not said in words the first message still shows. */
function stateOnly(item: AlertItem, outcome: Outcome): ThreadChange[] {
  const isReminder = item.payload.what === 'reminder' && item.thread?.state === 'snoozed';
  return outcome.state === 'done' && isReminder ? changeOf(item) : [];
}

/** What is over stays over. */
function changeOf({ account, payload: { what, by }, thread }: AlertItem): ThreadChange[] {
  return thread === null || isOver(thread.state) || what === 'crossed'
    ? []
    : [{ account, state: what === 'reminder' ? 'open' : what, by: by ?? null }];
}
