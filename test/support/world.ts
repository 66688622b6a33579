import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { compose, type Service } from '../../src/compose.ts';
import { readEnvironment } from '../../src/config.ts';
import type { Mappings } from '../../src/mappings.ts';
import type { HubspotSandbox } from '../../src/sandbox/hubspot/index.ts';
import type { SalesforceSandbox } from '../../src/sandbox/salesforce/index.ts';
import { ManualClock } from '../../src/shared/clock.ts';
import { type Logger, silentLogger } from '../../src/shared/log.ts';
import type { Waits } from '../../src/store/fold/accounts.ts';
import { fingerprint } from '../../src/wiring/reload.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import { NOON } from './event.ts';
import { shippedMappings } from './policy.ts';
import { SECRETS, segmentHeaders } from './receiver.ts';

/** The whole service on real HTTP, PostgreSQL and queues, with the stand-ins of both CRMs. */
export interface World {
  service: Service;
  clock: ManualClock;
  database: TestDatabase;
  hubspot: HubspotSandbox;
  salesforce: SalesforceSandbox;
  /** One signed Segment batch; fails unless it is taken. */
  send(...calls: object[]): Promise<void>;
  /** GET of the admin API. */
  api<T>(path: string): Promise<T>;
  /** Waits until no event, score, act or CRM write is waiting. */
  settle(): Promise<void>;
  /** Works on until it holds, whatever waits then. */
  until(holds: () => boolean | Promise<boolean>): Promise<void>;
  stop(): Promise<void>;
}

export interface WorldOptions {
  redisUrl?: string;
  waits?: Waits;
  mappings?: Mappings;
  /** A configuration folder that is followed, and how often it is looked at (ms); null: only at reload(). */
  folder?: string;
  every?: number | null;
  logger?: Logger;
  /** Further settings. */
  env?: Record<string, string>;
}

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const database = await testDatabase();
  const dataDir = mkdtempSync(join(tmpdir(), 'pql-world-'));
  const clock = new ManualClock(NOON);
  const loadedFrom = fingerprint(options.folder ?? 'mappings');
  const service = await compose({
    config: configOf(database.url, dataDir, options),
    mappings: options.mappings ?? shippedMappings(options.folder),
    ...(options.folder === undefined ? {} : { follow: { every: options.every ?? null, loadedFrom } }),
    logger: options.logger ?? silentLogger(),
    clock,
    role: 'all',
    waits: options.waits ?? { trigger: 0, ordinary: 0 },
  });
  const { sandboxes } = service.crms;
  if (sandboxes === null) {
    throw new Error('the sandboxes do not stand in');
  }
  return {
    service,
    clock,
    database,
    ...sandboxes,
    send: (...calls) => sendSegment(service.url ?? '', calls),
    api: async (path) => (await (await fetch(`${service.url}/api/v1${path}`)).json()) as never,
    settle: () => settle(service),
    until: (holds) => until(service, holds),
    stop: async () => {
      await service.stop();
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function configOf(databaseUrl: string, dataDir: string, { redisUrl, folder, env }: WorldOptions) {
  const read = readEnvironment({
    PORT: '0',
    DATABASE_URL: databaseUrl,
    PQL_DATA_DIR: dataDir,
    REDIS_URL: redisUrl,
    MAPPINGS_DIR: folder,
    SEGMENT_WEBHOOK_SECRET: SECRETS.segmentSecret,
    SEGMENT_WEBHOOK_TOKEN: SECRETS.segmentToken,
    AMPLITUDE_WEBHOOK_TOKEN: SECRETS.amplitudeToken,
    ...env,
  });
  if (!read.ok) {
    throw new Error(read.error.join('\n'));
  }
  return read.value;
}

async function sendSegment(url: string, calls: object[]): Promise<void> {
  const [first] = calls;
  const answer = await fetch(`${url}/webhooks/segment`, {
    method: 'POST',
    headers: segmentHeaders(JSON.stringify(first)),
    body: JSON.stringify(calls),
  });
  if (answer.status !== 200) {
    throw new Error(`the receiver answered ${answer.status}: ${await answer.text()}`);
  }
}

const PATIENCE = 50_000;

async function settle(service: Service): Promise<void> {
  for (const end = Date.now() + PATIENCE; Date.now() < end; await sleep(20)) {
    await service.drain();
    if ((await service.status()).idle) {
      return;
    }
  }
  throw new Error(`not idle: ${JSON.stringify(await service.status())}`);
}

/** Rounds of work in which what a test waits for must have come. */
const ROUNDS = 200;

async function until(service: Service, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let round = 0; !(await holds()); round++) {
    if (round === ROUNDS) {
      throw new Error(`it never came: ${JSON.stringify(await service.status())}`);
    }
    await service.drain();
  }
}

/** Segment calls of one person of one account, with only what matters named. */
export function personOf(account: string, userId: string, clock: { now(): number }) {
  const call = (type: string, rest: object) => ({
    type,
    messageId: `m-${randomBytes(8).toString('hex')}`,
    userId,
    timestamp: new Date(clock.now()).toISOString(),
    ...rest,
  });
  return {
    identify: (traits: object) => call('identify', { traits }),
    group: (traits: object) => call('group', { groupId: account, traits }),
    track: (event: string, properties: object = {}) =>
      call('track', { event, properties, context: { groupId: account } }),
  };
}

/**
 * What brings one company with one person to exactly 85 points, all in one day: behaviour 55 (workflow 20, API
 * integration 15, four seats 20) and fit 30 (size 15, industry 10, one tool of the stack 5).
 */
export function qualifying(
  account: string,
  clock: { now(): number },
  domain = `${account}.example`,
): object[] {
  const { identify, group, track } = personOf(account, `ada-${account}`, clock);
  return [
    identify({ email: `ada@${domain}`, name: 'Ada Lovelace', title: 'Ops lead' }),
    group({
      name: `Company ${account}`,
      website: `https://${domain}`,
      employees: 240,
      industry: 'Software',
      tech_stack: ['Slack'],
    }),
    track('Workflow Configured', { workflow_id: 'w-1' }),
    track('API Integration Created'),
    ...[1, 2, 3, 4].map((n) => track('Invite Sent', { invitee_email: `p${n}@${domain}` })),
  ];
}
