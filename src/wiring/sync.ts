import { setTimeout as sleep } from 'node:timers/promises';
import type { Only } from '../store/claims.ts';
import type { Db } from '../store/db.ts';
import { postgresOutbox } from '../store/outbox.ts';
import { pauseOf } from '../store/read/pause.ts';
import { type ActState, actStates, planWrites } from '../store/read/plan.ts';
import { deliver } from '../sync/deliver.ts';
import { changesSince, type PlannedAct, type WritePlan } from '../sync/write-plan.ts';
import { type ConnectionDeps, openConnections } from './connections.ts';
import type { Crm } from './crms.ts';

/** What became of one act. */
export interface Applied {
  act: string;
  crm: string;
  kind: string;
  account: string;
  /** `left`: not as it was planned, so not touched. */
  state: ActState['state'] | 'left';
  reason: string;
}

export interface SyncReport {
  applied: Applied[];
  /** By CRM, why it was not written to, or not to the end. */
  stopped: Record<string, string>;
}

/** How long (ms) a run waits for acts that are tried again; what waits longer is left to the next run, or the service. */
const PATIENCE = 60_000;

/**
 * Carries out a plan, or (null) all that waits now: exactly the acts of it, each only as long as what it would write is
 * what was planned.
 */
export async function applyPlan(
  deps: ConnectionDeps,
  crms: readonly Crm[],
  given: WritePlan | null,
  patience = PATIENCE,
): Promise<SyncReport> {
  const stopped: SyncReport['stopped'] = {};
  const connections = await openConnections(deps, crms);
  const current = await planWrites(deps.db, deps.realNow());
  const plan = given ?? current;
  const waiting = plan.acts.filter(({ state }) => state === 'waiting');
  const left = changesSince(plan, current);
  for (const { crm, connection } of connections) {
    const ofCrm = waiting.filter((act) => act.crm === crm.name);
    const elsewhere = ofCrm.filter((act) => act.connection !== connection);
    for (const act of connection === null ? [] : elsewhere) {
      left.set(act.id, `the plan is for ${act.connection}, and ${connection} is connected`);
    }
    const ready = ofCrm.filter((act) => left.get(act.id) === null);
    if (connection === null) {
      stopped[crm.name] = 'it could not be reached: pql doctor says why';
    } else if (ready.length > 0) {
      const why = await deliverOnly(deps, crm, connection, ready, patience);
      Object.assign(stopped, why === null ? {} : { [crm.name]: why });
    }
  }
  return { applied: await outcomes(deps.db, waiting, left), stopped };
}

/** Delivers these acts and no other; why it ended before them, or null. */
async function deliverOnly(
  deps: ConnectionDeps,
  { connector, budget }: Crm,
  connection: string,
  acts: readonly PlannedAct[],
  patience: number,
): Promise<string | null> {
  const only: Only = new Map(acts.map(({ id, rev }) => [id, rev]));
  const record = postgresOutbox(deps.db, deps.realNow, deps.now, only);
  const pausedUntil = async () => (await pauseOf(deps.db, connection))?.until ?? null;
  const { team, now, realNow, random } = deps;
  const end = realNow() + patience;
  for (;;) {
    const wait = await deliver({
      outbox: { ...record, pausedUntil },
      connector,
      budget,
      connection,
      team,
      now,
      realNow,
      random,
    });
    const pause = await pauseOf(deps.db, connection);
    if (pause !== null && pause.until > realNow()) {
      return `paused until ${new Date(pause.until).toISOString()}: ${pause.reason}`;
    }
    if (wait === null || deps.life.stopping) {
      return null;
    }
    if (realNow() + wait > end) {
      return 'some are tried again later: by the service, or by the next pql sync';
    }
    await sleep(wait);
  }
}

async function outcomes(
  db: Db,
  acts: readonly PlannedAct[],
  left: ReadonlyMap<string, string | null>,
): Promise<Applied[]> {
  const now = await actStates(
    db,
    acts.map(({ id }) => id),
  );
  return acts.map(({ id, crm, kind, account, rev }) => {
    const row = now.get(id);
    const why = left.get(id) ?? null;
    const base = { act: id, crm, kind, account };
    if (why !== null || row === undefined) {
      return { ...base, state: 'left', reason: why ?? 'it is gone' };
    }
    return row.rev === rev
      ? { ...base, state: row.state, reason: row.reason }
      : { ...base, state: 'left', reason: 'what is wanted changed while the plan was carried out' };
  });
}
