import { type StatusView, statusView } from './api/status-view.ts';
import type { Config } from './config.ts';
import { type JobBackend, openBackend } from './jobs/backend.ts';
import { queueWake } from './jobs/wake.ts';
import { type RunningWorker, startWorker } from './jobs/worker.ts';
import type { Mappings } from './mappings.ts';
import type { ReadModel } from './read-model.ts';
import { readAgain } from './receive/again.ts';
import type { Clock } from './shared/clock.ts';
import type { Logger } from './shared/log.ts';
import { SECOND } from './shared/time.ts';
import { within } from './shared/within.ts';
import { importFacts } from './store/facts/import.ts';
import { WAITS, type Waits } from './store/fold/accounts.ts';
import { postgresReadModel } from './store/read/index.ts';
import type { Replay, Replayed } from './store/replay/index.ts';
import { openBudgets } from './wiring/budgets.ts';
import { type Closing, closing } from './wiring/closing.ts';
import { deliverTargets } from './wiring/connections.ts';
import { readFromCrms } from './wiring/crm-reads.ts';
import { type Crms, openCrms } from './wiring/crms.ts';
import { type Database, openDatabase } from './wiring/database.ts';
import { databaseTime } from './wiring/database-time.ts';
import { factFiles, factLookup, logImports } from './wiring/facts.ts';
import { LAST_REQUESTS, startHttp } from './wiring/http.ts';
import { httpDeps, readingNow, statusSources } from './wiring/http-deps.ts';
import { behind, configurationInForce, noteInForce, policyInForce } from './wiring/in-force.ts';
import { type Recompute, serviceStages } from './wiring/service-stages.ts';

export type Role = 'receive' | 'work' | 'schedule' | 'all';

export interface ComposeOptions {
  config: Config;
  mappings: Mappings;
  logger: Logger;
  /** Business time. */
  clock: Clock;
  role: Role;
  /** Debounce of scores; the demo does without. */
  waits?: Waits;
  /**
   * The mappings came from MAPPINGS_DIR, and changes of it are to be followed: at `reload()`, and every so many
   * milliseconds by itself (null: not by itself). `loadedFrom`: the folder's fingerprint before they were loaded.
   */
  follow?: { every: number | null; loadedFrom: string };
}

/** A running service, or the parts of it that its role asks for. */
export interface Service {
  url: string | null;
  read: ReadModel;
  crms: Crms;
  notes: string[];
  status(): Promise<StatusView>;
  /** `act` with `all`: entries that a new model or a backfill made are acted on too. */
  recompute: Recompute;
  /** Rebuilds states from the journal without acting; `told`: how many people are still to be folded again. */
  replay(what: Replay, told: (left: number) => void): Promise<Replayed>;
  /** Takes the configuration folder as it is now, if it is sound; only where `follow` was set. */
  reload(): Promise<'unchanged' | 'taken' | 'refused'>;
  /** Drains everything that can be drained now: what a wake-up would do, without waiting for one. */
  drain(): Promise<void>;
  /** Resolves with what made the workers give up after the start, such as a mapping found wrong only then. */
  failed: Promise<Error>;
  /**
   * Takes nothing new, finishes what is under way, closes everything in order and in bounded time.
   *
   * @returns names of the parts that did not close in time
   */
  stop(): Promise<string[]>;
}

/**
 * Joins ports to adapters; nothing else does. Starts receivers before the database is up (they answer 503 until
 * it is), workers once the schema is there, and stops in the opposite order. A start that fails leaves nothing open.
 */
export async function compose(options: ComposeOptions): Promise<Service> {
  const open = closing(options.logger);
  const life = { stopping: false };
  try {
    return await joinAll(options, open, life);
  } catch (error) {
    life.stopping = true;
    await open.close();
    throw error;
  }
}

async function joinAll(
  options: ComposeOptions,
  open: Closing,
  life: { stopping: boolean },
): Promise<Service> {
  const { config, logger, clock, role } = options;
  const database = await openDatabase(config, logger);
  open.add('database', () => database.close());
  const time = databaseTime(database.db, logger);
  open.add('time', async () => time.close());
  const realNow = time.now;
  const budgets = openBudgets(config, { db: database.db, logger, realNow });
  open.add('budgets', () => budgets.close());
  const crms = await openCrms(config, options.mappings, clock, budgets);
  open.add('crms', () => crms.close());
  const backend = queueOf(config, database, logger);
  let running: RunningWorker | null = null;
  const wake = queueWake(backend, logger, realNow, (stage, delay) => running?.drainLater(stage, delay));
  open.add('queue', async () => {
    await wake.flushed();
    await backend.close();
  });
  const now = () => clock.now();
  const deps = {
    db: database.db,
    logger,
    now,
    realNow,
    random: Math.random,
    life,
    held: config.PQL_SYNC === 'manual',
  };
  const inForce = configurationInForce({ config, mappings: options.mappings, crms, deps, taken });
  const { mappings } = inForce;
  function taken(): void {
    wake('refold');
    wake('deliver');
  }
  const plan = () => mappings().signals.hash;
  const facts = () => factLookup(mappings().facts);
  const read = postgresReadModel(database.db, now, plan, facts, () => mappings().champion);
  const folder = options.follow === undefined ? null : config.MAPPINGS_DIR;
  const { stages, recompute, replay } = serviceStages({
    db: database.db,
    clock,
    realNow,
    mappings,
    note: noteInForce(database.db, mappings, folder, now),
    isBehind: behind(database.db, mappings, logger),
    policy: policyInForce(config, mappings, crms),
    wake,
    waits: options.waits ?? WAITS,
    life,
    logger,
    deliverTo: () => deliverTargets(deps, inForce.connections),
    readAgain: (element) => readAgain(readingNow(config, mappings()), element),
    keep: { journal: config.JOURNAL_DAYS, history: config.HISTORY_DAYS },
    readBack: () => readFromCrms(deps, inForce.connections()),
  });
  const sources = statusSources(read, backend);
  const status = () => statusView(sources);
  open.add('worker', async () => running?.close());
  const configuration = inForce.state;
  const serves = role === 'receive' || role === 'all';
  const http = serves
    ? await startHttp(
        httpDeps({
          config,
          mappings,
          configuration,
          stopping: () => life.stopping,
          clock,
          logger,
          database,
          read,
          sources,
          recompute,
          wake,
          realNow,
        }),
        config.HOST,
        config.PORT,
      )
    : null;
  const lull = SECOND * drainSeconds(config, role);
  open.add('http', async () => http?.close(lull), lull + LAST_REQUESTS + SECOND);
  const clocksCompared = database.ready.then(() => time.measure()).catch(() => {});
  const worker = role === 'receive' ? null : startWhenReady();

  async function startWhenReady(): Promise<void> {
    await database.ready;
    await clocksCompared;
    // Before anything is scored: a score without them could miss a crossing that they only complete.
    const files = factFiles(config.MAPPINGS_DIR, mappings().facts);
    logImports(logger, await importFacts(database.db, files, { act: false, realNow: realNow() }));
    await inForce.openConnections();
    if (!life.stopping) {
      const partly = role === 'schedule';
      const working = partly ? stages.filter((stage) => stage.name === 'due') : stages;
      running = startWorker({ backend, stages: working, wake, logger, schedule: true, consume: !partly });
    }
  }

  await startedOrFailed(worker, database, config);
  if (options.follow !== undefined) {
    inForce.follow(options.follow.every, options.follow.loadedFrom);
    open.add('reload', () => inForce.close());
  }
  return {
    url: http?.url ?? null,
    read,
    crms,
    notes: [...database.notes, ...crms.notes],
    status,
    recompute,
    replay,
    failed: new Promise((resolve) => worker?.catch(resolve)),
    reload: () => inForce.reload(),
    drain: async () => {
      for (const name of ['forget', 'fold', 'refold', 'due', 'facts', 'assess', 'deliver'] as const) {
        await running?.drain(name);
      }
    },
    stop: () => {
      life.stopping = true;
      return open.close();
    },
  };
}

/** For how long a process serves on once it was told to stop: a receiver of several, behind a load balancer, is not missed then. */
export function drainSeconds({ PQL_DRAIN_SECONDS: set }: Config, role: Role): number {
  return set ?? (role === 'receive' ? 5 : 0);
}

function queueOf(config: Config, database: Database, logger: Logger): JobBackend {
  return openBackend(
    config.REDIS_URL === undefined
      ? { kind: 'postgres', url: database.url }
      : { kind: 'redis', url: config.REDIS_URL },
    (error) => logger.debug({ reason: error.name }, 'queue trouble'),
  );
}

/** With a database that is down the service starts and waits; everything else that stops the worker stops the start. */
async function startedOrFailed(
  worker: Promise<void> | null,
  database: Database,
  config: Config,
): Promise<void> {
  worker?.catch(() => {});
  const ready = database.ready.then(() => true);
  const up = config.DATABASE_URL === undefined ? await ready : await within(3000, ready, () => false);
  if (up) {
    await worker;
  }
}
