import type { Logger } from '../shared/log.ts';
import { stableJson } from '../shared/stable-json.ts';
import { DAY, MINUTE } from '../shared/time.ts';
import type { Db } from '../store/db.ts';
import { adoptReads, claimDue, giveBack, saveRead } from '../store/facts/read-back.ts';
import { postgresOutbox } from '../store/outbox.ts';
import { factsRead } from '../sync/read-facts.ts';
import type { Connection } from './connections.ts';

export interface ReadBackDeps {
  db: Db;
  logger: Logger;
  now: () => number;
  realNow: () => number;
  life: { readonly stopping: boolean };
}

/** Records of one call; HubSpot takes 100, Salesforce what fits into a query. */
const BATCH = { hubspot: 100, salesforce: 200 };
/** Calls of one look at a connection: the sweep looks every ten seconds, and writes come first. */
const CALLS = 5;

/** Reads the linked companies that are due, a few calls at a time. Gives how many accounts must be scored again. */
export async function readBack(deps: ReadBackDeps, connections: readonly Connection[]): Promise<number> {
  let woken = 0;
  for (const { crm, connection } of connections) {
    if (connection !== null) {
      const { reads } = crm.mapping;
      await adoptReads(deps.db, connection, reads.length === 0 ? null : stableJson(reads), deps.realNow());
      for (let call = 0; call < CALLS && reads.length > 0 && !deps.life.stopping; call++) {
        const done = await readBatch(deps, crm, connection);
        woken += done.woken;
        if (!done.more) {
          break;
        }
      }
    }
  }
  return woken;
}

async function readBatch(
  { db, logger, now, realNow }: ReadBackDeps,
  { name, mapping, connector }: Connection['crm'],
  connection: string,
): Promise<{ woken: number; more: boolean }> {
  const outbox = postgresOutbox(db, realNow, now);
  const nothing = { woken: 0, more: false };
  if (((await outbox.pausedUntil(connection)) ?? 0) > realNow()) {
    return nothing;
  }
  const due = await claimDue(db, connection, realNow() - DAY, BATCH[name], realNow());
  if (due.length === 0) {
    return nothing;
  }
  const fields = [...new Set(mapping.reads.map(({ field }) => field))];
  const answer = await connector.readAccounts(
    due.map(({ crmId }) => crmId),
    fields,
  );
  if (answer.state === 'failed') {
    const { afterMs, pause, code, reason } = answer;
    await giveBack(db, connection, due, realNow() - DAY + Math.max(afterMs, MINUTE));
    if (pause) {
      await outbox.pause(connection, realNow() + afterMs, code, reason);
    }
    logger.warn({ crm: name, code, reason }, 'facts not read; it will be tried again');
    return nothing;
  }
  const read = due.flatMap(({ account, crmId, backfill }) => {
    const record = answer.records.get(crmId);
    return record === undefined ? [] : [{ account, backfill, facts: factsRead(record, mapping.reads) }];
  });
  return { woken: await saveRead(db, connection, read, realNow()), more: due.length === BATCH[name] };
}
