import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DAY } from '../../src/shared/time.ts';
import { addSuppression, removeSuppression } from '../../src/store/handoff/suppressions.ts';
import { postgresOutbox } from '../../src/store/outbox.ts';
import { runPql } from '../support/pql.ts';
import { qualifying, startWorld, type World } from '../support/world.ts';

interface Answer {
  suppressed: { key: string; reason: string; author: string; until: string | null }[];
  standing: { tier: string; waiting?: { holds: { id: string; why: string }[] } };
  route: { held?: string[] } | null;
  actions: { kind: string; crm: string; state: string; reason: string }[];
}

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(() => world.stop());

const clocks = () => ({ now: world.clock.now(), realNow: Date.now() });
const suppress = (until: number | null = null) =>
  addSuppression(world.database.db, { key: 'acme', reason: 'a rival', author: 'ann', until }, clocks());
const account = () => world.api<Answer>('/accounts/acme');

async function acts(...kinds: string[]): Promise<string[]> {
  const { actions = [] } = await account();
  return actions
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ kind, crm, state }) => `${crm} ${kind} ${state}`)
    .sort();
}

const tasks = () => [world.hubspot.records('tasks').length, world.salesforce.records('Task').length];
const members = () => [
  world.hubspot.records('lists').flatMap((list) => list.associations.contacts ?? []).length,
  world.salesforce.records('CampaignMember').length,
];

/** Its tasks and memberships are decided and wait for records that neither CRM makes for now. */
async function decidedOnly(): Promise<void> {
  const down = { status: 503, headers: { 'retry-after': '1' } };
  world.hubspot.faults.add({ path: '/crm/v3/objects/companies/batch/*', times: 'always', reply: down });
  world.salesforce.faults.add({ path: '*/composite/sobjects*', times: 'always', reply: down });
  await world.send(...qualifying('acme', world.clock));
  await world.until(async () => (await acts('task')).length === 2);
}

describe('S4-89, S4-163: suppressed between the decision and the delivery', () => {
  it('nothing that waits is made in either CRM, and each act says why', async () => {
    await decidedOnly();
    await suppress();
    world.hubspot.faults.clear();
    world.salesforce.faults.clear();
    await world.settle();
    expect(await acts('task', 'campaign')).toEqual([
      'hubspot campaign skipped',
      'hubspot task skipped',
      'salesforce campaign skipped',
      'salesforce task skipped',
    ]);
    expect([tasks(), members()]).toEqual([
      [0, 0],
      [0, 0],
    ]);
    const { actions, suppressed } = await account();
    const reasons = actions.filter(({ kind }) => kind === 'campaign').map(({ reason }) => reason);
    expect(new Set(reasons)).toEqual(new Set(['not to be contacted: a rival (by ann)']));
    expect(suppressed).toEqual([{ key: 'acme', reason: 'a rival', author: 'ann', until: null }]);
  });

  it('I6, I7: also by a process that was killed after it had taken the acts: they are looked for and not made', async () => {
    await decidedOnly();
    const { db } = world.database;
    const { rows } = await db.query<{ connection: string }>('SELECT connection FROM connections');
    const dead = postgresOutbox(db, () => Date.now(), world.clock.now);
    await db.query(`UPDATE actions SET next_at = '2000-01-01' WHERE kind IN ('task', 'campaign')`);
    for (const { connection } of rows) {
      expect(await dead.claimTasks(connection, 10)).toHaveLength(1);
      expect(await dead.claimMemberships(connection, 10)).toHaveLength(1);
    }
    await suppress();
    world.hubspot.faults.clear();
    world.salesforce.faults.clear();
    await db.query(`UPDATE actions SET next_at = '2000-01-01' WHERE state = 'waiting'`);
    await world.settle();
    expect(new Set((await acts('task', 'campaign')).map((act) => act.split(' ')[2]))).toEqual(
      new Set(['skipped']),
    );
    expect(tasks()).toEqual([0, 0]);
  });

  it('I6: a task that was made though its answer was lost is found, and closed', async () => {
    world.hubspot.faults.add({ path: '*/tasks/batch/create', reset: 'after' });
    await world.send(...qualifying('acme', world.clock));
    await world.until(() => world.hubspot.records('tasks').length === 1);
    await suppress();
    await world.settle();
    expect(await acts('task', 'close')).toEqual([
      'hubspot close done',
      'hubspot task done',
      'salesforce close done',
      expect.stringMatching(/^salesforce task (done|skipped)$/),
    ]);
    expect(world.hubspot.records('tasks').map(({ properties }) => properties.hs_task_status)).toEqual([
      'COMPLETED',
    ]);
  });
});

describe('S4-163: a suppression that ends', () => {
  it('hands the account over that crossed meanwhile, once; until then it shows who said so', async () => {
    await suppress(world.clock.now() + 2 * DAY);
    await world.send(...qualifying('acme', world.clock));
    await world.settle();
    const held = await account();
    expect(held.route?.held).toEqual(['manual']);
    expect(held.standing.waiting?.holds[0]?.why).toBe('a rival (by ann, until 2026-03-04 12:00 UTC)');
    expect(tasks()).toEqual([0, 0]);
    world.clock.advance(2 * DAY);
    await world.settle();
    expect([tasks(), members()]).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect((await account()).suppressed).toEqual([]);
  });

  it('by a word taken back does so too', async () => {
    await suppress();
    await world.send(...qualifying('acme', world.clock));
    await world.settle();
    await removeSuppression(world.database.db, 'acme', { author: 'bo', reason: '' }, clocks());
    await world.settle();
    expect(tasks()).toEqual([1, 1]);
  });
});

describe('pql suppress', () => {
  it('adds, lists and removes, and says what is wrong with a line', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'pql-suppress-'));
    const pql = (...args: string[]) =>
      runPql(['suppress', ...args], { DATABASE_URL: world.database.url, PQL_DATA_DIR: dataDir });
    const added = await pql(
      'add',
      'Rival.example',
      '--why',
      'a rival',
      '--until',
      '30 days',
      '--author',
      'ann',
    );
    expect(added).toMatchObject({ code: 0, err: '' });
    expect(added.out).toMatch(/^suppressed rival\.example until 2\d{3}-.*: a rival\nno account has this key/);
    const again = await pql('add', 'rival.example', '--why', 'in court', '--author', 'bo', '--json');
    expect(JSON.parse(again.out)).toMatchObject({
      until: null,
      accounts: [],
      replaced: { reason: 'a rival' },
    });
    expect((await pql('list')).out).toMatch(/rival\.example +in court +bo .* removed by hand/);
    expect(await pql('remove', 'rival.example')).toMatchObject({
      code: 0,
      out: 'removed: rival.example (in court)\n',
    });
    expect(await pql('remove', 'rival.example')).toMatchObject({ code: 1 });
    expect(JSON.parse((await pql('list', '--all', '--json')).out).suppressions).toHaveLength(2);
    const wrong = [
      [['add'], 'found no key'],
      [['add', 'acme'], '--why: found nothing'],
      [['add', 'acme', '--why', 'x', '--until', '30'], '--until: found 30; allowed: a last day'],
      [
        ['add', 'acme', '--why', 'x', '--until', '2020-01-01'],
        '--until: found 2020-01-01; allowed: a last day',
      ],
      [['ad', 'acme'], 'suppress: found ad; allowed: add, list, remove (did you mean "add"'],
    ] as const;
    for (const [args, message] of wrong) {
      const { code, err } = await pql(...args);
      expect([args, code, err]).toEqual([args, 2, expect.stringContaining(message)]);
    }
    rmSync(dataDir, { recursive: true });
  });
});
