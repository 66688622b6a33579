import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { removePlaces } from '../../../src/store/embedded/places.ts';
import { bareEnvironment } from '../../support/environment.ts';
import { freePort } from '../../support/ports.ts';
import { type Backend, RECEIVERS, SCHEDULER, WORKERS } from '../schedule.ts';
import { type App, copyApp } from './app.ts';
import { type CrmControl, startCrms } from './crm-control.ts';
import { Member } from './members.ts';
import { type Postgres, startPostgres } from './postgres.ts';
import { type RedisServer, startRedis } from './redis.ts';

/** A deployment as an operator has it: processes of their own over one PostgreSQL, one Redis and both CRMs. */
export interface World {
  /** Logs and what is left of a run. */
  dir: string;
  app: App;
  postgres: Postgres;
  /** null: BullMQ on PostgreSQL. */
  redis: RedisServer | null;
  crms: CrmControl;
  members: Member[];
  receivers: string[];
  secrets: Secrets;
  /** Processes that ended and that nobody had killed. */
  deaths: string[];
  /** GET of the admin API of any receiver; null: it is not there. */
  api<T>(path: string): Promise<T | null>;
  /** Ends every process; the folder stays. */
  stop(): Promise<void>;
}

export interface Secrets {
  segmentSecret: string;
  segmentToken: string;
  segmentWriteKey: string;
  amplitudeToken: string;
  amplitudeApiKey: string;
}

const SECRETS: Secrets = {
  segmentSecret: 'chaos-segment-secret',
  segmentToken: 'chaos-segment-token',
  segmentWriteKey: 'chaos-write-key',
  amplitudeToken: 'chaos-amplitude-token',
  amplitudeApiKey: 'chaos-api-key',
};

export async function startWorld(backend: Backend): Promise<World> {
  const dir = mkdtempSync(join(tmpdir(), `pql-chaos-${backend}-`));
  // As root, PostgreSQL runs as another user, who must be able to pass through.
  chmodSync(dir, 0o711);
  const logs = join(dir, 'logs');
  mkdirSync(logs);
  const app = copyApp(join(dir, 'app'));
  const postgres = await startPostgres(databaseIn(dir));
  const redis = backend === 'redis' ? await startRedis(dir) : null;
  const crms = await startCrms(join(logs, 'crms.log'));
  const environment = environmentOf(dir, app, postgres.url, redis?.url, crms);
  const deaths: string[] = [];
  const ports = new Map(await Promise.all(RECEIVERS.map(async (name) => [name, await freePort()] as const)));
  const member = (name: string, role: 'receive' | 'work' | 'schedule') =>
    new Member({
      name,
      role,
      program: app.program,
      environment: { ...environment, PORT: String(ports.get(name as 'receiver-1') ?? 0) },
      logs,
      onDeath: (what) => void deaths.push(what),
    });
  const members = [
    ...RECEIVERS.map((name) => member(name, 'receive')),
    ...WORKERS.map((name) => member(name, 'work')),
    member(SCHEDULER, 'schedule'),
  ];
  const receivers = [...ports.values()].map((port) => `http://127.0.0.1:${port}`);
  await promisify(execFile)(process.execPath, [app.program, 'crm', 'setup', '--apply'], { env: environment });
  return {
    dir,
    app,
    postgres,
    redis,
    crms,
    members,
    receivers,
    secrets: SECRETS,
    deaths,
    api: (path) => api(receivers, path),
    stop: async () => {
      await Promise.all(members.map((one) => one.kill()));
      crms.stop();
      await redis?.kill();
      await postgres.stop('immediate').catch(() => {});
    },
  };
}

/** Removes what is left of a run, and the database's files where they stand away from it. */
export function removeWorld(dir: string): void {
  removePlaces(databaseIn(dir));
  rmSync(dir, { recursive: true, force: true });
}

function databaseIn(dir: string): string {
  return join(dir, 'database');
}

/** Everything that the service reads, and nothing of the environment of whoever runs this. */
function environmentOf(
  dir: string,
  app: App,
  databaseUrl: string,
  redisUrl: string | undefined,
  { told }: CrmControl,
): NodeJS.ProcessEnv {
  return {
    ...bareEnvironment(),
    DATABASE_URL: databaseUrl,
    ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
    PQL_DATA_DIR: join(dir, 'data'),
    MAPPINGS_DIR: app.mappings,
    ADMIN_TOKEN: 'chaos-admin',
    SEGMENT_WEBHOOK_SECRET: SECRETS.segmentSecret,
    SEGMENT_WEBHOOK_TOKEN: SECRETS.segmentToken,
    SEGMENT_WRITE_KEYS: SECRETS.segmentWriteKey,
    AMPLITUDE_WEBHOOK_TOKEN: SECRETS.amplitudeToken,
    AMPLITUDE_API_KEYS: SECRETS.amplitudeApiKey,
    HUBSPOT_ACCESS_TOKEN: 'pat-chaos',
    HUBSPOT_BASE_URL: told.hubspot,
    SALESFORCE_LOGIN_URL: told.salesforce.url,
    SALESFORCE_CLIENT_ID: told.salesforce.clientId,
    SALESFORCE_CLIENT_SECRET: told.salesforce.clientSecret,
    SLACK_BOT_TOKEN: told.slack.token,
    SLACK_BASE_URL: told.slack.api,
  };
}

async function api<T>(receivers: readonly string[], path: string): Promise<T | null> {
  const failures: unknown[] = [];
  for (const receiver of receivers) {
    try {
      const answer = await fetch(`${receiver}/api/v1${path}`, {
        headers: { authorization: 'Bearer chaos-admin' },
        signal: AbortSignal.timeout(30_000),
      });
      if (answer.ok || answer.status === 404) {
        return answer.ok ? ((await answer.json()) as T) : null;
      }
      failures.push(`${answer.status} ${await answer.text()}`);
    } catch (error) {
      failures.push((error as Error).message);
    }
  }
  throw new Error(`no receiver answers ${path}: ${failures.join('; ')}`);
}
