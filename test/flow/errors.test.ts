import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { errorRoutes } from '../../src/api/errors.ts';
import { actionId } from '../../src/store/connections.ts';
import { hashId } from '../../src/store/db.ts';
import { errorDesk } from '../../src/store/errors.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { runPql } from '../support/pql.ts';

const CONNECTION = 'salesforce:00D1';
const WORDS = "No such column 'PQL_Tier__c' on sobject of type Account";
const PARKED = `action-${actionId(CONNECTION, 'fields acct-7')}`;
const WAITING = `action-${actionId(CONNECTION, 'task acct-8')}`;

let database: TestDatabase;
let server: Server;
let woken: number;
const dataDir = mkdtempSync(join(tmpdir(), 'pql-errors-'));

beforeEach(async () => {
  database = await testDatabase();
  woken = 0;
  const app = express();
  app.use('/errors', errorRoutes(errorDesk(database.db, Date.now, () => (woken += 1))));
  server = app.listen(0, '127.0.0.1');
  const person = { ref: 'u:ann', lookup: 'ann@x.example', create: true, stamps: [], onCreate: {} };
  await act('acct-7', 'fields', {
    state: 'parked',
    code: 'INVALID_FIELD',
    reason: WORDS,
    field: 'PQL_Tier__c',
    ref: 'acct-7',
    attempts: 2,
    payload: {
      account: { ...person, ref: 'acct-7', fields: { PQL_Score__c: 85, PQL_Tier__c: 'mql' } },
      people: [{ ...person, fields: { PQL_Tier__c: 'other' } }],
    },
  });
  await act('acct-7', 'task', { state: 'parked', code: 'record_parked', reason: 'its record', attempts: 1 });
  await act('acct-8', 'task', { state: 'waiting', code: 'TIMEOUT', reason: 'no answer', attempts: 3 });
  await act('acct-9', 'fields', { state: 'done', code: null, reason: '', attempts: 1 });
  await database.db.query(
    `INSERT INTO crm_records (connection, object, key, account, ref, crm_id, acknowledged, linked_at)
     VALUES ($1, 'account', $2, $2, 'acct-7', '0017', '{}', now())`,
    [CONNECTION, hashId('acct-7')],
  );
  await database.db.query(
    `INSERT INTO quarantine (received_at, vendor, route, code, reason, raw, raw_hash, seen)
     VALUES (now() - interval '1 day', 'segment', 'segment.webhook', 'no_ids', 'no id', '{"a":1}', gen_random_uuid(), 3)`,
  );
});
afterEach(async () => {
  server.close();
  await database.drop();
});
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

interface Act {
  state: string;
  code: string | null;
  reason: string;
  attempts: number;
  field?: string;
  ref?: string;
  payload?: object;
}

async function act(account: string, kind: string, over: Act): Promise<void> {
  const { state, code, reason, attempts, field = null, ref = null, payload = {} } = over;
  const key = `${kind} ${account}`;
  await database.db.query('INSERT INTO accounts (id, key) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
    hashId(account),
    account,
  ]);
  await database.db.query(
    `INSERT INTO actions (id, key, connection, crm, kind, account, state, code, why, reason, remedy, field, ref, attempts,
       payload, next_at, created_at, updated_at)
     VALUES ($1, $2, $3, 'salesforce', $4, $5, $6, $7, '', $8, 'mend it', $9, $10, $11, $12, '2026-12-01', now(), now())`,
    [
      actionId(CONNECTION, key),
      ...[key, CONNECTION, kind, hashId(account), state, code, reason, field, ref, attempts],
      JSON.stringify(payload),
    ],
  );
}

async function call(method: string, path: string, body?: object): Promise<{ status: number; body: never }> {
  const { port } = server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}/errors${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as never };
}

/** Runs the command beside the test's database. */
const pql = (...args: string[]) =>
  runPql(['errors', ...args], { DATABASE_URL: database.url, PQL_DATA_DIR: dataDir });

const codes = async (query: string) =>
  ((await call('GET', query)).body as { errors: { code: string }[] }).errors.map(({ code }) => code).sort();

const states = async () =>
  (
    await database.db.query<{ key: string; state: string }>('SELECT key, state FROM actions ORDER BY key')
  ).rows.map(({ key, state }) => `${key} ${state}`);

describe('errors over HTTP', () => {
  it('an error says which record, field and value, in the words of the CRM, how often it was tried, and what to do', async () => {
    expect((await call('GET', `/${PARKED}`)).body).toMatchObject({
      id: PARKED,
      what: 'salesforce fields',
      state: 'parked',
      code: 'INVALID_FIELD',
      reason: WORDS,
      remedy: 'mend it',
      account: 'acct-7',
      record: { object: 'account', ref: 'acct-7', crmId: '0017' },
      field: 'PQL_Tier__c',
      value: 'mql',
      attempts: 2,
      nextTry: null,
      page: 'docs/errors/salesforce/INVALID_FIELD.md',
    });
  });

  it('lists what needs a person; what is tried again by itself is listed when asked for, with its next try', async () => {
    expect(await codes('')).toEqual(['INVALID_FIELD', 'no_ids', 'record_parked']);
    expect(await codes('?state=waiting')).toEqual(['TIMEOUT']);
    expect(await codes('?state=all&crm=salesforce')).toEqual(['INVALID_FIELD', 'TIMEOUT', 'record_parked']);
    expect(await codes('?code=no_ids')).toEqual(['no_ids']);
    expect((await call('GET', `/${WAITING}`)).body).toMatchObject({
      nextTry: '2026-12-01T00:00:00.000Z',
      attempts: 3,
    });
  });

  it('a retry takes along what hangs on the record, and wakes the delivery', async () => {
    expect(await call('POST', `/${PARKED}/retry`)).toEqual({ status: 202, body: { retried: 2 } });
    expect(woken).toBe(1);
    expect(await states()).toContain('task acct-7 waiting');
    expect((await call('POST', `/${PARKED}/retry`)).status).toBe(409);
  });

  it('regression: what failed and waits for its next try is tried at once, unless it was perhaps written', async () => {
    const next = async () =>
      (await database.db.query(`SELECT next_at > now() AS later FROM actions WHERE code = 'TIMEOUT'`)).rows;
    await database.db.query(
      `UPDATE actions SET next_at = now() + interval '1 hour', uncertain = true WHERE code = 'TIMEOUT'`,
    );
    expect((await call('POST', '/retry', { code: 'TIMEOUT' })).body).toEqual({ retried: 0 });
    await database.db.query(`UPDATE actions SET uncertain = false WHERE code = 'TIMEOUT'`);
    expect((await call('POST', '/retry', { code: 'TIMEOUT' })).body).toEqual({ retried: 1 });
    expect(await next()).toEqual([{ later: false }]);
  });

  it('a retry of a code, or of all, is asked for in words', async () => {
    expect((await call('POST', '/retry', {})).status).toBe(400);
    expect((await call('POST', '/retry', { code: 'record_parked' })).body).toEqual({ retried: 1 });
    expect((await call('POST', '/retry', { all: true })).body).toEqual({ retried: 2 });
  });

  it('what is dismissed leaves the list, once', async () => {
    expect((await call('POST', `/${PARKED}/dismiss`)).status).toBe(200);
    expect((await call('POST', `/${PARKED}/dismiss`)).status).toBe(409);
    expect(await codes('')).toEqual(['no_ids', 'record_parked']);
    expect(await states()).toContain('fields acct-7 skipped');
  });

  it.each(['/nothing', '/action-1', '/event-999', '/event-%00'])('%s is unknown', async (path) => {
    expect((await call('GET', path)).status).toBe(404);
  });
});

describe('pql errors', () => {
  it('list shows the field, the attempts and the next try', async () => {
    expect((await pql('list')).out).toMatch(/INVALID_FIELD +acct-7 +PQL_Tier__c +2 +No such column/);
    expect((await pql('list', '--state', 'waiting')).out).toMatch(/TIMEOUT .*2026-12-01T00:00:00/);
    expect(await pql('list', '--state', 'lost')).toMatchObject({ code: 2 });
  });

  it('show tells one error in lines, or the page of a code', async () => {
    const { out } = await pql('show', PARKED);
    expect(out).toMatch(/^record +account acct-7 0017$/m);
    expect(out).toMatch(/^value +"mql"$/m);
    expect(out).toMatch(/^to do +mend it$/m);
    expect((await pql('show', 'event-1')).out).toMatch(/to do +Send a user id[\s\S]*\{"a":1\}/);
    expect((await pql('show', 'INVALID_FIELD')).out).toMatch(/^# INVALID_FIELD/);
    const unknown = await pql('show', 'INVALID_FILED');
    expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining('did you mean "INVALID_FIELD"') });
  });

  it('retry --code and dismiss say what they did', async () => {
    expect((await pql('retry', '--code', 'INVALID_FIELD')).out).toBe('2 are tried again now\n');
    expect((await pql('dismiss', 'event-1')).out).toBe('dismissed\n');
  });
});
