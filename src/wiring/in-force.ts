import { hostname } from 'node:os';
import type { Config } from '../config.ts';
import type { Policy } from '../decide/decide.ts';
import { foldRules, loadMappings, type Mappings } from '../mappings.ts';
import { loadedOf } from '../models/publish.ts';
import type { ConfigProblem } from '../shared/config-file.ts';
import type { Logger } from '../shared/log.ts';
import { err, ok, type Result } from '../shared/result.ts';
import { stableJson } from '../shared/stable-json.ts';
import { noteConfiguration } from '../store/configurations.ts';
import type { Db } from '../store/db.ts';
import { listPublications, noteLoaded } from '../store/models.ts';
import { saveRefused } from '../store/refused.ts';
import {
  type Connection,
  type ConnectionDeps,
  openConnections,
  reopenConnections,
  WrongMapping,
} from './connections.ts';
import type { Crm, Crms } from './crms.ts';
import { digestsOf, type Reload, startReload } from './reload.ts';
import { alertsInForce } from './slack.ts';

export interface InForceOptions {
  config: Config;
  /** What was loaded at the start. */
  mappings: Mappings;
  crms: Crms;
  /** For reaching the CRMs. */
  deps: ConnectionDeps;
  /** A configuration has taken over. */
  taken: () => void;
}

/** The configuration that everything works with: one value after the other, each replaced as a whole. */
export interface InForce {
  mappings(): Mappings;
  connections(): readonly Connection[];
  state(): 'ok' | 'degraded';
  /** Reaches the CRMs for the first time. */
  openConnections(): Promise<void>;
  /** From now on changes of the folder are taken, at `reload` and every so many ms by themselves (null: not). `loadedFrom`: see ReloadOptions. */
  follow(every: number | null, loadedFrom: string): void;
  reload(): Promise<'unchanged' | 'taken' | 'refused'>;
  close(): Promise<void>;
}

export function configurationInForce({ config, mappings, crms, deps, taken }: InForceOptions): InForce {
  let connections: Connection[] = [];
  let followed: Reload | null = null;
  const noteTaken = () => noteConfiguration(deps.db, digestsOf(config.MAPPINGS_DIR), deps.now());
  const take = (nextCrms: Crm[], next: Connection[]) => {
    crms.crms = nextCrms;
    connections = next;
    taken();
  };
  return {
    mappings: () => followed?.current() ?? mappings,
    connections: () => connections,
    state: () => (followed?.refused() == null ? 'ok' : 'degraded'),
    openConnections: async () => {
      // A configuration may take over while the CRMs of the one before are being reached.
      for (let opened: Crm[] | null = null; opened !== crms.crms; ) {
        opened = crms.crms;
        connections = await openConnections(deps, opened);
      }
    },
    follow: (every, loadedFrom) => {
      followed = startReload({
        dir: config.MAPPINGS_DIR,
        mappings,
        loadedFrom,
        every,
        logger: deps.logger,
        realNow: deps.realNow,
        prepare: (next) => prepare(deps, crms, connections, next, take),
        report: (refused) => saveRefused(deps.db, PROCESS, refused, deps.realNow()),
        taken: noteTaken,
      });
      void noteTaken().catch(() => {});
    },
    reload: async () => (await followed?.now()) ?? 'unchanged',
    close: async () => followed?.close(),
  };
}

/** Host and process id: under what a refusal of ours is known to others. */
const PROCESS = `${hostname()} ${process.pid}`;

/**
 * Whether the CRMs fit another configuration. What it gives puts their part in force; until the CRMs were opened for the
 * first time there is nothing to ask them.
 */
async function prepare(
  deps: ConnectionDeps,
  crms: Crms,
  connections: readonly Connection[],
  next: Mappings,
  take: (crms: Crm[], connections: Connection[]) => void,
): Promise<Result<() => void, ConfigProblem[]>> {
  const nextCrms = crms.remapped(next);
  try {
    const opened = connections.length === 0 ? [] : await reopenConnections(deps, connections, nextCrms);
    return ok(() => take(nextCrms, opened));
  } catch (error) {
    if (error instanceof WrongMapping) {
      return err(error.problems);
    }
    throw error;
  }
}

/** Writes what is in force into the record, once for each configuration; a failure is tried again at the next call. */
export function noteInForce(
  db: Db,
  mappings: () => Mappings,
  /** Folder that the mappings came from; null: they came from none. */
  dir: string | null,
  now: () => number,
): () => Promise<void> {
  let noted: Mappings | null = null;
  return async () => {
    const current = mappings();
    if (noted !== current) {
      const isCurrent = () => dir === null || isStill(dir, current);
      await noteLoaded(db, loadedOf(current), isCurrent, now());
      noted = current;
    }
  };
}

/**
 * Whether the last publication was of another champion than ours: a process whose folder is older than another's. Said
 * in the log whenever it becomes so.
 */
export function behind(db: Db, mappings: () => Mappings, logger: Logger): () => Promise<boolean> {
  let warned = false;
  return async () => {
    const [last] = await listPublications(db, 1);
    const { model, version } = mappings().champion;
    const is = last !== undefined && (last.champion !== model || last.version !== version);
    if (is && !warned) {
      const ours = `${model} ${version}`;
      const theirs = `${last.champion} ${last.version}`;
      logger.warn(
        { ours, theirs },
        'another process was given another champion later; nobody is scored again from here',
      );
    }
    warned = is;
    return is;
  };
}

/** The folder says of the models what we loaded. If not, somebody is publishing, and the next look finds it. */
function isStill(dir: string, current: Mappings): boolean {
  const again = loadMappings(dir);
  return again.ok && stableJson(loadedOf(again.value).chosen) === stableJson(loadedOf(current).chosen);
}

/** What acting goes by, made anew when the configuration or the CRMs were replaced. */
export function policyInForce(config: Config, mappings: () => Mappings, crms: Crms): () => Policy {
  const linkBase = publicUrl(config);
  let made: { from: Mappings; to: Crm[]; policy: Policy } | null = null;
  return () => {
    const from = mappings();
    if (made?.from !== from || made.to !== crms.crms) {
      const policy: Policy = {
        model: from.champion,
        handoff: { ...from.handoff, alerts: alertsInForce(config, from) },
        mappings: crms.crms.map((crm) => crm.mapping),
        templates: from.templates,
        signals: from.signals.signals,
        isBuying: (signal) => from.signals.isBuying(signal),
        mail: foldRules(from).rules,
        linkBase,
      };
      made = { from, to: crms.crms, policy };
    }
    return made.policy;
  };
}

/** Under which address accounts can be looked at. */
export function publicUrl({
  PUBLIC_URL: url,
  HOST,
  PORT,
}: Pick<Config, 'PUBLIC_URL' | 'HOST' | 'PORT'>): string {
  return `${(url ?? `http://${HOST}:${PORT}`).replace(/(?<!\/)\/+$/, '')}/api/v1`;
}
