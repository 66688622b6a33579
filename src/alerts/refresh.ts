import { setTimeout as sleep } from 'node:timers/promises';
import { SECOND } from '../shared/time.ts';
import { buttonOf } from './crossings.ts';
import type { AlertDeps } from './deps.ts';
import { toldOwner } from './owner.ts';
import type { StaleCard } from './port.ts';
import { isMessageGone, outcomeOf } from './slack/outcomes.ts';
import { cardMessage, shownCard } from './slack/words.ts';

/** Changes that are made in one look, and what lies between two (ms): Slack takes fifty a minute. */
const AT_ONCE = 20;
const EVERY_UPDATE = 1300;
const WAITED_FOR = 5 * SECOND;

/** Changes first messages that do not show how their account stands. The same change twice is one. Gives how many were changed. */
export async function refreshCards(deps: AlertDeps): Promise<number> {
  const stale = await deps.store.staleCards(deps.connection, AT_ONCE);
  let shown = 0;
  for (const card of stale) {
    shown += (await refresh(deps, card)) ? 1 : 0;
  }
  return shown;
}

/** false: it is tried again when its lease has ended. */
async function refresh(deps: AlertDeps, stale: StaleCard): Promise<boolean> {
  const { store, messenger, connection, realNow, every } = deps;
  const { thread, payload, records } = stale;
  const at = await store.takeTurn(connection, 'chat.update', every ?? EVERY_UPDATE);
  if (deps.life.stopping || at - realNow() > WAITED_FOR) {
    return false;
  }
  await sleep(Math.max(0, at - realNow()));
  const standing = { state: thread.state, by: thread.by, until: thread.remindAt };
  const extras = {
    owner: await toldOwner(deps, payload.owner ?? stale.owner),
    records: records.flatMap((record) => deps.recordLink(record.connection, record.crmId) ?? []),
    button: deps.buttons ? buttonOf(thread.act) : null,
    repeat: false,
  };
  const message = cardMessage(shownCard(payload), payload.line, standing, extras, payload.quiet);
  const reply = await messenger.update(thread.channel, thread.cardTs, message);
  if (reply.ok || isMessageGone(reply.failure)) {
    await store.cardShown(connection, stale.account, stale.version);
    return true;
  }
  const outcome = outcomeOf(reply.failure, 'repeatable');
  if (outcome.state === 'parked') {
    // Slack will not take it, however often: the words in the thread say the same.
    await store.cardShown(connection, stale.account, stale.version);
  }
  if (outcome.state === 'halt') {
    await store.pause(connection, realNow() + outcome.afterMs, outcome.code, outcome.reason);
  }
  if (outcome.state === 'retry') {
    await store.holdChannel(connection, 'chat.update', realNow() + outcome.afterMs);
  }
  return false;
}
