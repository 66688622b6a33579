import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { describeConfig, readEnvironment } from '../../src/config.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { bareEnvironment } from '../support/environment.ts';
import { runPql } from '../support/pql.ts';
import { sign } from '../support/receiver.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';

/** Values that stand nowhere else, one for each setting that is a secret. */
const leak = (name: string) => `leak-${name}-4f1d9c`;
const SECRETS = {
  ADMIN_TOKEN: leak('admin'),
  SEGMENT_WEBHOOK_SECRET: leak('segment-secret'),
  SEGMENT_WEBHOOK_TOKEN: leak('segment-token'),
  SEGMENT_WRITE_KEYS: leak('write-key'),
  AMPLITUDE_WEBHOOK_TOKEN: leak('amplitude-token'),
  AMPLITUDE_API_KEYS: leak('api-key'),
  HUBSPOT_ACCESS_TOKEN: leak('hubspot-token'),
  SALESFORCE_CLIENT_ID: leak('client-id'),
  SALESFORCE_CLIENT_SECRET: leak('client-secret'),
  SLACK_BOT_TOKEN: leak('slack'),
  SLACK_SIGNING_SECRET: leak('slack-signing'),
  SMTP_URL: `smtp://user:${leak('smtp')}@127.0.0.1:9`,
};
/** Every secret holds this. */
const MARK = /leak-[a-z-]+-4f1d9c/g;

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const KEY_LINE = PEM.split('\n')[3] ?? '';

/** A user of the database who needs a password. */
const ROLE = `leaks_${process.pid}`;

let database: TestDatabase;
let redis: RedisServer | null = null;
let crm: Server;
let dataDir: string;
let environment: NodeJS.ProcessEnv;
let child: ChildProcess;
let log = '';
let url = '';

beforeAll(async () => {
  database = await testDatabase();
  redis = inject('redisServer') === null ? null : await startRedis(false);
  crm = createServer(echoing).listen(0, '127.0.0.1');
  await new Promise((resolve) => crm.once('listening', resolve));
  dataDir = mkdtempSync(join(tmpdir(), 'pql-secrets-'));
  chmodSync(dataDir, 0o700);
  const keyFile = join(dataDir, 'leak-keyfile-4f1d9c.pem');
  writeFileSync(keyFile, PEM);
  await database.db.query(`CREATE ROLE ${ROLE} LOGIN SUPERUSER PASSWORD '${leak('database')}'`);
  const databaseUrl = new URL(database.url);
  databaseUrl.username = ROLE;
  databaseUrl.password = leak('database');
  const redisUrl = new URL(redis?.url ?? 'redis://127.0.0.1:9');
  // Redis refuses it, and says so with the command that it was sent.
  redisUrl.username = 'nobody';
  redisUrl.password = leak('redis');
  const crmUrl = `http://127.0.0.1:${(crm.address() as AddressInfo).port}`;
  environment = {
    ...SECRETS,
    PORT: '0',
    PQL_DATA_DIR: dataDir,
    DATABASE_URL: databaseUrl.href,
    REDIS_URL: redisUrl.href,
    HUBSPOT_BASE_URL: crmUrl,
    SALESFORCE_LOGIN_URL: crmUrl,
    SALESFORCE_USERNAME: 'integration@acme.example',
    SALESFORCE_PRIVATE_KEY_FILE: keyFile,
    LOG_LEVEL: 'trace',
  };
  await start();
  await traffic();
}, 90_000);
afterAll(async () => {
  child.kill('SIGTERM');
  await new Promise((resolve) => child.once('exit', resolve));
  crm.closeAllConnections();
  crm.close();
  await redis?.stop();
  await database.db.query(`REASSIGN OWNED BY ${ROLE} TO CURRENT_USER`);
  await database.db.query(`DROP ROLE ${ROLE}`);
  await database.drop();
  rmSync(dataDir, { recursive: true });
});

/** A CRM at its worst: refuses everything, and says back whatever it was sent. */
function echoing(request: IncomingMessage, response: import('node:http').ServerResponse): void {
  let body = '';
  request.on('data', (part) => {
    body += part;
  });
  request.on('end', () => {
    const said = `${request.headers.authorization} ${decodeURIComponent(body.replaceAll('+', ' '))}`;
    const text = JSON.stringify({
      status: 'error',
      category: 'X',
      message: said,
      error: 'invalid_client',
      error_description: said,
    });
    response.writeHead(401, { 'content-type': 'application/json' }).end(text);
  });
}

async function start(): Promise<void> {
  child = spawn(process.execPath, ['src/cli/pql.ts', 'start', '--json'], {
    env: { ...bareEnvironment(), ...environment },
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (part) => {
      log += part;
    });
  }
  await vi.waitFor(() => expect(log).toContain('"msg":"ready"'), { timeout: 60_000, interval: 100 });
  url = /"url":"([^"]+)"/.exec(log)?.[1] ?? '';
}

const asked: string[] = [];

async function ask(path: string, headers: Record<string, string> = {}, body?: string): Promise<number> {
  const answer = await fetch(`${url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers,
    ...(body === undefined ? {} : { body }),
  });
  asked.push(`${path} ${answer.status} ${JSON.stringify([...answer.headers])} ${await answer.text()}`);
  return answer.status;
}

/** What is taken and what is refused, over every receiver, with the secrets also where they do not belong. */
async function traffic(): Promise<void> {
  const call = JSON.stringify({
    type: 'track',
    event: 'Limit Breach Attempted',
    userId: 'u',
    messageId: 'm',
    writeKey: SECRETS.SEGMENT_WRITE_KEYS,
    context: { groupId: 'acct-1', headers: { 'write-key': SECRETS.SEGMENT_WRITE_KEYS } },
  });
  const token = { 'x-webhook-token': SECRETS.SEGMENT_WEBHOOK_TOKEN };
  const signed = (body: string) => ({ ...token, 'x-signature': sign(body, SECRETS.SEGMENT_WEBHOOK_SECRET) });
  const bearer = (value: string) => ({ authorization: `Bearer ${value}` });
  expect(await ask('/webhooks/segment', signed(call), call)).toBe(200);
  expect(
    await ask('/webhooks/segment', { ...token, 'x-signature': SECRETS.SEGMENT_WEBHOOK_SECRET }, call),
  ).toBe(401);
  expect(await ask('/webhooks/segment', signed('{'), '{')).toBe(400);
  const broken = `{"writeKey":"${SECRETS.SEGMENT_WRITE_KEYS}","x":`;
  expect(await ask('/webhooks/segment', signed(broken), broken)).toBe(400);
  expect(
    await ask('/webhooks/amplitude/events', bearer(SECRETS.AMPLITUDE_WEBHOOK_TOKEN), '{"event_type":1}'),
  ).toBe(200);
  expect(await ask('/webhooks/amplitude/events', bearer(`${SECRETS.AMPLITUDE_WEBHOOK_TOKEN}x`), '{}')).toBe(
    401,
  );
  const upload = JSON.stringify({
    api_key: SECRETS.AMPLITUDE_API_KEYS,
    events: [{ event_type: 'A', user_id: 'u', api_key: SECRETS.AMPLITUDE_API_KEYS }, 7],
  });
  expect(await ask('/2/httpapi', {}, upload)).toBe(200);
  expect(await ask('/v1/track', {}, call)).toBe(200);
  expect(await ask('/api/v1/status', bearer(`${SECRETS.ADMIN_TOKEN}x`))).toBe(401);
  for (const path of [
    '/api/v1/status',
    '/api/v1/accounts',
    '/api/v1/errors',
    '/api/v1/actions',
    '/healthz',
    '/readyz',
    '/metrics',
    '/none',
  ]) {
    await ask(path, path.startsWith('/api') ? bearer(SECRETS.ADMIN_TOKEN) : {});
  }
}

const leaks = (text: string) => [
  ...new Set(text.match(MARK) ?? []),
  ...(text.includes(KEY_LINE) ? ['the private key'] : []),
];

describe('no secret is ever shown or stored', () => {
  it('in the log, whatever the CRMs, Redis and senders did', () => {
    expect(log).toContain('"msg":"settings"');
    expect(log).toContain('request refused');
    expect(log).toMatch(/CRM not reachable|delivery stopped/);
    expect(leaks(log)).toEqual([]);
  });

  it('in any answer, the metrics among them', () => {
    expect(asked.join()).toContain('pql_');
    expect(leaks(asked.join('\n'))).toEqual([]);
  });

  it('in any table of the database', { timeout: 60_000 }, async () => {
    // A CRM that was asked has its refusal noted, which is the likeliest place.
    await expect
      .poll(async () => (await database.db.query('SELECT 1 FROM connections')).rowCount, {
        timeout: 30_000,
      })
      .toBeGreaterThan(0);
    const tables = await database.db.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    expect(tables.rows.length).toBeGreaterThan(20);
    const found: string[] = [];
    for (const { name } of tables.rows) {
      const rows = await database.db.query<{ text: string }>(`SELECT t::text AS text FROM ${name} AS t`);
      found.push(
        ...leaks(rows.rows.map(({ text }) => text).join('\n')).map((secret) => `${name}: ${secret}`),
      );
    }
    expect(found).toEqual([]);
  });

  it('in what the verbs print', { timeout: 60_000 }, async () => {
    const printed = await Promise.all(
      [['status', '--json'], ['doctor']].map((verb) => runPql(verb, environment)),
    );
    for (const { out, err } of printed) {
      expect(`${out}${err}`.length).toBeGreaterThan(20);
      expect(leaks(`${out}${err}`)).toEqual([]);
    }
  });
});

describe('settings', () => {
  it('the start-up summary shows every secret of the environment as set', () => {
    const read = readEnvironment(environment);
    const shown = JSON.stringify(read.ok ? describeConfig(read.value) : read.error);
    expect(shown).toContain('"ADMIN_TOKEN":"set"');
    expect(leaks(shown)).toEqual([]);
  });

  it.each([
    ['DATABASE_URL', `mysql://u:${leak('a')}@h/d`],
    ['REDIS_URL', `http://u:${leak('b')}@h`],
    ['ADMIN_TOKEN', `${leak('c')},`],
    ['SALESFORCE_PRIVATE_KEY_FILE', `/none/${leak('d')}`],
    ['HUBSPOT_BASE_URL', `https://u:${leak('e')}@api.hubapi.com`],
    ['HUBSPOT_BASE_URL', `http://${leak('f')}@h:1`],
    ['SALESFORCE_LOGIN_URL', `https://u:${leak('g')}@login.salesforce.com`],
    ['PUBLIC_URL', `https://u:${leak('h')}@pql.example.com`],
  ])('regression: %s that is refused is not said back: %s', (name, value) => {
    const read = readEnvironment({ [name]: value });
    expect(read.ok).toBe(false);
    expect(leaks(JSON.stringify(read))).toEqual([]);
  });

  it('regression: a crash tells where it was, and no property of the error', () => {
    const code = `
      process.argv.splice(1, 0, 'pql', '--help');
      import('./src/cli/pql.ts').then(() => {
        throw Object.assign(new Error('WRONGPASS'), { command: { name: 'auth', args: ['${leak('crash')}'] }, input: 'redis://:${leak('crash')}@h' });
      });`;
    const { stderr, status } = spawnSync(process.execPath, ['-e', code], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toContain('crashed: Error: WRONGPASS');
    expect(leaks(stderr)).toEqual([]);
  });
});
