import express from 'express';
import type { Clock } from '../../shared/clock.ts';
import type { Fault } from '../faults.ts';
import { type Sandbox, startSandbox } from '../http.ts';
import { associationRoutes, listRoutes, portalRoutes, propertyRoutes } from './crm-routes.ts';
import { type ObjectName, objectNamed } from './definitions.ts';
import { answerError, datedPaths, emailScope, gate } from './gate.ts';
import { marketingRoutes } from './marketing.ts';
import { objectRoutes } from './object-routes.ts';
import { type Campaign, type Owner, Portal } from './portal.ts';
import type { Settings } from './settings.ts';
import { fullView } from './views.ts';

export { badAnswers } from './answers.ts';

/** A record that stands in the portal before anybody connects. */
export interface Seed {
  object: ObjectName;
  properties: Record<string, string>;
  /** ms since 1970; now when absent. */
  createdAt?: number;
}

export interface HubspotSandboxOptions {
  port?: number;
  /** Records, properties and lists live here between runs; absent: in memory only. */
  dataFile?: string;
  clock?: Clock;
  faults?: Fault[];
  settings?: Partial<Settings>;
  /** Ignored when the data file holds a portal already. */
  seed?: Seed[];
}

export interface HubspotSandbox extends Sandbox {
  /** May be changed while it runs. */
  readonly settings: Settings;
  /** `companies`, `contacts`, `tasks`, `deals` with their associations by object; `lists` with their members. */
  records(object: string): SandboxRecord[];
  /** Adds records past every rule, as a grown portal has them, and returns their ids. */
  seed(records: Seed[]): string[];
  /** Owners and marketing campaigns as they stand; a test may change them. */
  readonly owners: Owner[];
  readonly campaigns: Campaign[];
  /** A property that somebody deletes. */
  dropProperty(object: ObjectName, name: string): void;
  /** Sets properties past every rule, as a person in HubSpot or HubSpot itself does; the record counts as modified now. */
  touch(object: ObjectName, id: string, properties: Record<string, string>): void;
  /** As when a person associates two records, or deletes one. */
  associate(from: ObjectName, fromId: string, to: ObjectName, toId: string, typeIds?: number[]): void;
  archive(object: ObjectName, id: string): void;
  /** As when a person merges two records; the loser's id then answers under the winner's, or not at all. */
  merge(object: ObjectName, winner: string, loser: string, then: 'forwards' | 'gone'): void;
}

export interface SandboxRecord {
  id: string;
  properties: Record<string, string>;
  associations: Record<string, string[]>;
}

/**
 * A stand-in for HubSpot that the official client uses unchanged: objects, properties, associations, lists, owners,
 * limits and errors, as its documents and recorded traffic show them. What is not documented is a setting.
 */
export async function startHubspotSandbox(options: HubspotSandboxOptions = {}): Promise<HubspotSandbox> {
  const portal = new Portal({
    settings: options.settings,
    clock: options.clock,
    wrote: (write) => sandbox.wrote(write),
  });
  const records = (object: string) => recordsOf(portal, object);
  const { port, dataFile, clock, faults } = options;
  let grown = false;
  const persist = {
    save: () => portal.save(),
    load: (saved: unknown) => {
      portal.load(saved as ReturnType<Portal['save']>);
      grown = true;
    },
  };
  const sandbox = await startSandbox({
    ...(port === undefined ? {} : { port }),
    ...(clock === undefined ? {} : { clock }),
    ...(faults === undefined ? {} : { faults }),
    routes: routes(portal),
    onError: answerError,
    records,
    persist: dataFile === undefined ? undefined : { file: dataFile, ...persist },
  });
  const seed = (seeds: Seed[]) =>
    seeds.map(({ object, properties, createdAt }) => portal.seed(object, properties, createdAt).id);
  if (!grown) {
    seed(options.seed ?? []);
  }
  return {
    ...sandbox,
    settings: portal.settings,
    owners: portal.owners,
    campaigns: portal.campaigns,
    records,
    seed,
    dropProperty: (object, name) => void portal.schema(object).definitions.delete(name),
    touch: (object, id, properties) => portal.touch(object, id, properties),
    associate: (from, fromId, to, toId, typeIds) => portal.associate(from, fromId, to, toId, typeIds),
    archive: (object, id) => portal.archive(object, id),
    merge: (object, winner, loser, then) => portal.merge(object, winner, loser, then),
  };
}

function routes(portal: Portal): express.Router {
  const router = express.Router();
  router.use(datedPaths);
  router.use(gate(portal));
  portalRoutes(router, portal);
  propertyRoutes(router, portal);
  associationRoutes(router, portal);
  listRoutes(router, portal);
  marketingRoutes(router, portal);
  router.use('/crm/v3/objects/emails', emailScope(portal));
  objectRoutes(router, portal);
  return router;
}

function recordsOf(portal: Portal, object: string): SandboxRecord[] {
  if (object === 'lists') {
    return portal.lists.all().map(({ listId, name, members }) => ({
      id: listId,
      properties: { name },
      associations: { contacts: members.map(({ recordId }) => recordId) },
    }));
  }
  const table = portal.table(objectNamed(object));
  return table.all().map((record) => fullView(portal, record));
}
