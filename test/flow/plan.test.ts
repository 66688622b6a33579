import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hubspotConnector } from '../../src/crm/hubspot/index.ts';
import { NO_TEAM } from '../../src/decide/handoff/team.ts';
import { badAnswers, type HubspotSandbox, startHubspotSandbox } from '../../src/sandbox/hubspot/index.ts';
import { silentLogger } from '../../src/shared/log.ts';
import { planWrites } from '../../src/store/read/plan.ts';
import type { WritePlan } from '../../src/sync/write-plan.ts';
import { openBudgets } from '../../src/wiring/budgets.ts';
import { type ConnectionDeps, deliverTargets } from '../../src/wiring/connections.ts';
import type { Crm } from '../../src/wiring/crms.ts';
import { mappedFields } from '../../src/wiring/mapped.ts';
import { applyPlan } from '../../src/wiring/sync.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { NOON } from '../support/event.ts';
import { shippedMappings } from '../support/policy.ts';
import { runPql } from '../support/pql.ts';
import { HUBSPOT as vendor, WorstDay } from '../support/worst-day.ts';

let database: TestDatabase;
let sandbox: HubspotSandbox;
let crm: Crm;
let day: WorstDay;
let deps: ConnectionDeps;
let dataDir: string;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'pql-plan-'));
  database = await testDatabase();
  sandbox = await startHubspotSandbox();
  const mapping = shippedMappings().hubspot;
  const connector = hubspotConnector({ accessToken: 'pat', baseUrl: sandbox.url, clock: { now: Date.now } });
  await connector.setup(mappedFields(mapping), ['PQL MQL'], true);
  const limits = {
    REDIS_URL: undefined,
    HUBSPOT_API_RESERVE: 0,
    SALESFORCE_API_RESERVE: 0,
    SALESFORCE_CALLS_AT_ONCE: 5,
  };
  const budget = openBudgets(limits, null).of('hubspot', 'plan', true);
  crm = { name: 'hubspot', mapping, connector, budget, sandbox: false };
  day = new WorstDay(database.db, vendor);
  await day.connect(connector);
  deps = {
    db: database.db,
    logger: silentLogger(),
    now: Date.now,
    realNow: Date.now,
    random: () => 0,
    team: () => NO_TEAM,
    life: { stopping: false },
  };
  sandbox.forgetLog();
});
afterEach(async () => {
  await crm.connector.close();
  await sandbox.close();
  await database.drop();
  rmSync(dataDir, { recursive: true });
});

const plan = () => planWrites(database.db, Date.now());
const scores = () =>
  Object.fromEntries(
    sandbox.records('companies').map(({ properties }) => [properties[vendor.key], properties[vendor.score]]),
  );
const states = (applied: readonly { account: string; kind: string; state: string }[]) =>
  applied.map(({ account, kind, state }) => `${account} ${kind} ${state}`).sort();

/** Runs the command beside the test's database, with the stand-in as the only CRM. */
const pql = (...args: string[]) =>
  runPql(args, {
    DATABASE_URL: database.url,
    PQL_DATA_DIR: dataDir,
    HUBSPOT_ACCESS_TOKEN: 'pat',
    HUBSPOT_BASE_URL: sandbox.url,
  });

describe('a plan', () => {
  it('counts creates, updates, skips and what is invalid, shows before and after, and sends nothing', async () => {
    await day.wants('a', 70);
    await day.wants('b', 70);
    await applyPlan(deps, [crm], null);
    await day.wants('a', 90);
    await day.wants('c', 70);
    await day.crosses('c');
    await day.wants('b', 70);
    sandbox.forgetLog();
    const found = await plan();
    expect(found.counts.hubspot).toEqual({
      account: { create: 1, update: 1, skip: 1, invalid: 0 },
      person: { create: 1, update: 1, skip: 1, invalid: 0 },
      membership: { create: 1, update: 0, skip: 0, invalid: 0 },
      task: { create: 1, update: 0, skip: 0, invalid: 0 },
    });
    expect(found.writes.find(({ ref }) => ref === 'a')).toMatchObject({
      what: 'update',
      before: { pql_score: 70 },
      after: { pql_score: 90 },
    });
    expect(found.calls.hubspot?.write).toBe(6);
    expect(sandbox.calls()).toEqual([]);
    await database.db.query(
      `UPDATE actions SET state = 'parked', reason = 'no such property' WHERE key = 'fields a'`,
    );
    expect((await plan()).writes.find(({ ref }) => ref === 'a')).toMatchObject({
      what: 'invalid',
      why: 'no such property',
    });
  });

  it('shows a task as it would be made: subject, text, when it is due, and who may get it', async () => {
    await day.wants('a', 70);
    await day.crosses('a');
    await database.db.query(`UPDATE actions SET payload = (payload::jsonb || $1)::json WHERE kind = 'task'`, [
      { body: 'why\nand how', owners: [{ kind: 'account_owner' }, { kind: 'fallback', name: 'SDR Queue' }] },
    ]);
    expect((await plan()).writes.find(({ object }) => object === 'task')?.after).toEqual({
      subject: 'PQL: a',
      owner: 'the owner of the account, else SDR Queue (fallback)',
      due: new Date(NOON).toISOString(),
      priority: 'high',
      type: 'todo',
      person: 'u:a',
      body: 'why\nand how',
    });
    const { out } = await pql('plan', '--account', 'a');
    expect(out).toContain(`  owner=the owner of the account, else SDR Queue (fallback)\n`);
    expect(out).toContain(`  due=${new Date(NOON).toISOString()}\n`);
    expect(out).toContain('  body=why\n    | and how\n');
  });

  it('is carried out exactly: what came later waits, and what has changed since is left, with words', async () => {
    await day.wants('a', 70);
    await day.wants('b', 70);
    const written = await plan();
    await day.wants('b', 90);
    await day.wants('c', 70);
    const { applied, stopped } = await applyPlan(deps, [crm], written);
    expect(stopped).toEqual({});
    expect(states(applied)).toEqual(['a fields done', 'b fields left']);
    expect(applied.find(({ account }) => account === 'b')?.reason).toContain(
      'pql_score of b was to be 70, and is to be 90',
    );
    expect(scores()).toEqual({ a: '70' });
    const again = await applyPlan(deps, [crm], written);
    expect(states(again.applied)).toEqual(['a fields left', 'b fields left']);
    expect(scores()).toEqual({ a: '70' });
  });

  it('of another portal is refused', async () => {
    await day.wants('a', 70);
    const written = await plan();
    sandbox.settings.portalId = 7;
    const { applied } = await applyPlan(deps, [crm], written);
    expect(states(applied)).toEqual(['a fields left']);
    expect(applied[0]?.reason).toContain('hubspot:7 is connected');
    expect(scores()).toEqual({});
  });

  it('ends with words when the CRM pauses', async () => {
    await day.wants('a', 70);
    sandbox.faults.add({ path: '*/companies/*', ...badAnswers.dailyLimit() });
    const { applied, stopped } = await applyPlan(deps, [crm], await plan());
    expect(states(applied)).toEqual(['a fields waiting']);
    expect(stopped.hubspot).toMatch(/^paused until .*: the daily limit/);
  });
});

describe('PQL_SYNC=manual', () => {
  it('writes nothing by itself, says so, and pql sync writes', async () => {
    await day.wants('a', 70);
    const held = { ...deps, held: true };
    const reached = [{ crm, connection: null }];
    const [target] = deliverTargets(held, () => reached);
    expect(await target?.drain()).toBeGreaterThan(1000);
    expect(scores()).toEqual({});
    const noted = await database.db.query('SELECT paused_code FROM connections');
    expect(noted.rows).toEqual([{ paused_code: 'held' }]);
    expect(states((await applyPlan(deps, [crm], null)).applied)).toEqual(['a fields done']);
    expect(scores()).toEqual({ a: '70' });
  });
});

describe('pql plan and pql sync', () => {
  it('plan --out writes the plan down, and sync --plan carries it out', async () => {
    await day.wants('a', 70);
    await day.crosses('a');
    const file = join(dataDir, 'plan.json');
    const shown = await pql('plan', '--out', file);
    expect(shown.out).toMatch(/hubspot +account +1 +0 +0 +0/);
    expect(shown.out).toContain('hubspot: about 4 calls to write and 4 to look for records; it has not said');
    expect((JSON.parse(readFileSync(file, 'utf8')) as WritePlan).acts).toHaveLength(3);
    await day.wants('b', 70);
    expect(await pql('sync', '--plan', file)).toMatchObject({ code: 0, out: '3 done\n' });
    expect(scores()).toEqual({ a: '70' });
    expect(sandbox.records('tasks')).toHaveLength(1);
    expect((await pql('plan', '--account', 'b')).out).toContain('hubspot account b: create');
    expect((await pql('plan')).out).toMatch(/\d+ of 625000 calls left today/);
    expect((await pql('sync', '--json')).out).toContain('"state":"done"');
  });

  it('a file that is no plan is refused', async () => {
    const file = join(dataDir, 'no-plan.json');
    writeFileSync(file, '{"version":2}');
    expect(await pql('sync', '--plan', file)).toMatchObject({
      code: 2,
      err: expect.stringContaining('no plan'),
    });
  });
});
