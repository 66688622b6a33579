import { hostname } from 'node:os';
import type { DomainList } from '../accounts/domains.ts';
import type { Config } from '../config.ts';
import type { Policy } from '../decide/decide.ts';
import { loadMappings, type Mappings } from '../mappings.ts';
import { loadedOf } from '../models/publish.ts';
import type { ConfigProblem } from '../shared/config-file.ts';
import { err, ok, type Result } from '../shared/result.ts';
import { stableJson } from '../shared/stable-json.ts';
import type { Db } from '../store/db.ts';
import { noteLoaded } from '../store/models.ts';
import { type Connection, type ConnectionDeps, reopenConnections, WrongMapping } from './connections.ts';
import type { Crm, Crms } from './crms.ts';

/** Host and process id: under what a refusal of ours is known to others. */
export const PROCESS = `${hostname()} ${process.pid}`;

/**
 * Whether the CRMs fit another configuration. What it gives puts their part in force; until the CRMs were opened for the
 * first time there is nothing to ask them.
 */
export async function prepare(
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

/** The folder says of the models what we loaded. If not, somebody is publishing, and the next look finds it. */
function isStill(dir: string, current: Mappings): boolean {
  const again = loadMappings(dir);
  return again.ok && stableJson(loadedOf(again.value).chosen) === stableJson(loadedOf(current).chosen);
}

/** What acting goes by, made anew when the configuration or the CRMs were replaced. */
export function policyInForce(
  config: Config,
  mappings: () => Mappings,
  crms: Crms,
  domainList: DomainList,
): () => Policy {
  const linkBase = `${(config.PUBLIC_URL ?? `http://${config.HOST}:${config.PORT}`).replace(/\/+$/, '')}/api/v1`;
  let made: { from: Mappings; to: Crm[]; policy: Policy } | null = null;
  return () => {
    const from = mappings();
    if (made?.from !== from || made.to !== crms.crms) {
      const policy: Policy = {
        model: from.champion,
        handoff: from.handoff,
        mappings: crms.crms.map((crm) => crm.mapping),
        templates: from.templates,
        isBuying: (signal) => from.signals.isBuying(signal),
        isWork: (domain) => domainList.kind(domain) === 'work',
        linkBase,
      };
      made = { from, to: crms.crms, policy };
    }
    return made.policy;
  };
}
