import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startPostgres } from '../postgres.ts';
import { type Load, type Program, startOwn, startService } from './programs.ts';

/** The whole service over a database and a HubSpot stand-in of its own. */
export interface World {
  service: Program;
  postgres: { url: string; dir: string };
  crm: Program;
  /** Waits until no event, score, action or CRM write is left; `events` must have been counted by then. */
  idle(events: number): Promise<void>;
  stop(): Promise<void>;
}

/** How often (ms) it is asked whether all is done. */
const LOOK_EVERY = 250;

/** @param companies companies in the CRM: how many of each key's prefix */
export async function startWorld(companies: Record<string, number>): Promise<World> {
  const crm = await startCrm(companies);
  const postgres = await startPostgres();
  const env = {
    DATABASE_URL: postgres.url,
    HUBSPOT_BASE_URL: crm.url,
    HUBSPOT_ACCESS_TOKEN: 'pat-bench',
    PQL_DATA_DIR: postgres.dir,
  };
  await setUp(env);
  const service = await startService('all', env);
  return {
    service,
    postgres,
    crm,
    idle: (events) =>
      until(async () => {
        const status = await get<{ idle: boolean; journal: { events: number } }>(
          `${service.url}/api/v1/status`,
        );
        return status.idle && status.journal.events >= events;
      }),
    stop: async () => {
      for (const one of [service, crm, postgres]) {
        await one.stop();
      }
    },
  };
}

export function startCrm(companies: Record<string, number>): Promise<Program> {
  const told = Object.entries(companies).map(([prefix, count]) => `${prefix}=${count}`);
  return startOwn('crm-sandbox.ts', told);
}

/** Makes our fields in the CRM, as an operator does before the first start. */
async function setUp(env: Record<string, string>): Promise<void> {
  const file = fileURLToPath(new URL('../../src/cli/pql.ts', import.meta.url));
  const args = [file, 'crm', 'setup', '--apply'];
  await promisify(execFile)(process.execPath, args, { env: { PATH: process.env.PATH, ...env } });
}

export async function until(done: () => Promise<boolean>): Promise<void> {
  while (!(await done())) {
    await sleep(LOOK_EVERY);
  }
}

export async function get<T>(url: string): Promise<T> {
  return (await (await fetch(url)).json()) as T;
}

/** Sends everything that was prepared; a request that was refused makes the benchmark worthless. */
export async function sendAll(load: Load, url: string, connections: number): Promise<void> {
  const { statuses } = await load.send({ url, connections });
  if (Object.keys(statuses).some((status) => status !== '200')) {
    throw new Error(`not every request was acknowledged: ${JSON.stringify(statuses)}`);
  }
}
