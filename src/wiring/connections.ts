import type { Team } from '../decide/handoff/team.ts';
import type { DeliverPort } from '../pipeline.ts';
import { HELD } from '../read-model/status.ts';
import { type ConfigProblem, formatProblem } from '../shared/config-file.ts';
import type { Logger } from '../shared/log.ts';
import { HOUR } from '../shared/time.ts';
import { within } from '../shared/within.ts';
import { postgresBulkJobs } from '../store/bulk-jobs.ts';
import { noteConnection, noteUnreachable } from '../store/connections.ts';
import type { Db } from '../store/db.ts';
import { postgresOutbox } from '../store/outbox.ts';
import { CrmUnreachable } from '../sync/crm.ts';
import { deliver } from '../sync/deliver.ts';
import type { Crm } from './crms.ts';
import { atItsLine, schemaProblems } from './schema-problems.ts';
import { setUpOnce } from './set-up.ts';

export interface ConnectionDeps {
  db: Db;
  logger: Logger;
  now: () => number;
  realNow: () => number;
  random: () => number;
  /** Who can be given accounts, by the configuration in force. */
  team: () => Team;
  /** Once stopping, a delivery ends after the round under way. */
  life: { readonly stopping: boolean };
  /** Nothing is delivered: `pql sync` does. */
  held?: boolean;
}

/** A mapping that the CRM's real schema contradicts: the start must stop with these (I11). */
export class WrongMapping extends Error {
  readonly problems: ConfigProblem[];

  constructor(problems: ConfigProblem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.name = 'WrongMapping';
    this.problems = problems;
  }
}

export interface Connection {
  crm: Crm;
  /** Portal or org; null until the CRM has been reached and its schema fits. */
  connection: string | null;
}

/**
 * Reaches each CRM once and checks the mapping against it. A CRM that cannot be reached delays its check and
 * its deliveries, not the start (decision 17); a mapping that does not fit stops the start.
 */
export async function openConnections(deps: ConnectionDeps, crms: readonly Crm[]): Promise<Connection[]> {
  const connections: Connection[] = crms.map((crm) => ({ crm, connection: null }));
  const problems = await Promise.all(connections.map((connection) => reachAtStart(deps, connection)));
  if (problems.flat().length > 0) {
    throw new WrongMapping(problems.flat());
  }
  return connections;
}

/**
 * The connections under another configuration: a CRM whose connector is new is reached and checked like at the start;
 * the others stay as they are. Throws with every problem of the mappings.
 */
export async function reopenConnections(
  deps: ConnectionDeps,
  connections: readonly Connection[],
  crms: readonly Crm[],
): Promise<Connection[]> {
  const known = (crm: Crm) => connections.find((one) => one.crm.connector === crm.connector);
  const fresh = await openConnections(
    deps,
    crms.filter((crm) => known(crm) === undefined),
  );
  return crms.map((crm) => {
    const opened = fresh.find((one) => one.crm === crm);
    return opened ?? { crm, connection: known(crm)?.connection ?? null };
  });
}

/** How long (ms) a start waits for a CRM that takes connections and does not answer. */
export const START_PATIENCE = 10_000;

async function reachAtStart(deps: ConnectionDeps, target: Connection): Promise<ConfigProblem[]> {
  try {
    await within(START_PATIENCE, reach(deps, target), () => {
      throw new CrmUnreachable(`no answer within ${START_PATIENCE / 1000} seconds`, false);
    });
    return [];
  } catch (error) {
    if (error instanceof WrongMapping) {
      return error.problems;
    }
    if (!(error instanceof CrmUnreachable)) {
      throw error;
    }
    await noteTrouble(deps, target, error);
    deps.logger.warn({ crm: target.crm.name, reason: error.message }, 'CRM not reachable; deliveries wait');
    return [];
  }
}

async function reach(deps: ConnectionDeps, target: Connection): Promise<string> {
  const { crm } = target;
  const { connection } = await crm.connector.connect();
  if (crm.sandbox) {
    await setUpOnce(crm, true, deps.now());
  }
  const found = await schemaProblems(crm);
  if (found.length > 0) {
    throw new WrongMapping(found.map((problem) => atItsLine(crm, problem)));
  }
  await noteConnection(deps.db, crm.name, connection, deps.realNow());
  target.connection = connection;
  return connection;
}

/** For `pql status`: why a CRM that was never reached gets nothing. */
async function noteTrouble(deps: ConnectionDeps, { crm }: Connection, error: Error): Promise<void> {
  const now = deps.realNow();
  const why =
    error instanceof WrongMapping
      ? {
          code: 'wrong_mapping',
          reason: `${error.problems.length} problems of the mapping, the first: ${error.problems.slice(0, 1).map(formatProblem).join('')}`,
        }
      : { code: 'unreachable', reason: error.message };
  await noteUnreachable(deps.db, crm.name, now + 2 * REACH_AGAIN, now, why);
}

/** How long (ms) a hold is noted for, and how often it is renewed. */
const HELD_FOR = HOUR;

/** Says in the status that acts wait for `pql sync`. A pause of the CRM's own is not forgotten for it. */
async function holdBack({ db, realNow, now }: ConnectionDeps, connection: string): Promise<number> {
  const outbox = postgresOutbox(db, realNow, now);
  const until = await outbox.pausedUntil(connection);
  if (until === null || until <= realNow() + HELD_FOR / 2) {
    const words = 'PQL_SYNC=manual: pql plan shows what waits, pql sync writes it';
    await outbox.pause(connection, realNow() + HELD_FOR, HELD, words);
  }
  return HELD_FOR / 2;
}

const REACH_AGAIN = 10_000;
/** How soon (ms) the next drain follows one that ended because its configuration was replaced. */
const REPLACED = 50;

/**
 * The delivery stage's view of the connections. One that was never reached is tried again at each look, and a delivery
 * ends after the round under way when another configuration has taken over.
 *
 * @param inForce the connections of the configuration in force
 */
export function deliverTargets(
  deps: ConnectionDeps,
  inForce: () => readonly Connection[],
): DeliverPort['deliverTo'] {
  const record = postgresOutbox(deps.db, deps.realNow, deps.now);
  const jobs = postgresBulkJobs(deps.db, deps.realNow, deps.now);
  const connections = inForce();
  const pausedUntil = async (connection: string) => {
    if (deps.life.stopping) {
      return deps.realNow() + REACH_AGAIN;
    }
    return inForce() === connections ? record.pausedUntil(connection) : deps.realNow() + REPLACED;
  };
  const outbox = { ...record, pausedUntil };
  return connections.map((target) => ({
    crm: target.crm.name,
    drain: async () => {
      try {
        const connection = target.connection ?? (await reach(deps, target));
        if (deps.held === true) {
          return await holdBack(deps, connection);
        }
        const { connector, budget } = target.crm;
        const { team, now, realNow, random } = deps;
        return await deliver({ outbox, jobs, connector, budget, connection, team, now, realNow, random });
      } catch (error) {
        const reason = (error as Error).message;
        if (target.connection === null) {
          await noteTrouble(deps, target, error as Error).catch(() => {});
        }
        deps.logger.error({ crm: target.crm.name, reason }, 'delivery stopped; it will be tried again');
        return REACH_AGAIN;
      }
    },
  }));
}
