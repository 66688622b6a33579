import { isIdle, type StoreStatus } from '../read-model/status.ts';
import type { ReadModel } from '../read-model.ts';
import { within } from '../shared/within.ts';

/** `GET /api/v1/status` and `pql status`. */
export interface StatusView {
  /** No event, score, action or CRM write is waiting. Parked work and pauses for budget do not count. */
  idle: boolean;
  queues: { kind: string; state: 'ok' | 'degraded'; pending: number | null };
  countedUpTo: StoreStatus['countedUpTo'];
  journal: StoreStatus['journal'];
  accounts: StoreStatus['accounts'];
  configuration: StoreStatus['configuration'];
  unassigned: StoreStatus['unassigned'];
  crm: StoreStatus['crm'];
}

export interface StatusSources {
  read: ReadModel;
  queueKind: string;
  queuePending: () => Promise<number>;
}

/** How long (ms) a queue may take to answer before it shows as degraded. */
const QUEUE_PATIENCE = 1000;

export async function statusView(sources: StatusSources): Promise<StatusView> {
  const [status, pending] = await Promise.all([sources.read.status(), pendingOrNull(sources)]);
  const { countedUpTo, accounts, journal, configuration, unassigned, crm } = status;
  return {
    idle: isIdle(status),
    queues: { kind: sources.queueKind, state: pending === null ? 'degraded' : 'ok', pending },
    countedUpTo,
    journal,
    accounts,
    configuration,
    unassigned,
    crm,
  };
}

/** Whether the queue answers; the database is not asked. */
export async function queueState(sources: StatusSources): Promise<'ok' | 'degraded'> {
  return (await pendingOrNull(sources)) === null ? 'degraded' : 'ok';
}

function pendingOrNull({ queuePending }: StatusSources): Promise<number | null> {
  return within(
    QUEUE_PATIENCE,
    queuePending().catch(() => null),
    () => null,
  );
}
