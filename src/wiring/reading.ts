import type { Logger } from '../shared/log.ts';
import type { Db } from '../store/db.ts';
import { postgresOutbox } from '../store/outbox.ts';
import type { FailedRead } from '../sync/crm-reads.ts';
import type { Connection } from './connections.ts';

/** What all reading from CRMs works with. */
export interface ReadBackDeps {
  db: Db;
  logger: Logger;
  now: () => number;
  realNow: () => number;
  life: { readonly stopping: boolean };
}

/** A connection that was reached. */
export interface Reached {
  crm: Connection['crm'];
  connection: string;
}

/** Calls of one look at a connection for one purpose: the sweep looks every ten seconds, and writes come first. */
export const CALLS = 5;

/** Says it in the log, and pauses the connection where it is the connection's trouble. */
export async function noteFailure(
  { db, logger, realNow, now }: ReadBackDeps,
  { crm, connection }: Reached,
  what: string,
  { afterMs, pause, code, reason }: FailedRead,
): Promise<void> {
  if (pause) {
    await postgresOutbox(db, realNow, now).pause(connection, realNow() + afterMs, code, reason);
  }
  logger.warn({ crm: crm.name, what, code, reason }, 'not read back; it will be tried again');
}
