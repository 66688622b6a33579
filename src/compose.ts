import { type StatusSources, type StatusView, statusView } from './api/status-view.ts';
import type { Config } from './config.ts';
import type { Team } from './decide/handoff/team.ts';
import type { Stage, StageName } from './jobs/stages.ts';
import { startWorker } from './jobs/worker.ts';
import type { ReadModel } from './read-model.ts';
import { readAgain } from './receive/again.ts';
import { SECOND } from './shared/time.ts';
import { within } from './shared/within.ts';
import { whileAway } from './store/away.ts';
import { importFacts } from './store/facts/import.ts';
import { WAITS, type Waits } from './store/fold/accounts.ts';
import { postgresReadModel } from './store/read/index.ts';
import type { Replay, Replayed } from './store/replay/index.ts';
import { type Closing, closing } from './wiring/closing.ts';
import { type ConnectionDeps, deliverTargets } from './wiring/connections.ts';
import { readFromCrms } from './wiring/crm-reads.ts';
import { crmSites } from './wiring/crm-sites.ts';
import type { Crms } from './wiring/crms.ts';
import type { Database } from './wiring/database.ts';
import { type DigestDeps, sendDigests } from './wiring/digest.ts';
import { factFiles, factLookup, logImports } from './wiring/facts.ts';
import { type HttpServer, LAST_REQUESTS, startHttp } from './wiring/http.ts';
import { httpDeps, readingNow, statusSources } from './wiring/http-deps.ts';
import {
  behind,
  configurationInForce,
  type InForce,
  noteInForce,
  policyInForce,
  publicUrl,
} from './wiring/in-force.ts';
import type { Recompute } from './wiring/orders.ts';
import { type Given, type Outside, openOutside, openWakeUps, type WakeUps } from './wiring/parts.ts';
import { serviceStages } from './wiring/service-stages.ts';
import { alertStage, hasSlack } from './wiring/slack.ts';

export type Role = 'receive' | 'work' | 'schedule' | 'all';

export interface ComposeOptions extends Given {
  role: Role;
  /** Debounce of scores; the demo does without. */
  waits?: Waits;
  /** What lies between two messages of a Slack channel (ms); the demo's stand-in takes them at once. */
  slackEvery?: number;
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
  const outside = await openOutside(options, open);
  const wakeUps = openWakeUps(options, outside, open);
  const { deps, inForce, read } = knowing(options, outside, wakeUps, life);
  const joined: Joined = { ...options, ...outside, ...wakeUps, deps, inForce, read, life };
  const work = stagesOf(joined);
  open.add('worker', async () => wakeUps.here.worker?.close());
  const sources = statusSources(read, wakeUps.backend);
  const http = await serving(joined, sources, work.recompute, open);
  const { database, crms } = outside;
  const clocksCompared = database.ready.then(() => outside.time.measure()).catch(() => {});
  const worker = options.role === 'receive' ? null : startWhenReady(joined, work.stages, clocksCompared);
  await startedOrFailed(worker, database, options.config);
  if (options.follow !== undefined) {
    inForce.follow(options.follow.every, options.follow.loadedFrom);
    open.add('reload', () => inForce.close());
  }
  return {
    url: http?.url ?? null,
    read,
    crms,
    notes: [...database.notes, ...crms.notes],
    status: () => statusView(sources),
    recompute: work.recompute,
    replay: work.replay,
    failed: new Promise((resolve) => worker?.catch(resolve)),
    reload: () => inForce.reload(),
    drain: () => drainAll(wakeUps.here),
    stop: () => {
      life.stopping = true;
      return open.close();
    },
  };
}

/** What the stages and the routes are made of. */
interface Joined extends ComposeOptions, Outside, WakeUps {
  deps: ConnectionDeps;
  /** The configuration that everything goes by. */
  inForce: InForce;
  read: ReadModel;
  life: { readonly stopping: boolean };
}

/** The configuration in force, and what can be asked under it. */
function knowing(
  { config, mappings, clock, logger }: ComposeOptions,
  { database, time, crms }: Outside,
  { wake }: WakeUps,
  life: { readonly stopping: boolean },
): Pick<Joined, 'deps' | 'inForce' | 'read'> {
  const now = () => clock.now();
  const held = config.PQL_SYNC === 'manual';
  const team = (): Team => inForce.mappings().handoff.team;
  const deps = { db: database.db, logger, now, realNow: time.now, random: Math.random, team, life, held };
  const taken = () => {
    wake('refold');
    wake('deliver');
    if (hasSlack(config)) {
      wake('alert');
    }
  };
  const inForce = configurationInForce({ config, mappings, crms, deps, taken });
  const plan = () => inForce.mappings().signals.hash;
  const facts = () => factLookup(inForce.mappings().facts);
  const read = postgresReadModel(database.db, now, plan, facts, () => inForce.mappings().champion);
  return { deps, inForce, read };
}

function stagesOf(joined: Joined): ReturnType<typeof serviceStages> {
  const { config, clock, logger, database, time, crms, inForce, deps, wake, life } = joined;
  const { mappings } = inForce;
  const folder = joined.follow === undefined ? null : config.MAPPINGS_DIR;
  return serviceStages({
    db: database.db,
    clock,
    realNow: time.now,
    mappings,
    note: noteInForce(database.db, mappings, folder, deps.now),
    isBehind: behind(database.db, mappings, logger),
    policy: policyInForce(config, mappings, crms),
    wake,
    waits: joined.waits ?? WAITS,
    life,
    logger,
    deliverTo: () => deliverTargets(deps, inForce.connections),
    readAgain: (element) => readAgain(readingNow(config, mappings()), element),
    keep: { journal: config.JOURNAL_DAYS, history: config.HISTORY_DAYS },
    readBack: () => readFromCrms(deps, inForce.connections()),
    sendDigests: () => sendDigests(digestDeps(joined)),
    alert: alertStage({ ...deps, config, mappings, linkBase: publicUrl(config), every: joined.slackEvery }),
  });
}

function digestDeps({ config, deps, inForce, read, mailer, life, logger }: Joined): DigestDeps {
  const digest = () => inForce.mappings().handoff.digest;
  const links = { sites: crmSites(config), linkBase: publicUrl(config) };
  return { db: deps.db, read, digest, mailer, ...links, now: deps.now, realNow: deps.realNow, life, logger };
}

/** The server of senders, operators and probes; null where the role has none. */
async function serving(
  joined: Joined,
  sources: StatusSources,
  recompute: Recompute,
  open: Closing,
): Promise<HttpServer | null> {
  const { config, role, clock, logger, database, time, inForce, read, wake, life } = joined;
  if (role !== 'receive' && role !== 'all') {
    return null;
  }
  const deps = httpDeps({
    config,
    mappings: inForce.mappings,
    configuration: inForce.state,
    stopping: () => life.stopping,
    clock,
    logger,
    database,
    read,
    sources,
    recompute,
    wake,
    realNow: time.now,
  });
  const http = await startHttp(deps, config.HOST, config.PORT);
  const lull = SECOND * drainSeconds(config, role);
  open.add('http', () => http.close(lull), lull + LAST_REQUESTS + SECOND);
  return http;
}

/** The worker, once the schema is there and the CRMs have been reached. */
async function startWhenReady(joined: Joined, stages: Stage[], clocksCompared: Promise<void>): Promise<void> {
  const { config, logger, database, time, inForce, backend, wake, life, here } = joined;
  await database.ready;
  await clocksCompared;
  const { db } = database;
  // A database that goes away right now is waited for, as one that was away before.
  const whenThere = <T>(ask: () => Promise<T>) => whileAway(db, Number.POSITIVE_INFINITY, time.now, ask);
  // Before anything is scored: a score without them could miss a crossing that they only complete.
  const files = factFiles(config.MAPPINGS_DIR, inForce.mappings().facts);
  logImports(logger, await whenThere(() => importFacts(db, files, { act: false, realNow: time.now() })));
  await whenThere(() => inForce.openConnections());
  if (!life.stopping) {
    const partly = joined.role === 'schedule';
    const working = partly ? stages.filter(({ name }) => name === 'due' || name === 'digest') : stages;
    here.worker = startWorker({ backend, stages: working, wake, logger, schedule: true, consume: !partly });
  }
}

/** What can be drained, in the order in which one makes work for the next. */
const DRAINED: readonly StageName[] = [
  'forget',
  'fold',
  'refold',
  'due',
  'facts',
  'assess',
  'clocks',
  'deliver',
  'alert',
  'digest',
];

async function drainAll({ worker }: WakeUps['here']): Promise<void> {
  for (const name of DRAINED) {
    await worker?.drain(name);
  }
}

/** For how long a process serves on once it was told to stop: a receiver of several, behind a load balancer, is not missed then. */
export function drainSeconds({ PQL_DRAIN_SECONDS: set }: Config, role: Role): number {
  return set ?? (role === 'receive' ? 5 : 0);
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
